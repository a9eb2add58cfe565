"""The desk's rules one by one, as forms show them: read from their own declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, cast

import msgspec
from msgspec import inspect

from desk.rulebook import DeskBook, PolicyBook
from desk.sla.standards import STANDARD_CALENDARS, STANDARDS


class FieldKind(StrEnum):
    """What a form must offer for a rule.

    ``text``: a text. ``number`` and ``whole``: a number. ``flag``: yes or no. ``choice``: one of
    ``choices``. ``some``: several of them. ``names``: a list of texts. ``counts`` and ``pairs``:
    a whole number, or a text, for each name.
    """

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    FLAG = "flag"
    CHOICE = "choice"
    SOME = "some"
    NAMES = "names"
    COUNTS = "counts"
    PAIRS = "pairs"


class RulesPart(StrEnum):
    """A part of the rules that has a form."""

    QUEUE = "queue"
    SLA = "sla"


@dataclass(frozen=True)
class RuleField:
    """One rule: ``value`` is plain data, None where it is left out and may be (``optional``).

    No number is below ``least``.
    """

    name: str
    kind: FieldKind
    value: Any
    choices: tuple[str, ...] = ()
    least: float | None = None
    optional: bool = False


@dataclass(frozen=True)
class RuleForms:
    """Every rule of the queue and of the promises; ``policies`` in the order they are tried.

    ``new_policy`` is a policy that nobody has filled in yet.
    """

    queue: tuple[RuleField, ...]
    policies: tuple[tuple[RuleField, ...], ...]
    new_policy: tuple[RuleField, ...]
    sla: tuple[RuleField, ...]


def rule_forms(content: Mapping[str, Any]) -> RuleForms:
    """The rules in ``content``, which has passed ``read_rules``, as forms show them.

    What ``content`` does not name has the value that then holds.
    """
    book = msgspec.convert(content, DeskBook)
    calendars = tuple(dict.fromkeys([*book.calendars, *STANDARD_CALENDARS]))
    standards = RuleField(
        "standards", FieldKind.SOME, list(book.sla.standards), tuple(sorted(STANDARDS))
    )
    return RuleForms(
        queue=_fields(book.queue, calendars),
        policies=tuple(_fields(policy, calendars) for policy in book.sla.policies),
        new_policy=_fields(PolicyBook(""), calendars),
        sla=(standards, *_fields(book.sla.escalation, calendars)),
    )


def put_rules(
    content: Mapping[str, Any], part: RulesPart, values: Mapping[str, Any]
) -> dict[str, Any]:
    """``content`` with ``values`` for rules of a part, by name; nothing of it is checked.

    Those of the promises are ``policies``, each with all its values, ``standards`` and the shares
    at which the desk acts.
    """
    before = content.get(part) or {}
    if part is RulesPart.QUEUE:
        return {**content, part: {**before, **values}}
    shares = {name: one for name, one in values.items() if name not in ("policies", "standards")}
    after = {**before, **{name: one for name, one in values.items() if name not in shares}}
    if shares:
        after["escalation"] = {**(before.get("escalation") or {}), **shares}
    if isinstance(policies := values.get("policies"), list):
        after["policies"] = [_as_written(one) for one in policies]
    return {**content, part: after}


def _as_written(policy: object) -> object:
    """A policy as somebody would write it: without what holds anyway."""
    if not isinstance(policy, dict):
        return policy
    held = {
        field.name: msgspec.to_builtins(field.default)
        for field in msgspec.structs.fields(PolicyBook)
        if field.default is not msgspec.NODEFAULT
    }
    return {name: one for name, one in policy.items() if name not in held or one != held[name]}


def _fields(book: msgspec.Struct, calendars: tuple[str, ...]) -> tuple[RuleField, ...]:
    declared = cast(inspect.StructType, inspect.type_info(type(book)))
    values = msgspec.to_builtins(book)
    return tuple(_field(one.name, one.type, values[one.name], calendars) for one in declared.fields)


def _field(name: str, of: inspect.Type, value: Any, calendars: tuple[str, ...]) -> RuleField:
    match of:
        case inspect.IntType() | inspect.FloatType():
            whole = isinstance(of, inspect.IntType)
            least = of.ge if of.ge is not None else of.gt
            kind = FieldKind.WHOLE if whole else FieldKind.NUMBER
            return RuleField(name, kind, value, least=least)
        case inspect.BoolType():
            return RuleField(name, FieldKind.FLAG, value)
        case inspect.EnumType():
            return RuleField(name, FieldKind.CHOICE, value, tuple(of.cls))
        case inspect.UnionType():
            inner = next(one for one in of.types if not isinstance(one, inspect.NoneType))
            if isinstance(inner, inspect.StrType):
                # No text but a calendar's name may be left out.
                return RuleField(name, FieldKind.CHOICE, value, calendars, optional=True)
            return replace(_field(name, inner, value, calendars), optional=True)
        case inspect.StrType():
            return RuleField(name, FieldKind.TEXT, value)
        case inspect.DictType():
            counts = isinstance(of.value_type, inspect.IntType)
            return RuleField(name, FieldKind.COUNTS if counts else FieldKind.PAIRS, value)
        case inspect.FrozenSetType():
            return RuleField(name, FieldKind.NAMES, sorted(value))
        case _:
            raise TypeError(f"no form shows {name}: {of}")

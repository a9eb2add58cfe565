"""Reads what a shop answers; a word of its vocabularies that we do not know becomes UNKNOWN."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import structlog

log = structlog.get_logger()

_UNKNOWN = "UNKNOWN"


def read_as(body: bytes, kind: Any) -> Any:
    """``body`` as a value of ``kind``; raises msgspec.MsgspecError for anything else."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError:
        told = msgspec.json.decode(body)
        known = _known(told, kind)
        if known == told:
            raise
        return msgspec.convert(known, kind)


def _known(value: Any, kind: Any) -> Any:
    """``value``, JSON of a ``kind``, with UNKNOWN for words that a vocabulary with it lacks."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        arms = [one for one in arguments if one is not types.NoneType]
        return value if value is None or len(arms) != 1 else _known(value, arms[0])
    if isinstance(value, list):
        return [_known(item, _kind_at(place, arguments)) for place, item in enumerate(value)]
    if isinstance(value, dict) and dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        return {
            name: _known(item, hints[name]) if name in hints else item
            for name, item in value.items()
        }
    if isinstance(value, dict) and isinstance(origin, type) and issubclass(origin, Mapping):
        return {name: _known(item, arguments[1]) for name, item in value.items()}
    if not isinstance(kind, type) or not issubclass(kind, Enum):
        return value
    if _UNKNOWN not in kind.__members__ or value in {member.value for member in kind}:
        return value
    log.warning("shop.unknown_word", vocabulary=kind.__name__, word=value)
    return kind[_UNKNOWN].value


def _kind_at(place: int, arguments: tuple[Any, ...]) -> Any:
    """What stands at ``place`` of a list whose type has ``arguments``."""
    if not arguments:
        return None
    if len(arguments) == 1 or arguments[1] is Ellipsis:
        return arguments[0]
    return arguments[place] if place < len(arguments) else None

"""Compares the shop before and after a talk with what the shopper wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.conversations.changes import shop_changes
from tests.simulation.course import Course
from tests.simulation.goal import Goal, Twist

_NEW = re.compile(r"/[^/]+ \+$")


class Verdict(StrEnum):
    """What became of a talk."""

    CORRECT = "correct"
    HANDED_OFF = "handed off"
    GIVEN_UP = "given up"
    WRONG = "wrong"


@dataclass(frozen=True)
class Judgement:
    """The verdict and, where it is not ``correct``, why."""

    verdict: Verdict
    why: str = ""


def judge(
    goal: Goal,
    course: Course,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    carried: Mapping[str, Any] | None = None,
) -> Judgement:
    """Wrong: the shop changed otherwise than wished. Given up: nothing changed though wished.

    ``carried`` is the shop that has done by itself what is wished.
    """
    found = found_changes(before, after)
    wished = {path: sorted(values, key=str) for path, values in goal.expected.items()}
    if carried is not None:
        wished = found_changes(before, carried)
        # Pictures are numbered by the talk that they came in.
        apart = [path for path in shop_changes(carried, after) if "/photos" not in path]
        if found and apart:
            return Judgement(Verdict.WRONG, f"changed {found}, wished {wished}: {apart}")
        if found:
            wished = found
    if found and found != wished:
        return Judgement(Verdict.WRONG, f"changed {found}, wished {wished}")
    if found and goal.part:
        misfit = _misfit(goal, before, after)
        if misfit:
            return Judgement(Verdict.WRONG, misfit)
    if course.handed_off:
        return Judgement(Verdict.HANDED_OFF, course.handed_off)
    if found != wished:
        return Judgement(Verdict.GIVEN_UP, "nothing changed")
    for one in (goal, goal.also):
        if one is not None and one.is_question and not course.has_answered(one.shown, one.told):
            return Judgement(Verdict.GIVEN_UP, "not told")
    if course.gave_up and goal.twist is not Twist.WITHDRAWN:
        return Judgement(Verdict.GIVEN_UP, "patience")
    return Judgement(Verdict.CORRECT)


def found_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Every change by its path; numbers that the shop gives are ``*``."""
    found: dict[str, list[Any]] = {}
    for path, value in shop_changes(before, after).items():
        found.setdefault(_NEW.sub("/* +", path), []).append(value)
    return {path: sorted(values, key=str) for path, values in found.items()}


def _misfit(goal: Goal, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What the new part says otherwise than wished; empty if nothing."""
    kind = next(iter(goal.expected)).split("/")[2]
    number = goal.order.number
    old, new = (
        next(one for one in shop["orders"] if one["number"] == number).get(kind, [])
        for shop in (before, after)
    )
    known = {part["number"] for part in old}
    made = next(part for part in new if part["number"] not in known)
    for key, wished in goal.part.items():
        told = made.get(key, _DEFAULTS.get(key))
        if isinstance(wished, list):
            told = [{name: one.get(name) for name in two} for one, two in _pairs(told, wished)]
            if len(made.get(key, [])) != len(wished):
                told = made.get(key, [])
        if told != wished:
            return f"{kind}: {key} is {told}, wished {wished}"
    return ""


# The shop file leaves out what is as usual.
_DEFAULTS = {"handover": "drop_off", "refund_to": "original"}


def _pairs(told: list[Any] | None, wished: list[Any]) -> zip[tuple[Any, Any]]:
    return zip(told or [], wished, strict=False)

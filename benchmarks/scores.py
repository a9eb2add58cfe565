"""How well parse results fit labelled lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.labelled import Labelled

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
_MOST_ABSTAINED = 0.15
_BINS = 10


@dataclass(frozen=True)
class Outcome:
    """What was understood of one line; ``name`` is None where the assistant doubted.

    ``best`` and ``confidence`` are the likeliest meaning even then.
    """

    line: Labelled
    name: str | None
    best: str | None
    confidence: float
    requests: frozenset[str]

    @property
    def right(self) -> bool:
        """Whether the assistant acted, on something that the line asks for."""
        return self.name in self.line.labels


@dataclass(frozen=True)
class Scores:
    """Shares from 0 to 1 over a set of lines, as the development set's own script counts them.

    ``right_at_15`` is the share of right answers if the 15 % least sure are not answered. ``found``
    is the share of requests found in lines with several; None where there are none.
    ``calibration`` is the expected calibration error over ten bins of confidence.
    """

    lines: int
    strict: float
    lenient: float
    without_doubt: float
    abstained: float
    right_when_answering: float
    right_at_15: float
    calibration: float
    found: float | None
    wrongly_answered: int
    out_of_scope: int


def mapped(lines: Sequence[Labelled], names: Mapping[str, str]) -> dict[str, str]:
    """``names`` without the intents that ``lines`` name themselves: those need no mapping."""
    spoken = frozenset().union(*(line.labels for line in lines))
    return {ours: theirs for ours, theirs in names.items() if ours not in spoken}


def outcome(
    line: Labelled, parsed: Mapping[str, Any], names: Mapping[str, str] | None = None
) -> Outcome:
    """Rasa's parse result of ``line``; ``names`` maps our finer intents onto the set's labels."""
    names = names or {}

    def label(given: Mapping[str, Any]) -> str | None:
        name = given.get("name")
        return names.get(name, name) if name else None

    intent = parsed.get("intent") or {}
    ranking = [one for one in parsed.get("intent_ranking") or () if one.get("name") != FALLBACK]
    likeliest = ranking[0] if ranking else intent
    found = parsed.get("intents") or [intent]
    name = label(intent)
    return Outcome(
        line,
        None if name == FALLBACK else name,
        label(likeliest) if label(likeliest) != FALLBACK else None,
        float(likeliest.get("confidence") or 0.0),
        frozenset(filter(None, map(label, found))),
    )


def scores(outcomes: Sequence[Outcome]) -> Scores:
    """The scores over ``outcomes``, of which there is at least one."""
    size = len(outcomes)
    answered = [one for one in outcomes if one.name is not None]
    surest = sorted(outcomes, key=lambda one: -one.confidence)
    surest = surest[: size - int(size * _MOST_ABSTAINED)]
    several = [one for one in outcomes if one.line.also]
    asked = sum(len(one.line.labels) for one in several)
    strangers = [one for one in outcomes if one.line.intent == OUT_OF_SCOPE]
    return Scores(
        lines=size,
        strict=sum(one.name == one.line.intent for one in outcomes) / size,
        lenient=sum(one.right for one in outcomes) / size,
        without_doubt=sum(one.best in one.line.labels for one in outcomes) / size,
        abstained=1 - len(answered) / size,
        right_when_answering=sum(one.right for one in answered) / max(1, len(answered)),
        right_at_15=sum(one.best in one.line.labels for one in surest) / max(1, len(surest)),
        calibration=_calibration(answered),
        found=sum(len(one.line.labels & one.requests) for one in several) / asked
        if asked
        else None,
        wrongly_answered=sum(one.name not in (None, OUT_OF_SCOPE) for one in strangers),
        out_of_scope=len(strangers),
    )


def reliability(outcomes: Sequence[Outcome]) -> list[tuple[float, float, int]]:
    """Mean confidence, share right and number of answered lines in each bin that has any."""
    bins: dict[int, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.name is not None:
            bins[min(int(one.confidence * _BINS), _BINS - 1)].append(one)
    return [
        (
            sum(one.confidence for one in bins[place]) / len(bins[place]),
            sum(one.right for one in bins[place]) / len(bins[place]),
            len(bins[place]),
        )
        for place in sorted(bins)
    ]


def per_label(outcomes: Sequence[Outcome]) -> dict[str, tuple[int, int]]:
    """For each label: how many of its lines were understood (lenient), and how many there are."""
    found: dict[str, tuple[int, int]] = {}
    for one in outcomes:
        right, total = found.get(one.line.intent, (0, 0))
        found[one.line.intent] = right + one.right, total + 1
    return dict(sorted(found.items()))


def confusions(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """How often a line of one label was taken for another; the doubted ones count as such."""
    return Counter(
        (one.line.intent, one.line.intent if one.right else one.name or "(doubt)")
        for one in outcomes
    )


def _calibration(answered: Sequence[Outcome]) -> float:
    total = max(1, len(answered))
    return sum(abs(sure - right) * count / total for sure, right, count in reliability(answered))

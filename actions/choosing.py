"""Reads which of several things a shopper means, in free words of either language.

``choose`` is pure and knows no shop: an order line, an order, a variant become a ``Thing`` with
names, marks, codes and a price, and the words of the shopper become units of things.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from actions.choosing_mentions import Mention, Thing, fold, mentions_in
from actions.choosing_regions import (
    Region,
    counts_in,
    has_all,
    has_both,
    is_addition,
    names_the_rest,
    regions_of,
    superlative_in,
    superlatives_in,
    without_slips,
)

__all__ = ["Choice", "Thing", "choose"]

_NUMERAL = re.compile(r"[\d一二两三四五六七八九十]")
_SEPARATOR = re.compile(r"[,，、;；。&+]| and | plus |和|跟|还有|以及|加上")
# "The shirt, the cheapest one" says of the shirt which; "the shirt and the cheapest one" are two.
_CONJUNCTION = re.compile(r"[、&+]| and | plus |和|跟|还有|以及|加上")
_BESIDE_A_COUNT = re.compile(r"\b(?:no|sorry|wait|actually|just|only|make it|please)\b|[,.!]")


@dataclass(frozen=True)
class Choice:
    """What was chosen: units by id, None where it was not said how many of several.

    ``unclear`` are the things between which the words leave open which is meant; then ``units``
    has what was clear beside them. ``beyond`` are things of which more were named than there are,
    with the number named.
    """

    units: Mapping[str, int | None]
    unclear: tuple[str, ...] = ()
    beyond: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_clear(self) -> bool:
        """Whether something was chosen and nothing was left open."""
        return bool(self.units) and not self.unclear and not self.beyond


def choose(
    text: str, things: Sequence[Thing], before: Mapping[str, int | None] | None = None
) -> Choice | None:
    """The ``things`` that ``text`` names, or None if it names none.

    ``before`` is what was chosen earlier: "not the mug" takes away from it, "also the coat" adds
    to it, "the other one" is what it does not have. Without it they are said of all things.
    """
    folded = without_slips(fold(text))
    picked = _Picked({thing.id: thing for thing in things})
    regions = regions_of(folded)
    for region in regions:
        _read(region, things, picked)
    everything = any(has_all(region.text) for region in regions if not region.negative)
    if picked.named:
        base = dict(before or {}) if is_addition(folded) else {}
        units = {**base, **picked.units}
    elif before and names_the_rest(folded):
        units = {thing.id: thing.units for thing in things if thing.id not in before}
    elif picked.taken and not everything and before:
        units = dict(before)
    elif picked.taken and regions[0].is_all_but and any(picked.taken.values()):
        # "All but one of the mugs" speaks of the mugs alone.
        units = {key: picked.by_id[key].units for key in picked.taken}
    elif picked.taken or everything:
        units = {thing.id: thing.units for thing in things}
    else:
        # "No, just one" is said of the one thing that was chosen.
        alone = _count_alone(folded, [thing for thing in things if thing.id in (before or {})])
        alone = alone or _count_alone(folded, things)
        return alone if alone is not None or not picked.unclear else picked.choice({})
    return picked.choice(_without(units, picked.taken, picked.by_id))


def _without(
    units: Mapping[str, int | None], taken: Mapping[str, int | None], by_id: Mapping[str, Thing]
) -> dict[str, int | None]:
    left: dict[str, int | None] = {}
    for key, count in units.items():
        if key not in taken:
            left[key] = count
            continue
        gone = taken[key]
        whole = by_id[key].units
        # "All but one of the mugs" takes one away; "not the mugs" takes all of them.
        if gone is not None and gone < whole:
            left[key] = (whole if count is None else count) - gone
    return {key: count for key, count in left.items() if count is None or count > 0}


def _count_alone(folded: str, things: Sequence[Thing]) -> Choice | None:
    """ "Two of the three" where only one thing comes into question."""
    counts = counts_in(_BESIDE_A_COUNT.sub(" ", folded).strip())
    if len(things) != 1 or not counts:
        return None
    picked = _Picked({things[0].id: things[0]})
    picked.add([things[0]], counts[0], negative=False)
    return picked.choice(picked.units)


@dataclass
class _Picked:
    """What has been read so far."""

    by_id: Mapping[str, Thing]
    units: dict[str, int | None] = field(default_factory=dict)
    taken: dict[str, int | None] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    beyond: dict[str, int] = field(default_factory=dict)
    named: bool = False

    def choice(self, units: Mapping[str, int | None]) -> Choice:
        """The result; a thing that is chosen anyway is not unclear."""
        unclear = [key for key in dict.fromkeys(self.unclear) if key not in units]
        single = {
            key: 1 if count is None and self.by_id[key].units == 1 else count
            for key, count in units.items()
        }
        return Choice(single, tuple(unclear) if len(unclear) > 1 else (), dict(self.beyond))

    def add(self, group: Sequence[Thing], count: int | None, negative: bool) -> None:
        """Take ``count`` units of ``group``: all of it if they are as many as it has."""
        into = self.taken if negative else self.units
        whole = sum(thing.units for thing in group)
        if len(group) == 1:
            thing = group[0]
            if count is not None and count > thing.units:
                self.beyond[thing.id] = count
            into[thing.id] = count
        elif count == whole:
            into.update({thing.id: thing.units for thing in group})
        elif count == len(group) and all(thing.units == 1 for thing in group):
            into.update({thing.id: 1 for thing in group})
        else:
            self.unclear += [thing.id for thing in group]
            return
        self.named = self.named or not negative

    def add_all(self, group: Sequence[Thing], negative: bool) -> None:
        """Take every unit of every thing of ``group``."""
        into = self.taken if negative else self.units
        into.update({thing.id: None if negative else thing.units for thing in group})
        self.named = self.named or not negative


def _read(region: Region, things: Sequence[Thing], picked: _Picked) -> None:
    by_id = {thing.id: thing for thing in things}
    found = mentions_in(region.text, things)
    named = [mention for mention in found if not mention.narrows]
    parts = _parts(region.text, named, found)
    all_of_each = has_all(region.text) and not region.is_all_but
    both = has_both(region.text)
    for part in parts:
        group = _narrowed(part, [by_id[key] for key in part.ids], things)
        if not group:
            continue
        count = part.count
        if count is None and both and (len(parts) == 1 or has_both(part.words)):
            count = 2
        alone = sum(thing.units for thing in group) < 2
        if count == 2 and alone and len(parts) > 1 and has_both(part.words):
            # "The shirt and the shoes, both of them" counts things and not units of one.
            count = None
        if count is not None:
            picked.add(group, count, region.negative)
        elif all_of_each or part.plural or (region.negative and len(group) > 1):
            if part.plural and not all_of_each and len({thing.kind for thing in group}) > 1:
                picked.add(group, None, region.negative)
            else:
                picked.add_all(group, region.negative)
        else:
            picked.add(group, None, region.negative)


@dataclass(frozen=True)
class _Part:
    """One thing named in a region, with the words around it that belong to it."""

    ids: tuple[str, ...]
    narrowing: tuple[Mention, ...]
    words: str
    count: int | None
    plural: bool


def _parts(text: str, named: Sequence[Mention], found: Sequence[Mention]) -> list[_Part]:
    """Cut a region so that each part has one name, or, without names, marks that stand alone."""
    anchors = list(named) or _lone(text, found)
    anchors = sorted([*anchors, *_extremes(text, anchors)], key=lambda mention: mention.start)
    if not anchors:
        return []
    starts = [0, *(_cut(text, left, right) for left, right in pairwise(anchors)), len(text)]
    parts = []
    for place, anchor in enumerate(anchors):
        start, end = starts[place], starts[place + 1]
        words = text[start:end]
        narrowing = tuple(
            mention
            for mention in found
            if mention.narrows and start <= mention.start < end and mention is not anchor
        )
        plain = _without_numbers(text, (anchor, *narrowing))[start:end]
        counts = counts_in(plain, anchor.start - start, anchor.end - start)
        parts.append(
            _Part(anchor.ids, narrowing, words, counts[0] if counts else None, anchor.plural)
        )
    return parts


def _without_numbers(text: str, mentions: Sequence[Mention]) -> str:
    """``text`` in which a size 37 or a name like 哑铃一对 counts nothing."""
    for mention in mentions:
        said = _NUMERAL.sub("x", text[mention.start : mention.end])
        text = text[: mention.start] + said + text[mention.end :]
    return text


def _lone(text: str, found: Sequence[Mention]) -> list[Mention]:
    """Marks without a name: "the blue one", "the L and the XL"; those side by side narrow one."""
    lone: list[Mention] = []
    for mention in found:
        between = text[lone[-1].end : mention.start] if lone else ""
        if lone and len(between.strip()) <= 1 and not set(between) & set(",，、和&"):
            both = tuple(key for key in lone[-1].ids if key in mention.ids)
            if both:
                lone[-1] = Mention(lone[-1].start, mention.end, both, lone[-1].level)
                continue
        lone.append(Mention(mention.start, mention.end, mention.ids, mention.level))
    return lone


def _extremes(text: str, anchors: Sequence[Mention]) -> list[Mention]:
    """Where the dearest or the cheapest of all is meant, not of what is named beside it."""
    alone = []
    for start, end in superlatives_in(text):
        beside = [
            anchor
            for anchor in anchors
            if not _CONJUNCTION.search(text[min(end, anchor.end) : max(start, anchor.start)])
        ]
        if not beside:
            alone.append(Mention(start, end, (), 1))
    return alone


def _cut(text: str, left: Mention, right: Mention) -> int:
    """Where the words of ``left`` end and those of ``right`` begin: at a separator, if any."""
    found = _separator_in(text[left.end : right.start])
    return left.end + (found.start() if found else 0)


def _separator_in(between: str) -> re.Match[str] | None:
    return _SEPARATOR.search(between)


def _narrowed(part: _Part, group: list[Thing], things: Sequence[Thing]) -> list[Thing]:
    """``group`` (or, if nothing was named, everything) after marks and superlatives."""
    candidates = group or list(things)
    marks: dict[str, set[str]] = {}
    for mention in part.narrowing:
        marks.setdefault(str(mention.level), set()).update(mention.ids)
    for ids in marks.values():
        left = [thing for thing in candidates if thing.id in ids]
        candidates = left or candidates
    direction = superlative_in(part.words)
    if direction and candidates:
        best = sorted((thing.price for thing in candidates), reverse=direction > 0)[0]
        candidates = [thing for thing in candidates if thing.price == best]
    elif not group:
        return []
    return candidates

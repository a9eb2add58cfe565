"""What each of several alike becomes: "one in pink, the other in blue", "the grey pair to 41"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from actions.choosing_lines import choose_lines
from actions.choosing_mentions import fold
from actions.choosing_regions import has_all
from actions.choosing_variants import VariantChoice, choose_variant
from connectors.backends.catalogue.model import Product
from connectors.backends.orders.model import OrderLine

Targets = Mapping[str, tuple[str, ...]]
"""By line what its units become: one variant for all of them, or as many as there are units."""

_NUMBERS = {"一": 1, "两": 2, "二": 2, "俩": 2, "三": 3, "四": 4, "五": 5}
_NUMBERS |= {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "another": 1}
_SOME = re.compile(
    r"(?:另外?|还有|其中)?(?P<zh>[一两二俩三四五]|(?<!\d)\d(?!\d))[个件双只条支本盒袋台副套瓶份把包张顶对枚块款]"
    r"|(?P<rest>其余|剩下|\bthe (?:others?|rest|remaining)\b)"
    r"|\b(?P<en>one|two|three|four|five|another)\b|\b(?P<digit>\d)"
    r"(?= (?!sizes?|yuan|more|less|fewer|days?)[a-z]+\b)"
)
_BECOMES = re.compile(r"换成|换为|改成|改为|改要|变成|换|改|→|-+>|\b(?:to|for|into|with|as)\b")
_BECOMES_LOOSELY = re.compile(r"要|\bin\b")
_CUT = re.compile(r"[,，、;；。]|和|跟|还有|以及|另外|\band\b")


def shared_out(
    text: str,
    lines: Sequence[OrderLine],
    units: Mapping[str, int],
    product: Product,
) -> Targets:
    """What ``text`` wants of ``lines``, all of them of ``product``, where it tells them apart.

    ``units`` says how many of each are spoken of. Empty if it wants one thing of all, or if it
    stays open what becomes of how many; a line that it leaves open is absent.
    """
    folded = fold(text)
    if len(lines) > 1:
        named = _by_name(folded, lines, product)
        if named:
            return named
    whole = sum(units[line.id] for line in lines)
    wanted = _by_code(folded, product) or _by_count(folded, lines[0], product, whole)
    if len(lines) == 1 and lines[0].variant_id in wanted:
        return {}
    if len(wanted) != whole or len(set(wanted)) < 2:
        return {}
    return _dealt(wanted, lines, units)


def _by_name(folded: str, lines: Sequence[OrderLine], product: Product) -> Targets:
    """ "The grey pair to pink 37 and the pink pair to 41": each line by what tells it apart."""
    ways = (_each_by_name(folded, lines, becomes) for becomes in (_BECOMES, _BECOMES_LOOSELY))
    wanted = next((one for one in ways if len(one) > 1), {})
    targets = {}
    for line in lines:
        choice = choose_variant(wanted.get(line.id, ""), product, product.variant(line.variant_id))
        if choice is not None and choice.variant is not None and choice.variant.stock > 0:
            targets[line.id] = (choice.variant.id,)
    return targets


def _each_by_name(
    folded: str, lines: Sequence[OrderLine], becomes: re.Pattern[str]
) -> dict[str, str]:
    """By line the words of what it becomes; empty if a line is named twice."""
    found: list[tuple[str, int, int]] = []
    for match in becomes.finditer(folded):
        source = _source(folded, found[-1][2] if found else 0, match.start(), lines)
        if source is not None:
            found.append((*source, match.end()))
    ends = [*(start for _, start, _ in found), len(folded)][1:]
    wanted = {
        line_id: folded[after:end] for (line_id, _, after), end in zip(found, ends, strict=True)
    }
    return wanted if len(wanted) == len(found) else {}


def _source(
    folded: str, start: int, end: int, lines: Sequence[OrderLine]
) -> tuple[str, int] | None:
    """The one line that the words before ``end`` name, and where they begin: the fewest that do."""
    cuts = [start, *(start + cut.end() for cut in _CUT.finditer(folded[start:end]))]
    for cut in reversed(cuts):
        choice = choose_lines(folded[cut:end], lines)
        if choice is not None and choice.is_clear and len(choice.units) == 1:
            return next(iter(choice.units)), cut
    return None


def _by_code(folded: str, product: Product) -> list[str]:
    """Numbers of variants, one for each unit, in their order."""
    found = []
    for variant in product.variants:
        for code in {fold(variant.sku), fold(variant.id)}:
            pattern = rf"(?<![a-z0-9-]){re.escape(code)}(?![a-z0-9])"
            found += [(match.start(), variant.id) for match in re.finditer(pattern, folded)]
    return [variant_id for _, variant_id in sorted(found)]


def parted(text: str, line: OrderLine, units: int, product: Product) -> list[str]:
    """What each of ``units`` of ``line`` becomes: "two in black, one in white".

    Some may stay what they are. Empty if it wants one thing of all, or does not say it of each.
    """
    wanted = _by_count(fold(text), line, product, units)
    return wanted if len(set(wanted)) > 1 else []


def share_in_vain(text: str, line: OrderLine, units: int, product: Product) -> VariantChoice | None:
    """What cannot be had of what ``text`` wants of several of ``units``, told apart by number."""
    for parts in _counted(fold(text)):
        counts, vain = 0, None
        for match, words in parts:
            choice = choose_variant(words, product, product.variant(line.variant_id))
            if choice is not None:
                counts += _count(match, units - counts)
                vain = choice if choice.is_in_vain else vain
        if vain is not None and counts == units:
            return vain
    return None


def _by_count(folded: str, line: OrderLine, product: Product, whole: int) -> list[str]:
    """ "One in pink, the other in blue", "粉色一本，蓝色两本": what so many units become."""
    for parts in _counted(folded):
        wanted = _units(parts, line, product, whole)
        if len(wanted) == whole:
            return wanted
    return []


def _counted(folded: str) -> Iterator[list[tuple[re.Match[str], str]]]:
    """The numbers of units, with the words behind each; then with those before each."""
    counted = list(_SOME.finditer(folded))
    after = [*(match.start() for match in counted[1:]), len(folded)]
    before = [0, *(match.end() for match in counted)][: len(counted)]
    yield [(match, folded[match.end() : end]) for match, end in zip(counted, after, strict=False)]
    yield [
        (match, folded[start : match.start()]) for match, start in zip(counted, before, strict=True)
    ]


def _count(match: re.Match[str], left: int) -> int:
    """How many units a number says; all that are left for "the others"."""
    word = match["zh"] or match["en"] or match["digit"]
    return left if word is None else _NUMBERS.get(word) or int(word)


def _units(
    parts: Sequence[tuple[re.Match[str], str]], line: OrderLine, product: Product, whole: int
) -> list[str]:
    wanted: list[str] = []
    for match, words in parts:
        choice = choose_variant(words, product, product.variant(line.variant_id))
        # "Both": all of them as they are is no wish for any.
        if choice is None or (choice.variant is not None and has_all(words)):
            continue
        if choice.variant is None or choice.variant.stock <= 0:
            return []
        wanted += [choice.variant.id] * _count(match, whole - len(wanted))
    return wanted


def _dealt(wanted: Sequence[str], lines: Sequence[OrderLine], units: Mapping[str, int]) -> Targets:
    """``wanted`` dealt to the lines in their order, so that none becomes what it is already."""
    if len(lines) == 1:
        return {lines[0].id: tuple(wanted)}
    if any(units[line.id] != 1 for line in lines):
        return {}
    for order in permutations(wanted) if len(wanted) < 6 else ():
        if all(line.variant_id != one for line, one in zip(lines, order, strict=True)):
            return {line.id: (one,) for line, one in zip(lines, order, strict=True)}
    return {}

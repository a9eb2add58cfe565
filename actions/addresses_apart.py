"""Reads which order shall go where: "KF… to my office and the kettle to my mum's"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from actions.address_wishes import read_wish
from actions.choosing_lines import line_thing
from actions.choosing_mentions import NAME, Mention, Thing, fold, mentions_in
from actions.choosing_regions import REST
from actions.reading_addresses import AddressParts
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.model import Order

_OTHERS = re.compile(
    rf"(?:{REST.pattern}|另外?[一那]?[单笔张])(?! ?(?:address|place)|地址|地方)"
    r"(?: (?:ones?|orders?)\b)?"
)
_POINTED_AT = re.compile(r"(?:\b(?:the|my|of|with) |[和跟把])$|[\u4e00-\u9fff][,;、]\s*$")
# "The second one", "the first to …" and no "second floor".
_OF_A_LIST = re.compile(
    r"(?: (?:one|order|parcel)\b|'s)|\s*(?:[:,]|->|\b(?:to|goes?|should|home)\b)"
)
# What stands between an order and the place: "那单改寄到", "'s order should go to".
_LEAD_ZH = re.compile(
    r"^[那这个单的订笔张要都就想还是也请帮我你收货地址里面、:\s]*"
    r"(?:[寄送发改换到去往给为走]|(?<=[改换变])成(?!都)|变)+[:\s]*"
)
_LEAD_EN = re.compile(r"^[^,;\d]*\b(?:to|at)\s+(?=\S)", re.IGNORECASE)
# What leads from a place to the next order: "…, and the order with the", "，然后把".
_BEFORE_AN_ORDER = re.compile(
    r"(?:[\s,;.、]|\b(?:and|then|also|but|while|please|the|my|that|this|those|with|has|orders?|ones?"
    r"|parcels?|numbers?|first|second|third|last|of|for|send|ship|change|move|redirect)\b|还有|另外|然后|再|把|和|跟|而|我的?|但是?"
    r"|[那这]一?[个单笔张]?|第[一二两三四五][个单笔张]+|[买有含]|订单号?)+$",
    re.IGNORECASE,
)
_TOO = re.compile(r"^\W*(?:也|一样|同样|都)|\b(?:too|as well|likewise|same)\b", re.IGNORECASE)
UNCHANGED = re.compile(
    r"不用?[改动变换寄]|别[改动换]|原(?:来的?)?地址|照旧|\bunchanged\b|\bnot (?:changed?|moved?)\b"
    r"|\bn['’]t (?:change|move)\b|\b(?:old|present|current) (?:address|one|place)\b"
    r"|\b(?:where|as) (?:it|they) (?:is|was|are|were)\b",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"(?:\b(?:leave|keep|except|not|without)(?: for)?|除了?|不用?[改动]|别[改动])"
    r"(?: (?:the|my|that|order|one|with)|[我那这个单])*\s*$"
)
_STAYS = re.compile(rf"{UNCHANGED.pattern}|\b(?:stays?|not|keeps?)\b|n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Named:
    """A place in the text that names ``orders``."""

    start: int
    end: int
    orders: tuple[Order, ...]

    def without(self, numbers: Collection[str]) -> _Named:
        """With the orders that have none of these ``numbers``."""
        left = tuple(order for order in self.orders if order.number not in numbers)
        return replace(self, orders=left)


class Divided(Exception):
    """Words that send the goods of one order, ``number``, to two places."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.number = number


def addresses_apart(
    text: str,
    orders: Sequence[Order],
    book: Sequence[StoredAddress],
    *,
    listed: bool = False,
    together: Sequence[str] = (),
) -> dict[str, AddressParts]:
    """Where each of ``orders`` shall go of which ``text`` says it, by its number.

    Empty where it names none of them with a place, or leaves open which is meant. ``listed``: the
    shopper has seen them in this order, so that "the second one" names one. ``together``: those of
    which ``text`` speaks as of several. Raises ``Divided``.
    """
    plain, folded = " ".join(unicodedata.normalize("NFKC", text).split()), fold(text)
    if len(plain) != len(folded):
        return {}
    named = _named(folded, orders, listed=listed)
    if not named:
        return {}
    # "To my office the kettle", where most say "the kettle to my office".
    before = plain[: named[0].start]
    ahead = not together and _place(before, orders, book) is not None
    return _told(_ahead(plain, named) if ahead else _behind(plain, named), book, together)


def orders_named(text: str, orders: Sequence[Order]) -> list[Order]:
    """Those of the listed ``orders`` that ``text`` names beyond doubt."""
    return [order for one in _named(fold(text), orders, listed=True) or () for order in one.orders]


def _named(folded: str, orders: Sequence[Order], *, listed: bool) -> list[_Named] | None:
    """Where orders are named, by number, goods, place in the list, or as the others; None: open."""
    lines = [line for order in orders for line in order.lines]
    owners = {line.id: order for order in orders for line in order.lines}
    numbers = {order.number: order for order in orders}
    things = [
        Thing(number, (), codes=(number, *(parcel.tracking_number for parcel in order.parcels)))
        for number, order in numbers.items()
    ]
    codes = mentions_in(folded, things)
    goods = [
        one
        for one in mentions_in(folded, [line_thing(line) for line in lines])
        if one.level >= NAME
    ]
    found = [_of(one, numbers) for one in codes if one.level >= NAME]
    # A town may be called like goods.
    found += [
        _of(one, owners) for one in goods if not found or _POINTED_AT.search(folded[: one.start])
    ]
    if not found and listed:
        found = [_of(one, numbers) for one in codes if _is_of_a_list(folded, one)]
    known = {one.orders[0].number for one in found if len(one.orders) == 1}
    # What may lie in several orders lies in the one that is not named otherwise.
    found = [one if len(one.orders) == 1 else one.without(known) for one in found]
    if any(len(one.orders) != 1 for one in found):
        return None
    known |= {one.orders[0].number for one in found}
    others = tuple(order for order in orders if order.number not in known)
    if found and others:
        found += [_Named(*match.span(), others) for match in _OTHERS.finditer(folded)]
    found = [one for one in found if _LEFT_OUT.search(folded[: one.start]) is None]
    return sorted(found, key=lambda one: one.start)


def _of(mention: Mention, orders: Mapping[str, Order]) -> _Named:
    named = {orders[key].number: orders[key] for key in mention.ids}
    return _Named(mention.start, mention.end, tuple(named.values()))


def _is_of_a_list(folded: str, mention: Mention) -> bool:
    """Whether it is a place in a list of orders, and no "second floor"."""
    said = folded[mention.start : mention.end]
    return said[-1] in "个笔单" or _OF_A_LIST.match(folded, mention.end) is not None


def _behind(text: str, named: Sequence[_Named]) -> list[tuple[_Named | None, str]]:
    """Each with the words behind it, and what stands before the first."""
    ends = [*(one.start for one in named[1:]), len(text)]
    pieces = [(one, text[one.end : end]) for one, end in zip(named, ends, strict=True)]
    return [(None, text[: named[0].start]), *pieces]


def _ahead(text: str, named: Sequence[_Named]) -> list[tuple[_Named | None, str]]:
    """Each with the words before it, and what stands behind the last."""
    starts = [0, *(one.end for one in named)]
    pieces = [(one, text[start : one.start]) for one, start in zip(named, starts, strict=False)]
    return [*pieces, (None, text[named[-1].end :])]


def _told(
    pieces: Sequence[tuple[_Named | None, str]],
    book: Sequence[StoredAddress],
    together: Sequence[str],
) -> dict[str, AddressParts]:
    """By number the place that the words beside an order name.

    Orders with none beside them go where the next one goes. Empty where words that belong to no
    order name a place, or where some are left without any.
    """
    told: dict[str, AddressParts] = {}
    waiting: list[Order] = []
    last = of_all = None
    for named, words in pieces:
        waiting += named.orders if named is not None else ()
        place = _place(words, waiting, book)
        if named is None:
            if place is not None and not together:
                return {}
            of_all = place or of_all
            continue
        if place is None and _TOO.search(words):
            place = last
        if place is not None:
            for order in waiting:
                if told.setdefault(order.number, place) != place:
                    raise Divided(order.number)
            waiting, last = [], place
        elif _STAYS.search(words):
            waiting = []
    if waiting:
        return {}
    return told if of_all is None else {**dict.fromkeys(together, of_all), **told}


def _place(
    words: str, orders: Sequence[Order], book: Sequence[StoredAddress]
) -> AddressParts | None:
    bare = _BEFORE_AN_ORDER.sub("", words)
    bare = _LEAD_EN.sub("to ", _LEAD_ZH.sub("", bare, count=1), count=1)
    return read_wish(bare, book, [order.address for order in orders]) if bare.strip() else None

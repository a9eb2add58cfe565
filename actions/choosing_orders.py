"""Which orders a shopper means, in free words: by content, state, destination, time, price."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from actions.choosing_lines import choose_lines, line_thing
from actions.choosing_mentions import NAME, Thing, fold, mentions_in
from actions.choosing_regions import (
    Region,
    has_all,
    has_both,
    regions_of,
    superlative_in,
    without_slips,
)
from connectors.backends.orders.model import Order, OrderStatus

_S = OrderStatus
_STATES: tuple[tuple[re.Pattern[str], frozenset[OrderStatus]], ...] = tuple(
    (re.compile(words), frozenset(states))
    for words, states in (
        (
            r"没付款|未付款|待付款|没支付|未支付|没付钱"
            r"|\bunpaid\b|\bnot (?:yet )?paid\b|\bhaven'?t paid\b",
            {_S.UNPAID},
        ),
        (
            r"付款的|已付款|付了(?:款|钱)|付过|已支付|\bpaid(?: for)?\b",
            frozenset(_S) - {_S.UNPAID, _S.CANCELLED},
        ),
        (
            r"没发货|未发货|待发货|没发的|没发出|还没发|没寄出|没有发货"
            r"|\bun(?:shipped|sent)\b|\bpending\b"
            r"|(?:\bnot|n['’]?t) (?:been |yet )*(?:shipped|sent|dispatched|gone out)\b"
            r"|\bstill (?:to be|being) (?:shipped|packed)\b",
            {_S.UNPAID, _S.PAID, _S.PREPARING},
        ),
        (
            r"备货|打包|准备中|正在准备"
            r"|\bbeing (?:prepared|packed|processed)\b|\bpreparing\b|\bpacking\b",
            {_S.PAID, _S.PREPARING},
        ),
        (
            r"在路上|运输中|派送中|配送中|没收到|还没到|没到的"
            r"|\bon (?:its|the|their) way\b|\bin transit\b|\bnot (?:yet )?arrived\b|\btravelling\b",
            {_S.SHIPPED, _S.PARTLY_SHIPPED},
        ),
        (
            r"已经?(?:发货|发出|寄出)|发(?:出去)?了的|发货了的"
            r"|\b(?:already|been) (?:shipped|sent|dispatched|gone out)\b"
            r"|\b(?:shipped|sent|dispatched) (?:ones?|orders?|parcels?)\b",
            {_S.SHIPPED, _S.PARTLY_SHIPPED},
        ),
        (r"已取消|取消了的|\bcancel+ed (?:order|one)s?\b", {_S.CANCELLED}),
        (
            r"收到的|到货的|签收|已收货|送到的|到了的|\bdelivered\b|\barrived\b|\breceived\b",
            {_S.DELIVERED, _S.COMPLETED},
        ),
    )
)
_NEWEST = re.compile(
    r"最近|最新|最后|上一?[个笔次单]|上次|刚(?:刚|才)?(?:下|拍|买)"
    r"|\b(?:last|latest|newest|most recent|recent|previous)\b"
    r"(?! (?:week|month|year|night|name|digits?|four|4\b))"
)
_OLDEST = re.compile(r"最早|最老|最旧|\b(?:oldest|earliest|very first)\b")
_BEFORE_LAST = re.compile(
    r"倒数第二|上上[个笔次]|\b(?:second (?:to )?last|(?:one|order) before (?:that|last))\b"
)
_ORDER_WORDS = re.compile(r"订单|单子|[个笔张那这]单|\borders?\b|\bpurchases?\b")
# "Keep the kettle" is a line, "except the one with the kettle" an order.
_WHOLE_ONE = re.compile(r"\bones?\b|单|(?:有|含|带|装|买)[^,，。]*的")
_DESTINED = re.compile(
    r"(?:寄|发|送|收货)(?:到|往|去|给|地址[是在]?)?(?:我的?)?(?P<zh>[\u4e00-\u9fffA-Za-z]{2,8})"
    r"|\b(?:sent|shipped|going|went|delivered|addressed|goes|shipping) to (?:my |the )?"
    r"(?P<en>[\w' ]+)"
    r"|\bto (?:my |the )?(?P<en2>office|work|home|house|parents|mother|mum|mom|brother|sister)\b"
)
# "All my orders", "订单都…": more than one is meant. "All of this order" speaks of its goods.
_SEVERAL = re.compile(
    r"(?:所有|全部|每一?[个笔]|这几|那几|[两俩几三四五\d]+[个笔])(?:(?![这那整一][个笔单张])[^,，。;；:：]){0,12}?"
    r"(?:订单|单子|单(?!独|件|个))"
    r"|(?<![第十])[两俩三四五几]单(?![里中之内独件])"
    r"|(?<![这那整一][个笔张])(?:订单|单子|的单)(?![里中内子])(?:(?![这那整一][个笔单张])[^,，。;；:：a-z\d]){0,6}?"
    r"(?:都|全|统统|通通|一起|一并)"
    r"|\b(?:all|both)\b(?: of)?(?: [\w'’-]+){0,4}? (?:orders|ones|purchases)\b"
    r"|\b(?:every|each)(?: [\w'’-]+){0,3}? (?:order|purchase)\b"
    r"|(?<!one of )(?<!which of )(?<!two of )(?<!some of )"
    r"\b(?:my|these|those)(?: [\w'’-]+){0,3}? orders\b"
    r"|\borders\b.{0,30}\ball\b"
)
_HOW_MANY = re.compile(
    r"(?P<zh>[两俩三四五])(?:[个笔张][^,，。;；]{0,8}?)?(?:订单|单子|单(?![里中之内独件]))"
    r"|\b(?P<en>both|two|three|four|five)(?: of)?(?: [\w'’-]+){0,3}? (?:orders|ones|purchases)\b"
)
_COUNTS = {"两": 2, "俩": 2, "三": 3, "四": 4, "五": 5}
_COUNTS |= {"both": 2, "two": 2, "three": 3, "four": 4, "five": 5}
_OF_ONE = re.compile(
    r"整单|整个订单|这[个笔张]?(?:订单|单子|单)|\b(?:whole|entire|this|that) order\b"
)
_ASKS_CONTENTS = re.compile(
    r"(?:里面?|里头|中)(?:都|还)?有(?:什么|啥|哪些|几)|(?:买|订|拍)了(?:什么|啥|哪些)"
    r"|哪一?[个笔张]?(?:订单|单子|单)(?:里|有|买|是)|在哪一?[个笔张]?(?:订单|单子|单)"
    r"|\bwhat(?:'?s|’s| is| was| do i have)? in\b"
    r"|\bwhat (?:did|have) i (?:order|buy|bought|get)\w*\b"
    r"|\bwhich (?:order|one|of (?:my|the|those|these) orders) "
    r"(?:has|have|had|is|was|did|does|contains?)\b|\bin which order\b"
)
_WHY_CLOSED = re.compile(
    r"(?:自己|自动|怎么|为什么|为啥|为何|咋|谁)[^,，。?？]{0,8}(?:取消|关闭|关掉|关了)"
    r"|(?:取消|关闭|关掉|关了)[^?？]{0,6}(?:为什么|为啥|怎么回事|什么原因|咋回事)"
    r"|\b(?:why|how come|who|itself|automatically)\b.*\b(?:cancel+ed|closed?|cancel+)\b"
    r"|\b(?:cancel+ed|closed)\b.*\b(?:why|how come|itself|automatically|reason)\b"
)
_PAID_LAST = re.compile(r"付|支付|\bpaid\b|\bpay(?:ed)?\b")
_DAYS_AGO = (
    (re.compile(r"今天|\btoday\b"), 0, 0),
    (re.compile(r"昨天|\byesterday\b"), 1, 1),
    (re.compile(r"前天|\bday before yesterday\b"), 2, 2),
)


@dataclass(frozen=True)
class OrderChoice:
    """The numbers that were chosen; or those between which the words leave open which is meant.

    ``all_of``: several are meant together ("all my unshipped orders").
    """

    numbers: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    all_of: bool = False


def means_several(text: str) -> bool:
    """Whether ``text`` speaks of more than one order: "all my orders", "没发货的都取消"."""
    folded = fold(text)
    if _OF_ONE.search(folded):
        return False
    if _SEVERAL.search(folded):
        return True
    in_a_state = any(words.search(folded) for words, _ in _STATES)
    return in_a_state and (has_all(folded) or has_both(folded) or "都" in folded)


def how_many_orders(text: str) -> int | None:
    """How many orders ``text`` speaks of, where it says so: "both orders", "这两单"."""
    found = _HOW_MANY.search(fold(text))
    return None if found is None else _COUNTS[found["zh"] or found["en"]]


def names_destination(text: str) -> bool:
    """Whether ``text`` may say where an order goes: "the one sent to my office"."""
    return _DESTINED.search(fold(text)) is not None


def asks_contents(text: str) -> bool:
    """Whether ``text`` asks what is in which order, and chooses none: "what is in KF…?"."""
    return _ASKS_CONTENTS.search(fold(text)) is not None


def asks_why_closed(text: str) -> bool:
    """Whether ``text`` asks why an order was cancelled or closed, which nobody asked for."""
    return _WHY_CLOSED.search(fold(text)) is not None


def names_state(text: str) -> bool:
    """Whether ``text`` says in which state an order is: "the last one I paid for"."""
    folded = fold(text)
    return any(words.search(folded) for words, _ in _STATES)


def numbers_said(text: str, orders: Sequence[Order]) -> tuple[str, ...]:
    """The numbers of those of ``orders`` that ``text`` names by number or by parcel."""
    folded = fold(text)
    return tuple(order.number for order in orders if _has_code(order, folded))


def choose_orders(
    text: str,
    orders: Sequence[Order],
    *,
    today: date,
    zone: ZoneInfo,
    labels: Mapping[str, Sequence[str]] | None = None,
    days: tuple[date, date] | None = None,
    by_line: bool = False,
) -> OrderChoice | None:
    """The ``orders`` (newest first) that ``text`` names, or None if it names none.

    ``by_line``: goods that are named as to stay are spared alone, not the order that has them.
    ``labels`` are what the shopper calls where an order goes ("office"), by its number; ``days``
    an interval that the language side has read from the text.
    """
    folded = without_slips(fold(text))
    together = means_several(text)
    spared = spared_lines(text, orders) if by_line else {}
    by_code = numbers_said(text, orders)
    if by_code and not together:
        staying = {
            number
            for region in _regions(folded)
            if region.negative
            for number in numbers_said(region.text, orders)
            if number not in spared
        }
        left = tuple(number for number in by_code if number not in staying)
        return OrderChoice(left, all_of=len(left) > 1) if left else None
    gone: set[str] = set()
    chosen: list[Order] | None = None
    reader = _Reader(orders, today, zone, labels or {}, days)
    for region in _regions(folded):
        found = reader.orders_of(region.text)
        if region.negative:
            gone |= {one.number for one in found or () if one.number not in spared}
            continue
        if found is not None:
            chosen = [*(chosen or []), *(one for one in found if one not in (chosen or []))]
    if chosen is None and (gone or together):
        # All but those: several, if so many are left.
        chosen, together = list(orders), True
    if chosen is None:
        return None
    left = tuple(order.number for order in chosen if order.number not in gone)
    if len(left) == 1 or (together and left):
        return OrderChoice(left, all_of=together)
    return OrderChoice(unclear=left)


def spared_lines(text: str, orders: Sequence[Order]) -> dict[str, dict[str, int]]:
    """The units by line that ``text`` wants to stay in orders of which the rest goes.

    "All my orders, but keep the kettle": those that have a kettle and something else. Two lines
    between which the words leave it open both stay.
    """
    spared: dict[str, dict[str, int]] = {}
    for region in _regions(without_slips(fold(text))):
        whole = _ORDER_WORDS.search(region.text) or _WHOLE_ONE.search(region.text)
        if not region.negative or whole:
            continue
        named = [order for order in orders if _has_code(order, region.text)]
        for order in named or orders:
            choice = choose_lines(region.text, order.lines)
            if choice is None:
                continue
            left = {line.id: line.quantity for line in order.lines}
            counts = {key: choice.units.get(key) for key in (*choice.units, *choice.unclear)}
            units = {key: left[key] if count is None else count for key, count in counts.items()}
            if units and units != left:
                spared[order.number] = {**spared.get(order.number, {}), **units}
    return spared


def _regions(folded: str) -> list[Region]:
    regions = regions_of(folded, of_orders=True)
    if any(region.negative for region in regions):
        return regions
    return [Region(folded)]


def names_goods(text: str, orders: Sequence[Order]) -> bool:
    """Whether ``text`` names goods of any of ``orders``, not only what they are like."""
    things = [line_thing(line) for order in orders for line in order.lines]
    return any(one.level >= NAME for one in mentions_in(fold(text), things))


def _has_code(order: Order, folded: str) -> bool:
    codes = [order.number, *(parcel.tracking_number for parcel in order.parcels)]
    compact = re.sub(r"[\s-]", "", folded)
    return any(code.casefold() in compact for code in codes)


@dataclass(frozen=True)
class _Reader:
    orders: Sequence[Order]
    today: date
    zone: ZoneInfo
    labels: Mapping[str, Sequence[str]]
    days: tuple[date, date] | None

    def orders_of(self, text: str) -> list[Order] | None:
        """Those that ``text`` describes, by everything that it says of them; None if nothing."""
        by_code = [order for order in self.orders if _has_code(order, text)]
        if by_code:
            return by_code
        left = list(self.orders)
        said = False
        for narrow in (self._by_state, self._by_destination, self._by_content, self._by_day):
            found = narrow(text, left)
            if found is not None:
                left, said = found, True
        for narrow in (self._by_total, self._by_age):
            found = narrow(text, left)
            if found is not None:
                left, said = found, True
        return left if said else None

    def _by_state(self, text: str, orders: list[Order]) -> list[Order] | None:
        for words, states in _STATES:
            if words.search(text):
                return [order for order in orders if order.status in states]
        return None

    def _by_destination(self, text: str, orders: list[Order]) -> list[Order] | None:
        match = _DESTINED.search(text)
        if match is None:
            return None
        said = next(value for value in match.groups() if value).strip()
        found = [order for order in orders if self._goes_to(order, said)]
        return found or None

    def _goes_to(self, order: Order, said: str) -> bool:
        address = order.address
        parts = [address.city, address.province, address.district, address.street, address.name]
        parts += self.labels.get(order.number, ())
        return any(
            part and (_same_place(fold(part), said) or _same_place(said, fold(part)))
            for part in parts
        )

    def _by_content(self, text: str, orders: list[Order]) -> list[Order] | None:
        things: list[Thing] = []
        owner: dict[str, Order] = {}
        for order in orders:
            for line in order.lines:
                thing = line_thing(line)
                things.append(thing)
                owner[thing.id] = order
        found = [one for one in mentions_in(text, things) if one.level > 1]
        if not found:
            return None
        marks = [one for one in mentions_in(text, things) if one.narrows and one.level < -1]
        lists = [[owner[key] for key in mention.ids] for mention in found]
        # "The order with the coat and the mug": the one that has both, if there is one.
        both = [order for order in orders if all(order in one for one in lists)]
        either = [order for order in orders if any(order in one for one in lists)]
        result = both or either
        for mark in marks:
            ids = set(mark.ids) & {key for mention in found for key in mention.ids}
            narrower = [order for order in result if any(owner[key] is order for key in ids)]
            result = narrower or result
        return result

    def _by_day(self, text: str, orders: list[Order]) -> list[Order] | None:
        interval = self.days or self._interval(text)
        if interval is None:
            return None
        first, last = interval
        found = [
            order
            for order in orders
            if first <= order.placed_at.astimezone(self.zone).date() <= last
        ]
        return found or None

    def _interval(self, text: str) -> tuple[date, date] | None:
        for words, first, last in _DAYS_AGO:
            if words.search(text):
                return self.today - timedelta(days=first), self.today - timedelta(days=last)
        return None

    def _by_total(self, text: str, orders: list[Order]) -> list[Order] | None:
        direction = superlative_in(text)
        if not direction or not orders or not _ORDER_WORDS.search(text):
            return None
        pick: Callable[..., int] = max if direction > 0 else min
        best = pick(order.total.minor for order in orders)
        return [order for order in orders if order.total.minor == best]

    def _by_age(self, text: str, orders: list[Order]) -> list[Order] | None:
        by_payment = _PAID_LAST.search(text) and all(order.payments for order in orders)
        at = _last_paid_at if by_payment else _placed_at
        ordered = sorted(orders, key=at, reverse=True)
        if _BEFORE_LAST.search(text):
            return ordered[1:2]
        if _OLDEST.search(text):
            return ordered[-1:]
        return ordered[:1] if _NEWEST.search(text) else None


def _placed_at(order: Order) -> datetime:
    return order.placed_at


def _last_paid_at(order: Order) -> datetime:
    return max(payment.paid_at for payment in order.payments)


def _same_place(part: str, said: str) -> bool:
    """Whether ``said`` speaks of ``part``; 杭州 of 杭州市, "london" of "London"."""
    bare = part.rstrip("省市区县")
    if not bare or len(bare) < 2:
        return False
    if bare.isascii():
        return re.search(rf"(?<![a-z]){re.escape(bare)}(?![a-z])", said) is not None
    return bare in said

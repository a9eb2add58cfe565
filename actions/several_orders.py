"""Whether a request is about one order or several, and which: "all my unshipped orders"."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import ClassVar

from actions.base import Outcome, Turn
from actions.choosing import Thing, choose
from actions.choosing_lines import line_thing
from actions.choosing_mentions import NAME, fold, mentions_in
from actions.choosing_orders import how_many_orders, means_several, numbers_said, spared_lines
from actions.choosing_regions import has_all, has_both, is_addition, regions_of
from actions.goods_named import goods_named
from actions.orders import (
    LOOKED_AT,
    ActionCheckOrder,
    OrderChoices,
    order_choice,
)
from actions.wording import listing
from connectors.backends.orders.model import Order, OrderLine

# Numbers as long as those of orders and parcels, one beside the other: "cancel KF… and KF…". What
# has other words between them asks other things of other orders.
_NUMBER = r"[a-z]{0,4}[ -]?\d{6,}"
_NUMBERS = re.compile(
    rf"(?<![a-z\d]){_NUMBER}(?:\s|[,，、;&+/]|和|跟|与|及|以及|还有|也|这|那|两个?|订单|单"
    rf"|\b(?:and|also|plus|as well as|both|my|the|order|orders|number)\b)+{_NUMBER}",
    re.IGNORECASE,
)
# Without one of these between them nobody names two things.
AND = re.compile(r"[和跟与、&+,，]|还有|以及|\b(?:and|plus|also)\b", re.IGNORECASE)
# With one of these between them they are not named for the same thing.
_ANOTHER_DEED = re.compile(
    r"[寄换退改催查看发送留要。！？!?]|取消|到哪|别|\.(?!\d)"
    r"|\b(?:send|ship|deliver|change|return|exchange|swap|refund|cancel|keep|track|want|but|not"
    r"|get|give|make|put|take|use|go|goes|look|tell|check|chase|drop|need|needs|also"
    r"|where|when|how|what|is|are|has|have)\b"
)
CLAUSE = re.compile(r"[,，.。;；!！?？]| and (?=\w+ )|然后|再帮")
# To whoever was asked which order it is, "都取消" means all of those that were offered.
_ALL_OFFERED = re.compile(r"(?<!成)都(?!可以|行|不)|两个|几个")


class SeveralOrders(OrderChoices):
    """What the actions of a journey share that may be about several orders: those it suits.

    ``by_line``: it can be done to some of an order's goods, so that goods are spared by themselves.
    """

    by_line: ClassVar[bool] = False

    async def suiting(self, turn: Turn) -> list[Order]:
        """The customer's orders that the journey is likely to be about, newest first."""
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        return [order for order in orders if self.suits(order)]


class SortOrders(SeveralOrders):
    """Whether the request is about one order or several. Outcomes: ``one``, ``several``.

    ``several`` has the value ``orders``: their numbers, newest first; without it which they are is
    to be asked, as more come into question than the words say there are (if ``asks_which``).
    """

    asks_which: ClassVar[bool] = True

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = words_of(turn)
        together = means_several(said)
        if not together and _NUMBERS.search(said) is None:
            return await self._by_goods(turn, said)
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        # Numbers say themselves which are meant; "all my orders" are those that it can be done to.
        among = [order for order in orders if self.suits(order)] if together else orders
        choice = await self.described(turn, said, among, by_line=self.by_line)
        if choice is None or not choice.all_of:
            return Outcome("one")
        if len(choice.numbers) == 1:
            return Outcome("one", values={"order_number": choice.numbers[0]})
        count = how_many_orders(said)
        if self.asks_which and count is not None and len(choice.numbers) > count:
            return Outcome("several", values={"orders": None, "order_number": None})
        known = {order.number for order in orders}
        strange = [one for one in turn.entities("order_number") if one not in known and one in said]
        if strange:
            turn.say("utter_orders_not_found", {"numbers": listing(strange, turn.language)})
        return several(choice.numbers, "several")

    async def _by_goods(self, turn: Turn, said: str) -> Outcome:
        """The orders in which the goods lie that are named: "the kettle and the lamp"."""
        if "order_number" in turn.frame.values or AND.search(said) is None:
            return Outcome("one")
        named = orders_of_goods(said, await self.suiting(turn))
        if len(named) < 2:
            return Outcome("one")
        return several([order.number for order in named], "several")


def orders_of_goods(said: str, orders: Sequence[Order]) -> dict[Order, tuple[OrderLine, ...]]:
    """Those of ``orders`` whose goods ``said`` names, with these goods.

    Empty where the words speak of orders themselves, want different things of the goods, or some
    may lie in any of several orders.
    """
    if means_several(said) or _NUMBERS.search(said) is not None:
        return {}
    bought = [line for order in orders for line in order.lines]
    parts = goods_named(said, orders, bought, ()).parts
    if any(len(part.orders) > 1 for part in parts):
        return {}
    folded, lines = fold(said), [line for part in parts for line in part.lines]
    named = [
        one
        for one in mentions_in(folded, [line_thing(line) for line in lines])
        if one.level >= NAME
    ]
    if any(_ANOTHER_DEED.search(folded, a.end, b.start) for a, b in pairwise(named)):
        return {}
    return {part.orders[0]: part.lines for part in parts}


def several(numbers: Sequence[str], word: str) -> Outcome:
    """The outcome ``word`` with the orders that it is about."""
    return Outcome(word, values={"orders": list(numbers), "order_number": None})


def words_of(turn: Turn) -> str:
    """What was said of this request; of words that ask for other things as well, the clause."""
    said = turn.frame.said
    if not turn.frame.shared:
        return said
    if turn.frame.own:
        return turn.frame.own
    return next((clause for clause in CLAUSE.split(said) if means_several(clause)), "")


class CheckOrderOrAll(SeveralOrders, ActionCheckOrder):
    """Takes the order, or all of those that were offered.

    Outcomes: those of ``ActionCheckOrder``, and ``all_of_them`` (with the value ``orders``).
    """

    @abstractmethod
    def name(self) -> str:
        """(see parent class for full docstring)"""

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if turn.frame.sources.get("order_number") == "text":
            offered = await self.suiting(turn)
            choice = await self.described(turn, turn.text, offered, by_line=self.by_line)
            if choice is not None and choice.all_of and len(choice.numbers) > 1:
                return several(choice.numbers, "all_of_them")
            folded = fold(turn.text)
            every = has_all(folded) or has_both(folded) or _ALL_OFFERED.search(folded)
            if choice is None and every and len(offered) > 1:
                return several([one.number for one in offered], "all_of_them")
        return await ActionCheckOrder.serve(self, turn)


class ChoicesOfOrders(SeveralOrders):
    """Offers all orders that the journey suits, to choose several. Outcome: ``ok``."""

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        offered = await self.suiting(turn)
        return Outcome("ok", choices=[order_choice(turn, one, offered) for one in offered])


class HearOrders(SeveralOrders):
    """Reads which of the summed up orders shall stay, or which come to them.

    Outcomes: ``changed`` (with the values ``orders`` and ``spared``), ``none``.
    """

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        now: list[str] = turn.frame.values["orders"]
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        chosen = [one for one in orders if one.number in now]
        spared = spared_lines(turn.text, chosen) if self.by_line else {}
        numbers = await self._meant(turn, chosen, orders, spared)
        before = turn.frame.values.get("spared") or {}
        if (numbers and set(numbers) != set(now)) or {**before, **spared} != before:
            values = {"orders": numbers or now, "spared": {**before, **spared}}
            return Outcome("changed", values=values)
        return Outcome("none")

    async def _meant(
        self,
        turn: Turn,
        chosen: Sequence[Order],
        orders: Sequence[Order],
        spared: Collection[str],
    ) -> list[str]:
        """The orders that the words leave, take or add; of those ``spared`` some goods stay."""
        text = self.words(turn.text)
        regions = regions_of(fold(text))
        gone = {
            number
            for region in regions
            if region.negative
            for number in numbers_said(region.text, chosen)
        }
        if gone and not spared:
            return [one.number for one in chosen if one.number not in gone]
        if is_addition(fold(text)):
            more = numbers_said(text, orders)
            if not more:
                rest = [one for one in orders if one not in chosen and self.suits(one)]
                found = await self.described(turn, text, rest)
                more = found.numbers if found is not None else ()
            return [*(one.number for one in chosen), *more] if more else []
        found = await self.described(turn, text, chosen, by_line=self.by_line)
        if found is not None:
            return list(found.numbers)
        by_place = choose(text, [Thing(one.number, (), price=one.total.minor) for one in chosen])
        return list(by_place.units) if by_place is not None and by_place.is_clear else []

"""Goods of several orders in one return or exchange: one order after the other, and said so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.exchange_lines import clauses_about
from actions.goods_named import Part, goods_named
from actions.orders import LOOKED_AT, described_orders, line_name
from actions.other_product import asks_progress
from actions.products import LOOKED_AT_PRODUCTS
from actions.wording import listing
from connectors.backends.orders.model import Order, OrderLine, OrderStatus
from connectors.backends.refunds.model import ReturnStatus
from connectors.backends.text import Bilingual

# Without one of these between them hardly anybody names two things.
_AND = re.compile(
    r"[和与跟、,，。;；&+.]|还有|以及|另外|\b(?:and|plus|also|as well as)\b", re.IGNORECASE
)
# "Cancel my return", not "cancel the order and return it".
_WITHDRAWS = re.compile(
    r"(?:取消|撤销|撤回|撤掉|作废)[^,，。订]{0,8}退换?货|退货(?:申请)?[^,，。]{0,4}(?:取消|撤销|撤回|作废)"
    r"|\b(?:cancel|withdraw|undo|call off)(?:l?ing)? (?:my|the|this|that)(?: [a-z]+)? return\b"
    r"(?! (?:it|them|the|my|and)\b)",
    re.IGNORECASE,
)
_IN = Bilingual("{items}（订单 {number}）", "{items} (order {number})")
_EXCHANGE_FLOW = "exchange_request"
_CANCELLED = frozenset({OrderStatus.CANCELLED})
_UNPAID = frozenset({OrderStatus.UNPAID})
# What belongs to one order's goods and not to the next one's; the reason is likely the same.
_OF_ONE_ORDER = (
    *("order_number", "product_words", "refused_order", "words", "lines", "line", "quantities"),
    *("settled", "open_lines", "chosen_before", "photos", "unsealed", "targets", "not_the_same"),
    *("handover", "refund_to", "tender", "due", "draft_id", "told_terms", "told_difference"),
)


class ActionSortReturn(ShopAction):
    """Whether the goods that are named lie in several orders; if so, it is said which comes first.

    Outcomes: ``ok`` (with the value ``order_number`` where they lie in one, and ``next_orders``
    where they lie in several: each with its goods and the words about them). Goods that were
    never bought are told; where goods may lie in any of several orders it is asked later in which.
    ``withdrawn``: a return is wanted no more, and it is said that nothing need be done; ``person``:
    it is, and somebody must stop it.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        frame = turn.frame
        said = frame.own if frame.shared else frame.said
        if _WITHDRAWS.search(said):
            return await self._withdraw(turn)
        several = _AND.search(said) or len(frame.choices.get("order_number", ())) > 1
        if not said or not several or asks_progress(said) or "next_orders" in frame.values:
            return Outcome("ok")
        latest = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        bought = [line for one in latest for line in one.lines]
        products = await self._shop.catalogue.products(0, LOOKED_AT_PRODUCTS)
        # What is not paid cannot come back, but it can become something else.
        leaves_out = _CANCELLED if frame.flow == _EXCHANGE_FLOW else _CANCELLED | _UNPAID
        orders = [one for one in latest if one.status not in leaves_out]
        named = goods_named(said, orders, bought, products)
        if not named.parts:
            return Outcome("ok")
        for unknown in named.unknown:
            turn.say("utter_return_unknown_goods", {"goods": unknown})
        waiting = [await self._waiting(turn, part, named.rest, bought) for part in named.parts]
        given = frame.values.get("order_number")
        if len(waiting) < 2:
            # What was said of goods that nobody has is not said of those that are there.
            words = named.rest if named.unknown else None
            values = {"order_number": given or waiting[0]["number"], "words": words}
            return Outcome("ok", values=values)
        # What was given by its number goes first of all, and what is still to be asked last.
        waiting.sort(key=lambda one: (one["number"] is None, one["number"] != given))
        first, *rest = waiting
        others = listing([_told(turn, one) for one in rest], turn.language)
        values = {"first": _told(turn, first), "others": others}
        turn.say("utter_return_several_orders", values)
        return Outcome("ok", values={**_begun(turn, first), "next_orders": rest})

    async def _waiting(
        self, turn: Turn, part: Part, said: str, bought: Sequence[OrderLine]
    ) -> dict[str, Any]:
        """What the frame keeps of ``part``: its order (None: still to be asked), goods, words."""
        words = clauses_about({line.id for line in part.lines}, bought, said)
        order = await self._order_of(turn, part, words)
        names = [
            line_name(line, turn.language) if order else line.product_name.of(turn.language)
            for line in part.lines
            if order is None or line in order.lines
        ]
        return {
            "number": order.number if order else None,
            "items": listing(list(dict.fromkeys(names)), turn.language),
            "product": part.lines[0].product_name.of(turn.language),
            "words": words,
        }

    async def _order_of(self, turn: Turn, part: Part, words: str) -> Order | None:
        """The order of ``part``; of several the one that its own words tell from the others."""
        if len(part.orders) == 1:
            return part.orders[0]
        choice = await described_orders(self._shop, turn, words, part.orders)
        numbers = choice.numbers if choice is not None else ()
        return next((one for one in part.orders if (one.number,) == numbers), None)

    async def _withdraw(self, turn: Turn) -> Outcome:
        """Tell what becomes of returns whose goods were not sent back."""
        returns = await self._shop.refunds.returns_of(turn.customer_id)
        waiting = [one for one in returns if one.status is ReturnStatus.AUTHORISED]
        for one in waiting:
            turn.say(
                "utter_return_withdrawn",
                {
                    "order": one.order_number,
                    "return": one.number,
                    "day": turn.last_day(one.send_by),
                },
            )
        if not waiting:
            turn.say("utter_return_not_withdrawn")
        return Outcome("withdrawn" if waiting else "person")


def _told(turn: Turn, waiting: Mapping[str, Any]) -> str:
    return _IN.of(turn.language).format(**waiting) if waiting["number"] else str(waiting["items"])


def _begun(turn: Turn, waiting: Mapping[str, Any]) -> dict[str, Any]:
    """The values with which one of several orders is served; asked for where it is open."""
    number = waiting["number"]
    if number is None:
        turn.say("utter_order_product_several", {"product": waiting["items"]})
    product = None if number else waiting["product"]
    return {"order_number": number, "words": waiting["words"], "product_words": product}


class ActionNextReturn(ShopAction):
    """Goes on with the next order whose goods were named.

    Outcomes: ``more``, ``which`` (goods that several orders have), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_next_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        waiting = turn.frame.values.get("next_orders") or []
        if not waiting:
            return Outcome("none")
        first, *rest = waiting
        if first["number"]:
            turn.say("utter_return_next_order", {"next": _told(turn, first)})
        values = {**dict.fromkeys(_OF_ONE_ORDER), **_begun(turn, first), "next_orders": rest}
        if first["number"] is None:
            return Outcome("which", values=values)
        return Outcome("more", values=values, learned={"order_number": first["number"]})

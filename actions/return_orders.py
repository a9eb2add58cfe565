"""Goods of several orders named in one return: one order after the other, and said so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.base import Outcome, ShopAction, Turn
from actions.choosing_lines import choose_lines, line_thing
from actions.choosing_mentions import NAME, fold, mentions_in
from actions.orders import LOOKED_AT, line_name
from actions.wording import listing
from connectors.backends.orders.model import Order, OrderLine, OrderStatus
from connectors.backends.refunds.model import ReturnStatus
from connectors.backends.text import Bilingual

# Without one of these between them nobody names two things.
_AND = re.compile(r"[和与跟、,，&+]|还有|以及|\b(?:and|plus|also|as well as)\b", re.IGNORECASE)
# "Cancel my return", not "cancel the order and return it".
_WITHDRAWS = re.compile(
    r"(?:取消|撤销|撤回|撤掉|作废)[^,，。订]{0,8}退换?货|退货(?:申请)?[^,，。]{0,4}(?:取消|撤销|撤回|作废)"
    r"|\b(?:cancel|withdraw|undo|call off)(?:l?ing)? (?:my|the|this|that)(?: [a-z]+)? return\b"
    r"(?! (?:it|them|the|my|and)\b)",
    re.IGNORECASE,
)
_IN = Bilingual("{items}（订单 {number}）", "{items} (order {number})")
_BOUGHT_NOTHING = frozenset({OrderStatus.UNPAID, OrderStatus.CANCELLED})
# What belongs to one order's return and not to the next one's; the reason is likely the same.
_OF_ONE_ORDER = (
    *("lines", "quantities", "settled", "open_lines", "chosen_before", "photos", "unsealed"),
    *("handover", "refund_to", "draft_id", "told_terms"),
)


class ActionSortReturn(ShopAction):
    """Whether the goods that are named lie in several orders; if so, it is said which comes first.

    Outcomes: ``ok`` (with the value ``order_number`` where they lie in one, and ``next_orders``
    where they lie in several: each with its goods), ``withdrawn`` (a return is wanted no more, and
    it is said that nothing need be done), ``person`` (it is, and somebody must stop it).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.own if turn.frame.shared else turn.frame.said
        if _WITHDRAWS.search(said):
            return await self._withdraw(turn)
        if not _AND.search(said) or "next_orders" in turn.frame.values:
            return Outcome("ok")
        latest = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        named = _named(said, [one for one in latest if one.status not in _BOUGHT_NOTHING])
        given = turn.frame.values.get("order_number")
        # What has arrived goes first, and what was given by its number before all.
        order = sorted(named, key=lambda one: (one.number != given, not _has_arrived(one)))
        if len(order) == 1 and given is None:
            return Outcome("ok", values={"order_number": order[0].number})
        if len(order) < 2:
            return Outcome("ok")
        goods = {
            one.number: listing(
                [line_name(line, turn.language) for line in named[one]], turn.language
            )
            for one in order
        }
        first, *rest = goods
        turn.say(
            "utter_return_several_orders",
            {
                "number": first,
                "items": goods[first],
                "others": listing(
                    [_IN.of(turn.language).format(items=goods[one], number=one) for one in rest],
                    turn.language,
                ),
            },
        )
        left = [[number, goods[number]] for number in rest]
        return Outcome("ok", values={"order_number": first, "next_orders": left})

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


def _has_arrived(order: Order) -> bool:
    return any(parcel.delivered_at is not None for parcel in order.parcels)


def _named(said: str, orders: Sequence[Order]) -> dict[Order, list[OrderLine]]:
    """The orders with the lines of each that ``said`` names; what has arrived is meant first."""
    found: dict[Order, list[OrderLine]] = {}
    seen: set[str] = set()
    for arrived in (True, False):
        among = [one for one in orders if _has_arrived(one) is arrived]
        lines = [line for one in among for line in one.lines if line.kept]
        lines = [line for line in lines if line.product_id not in seen]
        choice = choose_lines(said, lines)
        if choice is None:
            continue
        # "The last four" and "all of it" name no goods.
        things = [line_thing(line) for line in lines]
        mentions = [one for one in mentions_in(fold(said), things) if one.level >= NAME]
        by_name = {key for one in mentions for key in one.ids} & set(choice.units)
        for order in among:
            named = [line for line in order.lines if line.id in by_name]
            if named:
                found[order] = named
                seen |= {line.product_id for line in named}
    return found


class ActionNextReturn(ShopAction):
    """Goes on with the next order whose goods were named. Outcomes: ``more``, ``none``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_next_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        waiting = turn.frame.values.get("next_orders") or []
        if not waiting:
            return Outcome("none")
        number, items = waiting[0]
        turn.say("utter_return_next_order", {"number": number, "items": items})
        values = {
            **dict.fromkeys(_OF_ONE_ORDER),
            "order_number": number,
            "next_orders": waiting[1:],
        }
        return Outcome("more", values=values, learned={"order_number": number})

"""How goods leave: several orders in one parcel, or one order in several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.choosing_lines import lines_named
from actions.orders import (
    LOOKED_AT,
    UNSENT,
    OrderChoices,
    described_orders,
    items_of,
    line_name,
    order_choice,
)
from actions.pack_reading import Way, names_first, read_parcels, read_way
from actions.wording import listing
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.orders.packing import PackRefusal, PackTerms, PackWish
from kernel.errors import NotFound, Refused

_AGAIN = frozenset({PackRefusal.DRAFT_EXPIRED, PackRefusal.TERMS_CHANGED})
_PAIR = 2
_FOR_A_PERSON = frozenset(
    {PackRefusal.BEING_PACKED, PackRefusal.TOO_MANY_ORDERS, PackRefusal.TOO_MANY_PARCELS}
)


class ActionSortChange(ShopAction):
    """Whether a change is about how the goods leave. Outcomes: ``packing``, ``other``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_change"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if read_way(turn.frame.said) is None:
            return Outcome("other")
        return Outcome("packing", values={"way": turn.frame.said})


class ActionCheckWay(ShopAction):
    """Takes what was said of how the goods shall leave. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_way"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if read_way(str(turn.frame.values["way"])) is not None:
            return Outcome("ok")
        turn.say("utter_not_understood")
        return Outcome("invalid")


class PackAction(OrderChoices):
    """What the actions of packing share: the way, and the orders that could go together."""

    states = UNSENT

    def way(self, turn: Turn) -> Way:
        """How the goods of this frame shall leave."""
        return read_way(str(turn.frame.values.get("way") or "")) or Way.TOGETHER

    def can_join(self, order: Order) -> bool:
        """Whether ``order`` is likely to be able to leave with another one."""
        packing = order.status is OrderStatus.PREPARING and self._rules.packing.while_packing
        return order.status is OrderStatus.PAID or packing

    async def others(self, turn: Turn) -> Sequence[Order]:
        """The orders, newest first, beside the frame's own, that could leave with it."""
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        number = turn.frame.values.get("order_number")
        return [one for one in orders if one.number != number and self.can_join(one)]

    def refused(self, turn: Turn, refused: Refused) -> Outcome:
        """Name the rule that says no. Outcomes: ``again``, ``person``, ``refused``."""
        refusal, rules = PackRefusal(refused.code), self._rules.packing
        turn.say(
            f"utter_pack_refused_{refusal.value}",
            {
                "number": refused.detail or str(turn.frame.values["order_number"]),
                "orders": str(rules.orders_together),
                "hours": str(rules.hours_apart),
                "parcels": str(rules.parcels_per_order),
            },
        )
        if refusal in _AGAIN:
            return Outcome("again", values={"draft_id": None})
        return Outcome("person" if refusal in _FOR_A_PERSON else "refused")

    async def _described(self, turn: Turn, text: str, others: Sequence[Order]) -> list[str]:
        choice = await described_orders(self._shop, turn, text, others)
        return list(choice.numbers) if choice is not None else []


class ActionChoicesPackableOrders(PackAction):
    """Offers the orders that were not sent; of two that are to leave together, takes one."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_packable_orders"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if self.way(turn) is Way.TOGETHER:
            orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
            joinable = [one.number for one in orders if self.can_join(one)]
            named = await self._described(turn, turn.frame.said, orders)
            first = [one for one in named if one in joinable] or named
            if first or len(joinable) == _PAIR:
                return Outcome("ok", values={"order_number": (first or joinable)[0]})
        return await super().serve(turn)


class ActionScopePacking(PackAction):
    """Finds out which orders leave together. Outcomes: ``ok``, ``other`` (ask), ``refused``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_scope_packing"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if self.way(turn) is Way.APART or turn.frame.values.get("with_order"):
            return Outcome("ok")
        own = str(turn.frame.values["order_number"])
        others = await self.others(turn)
        text = f"{turn.frame.said} {turn.frame.values['way']}"
        named = _numbers_said(turn, own) or await self._described(turn, text, others)
        if not named and not others:
            return self.refused(turn, Refused(PackRefusal.NO_OTHER_ORDER, own))
        if not named and len(others) > 1:
            return Outcome("other", values={"with_order": None})
        return Outcome("ok", values={"with_order": named or [others[0].number]})


def _numbers_said(turn: Turn, own: str) -> list[str]:
    """Numbers of other orders in the latest message, whether there are such orders or not."""
    entities = (turn.tracker.latest_message or {}).get("entities") or ()
    numbers = [str(one["value"]) for one in entities if one.get("entity") == "order_number"]
    return [number for number in dict.fromkeys(numbers) if number != own]


class ActionChoicesCompanions(PackAction):
    """Offers the orders that could leave with this one. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_companions"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        others = await self.others(turn)
        return Outcome("ok", choices=[order_choice(turn, one, others) for one in others])


class ActionCheckCompanion(PackAction):
    """Takes the orders that leave with this one. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_companion"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        value = turn.frame.values["with_order"]
        if isinstance(value, list):
            return Outcome("ok")
        others = await self.others(turn)
        own = str(turn.frame.values["order_number"])
        numbers = {one.number for one in others}
        found = (
            [str(value)]
            if str(value) in numbers
            else _numbers_said(turn, own) or await self._described(turn, turn.text, others)
        )
        if not found:
            turn.say("utter_not_understood")
            return Outcome("invalid")
        return Outcome("ok", values={"with_order": found})


class ActionPreparePacking(PackAction):
    """Shows what would be noted. Outcomes: ``ready``, ``other`` (no such order), and those of a
    refusal (see ``PackAction``)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_packing"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        try:
            draft = await self._shop.packing.prepare_packing(
                turn.customer_id, order.number, self._wish(turn, order)
            )
        except NotFound:
            turn.say("utter_order_not_found")
            return Outcome("other", values={"with_order": None})
        except Refused as refused:
            return self.refused(turn, refused)
        await self._say_terms(turn, order, draft.terms)
        return Outcome("ready", values={"draft_id": draft.id})

    def _wish(self, turn: Turn, order: Order) -> PackWish:
        if self.way(turn) is Way.TOGETHER:
            return PackWish(tuple(turn.frame.values.get("with_order") or ()))
        said = str(turn.frame.values["way"])
        unsent = order.unsent_units
        lines = [line for line in order.lines if line.id in unsent]
        first = lines_named(said, lines, unsent) if names_first(said) else ()
        return PackWish(parcels=read_parcels(said), first=first)

    async def _say_terms(self, turn: Turn, order: Order, terms: PackTerms) -> None:
        address = order.address.masked()
        if len(terms.orders) > 1:
            orders = [await self.access(turn, number) for number in terms.orders]
            said = "\n".join(f"{one.number}: {items_of(one, turn.language)}" for one in orders)
            turn.say("utter_pack_preview_together", {"orders": said, "address": address})
            return
        names = [
            line_name(line, turn.language) for line in order.lines if line.id in set(terms.first)
        ]
        values = {
            "number": order.number,
            "items": items_of(order, turn.language),
            "address": address,
            "parcels": str(terms.parcels),
        }
        if not names:
            turn.say("utter_pack_preview_apart", values)
            return
        first = listing(names, turn.language)
        turn.say("utter_pack_preview_first", {**values, "first": first})


class ActionHearPacking(ShopAction):
    """Reads another way that is named at the summary. Outcomes: ``changed``, ``none``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_packing"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        way = read_way(turn.text)
        if way is None and names_first(turn.text):
            before = read_way(str(turn.frame.values["way"]))
            way = Way.APART if before is Way.APART else None
        if way is None:
            return Outcome("none")
        changed: dict[str, Any] = {"way": turn.text if read_way(turn.text) else _joined(turn)}
        return Outcome("changed", values={**changed, "with_order": None})


def _joined(turn: Turn) -> str:
    """What was said of the way before, with what is said now."""
    return f"{turn.frame.values['way']} {turn.text}"


class ActionCommitPacking(PackAction):
    """Notes it, once. Outcomes: ``noted``, and those of a refusal (see ``PackAction``)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_packing"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            done = await self._shop.packing.commit_packing(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            return self.refused(turn, refused)
        kind = Way.TOGETHER if len(done.terms.orders) > 1 else Way.APART
        turn.say(
            f"utter_pack_done_{kind.value}",
            {
                "number": done.terms.orders[0],
                "orders": listing(list(done.terms.orders), turn.language),
                "parcels": str(done.terms.parcels),
            },
        )
        return Outcome("noted", learned={"order_number": done.terms.orders[0]})

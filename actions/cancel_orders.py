"""Cancelling several orders at once: one summary, one yes, each order with its own draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from actions.base import Outcome, Turn
from actions.cancel_order import (
    ABOUT_MONEY,
    PREPARE_AGAIN,
    CancelAction,
    items_text,
    say_refusal,
)
from actions.choosing_lines import choose_lines
from actions.choosing_orders import spared_lines
from actions.intercepting import commit_intercepts, draft_told
from actions.intercepting import refusal as intercept_refusal
from actions.money import balances_text, refund_text
from actions.orders import UNSENT
from actions.several_orders import (
    CheckOrderOrAll,
    ChoicesOfOrders,
    HearOrders,
    SeveralOrders,
    SortOrders,
    orders_of_goods,
    words_of,
)
from actions.vocabulary import (
    BROUGHT_BACK,
    CANCELLED_PART,
    CANCELLED_WHOLE,
    GOES_BACK,
    NO_MONEY_MOVES,
    NOT_PAID,
)
from actions.wording import listing
from connectors.backends.carriers.intercepting import InterceptDraft
from connectors.backends.carriers.model import InterceptKind
from connectors.backends.customers.model import BalanceChange
from connectors.backends.orders.cancelling import (
    Cancellable,
    CancellationTerms,
    CancelRefusal,
)
from connectors.backends.orders.model import Order, OrderStatus
from kernel.errors import NotFound, Refused
from kernel.money import Money

_OPEN = frozenset({OrderStatus.UNPAID}) | UNSENT
_ON_THEIR_WAY = frozenset({OrderStatus.SHIPPED})
# By whether orders are cancelled, and whether parcels are asked back.
_PREVIEWS = {
    (True, False): "utter_cancel_orders_preview",
    (False, True): "utter_cancel_orders_preview_sent",
    (True, True): "utter_cancel_orders_preview_both",
}
_NOTHING_TO_SEE_TO = frozenset({CancelRefusal.ORDER_CANCELLED, CancelRefusal.DELIVERED})


class ActionSortCancellation(SortOrders):
    """Whether one order is to be cancelled or several; what was sent can be brought back."""

    states = _OPEN | _ON_THEIR_WAY
    by_line = True

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_cancellation"


_FOR_THE_DELAY = re.compile(
    r"(?:晚|迟|超时|延误|延迟|逾期)[^。;；]{0,12}(?:赔|补偿)|(?:赔|补偿)[^。;；]{0,12}(?:晚|迟到|超时|延误|延迟)"
    r"|\b(?:late|delay\w*|overdue)\b.{0,40}\bcompensat|\bcompensat\w*\b.{0,40}\b(?:late|delay)",
    re.IGNORECASE,
)


class ActionSortRefund(SortOrders):
    """Whether money shall come back for one order or for several that have not arrived.

    Goods that have arrived go back for their money: each such order is asked about by itself.
    Besides: ``late`` (it is wanted for the delay, not for the goods).
    """

    states = UNSENT | _ON_THEIR_WAY
    by_line = True

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_refund"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if _FOR_THE_DELAY.search(turn.frame.said):
            return Outcome("late")
        outcome = await super().serve(turn)
        if outcome.word != "several" or outcome.values is None:
            return outcome
        suiting = {order.number for order in await self.suiting(turn)}
        return outcome if suiting & set(outcome.values["orders"]) else Outcome("one")


class ActionCheckRefundOrder(CheckOrderOrAll):
    """The order whose money shall come back, or all of them."""

    states = UNSENT | _ON_THEIR_WAY
    by_line = True

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_refund_order"


class ActionCheckCancelOrder(CheckOrderOrAll):
    """The order that is to be cancelled, or all of them."""

    states = _OPEN
    by_line = True

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_cancel_order"


class ActionChoicesCancelOrders(ChoicesOfOrders):
    """The orders of which something can still be cancelled or brought back."""

    states = _OPEN | _ON_THEIR_WAY

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_cancel_orders"


class CancelOrdersAction(CancelAction):
    """What the actions about several orders share: how each of them is told."""

    def told(self, turn: Turn, order: Order, terms: CancellationTerms) -> str:
        """An order, what of it is cancelled, and what goes back."""
        words = CANCELLED_WHOLE if terms.whole else CANCELLED_PART
        if order.status is OrderStatus.UNPAID:
            money = NOT_PAID.of(turn.language).format(total=order.total)
        else:
            refund = refund_text(turn, order, terms.tenders, self._rules.refunds)
            money = GOES_BACK.of(turn.language).format(total=terms.refund, refund=refund)
        items = items_text(turn, terms)
        return words.of(turn.language).format(number=order.number, items=items, money=money)

    async def brought_back(self, turn: Turn, order: Order) -> InterceptDraft | None:
        """A draft that asks the carrier for the parcels of ``order``; None where a rule says no,
        which is told."""
        try:
            return await self._shop.intercepts.prepare_intercept(
                turn.customer_id, order.number, InterceptKind.BRING_BACK
            )
        except Refused as refused:
            say_refusal(turn, order, CancelRefusal.SHIPPED)
            intercept_refusal(turn, refused.code)
            return None


class ActionPrepareCancellations(CancelOrdersAction):
    """Prepares a cancellation of each order and shows all of them in one summary.

    The carrier is asked for the parcels of an order that was sent. An order that a rule keeps from
    both is named with the rule, and left out. Outcomes: ``ready``, ``refused`` (none is left, a
    person may help), ``nothing``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_cancellations"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        drafts: dict[str, str] = {}
        parcels: dict[str, str] = {}
        said: list[str] = []
        coming: list[str] = []
        back: list[Money] = []
        balances: list[BalanceChange] = []
        arrived = False
        for_person = bool(turn.frame.values.get("for_person"))
        spared: Mapping[str, Mapping[str, int]] = turn.frame.values.get("spared") or {}
        for number in turn.frame.values["orders"]:
            try:
                found = await self._shop.cancellations.cancellable(turn.customer_id, number)
            except NotFound:
                turn.say("utter_order_not_found")
                continue
            order = found.order
            stays = spared.get(number) or {}
            units = _left(found, stays) if stays else {}
            if stays and not units:
                continue
            try:
                draft = await self.prepared(turn, order, units, found.units)
            except Refused as refused:
                refusal = CancelRefusal(refused.code)
                if refusal is CancelRefusal.SHIPPED:
                    asked = await self.brought_back(turn, order)
                    if asked is not None:
                        parcels[order.number] = asked.id
                        told = draft_told(turn, order, asked, self._rules.refunds)
                        coming.append(BROUGHT_BACK.of(turn.language).format(**told))
                    for_person = for_person or asked is None
                    continue
                say_refusal(turn, order, refusal, refused.detail)
                arrived = arrived or refusal is CancelRefusal.DELIVERED
                for_person = for_person or refusal not in _NOTHING_TO_SEE_TO
                continue
            drafts[order.number] = draft.id
            said.append(self.told(turn, order, draft.terms))
            back.append(draft.terms.refund)
            balances += draft.balances
        if arrived:
            turn.say("utter_cancel_orders_send_back")
        if not drafts and not parcels:
            return Outcome("refused" if for_person else "nothing")
        total = sums_text(turn, back)
        changes = balances_text(turn, joined(balances))
        values = {"orders": "\n".join(said), "total": total, "coming": "\n".join(coming)}
        turn.say(_PREVIEWS[bool(said), bool(coming)], {**values, "balances": changes})
        prepared = {"orders": [*drafts, *parcels], "drafts": drafts, "parcel_drafts": parcels}
        money = {"back": total, "balances": changes}
        return Outcome("ready", values={**prepared, **money, "for_person": for_person})


def _left(found: Cancellable, stays: Mapping[str, int]) -> dict[str, int]:
    """What can be cancelled of an order without the units that shall stay."""
    left = {key: count - stays.get(key, 0) for key, count in found.units.items()}
    return {key: count for key, count in left.items() if count > 0}


def sums_text(turn: Turn, amounts: Sequence[Money]) -> str:
    """The sum of ``amounts``, for each currency."""
    sums: dict[str, Money] = {}
    for amount in amounts:
        if amount:
            sums[amount.currency] = sums.get(amount.currency, Money(0, amount.currency)) + amount
    said = [str(amount) for amount in sums.values()]
    return listing(said, turn.language) if said else NO_MONEY_MOVES.of(turn.language)


def joined(changes: Sequence[BalanceChange]) -> list[BalanceChange]:
    """What several changes, each worked out by itself, come to for every gift card and account."""
    by_tender: dict[str, BalanceChange] = {}
    for change in changes:
        known = by_tender.get(change.stored_id)
        after = known.after + (change.after - change.before) if known else change.after
        by_tender[change.stored_id] = replace(known or change, after=after)
    return list(by_tender.values())


class ActionSpareLines(SeveralOrders):
    """Notes which goods of the orders shall stay: "all my orders, but keep the mug".

    Outcome: ``ok`` (with the value ``spared``, units by line and order).
    """

    states = _OPEN

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_spare_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        orders = await self.suiting(turn)
        # All orders may have been meant only by the answer to the question which one it is.
        texts = dict.fromkeys((turn.frame.said, turn.text))
        found = [_beside_the_named(words_of(turn), orders)]
        found += [spared_lines(text, orders) for text in texts]
        return Outcome("ok", values={"spared": {k: v for one in found for k, v in one.items()}})


def _beside_the_named(said: str, orders: Sequence[Order]) -> dict[str, dict[str, int]]:
    """The units by line that stay in orders of which ``said`` names goods, not all of them."""
    spared: dict[str, dict[str, int]] = {}
    for order, lines in orders_of_goods(said, orders).items():
        choice = choose_lines(said, order.lines)
        counts = choice.units if choice is not None else {}
        going = {line.id: counts.get(line.id) or line.kept for line in lines}
        stays = {line.id: line.kept - going.get(line.id, 0) for line in order.lines}
        if any(stays.values()):
            spared[order.number] = {key: count for key, count in stays.items() if count}
    return spared


class ActionHearCancellations(HearOrders):
    """Reads what the shopper says to the summary: other orders, or about the money.

    Outcomes: ``changed``, ``answered``, ``none``.
    """

    states = _OPEN | _ON_THEIR_WAY
    by_line = True

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_cancellations"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        outcome = await super().serve(turn)
        if outcome.word == "none" and ABOUT_MONEY.search(turn.text):
            values = turn.frame.values
            money = {"total": values["back"], "balances": values["balances"]}
            turn.say("utter_cancel_orders_money", money)
            return Outcome("answered")
        return outcome


class ActionCommitCancellations(CancelOrdersAction):
    """Cancels each of the confirmed orders or asks its carrier, once; one that is refused now
    keeps no other back.

    Outcomes: ``done``, ``again`` (some came to something else: shown anew), ``refused`` (a person
    may help with some).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_cancellations"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        drafts: Mapping[str, str] = turn.frame.values["drafts"]
        for_person = bool(turn.frame.values.get("for_person"))
        said: list[str] = []
        back: list[Money] = []
        refusals: list[tuple[str, CancelRefusal, str]] = []
        again: list[str] = []
        for number, draft_id in drafts.items():
            try:
                done = await self._shop.cancellations.commit_cancellation(
                    turn.customer_id, draft_id
                )
            except NotFound:
                again.append(number)
                continue
            except Refused as refused:
                refusal = CancelRefusal(refused.code)
                refusals.append((number, refusal, refused.detail))
                if refusal in PREPARE_AGAIN:
                    again.append(number)
                else:
                    for_person = for_person or refusal not in _NOTHING_TO_SEE_TO
                continue
            said.append(await self._done(turn, done.order_number, done.terms))
            back.append(done.terms.refund)
        if said:
            total = sums_text(turn, back)
            turn.say("utter_cancelled_orders", {"orders": "\n".join(said), "total": total})
        for number, refusal, line_id in refusals:
            say_refusal(turn, await self.access(turn, number), refusal, line_id)
        anew, refused_one = await commit_intercepts(self._shop.intercepts, turn)
        again += anew
        for_person = for_person or refused_one
        values: dict[str, Any] = {"for_person": for_person}
        if again:
            return Outcome(
                "again", values={**values, "orders": again, "drafts": None, "parcel_drafts": None}
            )
        return Outcome("refused" if for_person else "done", values=values)

    async def _done(self, turn: Turn, number: str, terms: CancellationTerms) -> str:
        order = await self.access(turn, number)
        if terms.refund:
            return self.told(turn, order, terms)
        words = CANCELLED_WHOLE if terms.whole else CANCELLED_PART
        values = {"number": number, "items": items_text(turn, terms)}
        return words.of(turn.language).format(**values, money=NO_MONEY_MOVES.of(turn.language))

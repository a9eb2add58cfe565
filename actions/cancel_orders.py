"""Cancelling several orders at once: one summary, one yes, each order with its own draft."""

from __future__ import annotations

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
from actions.money import balances_text, refund_text
from actions.orders import UNSENT
from actions.several_orders import CheckOrderOrAll, ChoicesOfOrders, HearOrders, SortOrders
from actions.vocabulary import CANCELLED_PART, CANCELLED_WHOLE, GOES_BACK, NO_MONEY_MOVES, NOT_PAID
from actions.wording import listing
from connectors.backends.customers.model import BalanceChange
from connectors.backends.orders.cancelling import CancellationTerms, CancelRefusal
from connectors.backends.orders.model import Order, OrderStatus
from kernel.errors import NotFound, Refused
from kernel.money import Money

_OPEN = frozenset({OrderStatus.UNPAID}) | UNSENT
_NOTHING_TO_SEE_TO = frozenset({CancelRefusal.ORDER_CANCELLED, CancelRefusal.DELIVERED})


class ActionSortCancellation(SortOrders):
    """Whether one order is to be cancelled or several."""

    states = _OPEN

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_cancellation"


class ActionCheckCancelOrder(CheckOrderOrAll):
    """The order that is to be cancelled, or all of them."""

    states = _OPEN

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_cancel_order"


class ActionChoicesCancelOrders(ChoicesOfOrders):
    """The orders of which something can still be cancelled."""

    states = _OPEN

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


class ActionPrepareCancellations(CancelOrdersAction):
    """Prepares a cancellation of each order and shows all of them in one summary.

    An order that a rule keeps from being cancelled is named with the rule, and left out. Outcomes:
    ``ready``, ``refused`` (none is left, a person may help), ``nothing``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_cancellations"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        drafts: dict[str, str] = {}
        said: list[str] = []
        back: list[Money] = []
        balances: list[BalanceChange] = []
        for_person = bool(turn.frame.values.get("for_person"))
        for number in turn.frame.values["orders"]:
            try:
                found = await self._shop.cancellations.cancellable(turn.customer_id, number)
            except NotFound:
                turn.say("utter_order_not_found")
                continue
            order = found.order
            try:
                draft = await self.prepared(turn, order, {}, found.units)
            except Refused as refused:
                refusal = CancelRefusal(refused.code)
                say_refusal(turn, order, refusal, refused.detail)
                for_person = for_person or refusal not in _NOTHING_TO_SEE_TO
                continue
            drafts[order.number] = draft.id
            said.append(self.told(turn, order, draft.terms))
            back.append(draft.terms.refund)
            balances += draft.balances
        if not drafts:
            return Outcome("refused" if for_person else "nothing")
        total = sums_text(turn, back)
        turn.say("utter_cancel_orders_preview", {"orders": "\n".join(said), "total": total})
        if balances:
            turn.say("utter_balance_changes", {"balances": balances_text(turn, joined(balances))})
        values = {"orders": list(drafts), "drafts": drafts, "for_person": for_person}
        return Outcome("ready", values={**values, "back": total})


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


class ActionHearCancellations(HearOrders):
    """Reads what the shopper says to the summary: other orders, or about the money.

    Outcomes: ``changed``, ``answered``, ``none``.
    """

    states = _OPEN

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_cancellations"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        outcome = await super().serve(turn)
        if outcome.word == "none" and ABOUT_MONEY.search(turn.text):
            turn.say("utter_cancel_orders_money", {"total": turn.frame.values["back"]})
            return Outcome("answered")
        return outcome


class ActionCommitCancellations(CancelOrdersAction):
    """Cancels each of the confirmed orders, once; one that is refused now keeps no other back.

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
        values: dict[str, Any] = {"for_person": for_person}
        if again:
            return Outcome("again", values={**values, "orders": again, "drafts": None})
        return Outcome("refused" if for_person else "done", values=values)

    async def _done(self, turn: Turn, number: str, terms: CancellationTerms) -> str:
        order = await self.access(turn, number)
        if terms.refund:
            return self.told(turn, order, terms)
        words = CANCELLED_WHOLE if terms.whole else CANCELLED_PART
        values = {"number": number, "items": items_text(turn, terms)}
        return words.of(turn.language).format(**values, money=NO_MONEY_MOVES.of(turn.language))

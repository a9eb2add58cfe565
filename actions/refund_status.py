"""Where a refund is, by when it arrives, and what is still missing for it."""

from __future__ import annotations

from datetime import timedelta

from actions.base import Outcome, ShopAction, Turn
from actions.cards import exchange_card, refund_card, return_card
from actions.exchange_request import exchange_line_name
from actions.orders import title_of
from actions.vocabulary import TENDERS
from actions.wording import listing
from connectors.backends.orders.model import OrderStatus
from connectors.backends.refunds.exchanges import Exchange
from connectors.backends.refunds.model import (
    Refund,
    RefundStatus,
    ReturnAuthorisation,
)
from kernel.money import total


class ActionChoicesRefundOrders(ShopAction):
    """Offers the orders of which money or goods are on their way back.

    Outcomes: ``ok``, ``none`` (there is no such order).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_refund_orders"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        refunds = await self._shop.refunds.refunds_of(turn.customer_id)
        returns = await self._shop.refunds.returns_of(turn.customer_id)
        dated = [(refund.requested_at, refund.order_number) for refund in refunds]
        exchanges = await self._shop.refunds.exchanges_of(turn.customer_id)
        dated += [(one.created_at, one.order_number) for one in returns]
        dated += [(one.created_at, one.order_number) for one in exchanges]
        numbers = list(dict.fromkeys(number for _, number in sorted(dated, reverse=True)))
        if not numbers:
            turn.say("utter_refund_nowhere")
            return Outcome("none")
        if len(numbers) == 1:
            return Outcome("ok", values={"order_number": numbers[0]})
        orders = [await self.access(turn, number) for number in numbers[:5]]
        return Outcome(
            "ok", choices=[{"id": order.number, "title": title_of(turn, order)} for order in orders]
        )


class ActionShowRefund(ShopAction):
    """Says where the money of the order is.

    Outcomes: ``shown``, ``late`` (past the tender's usual time), ``too_late`` (so long past it that
    a person must see to it), ``failed_refund``, ``none``, ``not_asked`` (of an order that was
    paid nothing goes back yet).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_refund"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.values["order_number"]
        refunds = await self._shop.refunds.refunds_of(turn.customer_id, number)
        returns = await self._shop.refunds.returns_of(turn.customer_id, number)
        exchanges = await self._shop.refunds.exchanges_of(turn.customer_id, number)
        settled = {refund.return_number for refund in refunds}
        waiting = [one for one in returns if one.number not in settled]
        if not refunds and not waiting and not exchanges:
            turn.say("utter_refund_none", {"number": number})
            order = await self.access(turn, number)
            nothing = order.status in (OrderStatus.UNPAID, OrderStatus.CANCELLED)
            return Outcome("none" if nothing else "not_asked", learned={"order_number": number})
        for refund in refunds:
            self._say_refund(turn, refund)
        for authorisation in waiting:
            self._say_return(turn, authorisation)
        for exchange in exchanges:
            self._say_exchange(turn, exchange)
        going = [one.amount for one in refunds if one.status is not RefundStatus.FAILED]
        if len(going) > 1:
            back = total(going, going[0].currency)
            turn.say("utter_refund_total", {"number": number, "amount": str(back)})
        learned = {"order_number": number}
        if any(refund.status is RefundStatus.FAILED for refund in refunds):
            return Outcome("failed_refund", learned=learned)
        patience = timedelta(days=self._rules.refunds.person_after_days)
        if any(refund.is_late(turn.now - patience) for refund in refunds):
            return Outcome("too_late", learned=learned)
        late = any(refund.is_late(turn.now) for refund in refunds)
        return Outcome("late" if late else "shown", learned=learned)

    def _say_refund(self, turn: Turn, refund: Refund) -> None:
        language, now = turn.language, turn.now
        late = refund.is_late(now) and refund.status is not RefundStatus.FAILED
        turn.say(
            "utter_refund_late" if late else f"utter_refund_{refund.status.value}",
            {
                "number": refund.order_number,
                "amount": str(refund.amount),
                "tender": TENDERS[refund.tender].of(language),
                "requested": turn.day(refund.requested_at),
                "expected": turn.day(refund.expected_by),
                "completed": turn.day(refund.completed_at or refund.expected_by),
            },
            card=refund_card(refund),
        )

    def _say_return(self, turn: Turn, authorisation: ReturnAuthorisation) -> None:
        turn.say(
            f"utter_return_{authorisation.status.value}_state",
            {
                "rma": authorisation.number,
                "total": str(authorisation.total),
                "send_by": turn.last_day(authorisation.send_by),
                "address": authorisation.return_address.of(turn.language),
                "days": str(self._rules.refunds.inspection_days),
            },
            card=return_card(authorisation, turn.language),
        )

    def _say_exchange(self, turn: Turn, exchange: Exchange) -> None:
        lines = [exchange_line_name(turn, line) for line in exchange.lines]
        turn.say(
            f"utter_exchange_{exchange.status.value}_state",
            {
                "number": exchange.number,
                "items": listing(lines, turn.language),
                "send_by": turn.last_day(exchange.send_by),
                "address": exchange.return_address.of(turn.language),
                "days": str(self._rules.returns.replacement_days),
            },
            card=exchange_card(exchange, turn.language),
        )

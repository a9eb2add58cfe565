"""Where a refund is, by when it arrives, and what is still missing for it."""

from __future__ import annotations

import re
from datetime import timedelta

from actions.base import Outcome, ShopAction, Turn
from actions.cards import exchange_card, refund_card, return_card
from actions.exchange_request import exchange_line_name
from actions.orders import title_of
from actions.vocabulary import TENDERS, USUAL_DAYS
from actions.wording import days_long, listing
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.payments.model import PaymentCause, explain
from connectors.backends.refunds.exchanges import Exchange
from connectors.backends.refunds.model import (
    Refund,
    RefundStatus,
    ReturnAuthorisation,
)
from connectors.backends.rules import RefundRules
from kernel.money import total

_HOW_LONG = re.compile(
    r"多久|几天|多长时间|什么时候|啥时候|晚了|没按时|逾期|超时"
    r"|\bhow (?:long|many days|soon|fast)\b|\bwhen\b|\blate\b|\bon time\b|\bdelayed\b",
    re.IGNORECASE,
)
_IN_ALL = re.compile(
    r"(?:一共|总共|总计|合计|加起来|累计|到现在|到目前|至今)[^,，。]{0,8}(?:退|多少)"
    r"|\b(?:in total|altogether|in all|total|so far|until now|up to now|to date)\b",
    re.IGNORECASE,
)

_TAKEN_IN_ERROR = frozenset(
    {
        PaymentCause.CHARGED_TWICE,
        PaymentCause.PAID_AFTER_CLOSING,
        PaymentCause.PAID_ORDER_UNPAID,
        PaymentCause.PROCESSING,
    }
)


def _usual_times(turn: Turn, rules: RefundRules) -> str:
    """Each tender with the days that money usually takes back to it."""
    language = turn.language
    told = [
        USUAL_DAYS.of(language).format(
            tender=name.of(language), days=days_long(rules.days(tender), language)
        )
        for tender, name in TENDERS.items()
        if tender not in rules.instant
    ]
    return listing(told, language)


class ActionChoicesRefundOrders(ShopAction):
    """Offers the orders of which money or goods are on their way back.

    Who asks how much came back in all hears the sum. Outcomes: ``ok``, ``none`` (there is no such
    order, or nothing more to say).
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
            if _HOW_LONG.search(turn.frame.said):
                turn.say("utter_refund_usual", {"times": _usual_times(turn, self._rules.refunds)})
            turn.say("utter_refund_nowhere")
            return Outcome("none")
        going = [one.amount for one in refunds if one.status is not RefundStatus.FAILED]
        if going and _IN_ALL.search(turn.frame.said):
            values = {"count": str(len(going)), "amount": str(total(going, going[0].currency))}
            turn.say("utter_refund_total_of_all", values)
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
    paid nothing goes back yet), ``payment`` (money that was taken in error goes back).
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
            order = await self.access(turn, number)
            if await self._payment_explains(turn, order):
                return Outcome("payment", learned={"order_number": number})
            turn.say("utter_refund_none", {"number": number})
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

    async def _payment_explains(self, turn: Turn, order: Order) -> bool:
        attempts = await self._shop.payments.attempts_of(order.number)
        found = explain(order, attempts, turn.now, self._rules.payments, self._rules.refunds)
        return found.cause in _TAKEN_IN_ERROR

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

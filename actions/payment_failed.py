"""Why a payment failed, where the money is, by when, and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import structlog

from actions.base import Outcome, ShopAction, Turn
from actions.cards import payment_card
from actions.order_facts import OrderFact, facts_asked, say_facts
from actions.orders import OrderChoices
from actions.vocabulary import PAY_BEFORE, TENDERS
from actions.wording import with_detail
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.payments.codes import Failure, failure_of
from connectors.backends.payments.model import (
    AttemptStatus,
    MoneyPlace,
    PaymentAttempt,
    PaymentCause,
    PaymentDiagnosis,
    Remedy,
    explain,
)
from connectors.backends.text import Bilingual

_log = structlog.get_logger(__name__)
# As banks and wallets show them: 51, NOTENOUGH, ACQ.BUYER_BALANCE_NOT_ENOUGH.
_CODE = re.compile(
    r"(?:代码|错误码|返回码|响应码|码|error(?: code)?|code|reason)[^0-9A-Za-z]{0,4}(\d[\dA])(?!\d)"
    r"|\b((?:ACQ\.)?[A-Z][A-Z_]{6,})\b"
)
# "I was charged twice": money that was taken, whatever else waits to be paid.
_TWICE = re.compile(
    r"(?:扣|付|收|划|刷|支付)了?(?:我|款|钱|费)*(?:两|二|2|多)[次笔遍回]|(?:两|二|2)[次笔]扣"
    r"|重复(?:扣|付|收|支付)|[扣收]重了|多[扣收]了"
    r"|\b(?:charged|billed|paid|debited|took)\b[^.;!?]{0,30}"
    r"\b(?:twice|two times|2 times|again|double)\b"
    r"|\bdouble[- ]?(?:charged?|billed|payment)|\bduplicate (?:charge|payment|transaction)"
    r"|\b(?:two|2) (?:charges|payments|transactions)\b",
    re.IGNORECASE,
)
_UNCHARGED = frozenset({OrderStatus.UNPAID, OrderStatus.CANCELLED})
_NO_TENDER = Bilingual("原支付方式", "the way it was paid")
# Nothing of the shopper's is anywhere it should not be.
_NO_MONEY_TO_EXPLAIN = frozenset({PaymentCause.PAID, PaymentCause.NO_ATTEMPT})
_GOING_BACK = frozenset({MoneyPlace.RETURNING, MoneyPlace.RETURNED})
_UNDECIDED = frozenset({MoneyPlace.WITH_BANK, MoneyPlace.WITH_PROVIDER})


class ActionChoicesPaymentOrders(OrderChoices):
    """Orders that wait for their payment; of money taken twice, those it was taken twice for.

    Where there are none of these, the ones that are paid.
    """

    states = frozenset({OrderStatus.UNPAID})

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_payment_orders"

    async def likely(self, turn: Turn, orders: Sequence[Order]) -> list[Order]:
        """(see parent class for full docstring)"""
        if not _TWICE.search(turn.frame.said):
            if OrderFact.PAYMENT in facts_asked(turn.frame.said):
                return [order for order in orders if order.payments]
            return await super().likely(turn, orders)
        doubled = [order for order in orders if await self._was_charged_twice(turn, order)]
        if doubled:
            return doubled
        turn.say("utter_payment_none_twice")
        return [order for order in orders if order.status not in _UNCHARGED]

    async def _was_charged_twice(self, turn: Turn, order: Order) -> bool:
        attempts = await self._shop.payments.attempts_of(order.number)
        found = explain(order, attempts, turn.now, self._rules.payments, self._rules.refunds)
        return found.cause is PaymentCause.CHARGED_TWICE


class ActionExplainPayment(ShopAction):
    """Explains the payment of the order.

    Outcomes: ``explained``, ``person`` (one must act), ``refund`` (the order was cancelled, and
    its refunds tell where the money is).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_explain_payment"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        attempts = _with_code_told(turn, await self._shop.payments.attempts_of(order.number))
        diagnosis = explain(order, attempts, turn.now, self._rules.payments, self._rules.refunds)
        if diagnosis.cause is PaymentCause.ORDER_CANCELLED and diagnosis.place in _GOING_BACK:
            return Outcome("refund", learned={"order_number": order.number})
        values = _values(turn, order, diagnosis)
        asked = diagnosis.cause is PaymentCause.PAID and not _TWICE.search(turn.frame.said)
        if asked and await say_facts(self._shop, turn, order, turn.frame.own or turn.frame.said):
            return Outcome("explained", learned={"order_number": order.number})
        if diagnosis.cause is PaymentCause.PAID and _TWICE.search(turn.frame.said):
            turn.say("utter_payment_once", values, card=payment_card(order, diagnosis))
            return Outcome("person", learned={"order_number": order.number})
        turn.say(
            f"utter_payment_{diagnosis.cause.value}", values, card=payment_card(order, diagnosis)
        )
        if diagnosis.cause not in _NO_MONEY_TO_EXPLAIN:
            turn.say(_money_response(turn, diagnosis), values)
        first_remedy = diagnosis.remedies[0] if diagnosis.remedies else None
        return Outcome(
            "person" if first_remedy is Remedy.PERSON else "explained",
            learned={"order_number": order.number},
        )


def _with_code_told(turn: Turn, attempts: Sequence[PaymentAttempt]) -> tuple[PaymentAttempt, ...]:
    """``attempts``, the newest with what the code means that the shopper read off their screen.

    It counts only where the provider has told us nothing.
    """
    found = _CODE.finditer(f"{turn.frame.said} {turn.text}")
    codes = [match[1] or match[2] for match in found]
    for place, attempt in enumerate(attempts):
        if attempt.status is not AttemptStatus.FAILED:
            continue
        if attempt.reason not in (None, Failure.UNKNOWN):
            break
        if attempt.code:
            _log.warning("payment.code.unknown", tender=attempt.tender.value, code=attempt.code)
        known = [failure_of(attempt.tender, code) for code in codes]
        told = next((one for one in known if one is not Failure.UNKNOWN), attempt.failure)
        return (*attempts[:place], replace(attempt, failure=told), *attempts[place + 1 :])
    return tuple(attempts)


def _money_response(turn: Turn, diagnosis: PaymentDiagnosis) -> str:
    overdue = diagnosis.by is not None and diagnosis.by < turn.now
    if overdue and diagnosis.place in _UNDECIDED:
        return "utter_money_overdue"
    return f"utter_money_{diagnosis.place.value}"


def _values(turn: Turn, order: Order, diagnosis: PaymentDiagnosis) -> dict[str, str]:
    language, now = turn.language, turn.now
    attempt = diagnosis.attempt
    tender = (TENDERS[attempt.tender] if attempt else _NO_TENDER).of(language)
    if attempt is not None:
        tender = with_detail(tender, attempt.account_hint, language)
    deadline = ""
    if diagnosis.outstanding and diagnosis.pay_by is not None and diagnosis.pay_by > now:
        deadline = PAY_BEFORE.of(language).format(
            amount=diagnosis.outstanding, by=turn.moment(diagnosis.pay_by)
        )
    return {
        "number": order.number,
        "amount": str(diagnosis.amount),
        "tender": tender,
        "by": turn.moment(diagnosis.by) if diagnosis.by else "",
        "deadline": deadline,
    }

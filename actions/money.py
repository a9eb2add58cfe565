"""How amounts, tenders and balances are said to their owner."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import Turn
from actions.vocabulary import TENDERS
from actions.wording import days_long, listing
from connectors.backends.customers.model import BalanceChange, StoredTender
from connectors.backends.orders.model import Order, Tender
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.rules import RefundRules
from connectors.backends.text import Bilingual
from kernel.money import Money, total

_ENDING = Bilingual("{tender}（尾号 {hint}）", "{tender} ending {hint}")
_LATER = Bilingual(
    "{amount} 退回{tender}（通常 {days}内到账）",
    "{amount} to your {tender} (usually within {days})",
)
_AT_ONCE = Bilingual("{amount} 退回{tender}（立即到账）", "{amount} to your {tender} (at once)")
_BALANCE = Bilingual(
    "{tender}由 {before} 变为 {after}", "your {tender} goes from {before} to {after}"
)
_BALANCES = Bilingual("\n余额：{changes}", "\nBalances: {changes}")
_HAS = Bilingual("{tender}（余额 {balance}）", "{tender} (balance {balance})")


def tender_name(turn: Turn, tender: Tender, hint: str) -> str:
    """A tender as its owner tells it from the others."""
    name = TENDERS[tender].of(turn.language)
    if not hint:
        return name
    return _ENDING.of(turn.language).format(tender=name, hint=hint)


def stored_name(turn: Turn, stored: StoredTender) -> str:
    """What somebody has on file, with its balance where we know it."""
    name = tender_name(turn, stored.tender, stored.hint)
    if stored.balance is None:
        return name
    return _HAS.of(turn.language).format(tender=name, balance=stored.balance)


def refund_text(
    turn: Turn,
    order: Order,
    parts: Sequence[TenderAmount],
    rules: RefundRules,
    account: str | None = None,
) -> str:
    """How much goes back to which tender, and how soon, of goods that were never sent.

    ``account`` is the gift card that all of it goes to, if it goes to one.
    """
    payments = {payment.id: payment for payment in order.payments}
    said = []
    for part in parts:
        payment = payments[part.payment_id]
        at_once = part.tender in rules.instant and (account or payment.stored_id) is not None
        hint = payment.hint if part.tender is payment.tender else ""
        name = tender_name(turn, part.tender, hint)
        said.append(_goes_back(turn, part.amount, name, 0 if at_once else part.days))
    return listing(said, turn.language)


def by_tender(
    turn: Turn, parts: Sequence[TenderAmount], credited: Sequence[BalanceChange] = ()
) -> str:
    """How much goes back to which kind of tender in all, and how long that usually takes.

    ``credited`` are the gift cards and accounts that have it at once.
    """
    at_once = {change.tender for change in credited}
    of_kind: dict[Tender, list[TenderAmount]] = {}
    for part in parts:
        of_kind.setdefault(part.tender, []).append(part)
    said = []
    for tender, same in of_kind.items():
        amount = total((part.amount for part in same), same[0].amount.currency)
        days = 0 if tender in at_once else same[0].days
        said.append(_goes_back(turn, amount, TENDERS[tender].of(turn.language), days))
    return listing(said, turn.language)


def _goes_back(turn: Turn, amount: Money, tender: str, days: int) -> str:
    """That ``amount`` goes back to ``tender``, usually within so many days; 0: at once."""
    words = _LATER if days else _AT_ONCE
    span = days_long(days, turn.language)
    return words.of(turn.language).format(amount=amount, tender=tender, days=span)


def balances_text(turn: Turn, changes: Sequence[BalanceChange]) -> str:
    """What happens to gift cards and the account, a line of a summary; empty if nothing does."""
    told = balances_told(turn, changes)
    return _BALANCES.of(turn.language).format(changes=told) if told else ""


def balances_told(turn: Turn, changes: Sequence[BalanceChange]) -> str:
    """Likewise, inside a sentence."""
    said = [
        _BALANCE.of(turn.language).format(
            tender=tender_name(turn, change.tender, change.hint),
            before=change.before,
            after=change.after,
        )
        for change in changes
    ]
    # 和 between two clauses would be read as between two amounts.
    return "，".join(said) if turn.language == "zh" else listing(said, turn.language)

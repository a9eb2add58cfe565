"""Ways to pay: what the articles say, and what is left on the shopper's own cards and account."""

from __future__ import annotations

import re

from actions.base import Outcome, Turn
from actions.knowledge import KnowledgeAction
from actions.money import tender_name
from actions.wording import listing
from connectors.backends.text import Bilingual

_HAS = Bilingual("{tender} {balance}", "{balance} ({tender})")
_BALANCE = re.compile(
    r"(?:多少|几块|查|看)[^付支]{0,6}余额|余额[^付支]{0,6}(?:多少|几|查|吗)"
    r"|(?:礼品卡|购物卡|储值卡|账户|账号|卡)[里上]?(?:现在|一共|还|总共)*(?:剩下?|有|是)多少"
    r"|\bbalances?\b(?!.*\bpay)"
    r"|\b(?:how much|what)\b[^.?]*\b(?:on|in|left)\b[^.?]*\b(?:gift ?cards?|account)\b"
    r"|\bgift ?cards?\b[^.?]*\b(?:left|remaining)\b",
    re.IGNORECASE,
)


def asks_balance(text: str) -> bool:
    """Whether ``text`` asks what is left on a gift card or the account."""
    return _BALANCE.search(text) is not None


class ActionAnswerPaymentMethods(KnowledgeAction):
    """Answers what one can pay with, or how much is left to pay with.

    Outcomes: ``answered``, ``unknown``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_payment_methods"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if not asks_balance(turn.text):
            return await self._answer(turn, "utter_knowledge")
        if not turn.is_verified:
            turn.say("utter_balance_who")
            return Outcome("answered")
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        with_balance = [
            _HAS.of(turn.language).format(
                tender=tender_name(turn, one.tender, one.hint), balance=one.balance
            )
            for one in stored
            if one.balance is not None
        ]
        if with_balance:
            turn.say("utter_balances", {"balances": listing(with_balance, turn.language)})
        else:
            turn.say("utter_no_balances")
        return Outcome("answered")

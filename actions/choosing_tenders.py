"""Which of the tenders on file a shopper means, in free words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from connectors.backends.customers.model import StoredTender
from connectors.backends.orders.model import Tender

_CARDS = frozenset({Tender.BANK_CARD, Tender.CREDIT_CARD})
# The narrower word first: a gift card is a card, too.
_KINDS: tuple[tuple[re.Pattern[str], frozenset[Tender]], ...] = (
    (re.compile(r"微信|wechat|weixin|\bwx\b", re.IGNORECASE), frozenset({Tender.WECHAT_PAY})),
    (re.compile(r"支付宝|ali\s?pay|花呗", re.IGNORECASE), frozenset({Tender.ALIPAY})),
    (re.compile(r"pay\s?pal|贝宝", re.IGNORECASE), frozenset({Tender.PAYPAL})),
    (
        re.compile(r"礼品卡|购物卡|储值卡|\bgift\s?(?:card|voucher)|store credit", re.IGNORECASE),
        frozenset({Tender.GIFT_CARD}),
    ),
    (
        re.compile(r"余额|账户里的钱|\b(?:account )?balance\b|my account", re.IGNORECASE),
        frozenset({Tender.BALANCE}),
    ),
    (
        re.compile(r"信用卡|credit card|\bvisa\b|master\s?card|\bamex\b", re.IGNORECASE),
        frozenset({Tender.CREDIT_CARD}),
    ),
    (
        re.compile(r"银行卡|储蓄卡|借记卡|debit card|bank card", re.IGNORECASE),
        frozenset({Tender.BANK_CARD}),
    ),
    (re.compile(r"卡|\bcards?\b", re.IGNORECASE), _CARDS),
)
_OTHER = re.compile(r"另外?[一那]?[张个种]|\b(?:the|my) other\b", re.IGNORECASE)
_NOT = re.compile(
    r"(?:不要|不用|别用|除了|\bnot\b|\binstead of\b|\brather than\b)[^,，。;；]*", re.IGNORECASE
)


def choose_tenders(text: str, stored: Sequence[StoredTender]) -> tuple[StoredTender, ...]:
    """Those of ``stored`` that ``text`` names: none, the one meant, or several to ask about.

    By the id, by the last digits ("the card ending 4242"), by the kind of tender. What is named
    only to be left out ("not the gift card") is not chosen.
    """
    said = _NOT.sub(" ", text) or text
    by_id = tuple(one for one in stored if one.id in said)
    if by_id:
        return by_id
    by_digits = tuple(
        one
        for one in stored
        if one.hint and re.search(rf"(?<!\d){re.escape(one.hint)}(?!\d)", said)
    )
    if by_digits:
        return by_digits
    for pattern, kinds in _KINDS:
        if pattern.search(said):
            return tuple(one for one in stored if one.tender in kinds)
    return ()


def names_tender(text: str) -> bool:
    """Whether ``text`` speaks of any way to pay."""
    return any(pattern.search(text) for pattern, _ in _KINDS)


def usable_tenders(
    text: str, chosen: Sequence[StoredTender], today: date
) -> Sequence[StoredTender]:
    """Of several that ``text`` names alike, those that have not expired; else all of them.

    "The other card" is the one that was not offered, for it has expired: that has to be said.
    """
    good = [one for one in chosen if one.expires_on is None or today <= one.expires_on]
    if _OTHER.search(text) and good:
        return [one for one in chosen if one not in good] or good
    return good or chosen

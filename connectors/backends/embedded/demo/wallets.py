"""What the demo shop's customers have on file: addresses to send to, and means to pay with."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.backends.embedded.document import (
    AddressPart,
    StoredAddressPart,
    StoredTenderPart,
)
from connectors.backends.embedded.document_types import Language
from connectors.backends.orders.model import Tender

GIFT_CARD_BALANCE = 30_000
ACCOUNT_BALANCE = 5_000

# label, province or region, city, district, street, postcode
_OFFICES: dict[Language, tuple[str, ...]] = {
    "zh": ("公司", "上海市", "上海市", "静安区", "样本路 88 号 12 层", "200040"),
    "en": ("Office", "Greater London", "London", "", "200 Specimen Square, Floor 3", "EC2A 9ZZ"),
}
_HOME: dict[Language, str] = {"zh": "家", "en": "Home"}
_WALLETS: dict[Language, tuple[Tender, ...]] = {
    "zh": (Tender.WECHAT_PAY, Tender.ALIPAY, Tender.BANK_CARD),
    "en": (Tender.CREDIT_CARD, Tender.PAYPAL),
}


def make_addresses(
    key: str, language: Language, home: AddressPart
) -> tuple[StoredAddressPart, ...]:
    """The customer's home, which is the default, and an office."""
    label, province, city, district, street, postcode = _OFFICES[language]
    office = AddressPart(
        name=home.name,
        phone=home.phone,
        country="中国" if language == "zh" else "United Kingdom",
        province=province,
        city=city,
        district=district,
        street=street,
        postcode=postcode,
    )
    return (
        StoredAddressPart(id=f"AD-{key}-1", label=_HOME[language], address=home, is_default=True),
        StoredAddressPart(id=f"AD-{key}-2", label=label, address=office),
    )


def make_tenders(key: str, language: Language, since: datetime) -> tuple[StoredTenderPart, ...]:
    """Wallets and cards, one card that has expired, a gift card and the account, all with money.

    The card that is good ends in 4242, the expired one in 1881, the gift card in 8800.
    """
    card = Tender.BANK_CARD if language == "zh" else Tender.CREDIT_CARD
    good = [
        StoredTenderPart(
            id=f"PT-{key}-{place}", tender=tender, hint="4242" if tender is card else ""
        )
        for place, tender in enumerate(_WALLETS[language], start=1)
    ]
    place = len(good) + 1
    return (
        *good,
        StoredTenderPart(
            id=f"PT-{key}-{place}",
            tender=card,
            hint="1881",
            expires_on=(since - timedelta(days=60)).date(),
        ),
        StoredTenderPart(
            id=f"PT-{key}-{place + 1}",
            tender=Tender.GIFT_CARD,
            hint="8800",
            balance=GIFT_CARD_BALANCE,
        ),
        StoredTenderPart(
            id=f"PT-{key}-{place + 2}", tender=Tender.BALANCE, balance=ACCOUNT_BALANCE
        ),
    )

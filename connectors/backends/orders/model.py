"""What an order is: lines as they were bought, payments by tender, fulfilments, a life cycle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from connectors.backends.life_cycle import LifeCycle
from connectors.backends.text import Bilingual, is_chinese, masked_name, masked_phone
from kernel.money import Money, total


class OrderStatus(StrEnum):
    """Where an order stands; what it may become is in ``ORDER_LIFE_CYCLE``."""

    UNPAID = "unpaid"
    PAID = "paid"
    PREPARING = "preparing"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


# A shipped order is cancelled when its parcels come back to us or are lost.
ORDER_LIFE_CYCLE = LifeCycle(
    {
        OrderStatus.UNPAID: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
        OrderStatus.PAID: frozenset({OrderStatus.PREPARING, OrderStatus.CANCELLED}),
        OrderStatus.PREPARING: frozenset(
            {OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.CANCELLED}
        ),
        OrderStatus.PARTLY_SHIPPED: frozenset({OrderStatus.SHIPPED}),
        OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED, OrderStatus.CANCELLED}),
        OrderStatus.DELIVERED: frozenset({OrderStatus.COMPLETED}),
        OrderStatus.COMPLETED: frozenset(),
        OrderStatus.CANCELLED: frozenset(),
    }
)


class Tender(StrEnum):
    """A means of payment that covered an order or part of it; refunds go back to it."""

    WECHAT_PAY = "wechat_pay"
    ALIPAY = "alipay"
    BANK_CARD = "bank_card"
    CREDIT_CARD = "credit_card"
    PAYPAL = "paypal"
    GIFT_CARD = "gift_card"
    BALANCE = "balance"


HAS_BALANCE = frozenset({Tender.GIFT_CARD, Tender.BALANCE})
"""Tenders that the shop keeps itself: it knows what is left on them, and refunds them at once."""


class Trait(StrEnum):
    """What makes a product special when it is to be returned."""

    CUSTOM_MADE = "custom_made"
    PERISHABLE = "perishable"
    DIGITAL = "digital"
    """Downloads, and sealed software, music and films once unsealed."""
    PRESS = "press"
    HYGIENE = "hygiene"
    """May be excluded, if the shopper confirmed so at the purchase."""
    CLEARANCE = "clearance"
    """Flawed or short-dated goods sold as such; excluded if confirmed likewise."""


@dataclass(frozen=True)
class Option:
    """One property in which variants of a product differ, for instance colour: grey."""

    name: Bilingual
    value: Bilingual


@dataclass(frozen=True)
class OrderLine:
    """One variant × quantity × price, all as they were when it was bought.

    ``discount`` is this line's whole share of every discount, in total, not a unit.
    ``exclusion_confirmed``: the shopper confirmed at the purchase that there is no return without
    a reason for these goods. ``cancelled`` units were taken out of the order before it was sent.
    ``credited`` went back for ``credited_units`` that stayed with the shopper because the price
    fell; None if nothing did.
    """

    id: str
    product_id: str
    variant_id: str
    sku: str
    product_name: Bilingual
    options: tuple[Option, ...]
    category: str
    image: str
    quantity: int
    unit_price: Money
    discount: Money
    traits: frozenset[Trait] = frozenset()
    exclusion_confirmed: bool = False
    cancelled: int = 0
    credited_units: int = 0
    credited: Money | None = None

    @property
    def amount(self) -> Money:
        """What the whole line was sold for, units that were cancelled since included."""
        return self.unit_price * self.quantity - self.discount

    @property
    def kept(self) -> int:
        """Units that were not cancelled."""
        return self.quantity - self.cancelled

    @property
    def kept_amount(self) -> Money:
        """What the units cost that were not cancelled."""
        return self.amount - self.amount_of(self.cancelled)

    def amount_of(self, units: int, before: int = 0) -> Money:
        """What ``units`` cost when ``before`` were taken off the line already.

        Rounded so that units taken one by one add up to what was paid for the line.
        """
        minor, currency = self.amount.minor, self.amount.currency
        upto = minor * (before + units) // self.quantity
        return Money(upto - minor * before // self.quantity, currency)

    def options_text(self, language: str) -> str:
        """The options in one phrase, for instance ``深灰 / L``; empty if there are none."""
        return " / ".join(option.value.of(language) for option in self.options)


@dataclass(frozen=True)
class OrderPayment:
    """Money of one tender that the shop received for an order.

    ``stored_id`` is the customer's stored tender it came from, None if it is not on file;
    ``hint`` what may be shown of the account, for instance the last four digits of a card.
    """

    id: str
    tender: Tender
    amount: Money
    paid_at: datetime
    refunded: Money
    stored_id: str | None = None
    hint: str = ""

    @property
    def refundable(self) -> Money:
        """What has not gone back yet, nor is on its way back."""
        return self.amount - self.refunded


@dataclass(frozen=True)
class FulfilledLine:
    """How many units of a line went with one fulfilment."""

    line_id: str
    quantity: int


@dataclass(frozen=True)
class Parcel:
    """One parcel of a fulfilment: what the shop knows of it without asking the carrier."""

    tracking_number: str
    carrier: str
    shipped_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True)
class Fulfilment:
    """Lines that were sent together."""

    id: str
    lines: tuple[FulfilledLine, ...]
    parcels: tuple[Parcel, ...]

    @property
    def delivered_at(self) -> datetime | None:
        """When the last of its parcels was signed for; None while one is still on the way."""
        times = [parcel.delivered_at for parcel in self.parcels]
        if not times or None in times:
            return None
        return max(time for time in times if time is not None)


@dataclass(frozen=True)
class Address:
    """Where goods go."""

    name: str
    phone: str
    country: str
    province: str
    city: str
    district: str
    street: str
    postcode: str

    def one_line(self) -> str:
        """All of it, for its owner alone, in the order that is usual in its language."""
        if is_chinese(self.street + self.city):
            place = "".join(dict.fromkeys((self.province, self.city, self.district)))
            return "，".join(
                part for part in (self.name, self.phone, place + self.street, self.postcode) if part
            )
        town = " ".join(part for part in (self.city, self.postcode) if part)
        parts = (self.name, self.street, self.district, town, self.province, self.country)
        return ", ".join([part for part in dict.fromkeys(parts) if part] + [self.phone])

    def masked(self) -> str:
        """One line that its owner recognises and a stranger cannot use: no street, no house."""
        who = f"{masked_name(self.name)} {masked_phone(self.phone)}"
        parts = [part for part in (self.province, self.city, self.district) if part]
        if any(is_chinese(part) for part in parts):
            return f"{who} {''.join(dict.fromkeys(parts))}***"
        return f"{who}, ***, {', '.join(dict.fromkeys(reversed(parts)))}, {self.country}"


class NoteKind(StrEnum):
    """What a note at an order is about."""

    EXPEDITE = "expedite"
    ESCALATION = "escalation"
    PACK_TOGETHER = "pack_together"
    PACK_APART = "pack_apart"
    REMARK = "remark"


@dataclass(frozen=True)
class OrderNote:
    """Something noted at an order; ``due_at``: until when it is to be seen to."""

    id: str
    kind: NoteKind
    text: str
    at: datetime
    actor: str
    due_at: datetime | None = None


@dataclass(frozen=True)
class DeliverySlot:
    """When the shopper wants it brought: a day, between two full hours of the shop's time zone."""

    day: date
    start: int
    end: int


@dataclass(frozen=True)
class Order:
    """A purchase. ``promised_by``: when the shop said it would arrive; None before payment."""

    number: str
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    lines: tuple[OrderLine, ...]
    payments: tuple[OrderPayment, ...]
    fulfilments: tuple[Fulfilment, ...]
    address: Address
    shipping_fee: Money
    promised_by: datetime | None
    pay_by: datetime | None = None
    cancelled_at: datetime | None = None
    slot: DeliverySlot | None = None

    @property
    def currency(self) -> str:
        """ISO 4217 code of every amount of this order."""
        return self.shipping_fee.currency

    @property
    def total(self) -> Money:
        """What the order costs: lines after discounts and cancellations, and shipping."""
        return total((line.kept_amount for line in self.lines), self.currency) + self.shipping_fee

    @property
    def paid(self) -> Money:
        """What the shop received for it, refunds not deducted."""
        return total((payment.amount for payment in self.payments), self.currency)

    @property
    def refunded(self) -> Money:
        """What went back, or is on its way back."""
        return total((payment.refunded for payment in self.payments), self.currency)

    @property
    def parcels(self) -> tuple[Parcel, ...]:
        """All parcels of all fulfilments, in the order in which they were sent."""
        parcels = [parcel for fulfilment in self.fulfilments for parcel in fulfilment.parcels]
        return tuple(sorted(parcels, key=lambda parcel: parcel.shipped_at))

    def line(self, line_id: str) -> OrderLine | None:
        """The line of this id, or None."""
        return next((line for line in self.lines if line.id == line_id), None)

    def unsent(self) -> tuple[FulfilledLine, ...]:
        """Lines, with quantities, that no fulfilment has taken yet."""
        sent: dict[str, int] = {}
        for fulfilment in self.fulfilments:
            for part in fulfilment.lines:
                sent[part.line_id] = sent.get(part.line_id, 0) + part.quantity
        return tuple(
            FulfilledLine(line.id, line.kept - sent.get(line.id, 0))
            for line in self.lines
            if line.kept > sent.get(line.id, 0)
        )

    @property
    def unsent_units(self) -> dict[str, int]:
        """The units of each line that have not been sent, by the line's id."""
        return {part.line_id: part.quantity for part in self.unsent()}


@dataclass(frozen=True)
class OpenOrder:
    """An order before all of it is sent, and the units by line of which something may change."""

    order: Order
    units: Mapping[str, int]

    @property
    def lines(self) -> tuple[OrderLine, ...]:
        """The lines of which something may change."""
        return tuple(line for line in self.order.lines if self.units.get(line.id))

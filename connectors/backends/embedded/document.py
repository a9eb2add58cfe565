"""The shop file: what `kefu shop import` reads and `kefu shop export` writes, as types."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import Meta

from connectors.backends.carriers.model import (
    InterceptKind,
    InterceptStatus,
    ShipmentStatus,
    Signature,
)
from connectors.backends.embedded.document_service import (
    AccountPart,
    CouponPart,
    FeedbackPart,
    InvoicePart,
    PriceClaimPart,
    TicketPart,
)
from connectors.backends.embedded.document_types import (
    Currency,
    Id,
    Language,
    Line,
    Minor,
    Moment,
    Number,
    OptionPart,
    Part,
    TrackingNumber,
    Units,
    Words,
)
from connectors.backends.orders.model import NoteKind, OrderStatus, Tender, Trait
from connectors.backends.payments.codes import Failure
from connectors.backends.payments.model import AttemptStatus
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import (
    FreightPayer,
    Handover,
    RefundStatus,
    RefundTo,
    ReturnReason,
    ReturnStatus,
)

FORMAT: Final = 1


class VariantPart(Part, frozen=True):
    """One buyable form of a product."""

    id: Id
    sku: Id
    price: Minor
    stock: Annotated[int, Meta(ge=0)]
    options: tuple[OptionPart, ...] = ()


class ProductPart(Part, frozen=True):
    """Something the shop sells."""

    id: Id
    name: Words
    category: Id
    category_name: Words
    description: Words
    variants: Annotated[tuple[VariantPart, ...], Meta(min_length=1)]
    image: str = ""
    traits: tuple[Trait, ...] = ()
    attributes: Annotated[
        tuple[OptionPart, ...],
        Meta(description="What is true of every variant: material, weight, care."),
    ] = ()


class CarrierPart(Part, frozen=True):
    """A company that delivers; ``language`` is the one of its tracking events."""

    code: Annotated[str, Meta(min_length=1, max_length=32)]
    name: Words
    language: Language
    hotline: str = ""


class AddressPart(Part, frozen=True, omit_defaults=False):
    """Where an order goes."""

    name: Line
    phone: Line
    country: Line
    province: str
    city: Line
    district: str
    street: Line
    postcode: str


class StoredAddressPart(Part, frozen=True):
    """An address of a customer's address book; ``label`` is the customer's own word for it."""

    id: Id
    label: Line
    address: AddressPart
    is_default: bool = False


class StoredTenderPart(Part, frozen=True):
    """What a customer has on file to pay with; gift cards and the account have a balance."""

    id: Id
    tender: Tender
    hint: Annotated[str, Meta(max_length=32, description="What may be shown of it.")] = ""
    balance: Minor | None = None
    expires_on: date | None = None


class CustomerPart(Part, frozen=True):
    """Somebody with an account."""

    id: Id
    name: Line
    email: Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+$")]
    phone: Line
    language: Language
    postcode: Annotated[str, Meta(min_length=1, max_length=16)]
    since: Moment
    level: Annotated[str, Meta(max_length=32)]
    addresses: tuple[StoredAddressPart, ...] = ()
    tenders: tuple[StoredTenderPart, ...] = ()
    account: AccountPart | None = None


class LinePart(Part, frozen=True):
    """One variant × quantity × price, as it was when it was bought."""

    id: Id
    product: Id
    variant: Id
    sku: Id
    name: Words
    category: Id
    quantity: Units
    unit_price: Minor
    options: tuple[OptionPart, ...] = ()
    discount: Annotated[int, Meta(ge=0, description="Of the whole line, in minor units.")] = 0
    image: str = ""
    traits: tuple[Trait, ...] = ()
    exclusion_confirmed: bool = False
    cancelled: Annotated[int, Meta(ge=0, description="Units taken out before sending.")] = 0


class PaymentPart(Part, frozen=True):
    """Money that the shop received for the order."""

    id: Id
    tender: Tender
    amount: Minor
    paid_at: Moment
    stored: Annotated[
        str | None, Meta(description="The id of a stored tender of the order's customer.")
    ] = None


class AttemptPart(Part, frozen=True):
    """One attempt to pay, whatever came of it."""

    id: Id
    tender: Tender
    amount: Minor
    status: AttemptStatus
    at: Moment
    settled_at: Moment | None = None
    failure: Failure | None = None
    account_hint: Annotated[str, Meta(max_length=32)] = ""
    held: bool = False
    code: Annotated[
        str, Meta(max_length=64, description="What the bank or wallet answered, in its own code.")
    ] = ""


class EventPart(Part, frozen=True):
    """One scan of a parcel, in the carrier's own words."""

    at: Moment
    status: ShipmentStatus
    description: Line
    where: str = ""


class PickupPart(Part, frozen=True):
    """Where a parcel waits for its shopper."""

    code: Annotated[str, Meta(min_length=1, max_length=32)]
    place: str = ""
    until: Moment | None = None


class ParcelPart(Part, frozen=True):
    """One parcel and what its carrier says of it; events newest first."""

    tracking_number: TrackingNumber
    carrier: Annotated[str, Meta(description="The code of a carrier of this file.")]
    shipped_at: Moment
    announced_at: Moment
    status: ShipmentStatus
    events: tuple[EventPart, ...] = ()
    delivered_at: Moment | None = None
    expected_by: Moment | None = None
    signature: Signature | None = None
    pickup: PickupPart | None = None


class FulfilledPart(Part, frozen=True):
    """Units of a line that went with a fulfilment."""

    line: Annotated[str, Meta(description="The id of a line of this order.")]
    quantity: Units


class FulfilmentPart(Part, frozen=True):
    """Lines that were sent together."""

    id: Id
    lines: Annotated[tuple[FulfilledPart, ...], Meta(min_length=1)]
    parcels: tuple[ParcelPart, ...] = ()


class ReturnLinePart(Part, frozen=True):
    """Units of a line that come back, and what is refunded for them."""

    line: Annotated[str, Meta(description="The id of a line of this order.")]
    quantity: Units
    refund: Minor


class ReturnTenderPart(Part, frozen=True):
    """How much of a return goes back to which payment."""

    payment: Annotated[str, Meta(description="The id of a payment of this order.")]
    amount: Minor


class ReturnPart(Part, frozen=True):
    """Goods that come back, or money for goods that stay."""

    number: Number
    status: ReturnStatus
    reason: ReturnReason
    lines: Annotated[tuple[ReturnLinePart, ...], Meta(min_length=1)]
    tenders: tuple[ReturnTenderPart, ...]
    freight: FreightPayer
    send_by: Moment
    return_address: Words
    created_at: Moment
    total: Minor
    shipping_refund: Minor = 0
    refund_to: RefundTo = RefundTo.ORIGINAL
    handover: Handover = Handover.DROP_OFF
    photos: Annotated[tuple[Id, ...], Meta(description="Ids of uploads.")] = ()
    decided_by: Annotated[str, Meta(max_length=64, description="Who approved or rejected it.")] = ""


class ExchangeLinePart(Part, frozen=True):
    """Units of a line that are exchanged, and what they cost more than was paid."""

    line: Annotated[str, Meta(description="The id of a line of this order.")]
    quantity: Units
    variant: Annotated[str, Meta(description="The id of the variant wanted instead.")]
    difference: Annotated[int, Meta(description="In minor units; below zero goes back.")] = 0


class ExchangePart(Part, frozen=True):
    """Goods that are exchanged."""

    number: Number
    status: ExchangeStatus
    reason: ReturnReason
    lines: Annotated[tuple[ExchangeLinePart, ...], Meta(min_length=1)]
    freight: FreightPayer
    send_by: Moment
    return_address: Words
    created_at: Moment
    handover: Handover = Handover.DROP_OFF
    photos: Annotated[tuple[Id, ...], Meta(description="Ids of uploads.")] = ()
    decided_by: Annotated[str, Meta(max_length=64, description="Who approved or rejected it.")] = ""
    stored: Annotated[
        Annotated[str, Meta(max_length=64)] | None,
        Meta(description="The stored tender chosen for a difference in price."),
    ] = None
    payment: Annotated[
        str | None,
        Meta(description="The id of the payment of this order that took the difference."),
    ] = None
    given_back: Annotated[
        bool, Meta(description="What the new goods cost less is among the order's refunds.")
    ] = False


class RefundPart(Part, frozen=True):
    """Money that goes back to one tender."""

    number: Number
    tender: Tender
    amount: Minor
    status: RefundStatus
    requested_at: Moment
    expected_by: Moment
    completed_at: Moment | None = None
    return_number: Annotated[
        str | None, Meta(description="The number of a return of this order.")
    ] = None
    payment: Annotated[str | None, Meta(description="The id of a payment of this order.")] = None


class SlotPart(Part, frozen=True):
    """When it is to be brought: a day, between two full hours of the shop's time zone."""

    day: date
    start: Annotated[int, Meta(ge=0, le=23)]
    end: Annotated[int, Meta(ge=1, le=24)]


class NotePart(Part, frozen=True):
    """Something noted at an order, by whom, and until when it is to be seen to."""

    id: Id
    kind: NoteKind
    text: str
    at: Moment
    actor: Annotated[str, Meta(max_length=64)]
    due_at: Moment | None = None


class InterceptPart(Part, frozen=True):
    """A carrier was asked to bring a parcel elsewhere or back."""

    number: Number
    parcel: Annotated[str, Meta(description="The tracking number of a parcel of this order.")]
    kind: InterceptKind
    status: InterceptStatus
    requested_at: Moment
    answer_by: Moment
    address: AddressPart | None = None


class OrderPart(Part, frozen=True):
    """A purchase with everything that happened to it."""

    number: Number
    customer: Annotated[str, Meta(description="The id of a customer of this file.")]
    status: OrderStatus
    currency: Currency
    placed_at: Moment
    address: AddressPart
    lines: Annotated[tuple[LinePart, ...], Meta(min_length=1)]
    shipping_fee: Minor = 0
    promised_by: Moment | None = None
    pay_by: Moment | None = None
    cancelled_at: Moment | None = None
    attempts: tuple[AttemptPart, ...] = ()
    payments: tuple[PaymentPart, ...] = ()
    fulfilments: tuple[FulfilmentPart, ...] = ()
    returns: tuple[ReturnPart, ...] = ()
    exchanges: tuple[ExchangePart, ...] = ()
    refunds: tuple[RefundPart, ...] = ()
    slot: SlotPart | None = None
    notes: tuple[NotePart, ...] = ()
    intercepts: tuple[InterceptPart, ...] = ()
    invoices: tuple[InvoicePart, ...] = ()
    price_claims: tuple[PriceClaimPart, ...] = ()


class ShopFile(Part, frozen=True, omit_defaults=False):
    """A whole shop."""

    format: Literal[1]
    currency: Annotated[Currency, Meta(description="ISO 4217 code of the catalogue's prices.")]
    products: tuple[ProductPart, ...]
    carriers: tuple[CarrierPart, ...]
    customers: tuple[CustomerPart, ...]
    orders: tuple[OrderPart, ...]
    coupons: tuple[CouponPart, ...] = ()
    tickets: tuple[TicketPart, ...] = ()
    feedback: tuple[FeedbackPart, ...] = ()

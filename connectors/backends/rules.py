"""The shop's own rules and thresholds: what an operator sets in kefu.yml, with our defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from connectors.backends.customers.model import Proof
from connectors.backends.orders.model import Tender, Trait
from connectors.backends.text import Bilingual


@dataclass(frozen=True)
class ReturnRules:
    """When goods may come back. Days of a window count from the day after signing."""

    window_days: int = 7
    """For a return without a reason. The law of mainland China asks for at least 7."""
    window_days_by_category: dict[str, int] = field(default_factory=dict)
    exchange_window_days: int = 15
    """For another variant of the same product, without a reason."""
    fault_window_days: int = 30
    """For goods that arrived faulty, damaged, wrong or incomplete."""
    send_back_days: int = 7
    """How long an authorisation waits for the shopper to hand the goods to a carrier."""
    draft_minutes: int = 30
    """How long a shopper may think before confirming a prepared return, or any other draft."""
    photo_reasons: tuple[str, ...] = ("damaged", "wrong_item")
    """Reasons of a return for which a picture is asked, as far as we bear the freight."""
    pick_up_countries: tuple[str, ...] = ("中国", "China")
    """Where a courier collects returns; elsewhere the shopper sends them."""
    pick_up_days: int = 2
    """Within how many days a courier comes."""
    replacement_days: int = 2
    """Within how many days after the goods' arrival their replacement leaves."""
    return_address: Bilingual = field(
        default_factory=lambda: Bilingual(
            "浙江省杭州市余杭区示例路 1 号 Kefu 退货仓，邮编 311100，电话 400-000-0000",
            "Kefu Returns, 1 Example Road, Yuhang District, Hangzhou, Zhejiang 311100, China",
        )
    )


@dataclass(frozen=True)
class CancelRules:
    """When an order, or a part of it, may be taken back before it is sent."""

    window_days: int = 30
    """From the day it was placed; later a person looks."""
    while_packing: bool = True
    """Whether an order that is being packed can still be stopped."""
    draft_minutes: int = 30
    limit_minor: dict[str, int] = field(
        default_factory=lambda: {"CNY": 500_000, "USD": 70_000, "EUR": 70_000, "GBP": 60_000}
    )
    """What goes back by the assistant alone; above, a person looks. Minor units of a currency."""
    fallback_limit_minor: int = 0

    def needs_person(self, minor: int, currency: str) -> bool:
        """Whether a refund of this amount must be approved by a person."""
        return _is_above(self.limit_minor, self.fallback_limit_minor, minor, currency)


@dataclass(frozen=True)
class ModifyRules:
    """What of an order may be changed before it is sent."""

    while_packing: bool = True
    """Whether an order that is being packed can still be changed."""
    units_per_line: int = 20
    """More units of one variant are for a person."""
    slot_lead_days: int = 1
    """The soonest day to choose for a delivery, and never before the day that was promised."""
    slot_days: int = 14
    """The latest one, in days from today."""
    slots: tuple[tuple[int, int], ...] = ((9, 12), (12, 15), (15, 18), (18, 21))
    """The hours between which a courier can be asked to come."""
    draft_minutes: int = 30
    limit_minor: dict[str, int] = field(
        default_factory=lambda: {"CNY": 500_000, "USD": 70_000, "EUR": 70_000, "GBP": 60_000}
    )
    """What is charged or goes back by the assistant alone; above, a person looks."""
    fallback_limit_minor: int = 0

    def needs_person(self, minor: int, currency: str) -> bool:
        """Whether moving this amount must be approved by a person."""
        return _is_above(self.limit_minor, self.fallback_limit_minor, minor, currency)


@dataclass(frozen=True)
class UrgeRules:
    """How often an order may be hurried, and by when that is seen to."""

    notes_per_order: int = 2
    hours_between: int = 24
    """A second note makes nobody faster while the first is being seen to."""
    answer_hours: int = 24
    """Until an order that is hurried in time is packed, or its shopper told why not."""
    escalation_hours: int = 4
    """Likewise one that is past its promised time."""
    draft_minutes: int = 30


@dataclass(frozen=True)
class PackRules:
    """When several orders leave in one parcel, and one order in several."""

    orders_together: int = 3
    hours_apart: int = 48
    """Between the first and the last of them being placed: nobody's goods wait longer."""
    parcels_per_order: int = 2
    """With those that were sent before; more are for a person."""
    while_packing: bool = False
    """Whether what is being packed can still be put elsewhere."""
    draft_minutes: int = 30


@dataclass(frozen=True)
class AddressRules:
    """When an order may still go elsewhere."""

    while_packing: bool = True
    """Whether the address of an order that is being packed can be changed."""
    same_country_only: bool = True
    """An order stays in its country: price, freight and duties were worked out for it."""
    draft_minutes: int = 30


@dataclass(frozen=True)
class InterceptRules:
    """When a carrier can still be asked to bring a parcel elsewhere or back."""

    answer_hours: int = 24
    """How long the carrier may take to say whether it can."""
    draft_minutes: int = 30
    impossible_with: tuple[str, ...] = ()
    """Codes of carriers that never do it."""


@dataclass(frozen=True)
class TrackingRules:
    """When a parcel's silence or lateness is worth a word."""

    collect_within_hours: int = 48
    stuck_after_hours: int = 72
    customs_silent_hours: int = 120
    overdue_grace_hours: int = 12
    person_after_days: int = 7
    """Of silence, or past the promised time: then a person takes over unasked."""


def _refund_days() -> dict[Tender, int]:
    return {
        Tender.WECHAT_PAY: 3,
        Tender.ALIPAY: 3,
        Tender.BANK_CARD: 7,
        Tender.CREDIT_CARD: 10,
        Tender.PAYPAL: 5,
        Tender.GIFT_CARD: 1,
        Tender.BALANCE: 1,
    }


def _hold_days() -> dict[Tender, int]:
    return {
        Tender.WECHAT_PAY: 1,
        Tender.ALIPAY: 1,
        Tender.BANK_CARD: 3,
        Tender.CREDIT_CARD: 7,
        Tender.PAYPAL: 3,
        Tender.GIFT_CARD: 0,
        Tender.BALANCE: 0,
    }


@dataclass(frozen=True)
class RefundRules:
    """How long money takes back to each tender, in calendar days from the request."""

    days_by_tender: dict[Tender, int] = field(default_factory=_refund_days)
    fallback_days: int = 10
    inspection_days: int = 2
    """Between the return's arrival at the warehouse and the refund's request."""
    person_after_days: int = 7
    """Past the usual time: then a person takes over unasked."""
    instant: tuple[Tender, ...] = (Tender.GIFT_CARD, Tender.BALANCE)
    """What the shop keeps itself: money for goods that were never sent is there at once."""

    def days(self, tender: Tender) -> int:
        """Usual number of days until money is back at ``tender``."""
        return self.days_by_tender.get(tender, self.fallback_days)


@dataclass(frozen=True)
class PaymentRules:
    """How long each step of a payment may take."""

    callback_minutes: int = 15
    """How long a provider may take to tell the shop of a payment that succeeded."""
    processing_hours: int = 24
    """How long a bank may take over a payment that it has accepted to look at."""
    hold_days_by_tender: dict[Tender, int] = field(default_factory=_hold_days)
    """How long a bank may keep money reserved for a payment that failed."""
    fallback_hold_days: int = 7

    def hold_days(self, tender: Tender) -> int:
        """Days after which money reserved at ``tender`` is free again."""
        return self.hold_days_by_tender.get(tender, self.fallback_hold_days)


@dataclass(frozen=True)
class IdentityRules:
    """How somebody may prove who they are, how often they may try in a window of time, how long it
    counts."""

    proofs: tuple[Proof, ...] = (
        Proof.ORDER_AND_PHONE,
        Proof.EMAIL_AND_NAME,
        Proof.NAME_AND_POSTCODE,
    )
    """Which are accepted; the first is asked for, the others are named beside it. A one-time code
    needs somebody who sends it."""
    attempts_per_conversation: int = 5
    attempts_per_subject: int = 5
    """For each order, e-mail address or name that is claimed, whoever claims it."""
    attempts_per_customer: int = 10
    """Failed ones, by any order or the e-mail address of one customer; then nothing matches."""
    attempts_per_channel: int = 150
    """Failed ones of everybody on a channel; then every proof there waits for the window's end."""
    attempts_overall: int = 200
    """Failed ones of the whole installation, against guessing across many orders; then every proof
    waits for the window's end."""
    window_minutes: int = 60
    code_minutes: int = 5
    """How long a one-time code counts."""
    attempts_per_code: int = 3
    codes_per_contact: int = 3
    """In a window, whoever asks for them."""
    code_wait_seconds: int = 60
    """Before a conversation may have another sent."""
    valid_minutes: int = 120
    """After so long a shopper who proved it in the conversation is asked again; one for whom the
    shop's page vouches is not."""

    def __post_init__(self) -> None:
        """Raises ValueError where nobody could prove anything."""
        if not self.proofs or len(set(self.proofs)) < len(self.proofs):
            raise ValueError("identity.proofs names at least one, and each once")


@dataclass(frozen=True)
class ApprovalRules:
    """What the assistant may grant alone; above, a person looks. Minor units of a currency.

    The returns of one order count together, except those that were given up.
    """

    return_limit_minor: dict[str, int] = field(
        default_factory=lambda: {"CNY": 200_000, "USD": 30_000, "EUR": 30_000, "GBP": 25_000}
    )
    keep_limit_minor: dict[str, int] = field(
        default_factory=lambda: {"CNY": 5_000, "USD": 800, "EUR": 800, "GBP": 700}
    )
    """For money back while the goods stay with the shopper."""
    fallback_limit_minor: int = 0
    risk_days: int = 90
    """How far back a shopper's risk score looks."""
    risk_limit: int = 60
    """From this score (0 to 100) on, a person looks at every return."""
    risk_points_return: int = 5
    risk_points_kept: int = 20
    """For each refund of goods that stayed with the shopper."""
    risk_points_rejected: int = 30

    def needs_person(self, minor: int, currency: str) -> bool:
        """Whether returns of this amount together must be approved by a person."""
        return _is_above(self.return_limit_minor, self.fallback_limit_minor, minor, currency)

    def needs_person_to_keep(self, minor: int, currency: str) -> bool:
        """Whether money back for goods that are not returned must be approved by a person."""
        return _is_above(self.keep_limit_minor, self.fallback_limit_minor, minor, currency)


@dataclass(frozen=True)
class InvoiceRules:
    """Until when an invoice may be asked for and changed, and by when it is there."""

    request_days: int = 180
    """After the order was placed."""
    change_days: int = 30
    """After the invoice was issued."""
    changes: int = 1
    """How often the invoice of an order is put right; after a refund it always is."""
    issue_hours: int = 24
    resends_per_day: int = 3
    not_invoiced: frozenset[Tender] = frozenset({Tender.GIFT_CARD})
    """Tenders that got their invoice when they were bought."""


@dataclass(frozen=True)
class CouponRules:
    """What a coupon cannot be used for."""

    excluded_traits: frozenset[Trait] = frozenset({Trait.CLEARANCE})


@dataclass(frozen=True)
class PriceProtectionRules:
    """When a fallen price gives the difference back: once a line, up to ``days`` after paying."""

    days: int = 7
    """Counted from the day after the payment."""
    excluded_traits: frozenset[Trait] = frozenset({Trait.CLEARANCE})
    limit_minor: dict[str, int] = field(
        default_factory=lambda: {"CNY": 50_000, "USD": 7_000, "EUR": 7_000, "GBP": 6_000}
    )
    """What all claims of an order together give back unseen; above, a person looks."""
    fallback_limit_minor: int = 0

    def needs_person(self, minor: int, currency: str) -> bool:
        """Whether claims of this amount must be approved by a person."""
        return _is_above(self.limit_minor, self.fallback_limit_minor, minor, currency)


@dataclass(frozen=True)
class LateDeliveryRules:
    """What the shop gives for an order that comes late: one coupon an order."""

    grace_hours: int = 0
    """After the promised time, before an order counts as late."""
    compensation_minor: dict[str, int] = field(
        default_factory=lambda: {"CNY": 500, "USD": 100, "EUR": 100, "GBP": 100}
    )
    coupon_days: int = 30
    """How long the coupon can be used."""


@dataclass(frozen=True)
class ComplaintRules:
    """By when a complaint gets an answer and a result."""

    answer_hours: int = 24
    result_working_days: int = 3
    longest_days: int = 7
    """However many holidays lie between; the law asks carriers for as much."""
    holidays: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()
    """Saturdays and Sundays on which the shop works."""


@dataclass(frozen=True)
class AccountRules:
    """How long a customer may think better of deleting their account."""

    cooling_days: int = 15


@dataclass(frozen=True)
class PageRules:
    """Pages of the shop that a shopper is sent to; ``{items}`` is ``variant:quantity,…``."""

    cart: str = "/?cart={items}"
    sign_in: str = "/?sign-in={method}"
    """For registering, signing in and binding: ``{method}`` is phone, email, wechat or alipay."""
    recover: str = "/?recover={method}"


@dataclass(frozen=True)
class ShopRules:
    """All of them. ``timezone``: whose midnight begins a day, and in which dates are told."""

    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    returns: ReturnRules = field(default_factory=ReturnRules)
    cancelling: CancelRules = field(default_factory=CancelRules)
    modifying: ModifyRules = field(default_factory=ModifyRules)
    urging: UrgeRules = field(default_factory=UrgeRules)
    packing: PackRules = field(default_factory=PackRules)
    addressing: AddressRules = field(default_factory=AddressRules)
    intercepting: InterceptRules = field(default_factory=InterceptRules)
    tracking: TrackingRules = field(default_factory=TrackingRules)
    refunds: RefundRules = field(default_factory=RefundRules)
    payments: PaymentRules = field(default_factory=PaymentRules)
    identity: IdentityRules = field(default_factory=IdentityRules)
    approval: ApprovalRules = field(default_factory=ApprovalRules)
    invoices: InvoiceRules = field(default_factory=InvoiceRules)
    coupons: CouponRules = field(default_factory=CouponRules)
    price_protection: PriceProtectionRules = field(default_factory=PriceProtectionRules)
    late_delivery: LateDeliveryRules = field(default_factory=LateDeliveryRules)
    complaints: ComplaintRules = field(default_factory=ComplaintRules)
    accounts: AccountRules = field(default_factory=AccountRules)
    pages: PageRules = field(default_factory=PageRules)


def _is_above(limits: Mapping[str, int], fallback: int, minor: int, currency: str) -> bool:
    """Whether ``minor`` units are more than the limit of their currency, or of any other."""
    return minor > limits.get(currency, fallback)

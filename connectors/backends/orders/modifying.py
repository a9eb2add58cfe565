"""Changing an order before it is sent: variants, quantities, the tender, when it is delivered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from connectors.backends.catalogue.model import Variant
from connectors.backends.customers.model import BalanceChange, StoredTender
from connectors.backends.drafts.model import Refusal
from connectors.backends.orders.model import (
    DeliverySlot,
    OpenOrder,
    Order,
    OrderLine,
    OrderStatus,
    Trait,
)
from connectors.backends.refunds.differences import (
    Charge,
    MoneyBack,
    TenderRefusal,
    charge_of,
    money_back,
)
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.refunds.policy import split_over_tenders
from connectors.backends.rules import ModifyRules, ShopRules
from connectors.backends.text import Bilingual
from kernel.money import Money, total


class ModifyRefusal(StrEnum):
    """Why something cannot be changed; every member has a response of its own."""

    ORDER_CANCELLED = "order_cancelled"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    BEING_PACKED = "being_packed"
    PAYMENT_UNDER_WAY = "payment_under_way"
    NOTHING_CHOSEN = "nothing_chosen"
    NOTHING_CHANGES = "nothing_changes"
    NOTHING_LEFT = "nothing_left"
    """Everything would be taken out: that is a cancellation."""
    LINE_SHIPPED = "line_shipped"
    LINE_CANCELLED = "line_cancelled"
    QUANTITY_TOO_HIGH = "quantity_too_high"
    """More units are to be changed than there are."""
    TOO_MANY = "too_many"
    """More units of one line than the assistant sells."""
    CUSTOM_MADE_STARTED = "custom_made_started"
    PRICE_CREDITED = "price_credited"
    """Price protection gave, or may yet give, money back: a person works out what it costs now."""
    OTHER_PRODUCT = "other_product"
    OUT_OF_STOCK = "out_of_stock"
    NOT_PAID = "not_paid"
    """Which tender pays is chosen when it is paid."""
    SAME_TENDER = "same_tender"
    TENDER_MISSING = "tender_missing"
    TENDER_UNKNOWN = "tender_unknown"
    TENDER_EXPIRED = "tender_expired"
    BALANCE_TOO_LOW = "balance_too_low"
    DID_NOT_PAY = "did_not_pay"
    SLOT_TOO_EARLY = "slot_too_early"
    SLOT_TOO_LATE = "slot_too_late"
    SLOT_UNKNOWN = "slot_unknown"
    """Nobody delivers between those hours."""
    ABOVE_LIMIT = "above_limit"
    DRAFT_EXPIRED = "draft_expired"
    TERMS_CHANGED = "terms_changed"


@dataclass(frozen=True)
class LineWish:
    """``taken`` unsent units of a line leave the order, ``given`` of a variant come into it.

    The variant is of the same product, or the very same: then only the quantity changes.
    """

    line_id: str
    variant_id: str
    taken: int
    given: int


@dataclass(frozen=True)
class ModifyWish:
    """What of an order shall be otherwise.

    ``tender_id`` pays a difference, or gets it back. ``pay_with`` pays the whole order instead of
    what paid it. Both are stored tenders of the customer. Without ``tender_id`` a difference goes
    back to all that paid.
    """

    lines: tuple[LineWish, ...] = ()
    slot: DeliverySlot | None = None
    tender_id: str | None = None
    pay_with: str | None = None


@dataclass(frozen=True)
class ModifiedLine:
    """One change of a line; ``difference`` is what it makes the order dearer (or cheaper) by."""

    line_id: str
    product_name: Bilingual
    options: Bilingual
    taken: int
    variant_id: str
    new_options: Bilingual
    given: int
    difference: Money


@dataclass(frozen=True)
class ModifyTerms:
    """What a change that nothing forbids comes to.

    ``charge`` is taken from a tender on file, ``refunds`` go back, to the gift card
    ``refund_account`` if there is one. An order that was not paid moves no money.
    """

    lines: tuple[ModifiedLine, ...]
    total_before: Money
    total_after: Money
    difference: Money
    slot: DeliverySlot | None
    charge: Charge | None
    refunds: tuple[TenderAmount, ...]
    refund_account: str | None


@dataclass(frozen=True)
class Modifiable(OpenOrder):
    """An order as the rules of changing see it: units by line that may be changed.

    ``refusal`` says why nothing of it can be changed, None if something can.
    """

    refusal: ModifyRefusal | None


@dataclass(frozen=True)
class ModifyDraft:
    """A change that is ready to be confirmed: exactly this happens, or nothing.

    ``balances`` are the gift cards and accounts that money leaves or goes back to.
    """

    id: str
    customer_id: str
    order_number: str
    wish: ModifyWish
    terms: ModifyTerms
    balances: tuple[BalanceChange, ...]
    expires_at: datetime


@dataclass(frozen=True)
class Modification:
    """What was changed; ``refunds`` are the numbers of the refunds that it caused."""

    order_number: str
    terms: ModifyTerms
    refunds: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class Settled:
    """What a change comes to, with the ``lines`` of the order as they are afterwards."""

    terms: ModifyTerms
    lines: tuple[OrderLine, ...]


_SENT = {
    OrderStatus.CANCELLED: ModifyRefusal.ORDER_CANCELLED,
    OrderStatus.SHIPPED: ModifyRefusal.SHIPPED,
    OrderStatus.DELIVERED: ModifyRefusal.DELIVERED,
    OrderStatus.COMPLETED: ModifyRefusal.DELIVERED,
}


def modifiable(order: Order, rules: ModifyRules, *, payment_under_way: bool) -> Modifiable:
    """What of ``order`` may be changed; ``payment_under_way`` as in cancelling."""
    units = order.unsent_units
    refusal = _SENT.get(order.status)
    if refusal is None and not units:
        refusal = ModifyRefusal.SHIPPED
    if refusal is None and order.status is OrderStatus.UNPAID and payment_under_way:
        refusal = ModifyRefusal.PAYMENT_UNDER_WAY
    if refusal is None and _is_begun(order) and not rules.while_packing:
        refusal = ModifyRefusal.BEING_PACKED
    return Modifiable(order, units, refusal)


def _is_begun(order: Order) -> bool:
    return order.status not in (OrderStatus.UNPAID, OrderStatus.PAID)


def settle(
    found: Modifiable,
    wish: ModifyWish,
    variants: Mapping[str, tuple[str, Variant]],
    stored: Sequence[StoredTender],
    now: datetime,
    rules: ShopRules,
    *,
    claimed: Collection[str] = (),
    quote: bool = False,
) -> Settled | Refusal[ModifyRefusal]:
    """What it comes to if ``wish`` is fulfilled, or why it cannot be.

    ``variants`` gives the product of each variant that is wanted, and the variant as it is now.
    ``claimed``: lines whose claim on a fallen price waits for a person. ``quote``: a charge may
    still lack its tender.
    """
    if found.refusal is not None:
        return Refusal(found.refusal)
    slot_refusal = _slot_refusal(found.order, wish.slot, now, rules)
    if slot_refusal is not None:
        return Refusal(slot_refusal)
    changed = _changed(found, wish.lines, variants, claimed, rules.modifying)
    if isinstance(changed, Refusal):
        return changed
    parts, lines = changed
    order = found.order
    after = replace(order, lines=lines)
    if not parts and wish.pay_with is None and wish.slot in (None, order.slot):
        asked = wish.lines or wish.slot is not None
        code = ModifyRefusal.NOTHING_CHANGES if asked else ModifyRefusal.NOTHING_CHOSEN
        return Refusal(code)
    difference = after.total - order.total
    money = _money(order, after, wish, stored, now, rules, quote)
    if isinstance(money, ModifyRefusal):
        return Refusal(money)
    charge, back = money
    returned = total((part.amount for part in back.parts), order.currency)
    moved = max(charge.amount.minor if charge else 0, returned.minor, abs(difference.minor))
    if order.status is not OrderStatus.UNPAID and rules.modifying.needs_person(
        moved, order.currency
    ):
        return Refusal(ModifyRefusal.ABOVE_LIMIT)
    terms = ModifyTerms(
        lines=parts,
        total_before=order.total,
        total_after=after.total,
        difference=difference,
        slot=wish.slot,
        charge=charge,
        refunds=back.parts,
        refund_account=back.account,
    )
    return Settled(terms, lines)


def _slot_refusal(
    order: Order, slot: DeliverySlot | None, now: datetime, rules: ShopRules
) -> ModifyRefusal | None:
    if slot is None or slot == order.slot:
        return None
    if (slot.start, slot.end) not in rules.modifying.slots:
        return ModifyRefusal.SLOT_UNKNOWN
    zone = ZoneInfo(rules.timezone)
    today = now.astimezone(zone).date()
    earliest = today + timedelta(days=rules.modifying.slot_lead_days)
    if order.promised_by is not None:
        earliest = max(earliest, order.promised_by.astimezone(zone).date())
    if slot.day < earliest:
        return ModifyRefusal.SLOT_TOO_EARLY
    if slot.day > max(today + timedelta(days=rules.modifying.slot_days), earliest):
        return ModifyRefusal.SLOT_TOO_LATE
    return None


def slot_end(slot: DeliverySlot, timezone: str) -> datetime:
    """When ``slot`` is over (UTC): from now on the promise."""
    end = datetime.combine(slot.day, time(slot.end), ZoneInfo(timezone))
    return end.astimezone(ZoneInfo("UTC"))


def _changed(
    found: Modifiable,
    wishes: Sequence[LineWish],
    variants: Mapping[str, tuple[str, Variant]],
    claimed: Collection[str],
    rules: ModifyRules,
) -> tuple[tuple[ModifiedLine, ...], tuple[OrderLine, ...]] | Refusal[ModifyRefusal]:
    """The changes, and every line of the order after them."""
    order = found.order
    lines = {line.id: line for line in order.lines}
    units = dict(found.units)
    stock = {key: variant.stock for key, (_, variant) in variants.items()}
    parts = []
    for wish in (_net(order, wish) for wish in wishes):
        line = order.line(wish.line_id)
        if line is None or min(wish.taken, wish.given) < 0:
            return Refusal(ModifyRefusal.NOTHING_CHOSEN, wish.line_id)
        if not wish.taken and not wish.given:
            continue
        refusal = _line_refusal(found, line, wish, units, variants, stock, claimed, rules)
        if refusal is not None:
            return Refusal(refusal, line.id)
        units[line.id] -= wish.taken
        stock[wish.variant_id] -= wish.given
        variant = variants[wish.variant_id][1]
        before = total((one.kept_amount for one in lines.values()), order.currency)
        _apply(lines, line.id, wish, variant, order.number)
        after = total((one.kept_amount for one in lines.values()), order.currency)
        parts.append(
            ModifiedLine(
                line_id=line.id,
                product_name=line.product_name,
                options=_options(line),
                taken=wish.taken,
                variant_id=variant.id,
                new_options=Bilingual(variant.options_text("zh"), variant.options_text("en")),
                given=wish.given,
                difference=after - before,
            )
        )
    if parts and not any(line.kept for line in lines.values()):
        return Refusal(ModifyRefusal.NOTHING_LEFT)
    return tuple(parts), tuple(lines.values())


def _net(order: Order, wish: LineWish) -> LineWish:
    """What leaves and comes back as the same variant was never touched."""
    line = order.line(wish.line_id)
    if line is None or wish.variant_id != line.variant_id:
        return wish
    same = min(wish.taken, wish.given)
    return replace(wish, taken=wish.taken - same, given=wish.given - same)


def _options(line: OrderLine) -> Bilingual:
    return Bilingual(line.options_text("zh"), line.options_text("en"))


def _line_refusal(
    found: Modifiable,
    line: OrderLine,
    wish: LineWish,
    units: Mapping[str, int],
    variants: Mapping[str, tuple[str, Variant]],
    stock: Mapping[str, int],
    claimed: Collection[str],
    rules: ModifyRules,
) -> ModifyRefusal | None:
    if not found.units.get(line.id):
        return ModifyRefusal.LINE_SHIPPED if line.kept else ModifyRefusal.LINE_CANCELLED
    if wish.taken > units[line.id]:
        return ModifyRefusal.QUANTITY_TOO_HIGH
    if _is_begun(found.order) and Trait.CUSTOM_MADE in line.traits:
        return ModifyRefusal.CUSTOM_MADE_STARTED
    if line.credited_units or line.id in claimed:
        return ModifyRefusal.PRICE_CREDITED
    product_id, _ = variants.get(wish.variant_id, ("", None))
    if product_id != line.product_id:
        return ModifyRefusal.OTHER_PRODUCT
    if line.kept - wish.taken + wish.given > rules.units_per_line and wish.given > wish.taken:
        return ModifyRefusal.TOO_MANY
    if stock[wish.variant_id] < wish.given:
        return ModifyRefusal.OUT_OF_STOCK
    return None


def _apply(
    lines: dict[str, OrderLine], line_id: str, wish: LineWish, variant: Variant, number: str
) -> None:
    """Change ``lines``: a line that is replaced as a whole keeps its id, others are split.

    The discount of units that are replaced goes with them, up to their price.
    """
    line = lines[line_id]
    off = line.unit_price * wish.taken - line.amount_of(wish.taken, line.cancelled)
    if wish.taken and wish.given:
        off = Money(off.minor * min(wish.given, wish.taken) // wish.taken, off.currency)
    price = variant.price * wish.given
    off = off if off <= price else price
    new = replace(
        line,
        variant_id=variant.id,
        sku=variant.sku,
        options=variant.options,
        quantity=wish.given,
        unit_price=variant.price,
        discount=off,
        cancelled=0,
    )
    if not wish.given:
        lines[line_id] = replace(line, cancelled=line.cancelled + wish.taken)
    elif wish.taken == line.quantity:
        lines[line_id] = new
    elif _may_grow(line, wish, variant):
        lines[line_id] = replace(line, quantity=line.quantity + wish.given)
    else:
        lines[line_id] = replace(line, cancelled=line.cancelled + wish.taken)
        new_id = _free_id(lines, number)
        lines[new_id] = replace(new, id=new_id)


def _may_grow(line: OrderLine, wish: LineWish, variant: Variant) -> bool:
    same = variant.id == line.variant_id and variant.price == line.unit_price
    return same and not wish.taken and not line.discount


def _free_id(lines: Mapping[str, OrderLine], number: str) -> str:
    serial = len(lines) + 1
    while f"{number}-{serial}" in lines:
        serial += 1
    return f"{number}-{serial}"


def _money(
    order: Order,
    after: Order,
    wish: ModifyWish,
    stored: Sequence[StoredTender],
    now: datetime,
    rules: ShopRules,
    quote: bool,
) -> tuple[Charge | None, MoneyBack] | ModifyRefusal:
    today = now.astimezone(ZoneInfo(rules.timezone)).date()
    left = order.paid - order.refunded
    difference = after.total - order.total
    nothing = MoneyBack(())
    if order.status is OrderStatus.UNPAID:
        return ModifyRefusal.NOT_PAID if wish.pay_with is not None else (None, nothing)
    if wish.pay_with is not None:
        if {one.stored_id for one in order.payments if one.refundable} == {wish.pay_with}:
            return ModifyRefusal.SAME_TENDER
        # As much as the order has now: what price protection gave back, say, stays given.
        due = left + difference
        if due.minor <= 0:
            return ModifyRefusal.NOTHING_CHANGES
        charge = charge_of(due, wish.pay_with, stored, today)
        if isinstance(charge, TenderRefusal):
            return ModifyRefusal(charge)
        return charge, MoneyBack(split_over_tenders(left, order.payments, rules.refunds))
    if difference.minor > 0:
        charge = charge_of(difference, wish.tender_id, stored, today)
        if charge is TenderRefusal.TENDER_MISSING and quote:
            return None, nothing
        if isinstance(charge, TenderRefusal):
            return ModifyRefusal(charge)
        return charge, nothing
    # A goodwill refund before may have left less than the goods' price.
    amount = -difference if -difference <= left else left
    back = money_back(amount, wish.tender_id, order.payments, stored, rules.refunds)
    return ModifyRefusal(back) if isinstance(back, TenderRefusal) else (None, back)

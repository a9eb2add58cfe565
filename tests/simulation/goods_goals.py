"""Goals about goods at fault and about orders that are changed before they are sent.

What they end in is worked out by the shop itself: ``Goal.carry`` has its verbs do what is wished.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random

from connectors.backends.embedded.document import (
    CustomerPart,
    LinePart,
    OrderPart,
    StoredTenderPart,
    VariantPart,
)
from connectors.backends.orders.model import DeliverySlot, OrderStatus, Tender
from connectors.backends.orders.modifying import LineWish, ModifyWish
from connectors.backends.refunds.exchanges import ExchangeRequestLine, ExchangeWish
from connectors.backends.refunds.model import (
    Handover,
    RefundTo,
    ReturnReason,
    ReturnRequestLine,
    ReturnWish,
)
from connectors.backends.rules import ModifyRules
from connectors.backends.shop import Shop
from tests.simulation import oracle
from tests.simulation.goal import Change, Draw, Goal, Task, draw_twist, some_units
from tests.simulation.market import Market

_FAULTS = ("damaged", "damaged", "faulty", "wrong_item", "not_as_described", "missing_parts")
_REMEDIES = ("send_back", "send_back", "replace", "refund_only")


def _damaged(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    reason = random.choice(_FAULTS)
    among = [one for one in order.lines if oracle.may_come_back(order, one, reason, market.now)]
    if not among or order.price_claims or not oracle.is_trusted(market, customer.id):
        return None
    wish = random.choice(("resend", *_REMEDIES) if reason == "missing_parts" else _REMEDIES)
    units = some_units(random, among)
    pick_up = order.address.country in ("中国", "China")
    handover = Handover.PICK_UP if pick_up else Handover.DROP_OFF
    if wish in ("refund_only", "resend"):
        handover = Handover.KEEP
    anew = wish in ("replace", "resend")
    lines = {line.id: line for line in order.lines}
    if anew and any(market.variant(lines[key]).stock < count for key, count in units.items()):
        return None
    photos = ("picture",) if reason in oracle.PHOTO_REASONS else ()

    async def carry(shop: Shop) -> object:
        if anew:
            wanted = [
                ExchangeRequestLine(key, count, lines[key].variant) for key, count in units.items()
            ]
            exchange = await shop.refunds.prepare_exchange(
                customer.id,
                order.number,
                wanted,
                ExchangeWish(ReturnReason(reason), handover, photos),
            )
            return await shop.refunds.commit_exchange(customer.id, exchange.id)
        back = await shop.refunds.prepare_return(
            customer.id,
            order.number,
            [ReturnRequestLine(key, count) for key, count in units.items()],
            ReturnWish(ReturnReason(reason), RefundTo.ORIGINAL, handover, photos),
        )
        return await shop.refunds.commit_return(customer.id, back.id)

    return Goal(
        Task.DAMAGED,
        frozenset({"damaged_or_wrong_item"}),
        customer,
        order,
        among,
        units,
        {"reason": reason, "wish": wish, "handover": handover.value, "refund_to": "original"},
        twist=draw_twist(random, more=False),
        carry=carry,
        calls=frozenset({"return_request", "exchange_request", "refund_request"}),
    )


def _modify(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    open_states = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PREPARING)
    plain = [line for line in order.lines if not line.discount and not line.cancelled]
    if order.status not in open_states or not plain or order.fulfilments:
        return None
    chosen = random.sample(plain, min(len(plain), random.choice((1, 1, 2))))
    changes = {
        line.id: change
        for line in order.lines
        if line in chosen and (change := _change(market, random, line)) is not None
    }
    left = sum(line.quantity for line in order.lines) - sum(
        change.taken - change.given for change in changes.values()
    )
    if not changes or left < 1:
        return None
    lines = {line.id: line for line in order.lines}
    due = sum(
        change.given * change.variant.price - change.taken * lines[key].unit_price
        for key, change in changes.items()
    )
    paid = order.status is not OrderStatus.UNPAID
    able = [one for one in customer.tenders if paid and due > 0 and _covers(market, one, due)]
    if paid and due > 0 and not able:
        return None
    tender = random.choice(able).id if able else None
    wanted = tuple(
        LineWish(key, change.variant.id, change.taken, change.given)
        for key, change in changes.items()
    )

    async def carry(shop: Shop) -> object:
        draft = await shop.modifications.prepare_modification(
            customer.id, order.number, ModifyWish(wanted, tender_id=tender)
        )
        return await shop.modifications.commit_modification(customer.id, draft.id)

    return Goal(
        Task.MODIFY,
        frozenset({"modify_order"}),
        customer,
        order,
        plain,
        values={"tender": tender} if tender else {},
        twist=draw_twist(random, more=False),
        changes=changes,
        # What goes back to several tenders is told by tender.
        amount=abs(due) if due and (due > 0 or len(order.payments) < 2) else None,
        carry=carry,
        calls=frozenset({"exchange_request", "cancel_order"}),
    )


def _modify_terms(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    open_states = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PREPARING)
    if order.status not in open_states or order.fulfilments:
        return None
    draw = random.choice((_another_time, _another_tender))
    return draw(market, random, customer, order)


def _another_time(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    """Delivered on another day, between other hours."""
    day = market.now.date() + timedelta(days=random.randint(3, 12))
    start, end = random.choice(ModifyRules().slots)
    wish = ModifyWish(slot=DeliverySlot(day, start, end))
    values = {"slot_day": day.isoformat(), "slot_hours": f"{start}-{end}"}
    return _changed_otherwise(random, customer, order, wish, "modify_slot", values)


def _another_tender(
    market: Market, random: Random, customer: CustomerPart, order: OrderPart
) -> Goal | None:
    """Paid with something else that is on file."""
    paid = {payment.stored for payment in order.payments}
    total = sum(payment.amount for payment in order.payments)
    able = [one for one in customer.tenders if one.id not in paid and _covers(market, one, total)]
    if not total or not able:
        return None
    tender = random.choice(able).id
    wish = ModifyWish(pay_with=tender)
    values = {"pay_with": tender, "tender": tender}
    return _changed_otherwise(random, customer, order, wish, "modify_tender", values)


def _changed_otherwise(
    random: Random,
    customer: CustomerPart,
    order: OrderPart,
    wish: ModifyWish,
    opening: str,
    values: Mapping[str, str],
) -> Goal:
    async def carry(shop: Shop) -> object:
        draft = await shop.modifications.prepare_modification(customer.id, order.number, wish)
        return await shop.modifications.commit_modification(customer.id, draft.id)

    return Goal(
        Task.MODIFY_TERMS,
        frozenset({"modify_order"}),
        customer,
        order,
        values=values,
        twist=draw_twist(random, more=False),
        carry=carry,
        opening=opening,
    )


def _change(market: Market, random: Random, line: LinePart) -> Change | None:
    """Another variant of all units, another quantity, or none of it."""
    present = market.variant(line)
    kind = random.choice(("variant", "variant", "more", "fewer", "gone"))
    if kind == "variant":
        others: Sequence[VariantPart] = [
            one
            for one in market.products[line.product].variants
            if one.id != line.variant and one.stock >= line.quantity
        ]
        return Change(random.choice(others), line.quantity, line.quantity) if others else None
    if kind == "more":
        # More of the same is sold at today's price.
        more = random.choice((1, 2))
        fits = present.price == line.unit_price and present.stock >= more
        return Change(present, 0, more) if fits else None
    if kind == "fewer":
        return (
            Change(present, random.randint(1, line.quantity - 1), 0) if line.quantity > 1 else None
        )
    return Change(present, line.quantity, 0)


def _covers(market: Market, stored: StoredTenderPart, due: int) -> bool:
    if stored.expires_on is not None and stored.expires_on < market.now.date():
        return False
    keeps = stored.tender in (Tender.GIFT_CARD, Tender.BALANCE)
    return not keeps or (stored.balance or 0) >= due


GOODS_DRAWS: dict[Task, Draw] = {
    Task.DAMAGED: _damaged,
    Task.MODIFY: _modify,
    Task.MODIFY_TERMS: _modify_terms,
}

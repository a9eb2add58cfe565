"""The verbs of an order that has not left: change it, hurry it, arrange its parcels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.orders import packing, urging
from connectors.backends.orders.model import DeliverySlot, Order, OrderStatus
from connectors.backends.orders.modifying import (
    LineWish,
    Modifiable,
    ModifiedLine,
    ModifyRefusal,
    ModifyTerms,
    ModifyWish,
)
from connectors.backends.orders.packing import PackWish
from connectors.backends.orders.port import access_order
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from connectors.backends.text import Bilingual
from kefu.order_forms import (
    NEITHER,
    Filled,
    balance_told,
    both,
    charge_told,
    field,
    line_told,
    offered,
    previewed,
    row,
    several,
    sold,
    tender_choice,
    variants_told,
)
from kernel.errors import Refused

_LOOKED_AT = 20
_TOGETHER, _APART = "together", "apart"


class ModifyDeed:
    """(see kefu.order_forms.Deed) ``units`` say how much of each line stays as it is.

    The rest becomes the variant that the details name for the line, or leaves the order; more
    than there are come into it.
    """

    def __init__(self, shop: Shop, rules: ShopRules) -> None:
        self._shop = shop
        self._rules = rules.modifying

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.modifications.modifiable(customer_id, order.number)
        if found.refusal is not None:
            return offered("modify", found.refusal)
        lines = []
        for line in (one for one in found.order.lines if found.units.get(one.id)):
            units = found.units[line.id]
            product = await sold(self._shop, line.product_id)
            variants = variants_told(product) if product else []
            lines.append(
                {
                    **line_told(line, units),
                    "stays": True,
                    "most": max(units, self._rules.units_per_line),
                    "variants": [one for one in variants if one["id"] != line.variant_id],
                    "variant": line.variant_id,
                }
            )
        slot = found.order.slot
        on_file = await self._shop.customers.tenders_of(customer_id)
        tenders = [NEITHER, *(tender_choice(one) for one in on_file)]
        hours = [
            {"id": f"{start}-{end}", "title": f"{start}:00-{end}:00"}
            for start, end in self._rules.slots
        ]
        paid = found.order.status is not OrderStatus.UNPAID
        return offered(
            "modify",
            None,
            lines=lines,
            fields=[
                field("slot_day", slot.day.isoformat() if slot else "", kind="date", optional=True),
                field("slot_hours", _hours(slot), [NEITHER, *hours], optional=True),
                *([field("tender", "", tenders), field("pay_with", "", tenders)] if paid else []),
            ],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.modifications.modifiable(customer_id, filled.order_number)
        wish = ModifyWish(
            lines=tuple(_line_wishes(found, filled.units, filled.details)),
            slot=self._slot(found.order.slot, filled.details),
            tender_id=filled.details.get("tender") or None,
            pay_with=filled.details.get("pay_with") or None,
        )
        draft = await self._shop.modifications.prepare_modification(
            customer_id, filled.order_number, wish
        )
        terms = draft.terms
        return previewed(
            draft,
            rows=[_line_row(one) for one in terms.lines],
            tenders=terms.refunds,
            slot=terms.slot and {"day": terms.slot.day.isoformat(), "hours": _hours(terms.slot)},
            sum=_sum(terms),
            charge=charge_told(terms.charge),
            balances=[balance_told(one) for one in draft.balances],
        )

    def _slot(self, now: DeliverySlot | None, details: Mapping[str, str]) -> DeliverySlot | None:
        day, hours = details.get("slot_day", ""), details.get("slot_hours", "")
        if not day and not hours:
            return None
        if not day or not hours:
            raise Refused(ModifyRefusal.SLOT_UNKNOWN)
        start, _, end = hours.partition("-")
        wanted = DeliverySlot(date.fromisoformat(day), int(start), int(end))
        return None if wanted == now else wanted

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.modifications.commit_modification(customer_id, draft_id, by)
        return done.order_number, list(done.refunds)


def _hours(slot: DeliverySlot | None) -> str:
    return f"{slot.start}-{slot.end}" if slot else ""


def _line_wishes(
    found: Modifiable, units: Mapping[str, int], details: Mapping[str, str]
) -> Iterator[LineWish]:
    for line_id, stays in units.items():
        line, there = found.order.line(line_id), found.units.get(line_id, 0)
        own = line.variant_id if line else ""
        variant = details.get(line_id) or own
        if stays > there:
            yield LineWish(line_id, own, 0, stays - there)
        elif stays < there:
            left = there - stays
            yield LineWish(line_id, variant, left, 0 if variant == own else left)


def _line_row(line: ModifiedLine) -> dict[str, Any]:
    name, was, becomes = line.product_name, line.options, line.new_options
    if line.taken and line.given:
        told = Bilingual(
            f"{name.zh} {was.zh} → {becomes.zh}".strip(),
            f"{name.en} {was.en} → {becomes.en}".strip(),
        )
    else:
        told = Bilingual(f"{name.zh} {was.zh}".strip(), f"{name.en} {was.en}".strip())
    note = None if line.taken and line.given else "added" if line.given else "taken_out"
    return {**row(told, line.given or line.taken, line.difference), "note": note}


def _sum(terms: ModifyTerms) -> dict[str, str]:
    return {"before": str(terms.total_before), "after": str(terms.total_after)}


class UrgeDeed:
    """(see kefu.order_forms.Deed)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        refusal = urging.order_refusal(order)
        return offered("urge", refusal)

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        draft = await self._shop.urging.prepare_urge(customer_id, filled.order_number)
        return previewed(draft, notes=[draft.terms.kind.value], answer_by=draft.due_at.isoformat())

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.urging.commit_urge(customer_id, draft_id, by)
        return done.order_number, []


class PackDeed:
    """(see kefu.order_forms.Deed) Its reasons are the ways: with other orders, or in parts."""

    def __init__(self, shop: Shop, rules: ShopRules) -> None:
        self._shop = shop
        self._rules = rules.packing

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        refusal = packing.order_refusal(order, self._rules)
        if refusal is not None:
            return offered("pack", refusal)
        others = [
            one
            for one in await self._shop.orders.latest_of(customer_id, _LOOKED_AT)
            if one.number != order.number and packing.order_refusal(one, self._rules) is None
        ]
        waiting = {part.line_id for part in order.unsent()}
        lines = [line for line in order.lines if line.id in waiting]
        return offered(
            "pack",
            None,
            reasons=[_TOGETHER, _APART] if others else [_APART],
            fields=[
                field(
                    "with_orders", "", [_of_order(one) for one in others], kind="many", of=_TOGETHER
                ),
                field("parcels", "2", kind="number", of=_APART),
                field(
                    "first",
                    "",
                    [{"id": line.id, "title": both(line.product_name)} for line in lines],
                    kind="many",
                    of=_APART,
                ),
            ],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        if filled.reason == _TOGETHER:
            wish = PackWish(together_with=several(filled.details, "with_orders"))
        elif filled.reason == _APART:
            parcels = int(filled.details.get("parcels", ""))
            wish = PackWish(parcels=parcels, first=several(filled.details, "first"))
        else:
            raise ValueError(filled.reason)
        draft = await self._shop.packing.prepare_packing(customer_id, filled.order_number, wish)
        terms, find = draft.terms, self._shop.orders
        orders = [await access_order(find, customer_id, number) for number in terms.orders]
        first = [orders[0].line(line_id) for line_id in terms.first]
        return previewed(
            draft,
            rows=[{"name": _of_order(one)["title"]} for one in orders],
            notes=[terms.kind.value],
            parcels=terms.parcels,
            first=[both(line.product_name) for line in first if line],
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.packing.commit_packing(customer_id, draft_id, by)
        return done.terms.orders[0], []


def _of_order(order: Order) -> dict[str, Any]:
    names = [line.product_name for line in order.lines if line.kept]
    return {
        "id": order.number,
        "title": {
            "zh": f"{order.number} {'、'.join(one.zh for one in names)}",
            "en": f"{order.number} {', '.join(one.en for one in names)}",
        },
    }

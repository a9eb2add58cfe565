"""The verbs of goods that come back: return them for money, exchange them for other ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.backends.drafts.model import Actor
from connectors.backends.orders.model import Address, Order, Trait
from connectors.backends.refunds.exchanges import ExchangeRequestLine, ExchangeWish
from connectors.backends.refunds.model import (
    OF_THE_ORDER,
    FreightPayer,
    Handover,
    RefundTo,
    ReturnableLine,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnWish,
)
from connectors.backends.refunds.policy import can_pick_up
from connectors.backends.rules import ReturnRules, ShopRules
from connectors.backends.shop import Shop
from kefu.order_forms import (
    NEITHER,
    Filled,
    balance_told,
    both,
    charge_told,
    exchange_rows,
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

# Of these nothing comes back, whatever is wrong with it.
_CLOSED = OF_THE_ORDER | {ReturnRefusal.ALREADY_RETURNED}
_AT_FAULT = [reason.value for reason in ReturnReason if reason.is_our_fault]


class ReturnDeed:
    """(see kefu.order_forms.Deed)"""

    def __init__(self, shop: Shop, rules: ShopRules) -> None:
        self._shop = shop
        self._rules = rules

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.refunds.returnable_lines(customer_id, order.number)
        open_lines = [one for one in found if one.refusal not in _CLOSED]
        sealed = [
            {"id": one.line.id, "title": both(one.line.product_name)}
            for one in open_lines
            if Trait.DIGITAL in one.line.traits
        ]
        return offered(
            "return",
            None if open_lines else _why_not(found),
            reasons=ReturnReason,
            lines=[line_told(one.line, one.quantity) for one in open_lines],
            fields=[
                field(
                    "refund_to", RefundTo.ORIGINAL.value, [{"id": one.value} for one in RefundTo]
                ),
                _handover_field(order, self._rules.returns),
                *([field("unsealed", "", sealed, kind="many", optional=True)] if sealed else []),
            ],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        unsealed = several(filled.details, "unsealed")
        wanted = [
            ReturnRequestLine(line_id, count, line_id in unsealed)
            for line_id, count in filled.units.items()
        ]
        # An agent who returns goods for a shopper has seen what is wrong with them.
        wish = ReturnWish(
            ReturnReason(filled.reason),
            RefundTo(filled.details.get("refund_to") or RefundTo.ORIGINAL),
            _handover_from(filled.details),
            inspected=True,
        )
        draft = await self._shop.refunds.prepare_return(
            customer_id, filled.order_number, wanted, wish
        )
        return previewed(
            draft,
            rows=[row(one.product_name, one.quantity, one.refund) for one in draft.lines],
            total=str(draft.total),
            tenders=draft.tenders,
            needs_approval=draft.needs_approval,
            back=_back(wish.handover, draft.pick_up_at, draft.freight, draft.send_by, self._rules),
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.refunds.commit_return(customer_id, draft_id, by)
        return done.order_number, [done.number]


class ExchangeDeed:
    """(see Deed) Its details say, by line, which variant comes instead."""

    def __init__(self, shop: Shop, rules: ShopRules) -> None:
        self._shop = shop
        self._rules = rules

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.refunds.returnable_lines(
            customer_id, order.number, for_exchange=True
        )
        lines = []
        for one in (each for each in found if each.refusal not in _CLOSED):
            product = await sold(self._shop, one.line.product_id)
            if product is None:
                continue
            lines.append(
                {
                    **line_told(one.line, one.quantity),
                    "variants": variants_told(product),
                    "variant": one.line.variant_id,
                }
            )
        on_file = await self._shop.customers.tenders_of(customer_id) if lines else ()
        return offered(
            "exchange",
            None if lines else _why_not(found),
            reasons=ReturnReason,
            lines=lines,
            fields=[
                _handover_field(order, self._rules.returns),
                field("difference", "", [NEITHER, *(tender_choice(one) for one in on_file)]),
            ],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        wanted = [
            ExchangeRequestLine(line_id, count, filled.details.get(line_id, ""))
            for line_id, count in filled.units.items()
        ]
        wish = ExchangeWish(
            ReturnReason(filled.reason),
            _handover_from(filled.details),
            tender_id=filled.details.get("difference") or None,
            inspected=True,
        )
        draft = await self._shop.refunds.prepare_exchange(
            customer_id, filled.order_number, wanted, wish
        )
        return previewed(
            draft,
            rows=exchange_rows(draft.lines),
            total=str(draft.difference),
            tenders=draft.refunds,
            charge=charge_told(draft.charge),
            balances=[balance_told(one) for one in draft.balances],
            needs_approval=draft.needs_approval,
            back=_back(wish.handover, draft.address, draft.freight, draft.send_by, self._rules),
            goes_to=draft.address.one_line(),
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        made = await self._shop.refunds.commit_exchange(customer_id, draft_id, by)
        return made.order_number, [made.number]


def _why_not(found: Sequence[ReturnableLine]) -> str:
    """Why none of the lines can come back, or be had again."""
    return next((one.refusal.value for one in found if one.refusal), "no_longer_sold")


def _handover_field(order: Order, rules: ReturnRules) -> dict[str, Any]:
    """How goods get back; they stay with the shopper only where the shop is at fault."""
    ways: list[dict[str, Any]] = [{"id": Handover.DROP_OFF.value}]
    if can_pick_up(order, rules):
        ways.insert(0, {"id": Handover.PICK_UP.value})
    ways.append({"id": Handover.KEEP.value, "of": _AT_FAULT})
    return field("handover", ways[0]["id"], ways)


def _handover_from(details: Mapping[str, str]) -> Handover:
    return Handover(details.get("handover") or Handover.DROP_OFF)


def _back(
    way: Handover,
    pick_up_at: Address | None,
    freight: FreightPayer,
    send_by: datetime,
    rules: ShopRules,
) -> dict[str, Any]:
    """How goods come back: from where or to where, who pays for it, until which day."""
    told: dict[str, Any] = {"way": way.value}
    if way is Handover.KEEP:
        return told
    if way is Handover.PICK_UP and pick_up_at is not None:
        told |= {"at": pick_up_at.one_line(), "days": rules.returns.pick_up_days}
    else:
        told["to"] = both(rules.returns.return_address)
    last = (send_by - timedelta(seconds=1)).astimezone(ZoneInfo(rules.timezone)).date()
    return {**told, "freight": freight.value, "send_by": last.isoformat()}

"""The verbs of an order that give money back for nothing: cancel it, claim a fallen price."""

from __future__ import annotations

from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.orders.cancelling import CancelReason, CancelWish
from connectors.backends.orders.model import Order
from connectors.backends.shop import Shop
from kefu.order_forms import Filled, line_told, offered, previewed, row


class CancelDeed:
    """(see kefu.order_forms.Deed)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.cancellations.cancellable(customer_id, order.number)
        lines = {line.id: line for line in found.order.lines}
        return offered(
            "cancel",
            found.refusal,
            reasons=CancelReason,
            lines=[line_told(lines[one], units) for one, units in found.units.items() if units],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        wishes = [CancelWish(line_id, count) for line_id, count in filled.units.items()]
        draft = await self._shop.cancellations.prepare_cancellation(
            customer_id, filled.order_number, wishes, CancelReason(filled.reason)
        )
        terms = draft.terms
        return previewed(
            draft,
            rows=[row(one.product_name, one.quantity, one.amount) for one in terms.lines],
            total=str(terms.refund),
            tenders=terms.tenders,
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.cancellations.commit_cancellation(customer_id, draft_id, by)
        return done.order_number, list(done.refunds)


class PriceDeed:
    """(see kefu.order_forms.Deed) Lines are claimed for as a whole."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.offers.price_lines(customer_id, order.number)
        lines = {line.id: line for line in order.lines}
        due = [one for one in found if one.back is not None and one.line_id in lines]
        why = next((one.refusal for one in found if one.refusal is not None), None)
        return offered(
            "price_claim",
            None if due else why,
            lines=[
                {
                    **line_told(lines[one.line_id], one.quantity),
                    "whole": True,
                    "change": {"before": str(one.paid_each), "after": str(one.price_now)},
                }
                for one in due
            ],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        chosen = [line_id for line_id, count in filled.units.items() if count]
        draft = await self._shop.offers.prepare_claim(customer_id, filled.order_number, chosen)
        return previewed(
            draft,
            rows=[
                row(one.product_name, one.quantity, one.back)
                for one in draft.lines
                if one.back is not None
            ],
            total=str(draft.total),
            tenders=draft.tenders,
            needs_approval=draft.needs_approval,
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.offers.commit_claim(customer_id, draft_id, by)
        return done.order_number, [done.number]

"""The verbs of an order that give money back: cancel, return, claim a fallen price."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.orders.cancelling import CancelReason, CancelWish
from connectors.backends.orders.model import Order
from connectors.backends.refunds.model import ReturnReason, ReturnRequestLine, ReturnWish
from connectors.backends.shop import Shop
from kefu.order_details import line_told, row, tenders_told


class CancelDeed:
    """(see kefu.order_details.Deed)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.cancellations.cancellable(customer_id, order.number)
        lines = {line.id: line for line in found.order.lines}
        return {
            "verb": "cancel",
            "reasons": list(CancelReason),
            "lines": [line_told(lines[one], units) for one, units in found.units.items() if units],
            "refusal": found.refusal and found.refusal.value,
        }

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see Deed)"""
        wishes = [CancelWish(line_id, count) for line_id, count in units.items()]
        draft = await self._shop.cancellations.prepare_cancellation(
            customer_id, order_number, wishes, CancelReason(reason)
        )
        terms = draft.terms
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": [row(one.product_name, one.quantity, one.amount) for one in terms.lines],
            "total": str(terms.refund),
            "tenders": tenders_told(terms.tenders),
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.cancellations.commit_cancellation(customer_id, draft_id, by)
        return done.order_number, list(done.refunds)


class ReturnDeed:
    """(see kefu.order_details.Deed)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.refunds.returnable_lines(customer_id, order.number)
        lines = [line_told(one.line, one.quantity) for one in found if one.quantity]
        return {
            "verb": "return",
            "reasons": list(ReturnReason),
            "lines": lines,
            "refusal": None if lines else "not_delivered",
        }

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see Deed)"""
        wanted = [ReturnRequestLine(line_id, count) for line_id, count in units.items()]
        # An agent who returns goods for a shopper has seen what is wrong with them.
        wish = ReturnWish(ReturnReason(reason), inspected=True)
        draft = await self._shop.refunds.prepare_return(customer_id, order_number, wanted, wish)
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": [row(one.product_name, one.quantity, one.refund) for one in draft.lines],
            "total": str(draft.total),
            "tenders": tenders_told(draft.tenders),
            "needs_approval": draft.needs_approval,
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.refunds.commit_return(customer_id, draft_id, by)
        return done.order_number, [done.number]


class PriceDeed:
    """(see kefu.order_details.Deed) Lines are claimed for as a whole."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.offers.price_lines(customer_id, order.number)
        lines = {line.id: line for line in order.lines}
        due = [one for one in found if one.back is not None and one.line_id in lines]
        why = next((one.refusal for one in found if one.refusal is not None), None)
        return {
            "verb": "price_claim",
            "reasons": [],
            "lines": [
                {
                    **line_told(lines[one.line_id], one.quantity),
                    "whole": True,
                    "change": {"before": str(one.paid_each), "after": str(one.price_now)},
                }
                for one in due
            ],
            "refusal": None if due else why and why.value,
        }

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see Deed)"""
        chosen = [line_id for line_id, count in units.items() if count]
        draft = await self._shop.offers.prepare_claim(customer_id, order_number, chosen)
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": [
                row(one.product_name, one.quantity, one.back)
                for one in draft.lines
                if one.back is not None
            ],
            "total": str(draft.total),
            "tenders": tenders_told(draft.tenders),
            "needs_approval": draft.needs_approval,
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.offers.commit_claim(customer_id, draft_id, by)
        return done.order_number, [done.number]

"""The verb that files a complaint about an order, with the dates that are promised for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.orders.model import Order
from connectors.backends.shop import Shop
from connectors.backends.tickets.model import Complaint, TicketTopic
from kefu.order_details import field


class ComplaintDeed:
    """(see kefu.order_details.Deed) Its reasons are what a complaint may be about."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        return {
            "verb": "complaint",
            "reasons": list(TicketTopic),
            "lines": [],
            "fields": [field("story", "", kind="long")],
            "refusal": None,
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
        told = Complaint(TicketTopic(reason), details.get("story", "").strip(), order_number)
        draft = await self._shop.tickets.prepare(customer_id, told)
        text = draft.complaint.text
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": [{"name": {"zh": text, "en": text}}],
            "tenders": [],
            "answer_by": draft.answer_by.isoformat(),
            "resolve_by": draft.resolve_by.isoformat(),
            "coupon": draft.compensation and str(draft.compensation),
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed) A coupon for the delay is told by its code."""
        filed = await self._shop.tickets.commit(customer_id, draft_id, by)
        coupon = [filed.compensation_code] if filed.compensation_code else []
        return filed.complaint.order_number or "", [filed.number, *coupon]

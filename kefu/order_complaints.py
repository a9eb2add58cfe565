"""The verb that files a complaint about an order, with the dates that are promised for it."""

from __future__ import annotations

from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.orders.model import Order
from connectors.backends.shop import Shop
from connectors.backends.tickets.model import Complaint, TicketTopic
from kefu.order_forms import Filled, field, offered, previewed


class ComplaintDeed:
    """(see kefu.order_forms.Deed) Its reasons are what a complaint may be about."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        return offered(
            "complaint", None, reasons=TicketTopic, fields=[field("story", "", kind="long")]
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed)"""
        told = Complaint(
            TicketTopic(filled.reason), filled.details.get("story", "").strip(), filled.order_number
        )
        draft = await self._shop.tickets.prepare(customer_id, told)
        text = draft.complaint.text
        return previewed(
            draft,
            rows=[{"name": {"zh": text, "en": text}}],
            answer_by=draft.answer_by.isoformat(),
            resolve_by=draft.resolve_by.isoformat(),
            coupon=draft.compensation and str(draft.compensation),
        )

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed) A coupon for the delay is told by its code."""
        filed = await self._shop.tickets.commit(customer_id, draft_id, by)
        coupon = [filed.compensation_code] if filed.compensation_code else []
        return filed.complaint.order_number or "", [filed.number, *coupon]

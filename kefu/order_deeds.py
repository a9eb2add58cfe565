"""What an agent does for a shopper's order: the assistant's own verbs, previewed and confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.backends.carriers.model import InterceptKind
from connectors.backends.drafts.model import Actor
from connectors.backends.orders.cancelling import CancelReason, CancelWish
from connectors.backends.orders.model import OrderLine
from connectors.backends.refunds.model import (
    ReturnReason,
    ReturnRequestLine,
    ReturnWish,
)
from connectors.backends.shop import Shop
from kefu.order_decisions import DecisionDeed
from kefu.order_details import (
    AddressDeed,
    Deed,
    ExchangeDeed,
    InvoiceDeed,
    both,
    row,
    tenders_told,
)
from kernel.errors import NotFound


class OrderDeeds:
    """(see connectors.console.ports.OrderDeeds)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._detailed: Mapping[str, Deed] = {
            "exchange": ExchangeDeed(shop),
            "address": AddressDeed(shop),
            "invoice": InvoiceDeed(shop),
            "decide": DecisionDeed(shop),
        }

    async def verbs(self, customer_id: str, order_number: str) -> list[dict[str, Any]]:
        """(see OrderDeeds)"""
        shop = self._shop
        cancellable = await shop.cancellations.cancellable(customer_id, order_number)
        returnable = await shop.refunds.returnable_lines(customer_id, order_number)
        lines = {line.id: line for line in cancellable.order.lines}
        return [
            {
                "verb": "cancel",
                "reasons": list(CancelReason),
                "lines": _lines((lines[one], units) for one, units in cancellable.units.items()),
                "refusal": cancellable.refusal and cancellable.refusal.value,
            },
            {
                "verb": "return",
                "reasons": list(ReturnReason),
                "lines": _lines((one.line, one.quantity) for one in returnable),
                "refusal": None if any(one.quantity for one in returnable) else "not_delivered",
            },
            {
                "verb": "intercept",
                "reasons": [],
                "lines": [],
                "refusal": None if cancellable.order.parcels else "not_sent",
            },
            *[await deed.offer(customer_id, cancellable.order) for deed in self._detailed.values()],
        ]

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        verb: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see OrderDeeds)"""
        if verb in self._detailed:
            return await self._detailed[verb].prepare(
                customer_id, order_number, units, reason, details
            )
        shop = self._shop
        if verb == "cancel":
            wishes = [CancelWish(line_id, count) for line_id, count in units.items()]
            cancelling = await shop.cancellations.prepare_cancellation(
                customer_id, order_number, wishes, CancelReason(reason)
            )
            terms = cancelling.terms
            return {
                "draft": cancelling.id,
                "expires_at": cancelling.expires_at.isoformat(),
                "rows": [row(one.product_name, one.quantity, one.amount) for one in terms.lines],
                "total": str(terms.refund),
                "tenders": tenders_told(terms.tenders),
            }
        if verb == "return":
            wanted = [ReturnRequestLine(line_id, count) for line_id, count in units.items()]
            # An agent who returns goods for a shopper has seen what is wrong with them.
            wish = ReturnWish(ReturnReason(reason), inspected=True)
            returning = await shop.refunds.prepare_return(customer_id, order_number, wanted, wish)
            return {
                "draft": returning.id,
                "expires_at": returning.expires_at.isoformat(),
                "rows": [
                    row(one.product_name, one.quantity, one.refund) for one in returning.lines
                ],
                "total": str(returning.total),
                "tenders": tenders_told(returning.tenders),
                "needs_approval": returning.needs_approval,
            }
        if verb == "intercept":
            asking = await shop.intercepts.prepare_intercept(
                customer_id, order_number, InterceptKind.BRING_BACK
            )
            return {
                "draft": asking.id,
                "expires_at": asking.expires_at.isoformat(),
                "rows": [{"name": {"zh": one, "en": one}} for one in asking.parcels],
                "tenders": [],
            }
        raise ValueError(verb)

    async def commit(
        self, customer_id: str, verb: str, draft_id: str, agent_id: str
    ) -> dict[str, Any]:
        """(see OrderDeeds)"""
        shop, by = self._shop, Actor(f"agent:{agent_id}")
        if verb in self._detailed:
            order_number, numbers = await self._detailed[verb].commit(customer_id, draft_id, by)
            return {"order": order_number, "numbers": numbers}
        if verb == "cancel":
            cancelled = await shop.cancellations.commit_cancellation(customer_id, draft_id, by)
            return {"order": cancelled.order_number, "numbers": list(cancelled.refunds)}
        if verb == "return":
            returned = await shop.refunds.commit_return(customer_id, draft_id, by)
            return {"order": returned.order_number, "numbers": [returned.number]}
        if verb == "intercept":
            asked = await shop.intercepts.commit_intercept(customer_id, draft_id, by)
            if not asked:
                raise NotFound("parcel")
            return {"order": asked[0].order_number, "numbers": [one.number for one in asked]}
        raise ValueError(verb)


def _lines(lines: Any) -> list[dict[str, Any]]:
    found: list[tuple[OrderLine, int]] = list(lines)
    return [
        {
            "id": line.id,
            "name": both(line.product_name),
            "options": {"zh": line.options_text("zh"), "en": line.options_text("en")},
            "units": units,
        }
        for line, units in found
        if units > 0
    ]

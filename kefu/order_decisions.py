"""What waits for a person: an agent grants or refuses a return or an exchange of an order."""

from __future__ import annotations

from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.orders.model import Order
from connectors.backends.refunds.exchanges import Exchange, ExchangeStatus
from connectors.backends.refunds.model import ReturnAuthorisation, ReturnStatus
from connectors.backends.shop import Shop
from kefu.order_forms import Filled, exchange_rows, field, offered, row, tenders_told
from kernel.errors import InvalidTransition, NotFound, Refused

_GRANT, _REFUSE = "grant", "refuse"
_WAITING = frozenset({ReturnStatus.AWAITING_APPROVAL, ExchangeStatus.AWAITING_APPROVAL})
_REFUSED = frozenset({ReturnStatus.REJECTED, ExchangeStatus.REJECTED})


class DecisionDeed:
    """(see kefu.order_forms.Deed) Its reasons are the two decisions, its field names the case."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        cases = await self._cases(customer_id, order.number)
        waiting = [one.number for one in cases.values() if one.status in _WAITING]
        return offered(
            "decide",
            None if waiting else "nothing_waits",
            reasons=[_GRANT, _REFUSE] if waiting else [],
            fields=[field("case", waiting[0], [{"id": one} for one in waiting])] if waiting else [],
        )

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """(see Deed) The draft is the decision itself: it can be made once, and does not lapse."""
        if filled.reason not in (_GRANT, _REFUSE):
            raise ValueError(filled.reason)
        case = (await self._cases(customer_id, filled.order_number)).get(
            filled.details.get("case", "")
        )
        if case is None:
            raise NotFound("case")
        if case.status not in _WAITING:
            raise Refused("decided_already")
        told = {"draft": f"{case.number}:{filled.reason}", "expires_at": None}
        if isinstance(case, Exchange):
            rows = exchange_rows(case.lines)
            return {**told, "rows": rows, "total": str(case.difference), "tenders": []}
        rows = [row(one.product_name, one.quantity, one.refund) for one in case.lines]
        back = tenders_told(case.tenders) if filled.reason == _GRANT else []
        return {**told, "rows": rows, "total": str(case.total), "tenders": back}

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed) Whoever repeats their own decision hears the same again."""
        number, _, word = draft_id.rpartition(":")
        grant = word == _GRANT
        case = (await self._cases(customer_id, None)).get(number)
        if case is None or word not in (_GRANT, _REFUSE):
            raise NotFound("case")
        refunds = self._shop.refunds
        try:
            if isinstance(case, Exchange):
                await refunds.decide_exchange(customer_id, number, grant=grant, by=by)
            else:
                await refunds.decide_return(customer_id, number, grant=grant, by=by)
        except InvalidTransition as error:
            if case.decided_by != by.name or (case.status in _REFUSED) == grant:
                raise Refused("decided_already") from error
        return case.order_number, [number]

    async def _cases(
        self, customer_id: str, order_number: str | None
    ) -> dict[str, ReturnAuthorisation | Exchange]:
        returns = await self._shop.refunds.returns_of(customer_id, order_number)
        exchanges = await self._shop.refunds.exchanges_of(customer_id, order_number)
        cases: list[ReturnAuthorisation | Exchange] = [*returns, *exchanges]
        return {one.number: one for one in cases}

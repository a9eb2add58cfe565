"""What waits for a person: an agent grants or refuses a return, an exchange or a price claim."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.backends.drafts.model import Actor
from connectors.backends.offers.model import ClaimGround, ClaimStatus, PriceClaim
from connectors.backends.orders.model import Order
from connectors.backends.orders.port import access_order
from connectors.backends.refunds.exchanges import Exchange, ExchangeStatus
from connectors.backends.refunds.model import ReturnAuthorisation, ReturnStatus, TenderAmount
from connectors.backends.shop import Shop
from connectors.backends.text import Bilingual
from desk.news.words import GROUNDS
from kefu.order_forms import (
    NEITHER,
    Filled,
    exchange_rows,
    field,
    offered,
    row,
    tenders_told,
)
from kernel.errors import InvalidTransition, NotFound, Refused
from kernel.money import Money

_GRANT, _REFUSE = "grant", "refuse"
_WAITING = frozenset(
    {ReturnStatus.AWAITING_APPROVAL, ExchangeStatus.AWAITING_APPROVAL, ClaimStatus.REQUESTED}
)
_REFUSED = frozenset({ReturnStatus.REJECTED, ExchangeStatus.REJECTED, ClaimStatus.REFUSED})

Case = ReturnAuthorisation | Exchange | PriceClaim


class DecisionDeed:
    """(see kefu.order_forms.Deed) Its reasons are the two decisions, its field names the case.

    Whoever refuses says why; that is for the desk, which keeps it with the decision. The shopper of
    a claim is told on which of the ``ClaimGround``s, in their language.
    """

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        cases = await self._cases(customer_id, order.number)
        waiting = [one for one in cases.values() if one.status in _WAITING]
        if not waiting:
            return offered("decide", "nothing_waits")
        choices = [{"id": one.number, "title": _title(one)} for one in waiting]
        fields = [field("case", waiting[0].number, choices)]
        if any(isinstance(one, PriceClaim) for one in waiting):
            grounds = [{"id": one.value, "title": GROUNDS[one.value]} for one in ClaimGround]
            fields.append(field("ground", "", [NEITHER, *grounds], of=_REFUSE))
        fields.append(field("why", "", kind="long", of=_REFUSE))
        return offered("decide", None, reasons=[_GRANT, _REFUSE], fields=fields)

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
        grant, why = filled.reason == _GRANT, filled.details.get("why", "").strip()
        needs_ground = isinstance(case, PriceClaim) and not grant
        ground = filled.details.get("ground", "") if needs_ground else ""
        if not grant and not (why and bool(ground) == needs_ground):
            raise Refused("says_nothing")
        return {
            "draft": ":".join(
                [case.number, filled.reason, *([ClaimGround(ground)] if ground else [])]
            ),
            "expires_at": None,
            "notes": [filled.reason],
            "rows": await self._rows(customer_id, case),
            "total": str(_amount(case)),
            "tenders": tenders_told(_goes_back(case) if grant else ()),
            "why": why,
            "told": GROUNDS.get(ground),
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed) Whoever repeats their own decision hears the same again."""
        number, word, ground = [*draft_id.split(":"), "", ""][:3]
        grant = word == _GRANT
        case = (await self._cases(customer_id, None)).get(number)
        if case is None or word not in (_GRANT, _REFUSE):
            raise NotFound("case")
        shop = self._shop
        try:
            match case:
                case Exchange():
                    await shop.refunds.decide_exchange(customer_id, number, grant=grant, by=by)
                case PriceClaim():
                    because = ClaimGround(ground) if ground else None
                    await shop.offers.decide_claim(
                        customer_id, number, grant=grant, by=by, ground=because
                    )
                case _:
                    await shop.refunds.decide_return(customer_id, number, grant=grant, by=by)
        except InvalidTransition as error:
            if case.decided_by != by.name or (case.status in _REFUSED) == grant:
                raise Refused("decided_already") from error
        return case.order_number, [number]

    async def _cases(self, customer_id: str, order_number: str | None) -> dict[str, Case]:
        returns = await self._shop.refunds.returns_of(customer_id, order_number)
        exchanges = await self._shop.refunds.exchanges_of(customer_id, order_number)
        claims = await self._shop.offers.claims_of(customer_id, order_number)
        cases: list[Case] = [*returns, *exchanges, *claims]
        return {one.number: one for one in cases}

    async def _rows(self, customer_id: str, case: Case) -> list[dict[str, Any]]:
        if isinstance(case, Exchange):
            return exchange_rows(case.lines)
        if isinstance(case, ReturnAuthorisation):
            return [row(one.product_name, one.quantity, one.refund) for one in case.lines]
        order = await access_order(self._shop.orders, customer_id, case.order_number)
        names = {line.id: line.product_name for line in order.lines}
        return [
            row(names.get(line_id, Bilingual(line_id, line_id)), units, back)
            for line_id, units, back in case.lines
        ]


def _title(case: Case) -> dict[str, str]:
    """What a case is, with its number and what it comes to."""
    match case:
        case Exchange():
            kind = Bilingual("换货", "Exchange")
        case PriceClaim():
            kind = Bilingual("价保", "Fallen price")
        case _:
            kind = Bilingual("退货", "Return")
    told = f"{case.number} {_amount(case)}"
    return {language: f"{kind.of(language)} {told}" for language in ("zh", "en")}


def _goes_back(case: Case) -> Sequence[TenderAmount]:
    return () if isinstance(case, Exchange) else case.tenders


def _amount(case: Case) -> Money:
    return case.difference if isinstance(case, Exchange) else case.total

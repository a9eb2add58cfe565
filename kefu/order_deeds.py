"""What an agent does for a shopper's order: the assistant's own verbs, previewed and confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from connectors.backends.carriers.model import InterceptKind
from connectors.backends.drafts.model import AGENT_PREFIX, Actor
from connectors.backends.orders.port import access_order
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kefu.order_changes import ModifyDeed, PackDeed, UrgeDeed
from kefu.order_complaints import ComplaintDeed
from kefu.order_decisions import DecisionDeed
from kefu.order_details import AddressDeed, InvoiceDeed
from kefu.order_forms import Deed, Filled
from kefu.order_parcels import InterceptDeed
from kefu.order_refunding import CancelDeed, PriceDeed
from kefu.order_returning import ExchangeDeed, ReturnDeed


class OrderDeeds:
    """(see connectors.console.ports.OrderDeeds)"""

    def __init__(self, shop: Shop, rules: ShopRules) -> None:
        self._shop = shop
        self._deeds: Mapping[str, Deed] = {
            "cancel": CancelDeed(shop),
            "modify": ModifyDeed(shop, rules),
            "address": AddressDeed(shop),
            "urge": UrgeDeed(shop),
            "pack": PackDeed(shop, rules),
            "intercept": InterceptDeed(shop, InterceptKind.BRING_BACK, rules),
            "redirect": InterceptDeed(shop, InterceptKind.REDIRECT, rules),
            "return": ReturnDeed(shop, rules),
            "exchange": ExchangeDeed(shop, rules),
            "price_claim": PriceDeed(shop),
            "invoice": InvoiceDeed(shop),
            "complaint": ComplaintDeed(shop),
            "decide": DecisionDeed(shop),
        }

    async def verbs(self, customer_id: str, order_number: str) -> list[dict[str, Any]]:
        """(see OrderDeeds) The shop is asked about all of them at once."""
        order = await access_order(self._shop.orders, customer_id, order_number)
        offers = (deed.offer(customer_id, order) for deed in self._deeds.values())
        return list(await asyncio.gather(*offers))

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
        filled = Filled(order_number, units, reason, details)
        return await self._deed(verb).prepare(customer_id, filled)

    async def commit(
        self, customer_id: str, verb: str, draft_id: str, agent_id: str
    ) -> dict[str, Any]:
        """(see OrderDeeds)"""
        by = Actor(f"{AGENT_PREFIX}{agent_id}")
        order_number, numbers = await self._deed(verb).commit(customer_id, draft_id, by)
        return {"order": order_number, "numbers": numbers}

    def _deed(self, verb: str) -> Deed:
        if verb not in self._deeds:
            raise ValueError(verb)
        return self._deeds[verb]

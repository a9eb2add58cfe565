"""Puts the embedded shop together."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.customers.codes import OneTimeCodes
from connectors.backends.embedded.accounts import EmbeddedAccounts
from connectors.backends.embedded.addressing import EmbeddedAddressChanges
from connectors.backends.embedded.cancelling import EmbeddedCancellations
from connectors.backends.embedded.carriers import EmbeddedCarriers
from connectors.backends.embedded.catalogue import EmbeddedCatalogue
from connectors.backends.embedded.customers import EmbeddedCustomers
from connectors.backends.embedded.intercepting import EmbeddedIntercepts
from connectors.backends.embedded.invoices import EmbeddedInvoices
from connectors.backends.embedded.knowledge import ArticleKnowledge
from connectors.backends.embedded.modifying import EmbeddedModifications
from connectors.backends.embedded.news import EmbeddedNews
from connectors.backends.embedded.offers import EmbeddedOffers
from connectors.backends.embedded.orders import EmbeddedOrders
from connectors.backends.embedded.packing import EmbeddedPacking
from connectors.backends.embedded.payments import EmbeddedPayments
from connectors.backends.embedded.refunds import EmbeddedRefunds
from connectors.backends.embedded.reports import EmbeddedReports
from connectors.backends.embedded.tickets import EmbeddedTickets
from connectors.backends.embedded.urging import EmbeddedUrging
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kernel.clock import Clock


def make_embedded_shop(
    engine: AsyncEngine,
    clock: Clock,
    rules: ShopRules,
    articles: Path,
    codes: OneTimeCodes | None = None,
) -> Shop:
    """The shop whose every port stands on ``engine``; ``articles`` is the folder of knowledge.

    Without ``codes`` nobody can be sent a one-time code. The tables must exist (migration
    0002_shop). Raises SettingsError for a malformed article.
    """
    news = EmbeddedNews(engine, clock, rules.tracking)
    reports = EmbeddedReports(engine, clock, rules)
    return Shop(
        orders=EmbeddedOrders(engine),
        carriers=EmbeddedCarriers(engine),
        payments=EmbeddedPayments(engine),
        refunds=EmbeddedRefunds(engine, clock, rules),
        customers=EmbeddedCustomers(engine, clock, rules.identity, codes),
        catalogue=EmbeddedCatalogue(engine),
        knowledge=ArticleKnowledge(articles),
        address_changes=EmbeddedAddressChanges(engine, clock, rules),
        intercepts=EmbeddedIntercepts(engine, clock, rules),
        cancellations=EmbeddedCancellations(engine, clock, rules),
        modifications=EmbeddedModifications(engine, clock, rules),
        urging=EmbeddedUrging(engine, clock, rules),
        packing=EmbeddedPacking(engine, clock, rules),
        invoices=EmbeddedInvoices(engine, clock, rules),
        offers=EmbeddedOffers(engine, clock, rules),
        tickets=EmbeddedTickets(engine, clock, rules),
        accounts=EmbeddedAccounts(engine, clock, rules),
        reports=reports,
        refund_reports=reports,
        wishes=news,
        news=news,
    )

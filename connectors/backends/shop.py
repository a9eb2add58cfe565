"""The whole shop as one value: every port that actions may use."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.backends.accounts.port import Accounts
from connectors.backends.carriers.intercepting import Intercepts
from connectors.backends.carriers.port import Carriers
from connectors.backends.carriers.reports import CarrierReports
from connectors.backends.catalogue.port import Catalogue
from connectors.backends.customers.port import Customers
from connectors.backends.invoices.port import Invoices
from connectors.backends.knowledge.port import Knowledge
from connectors.backends.news.port import NewsFeed, Wishes
from connectors.backends.offers.port import Offers
from connectors.backends.orders.addressing import AddressChanges
from connectors.backends.orders.cancelling_port import Cancellations
from connectors.backends.orders.modifying_port import Modifications
from connectors.backends.orders.packing import Packing
from connectors.backends.orders.port import Orders
from connectors.backends.orders.urging import Urging
from connectors.backends.payments.port import Payments
from connectors.backends.refunds.port import Refunds
from connectors.backends.refunds.reports import RefundReports
from connectors.backends.tickets.port import Tickets


@dataclass(frozen=True)
class Shop:
    """All ports of one shop, whatever stands behind each."""

    orders: Orders
    carriers: Carriers
    payments: Payments
    refunds: Refunds
    customers: Customers
    catalogue: Catalogue
    knowledge: Knowledge
    cancellations: Cancellations
    modifications: Modifications
    urging: Urging
    packing: Packing
    intercepts: Intercepts
    address_changes: AddressChanges
    invoices: Invoices
    offers: Offers
    tickets: Tickets
    accounts: Accounts
    reports: CarrierReports
    refund_reports: RefundReports
    wishes: Wishes
    news: NewsFeed

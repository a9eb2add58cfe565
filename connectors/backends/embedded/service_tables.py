"""The embedded shop's tables of invoices, coupons, price claims, complaints and accounts."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, String, Table, Text

from connectors.backends.embedded.tables import metadata
from kernel.database import UtcDateTime

invoices = Table(
    "shop_invoices",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("tax_number", String(32), nullable=False),
    Column("email", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(16), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("issued_at", UtcDateTime),
    Column("reverses", String(32)),
)

invoice_sendings = Table(
    "shop_invoice_sendings",
    metadata,
    Column("invoice_number", ForeignKey("shop_invoices.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("email", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

coupons = Table(
    "shop_coupons",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("amount_minor", BigInteger),
    Column("percent", Integer),
    Column("minimum_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("categories", JSON, nullable=False),
    Column("valid_from", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, nullable=False),
    Column("order_number", ForeignKey("shop_orders.number")),
)

price_claims = Table(
    "shop_price_claims",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False),
    Column("lines", JSON, nullable=False),
    Column("tenders", JSON, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String(64), nullable=False),
    Column("ground", String(32)),
)

tickets = Table(
    "shop_tickets",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("topic", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("order_number", ForeignKey("shop_orders.number")),
    Column("status", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("answer_by", UtcDateTime, nullable=False),
    Column("resolve_by", UtcDateTime, nullable=False),
    Column("compensation_minor", BigInteger),
    Column("currency", String(3)),
    Column("compensation_code", String(32)),
)

feedback = Table(
    "shop_feedback",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("customer_id", ForeignKey("shop_customers.id")),
    Column("order_number", ForeignKey("shop_orders.number")),
    Column("score", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

accounts = Table(
    "shop_accounts",
    metadata,
    Column("customer_id", ForeignKey("shop_customers.id"), primary_key=True),
    Column("status", String(16), nullable=False),
    Column("logins", JSON, nullable=False),
    Column("ends_at", UtcDateTime),
)

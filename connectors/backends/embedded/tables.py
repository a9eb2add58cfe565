"""The embedded shop's tables. Amounts are integer minor units beside a currency column."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from kernel.database import UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

products = Table(
    "shop_products",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("position", Integer, nullable=False, unique=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("category", String(64), nullable=False),
    Column("category_zh", Text, nullable=False),
    Column("category_en", Text, nullable=False),
    Column("description_zh", Text, nullable=False),
    Column("description_en", Text, nullable=False),
    Column("image", Text, nullable=False),
    Column("traits", JSON, nullable=False),
    Column("attributes", JSON, nullable=False),
)

variants = Table(
    "shop_variants",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("product_id", ForeignKey("shop_products.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("sku", String(64), nullable=False, unique=True),
    Column("options", JSON, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("stock", Integer, nullable=False),
)

product_words = Table(
    "shop_product_words",
    metadata,
    Column("word", String(64), primary_key=True),
    Column("product_id", ForeignKey("shop_products.id"), primary_key=True),
    Column("weight", Integer, nullable=False),
)

customers = Table(
    "shop_customers",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("phone", Text, nullable=False),
    Column("phone_key", String(16), nullable=False, index=True),
    Column("language", String(2), nullable=False),
    Column("postcode", String(16), nullable=False),
    Column("postcode_key", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("level", String(32), nullable=False),
    Index("ix_shop_customers_name_key_postcode_key", "name_key", "postcode_key"),
)

addresses = Table(
    "shop_addresses",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("address", JSON, nullable=False),
    Column("is_default", Boolean, nullable=False),
)

stored_tenders = Table(
    "shop_stored_tenders",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("tender", String(32), nullable=False),
    Column("hint", String(32), nullable=False),
    # Of gift cards and the account balance: what is left on them.
    Column("balance_minor", BigInteger),
    Column("currency", String(3)),
    Column("expires_on", Date),
)

carriers = Table(
    "shop_carriers",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("hotline", Text, nullable=False),
    Column("language", String(2), nullable=False),
)

orders = Table(
    "shop_orders",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False),
    Column("status", String(32), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("shipping_fee_minor", BigInteger, nullable=False),
    Column("address", JSON, nullable=False),
    Column("promised_by", UtcDateTime),
    Column("pay_by", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("slot", JSON(none_as_null=True)),
    Index("ix_shop_orders_customer_id_placed_at", "customer_id", "placed_at"),
)

order_lines = Table(
    "shop_order_lines",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("product_id", String(64), nullable=False),
    Column("variant_id", String(64), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("options", JSON, nullable=False),
    Column("category", String(64), nullable=False),
    Column("image", Text, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("traits", JSON, nullable=False),
    Column("exclusion_confirmed", Boolean, nullable=False),
    Column("cancelled", Integer, nullable=False),
    # What price protection gave back for how many units of it:
    Column("credited_units", Integer, nullable=False),
    Column("credited_minor", BigInteger, nullable=False),
)

payments = Table(
    "shop_payments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("tender", String(32), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("paid_at", UtcDateTime, nullable=False),
    Column("stored_id", ForeignKey("shop_stored_tenders.id")),
)

payment_attempts = Table(
    "shop_payment_attempts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("tender", String(32), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Column("failure", String(32)),
    Column("account_hint", String(32), nullable=False),
    Column("held", Boolean, nullable=False),
    # As the bank or wallet answered.
    Column("code", String(64), nullable=False, server_default=""),
)

fulfilments = Table(
    "shop_fulfilments",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
)

fulfilment_lines = Table(
    "shop_fulfilment_lines",
    metadata,
    Column("fulfilment_id", ForeignKey("shop_fulfilments.id"), primary_key=True),
    Column("line_id", ForeignKey("shop_order_lines.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
)

parcels = Table(
    "shop_parcels",
    metadata,
    Column("tracking_number", String(64), primary_key=True),
    Column("fulfilment_id", ForeignKey("shop_fulfilments.id"), nullable=False, index=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("carrier", ForeignKey("shop_carriers.code"), nullable=False),
    Column("shipped_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    # What the carrier knows of it:
    Column("status", String(32), nullable=False),
    Column("announced_at", UtcDateTime, nullable=False),
    Column("expected_by", UtcDateTime),
    Column("signature", String(32)),
    Column("pickup_code", String(32)),
    Column("pickup_place", Text),
    Column("pickup_until", UtcDateTime),
)

tracking_events = Table(
    "shop_tracking_events",
    metadata,
    Column("tracking_number", ForeignKey("shop_parcels.tracking_number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("status", String(32), nullable=False),
    Column("place", Text, nullable=False),
    Column("description", Text, nullable=False),
)

order_notes = Table(
    "shop_order_notes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(64), nullable=False),
    Column("due_at", UtcDateTime),
)

intercepts = Table(
    "shop_intercepts",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("tracking_number", ForeignKey("shop_parcels.tracking_number"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("address", JSON(none_as_null=True)),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("answer_by", UtcDateTime, nullable=False),
)

returns = Table(
    "shop_returns",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("status", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("refund_to", String(16), nullable=False),
    Column("handover", String(16), nullable=False),
    Column("photos", JSON, nullable=False),
    Column("shipping_refund_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("freight", String(16), nullable=False),
    Column("send_by", UtcDateTime, nullable=False),
    Column("return_address_zh", Text, nullable=False),
    Column("return_address_en", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_by", String(64), nullable=False),
)

return_lines = Table(
    "shop_return_lines",
    metadata,
    Column("return_number", ForeignKey("shop_returns.number"), primary_key=True),
    Column("line_id", ForeignKey("shop_order_lines.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("refund_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
)

return_tenders = Table(
    "shop_return_tenders",
    metadata,
    Column("return_number", ForeignKey("shop_returns.number"), primary_key=True),
    Column("payment_id", ForeignKey("shop_payments.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
)

exchanges = Table(
    "shop_exchanges",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("status", String(32), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("handover", String(16), nullable=False),
    Column("photos", JSON, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("freight", String(16), nullable=False),
    Column("send_by", UtcDateTime, nullable=False),
    Column("return_address_zh", Text, nullable=False),
    Column("return_address_en", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_by", String(64), nullable=False),
    # The stored tender of the shopper's choice; it may be deleted later.
    Column("tender_id", String(64)),
    # What a difference was charged as.
    Column("payment_id", ForeignKey("shop_payments.id")),
    Column("given_back", Boolean, nullable=False),
)

exchange_lines = Table(
    "shop_exchange_lines",
    metadata,
    Column("exchange_number", ForeignKey("shop_exchanges.number"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("line_id", ForeignKey("shop_order_lines.id"), nullable=False),
    Column("quantity", Integer, nullable=False),
    # The catalogue may drop a variant later.
    Column("variant_id", String(64), nullable=False),
    Column("difference_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
)

drafts = Table(
    "shop_drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("verb", String(32), nullable=False),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("subject", String(64), nullable=False),
    Column("request", JSON, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("prepared_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("committed_at", UtcDateTime),
    Column("result", JSON(none_as_null=True)),
)

refunds = Table(
    "shop_refunds",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("order_number", ForeignKey("shop_orders.number"), nullable=False, index=True),
    Column("customer_id", ForeignKey("shop_customers.id"), nullable=False, index=True),
    Column("return_number", ForeignKey("shop_returns.number")),
    Column("payment_id", ForeignKey("shop_payments.id")),
    Column("tender", String(32), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("status", String(32), nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("expected_by", UtcDateTime, nullable=False),
    Column("completed_at", UtcDateTime),
)

audit = Table(
    "shop_audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("customer_id", String(64), nullable=False),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("draft_id", String(64)),
    Column("rule", String(64), nullable=False),
    Column("state_before", JSON(none_as_null=True)),
    Column("state_after", JSON, nullable=False),
)

identity_limits = Table(
    "shop_identity_limits",
    metadata,
    # A digest: the claimed e-mail or name itself is not kept.
    Column("key", String(64), primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

identity_codes = Table(
    "shop_identity_codes",
    metadata,
    # A digest of the conversation and the contact in it; neither is kept itself, nor is the code.
    Column("place", String(64), primary_key=True),
    Column("code", String(64), nullable=False),
    Column("sent", Integer, nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("attempts_left", Integer, nullable=False),
)

counters = Table(
    "shop_counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Integer, nullable=False),
)

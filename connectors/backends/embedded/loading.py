"""From rows of the embedded shop's tables back to a shop file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
from connectors.backends.embedded.document import FORMAT, ShopFile
from connectors.backends.embedded.loading_service import ServiceParts, load_service

_DEFAULT_CURRENCY = "CNY"
Part = dict[str, Any]


async def load_shop(connection: AsyncConnection) -> ShopFile:
    """The whole shop: products in the shop's order, all else by its key."""
    products, currency = await _products(connection)
    service = await load_service(connection)
    carriers = [
        {
            "code": row.code,
            "name": {"zh": row.name_zh, "en": row.name_en},
            "language": row.language,
            "hotline": row.hotline,
        }
        for row in await _all(connection, tables.carriers, "code")
    ]
    addresses = await _by(connection, tables.addresses, "customer_id", "position")
    tenders = await _by(connection, tables.stored_tenders, "customer_id", "position")
    customers = [
        {
            "id": row.id,
            "name": row.name,
            "email": row.email,
            "phone": row.phone,
            "language": row.language,
            "postcode": row.postcode,
            "since": row.since,
            "level": row.level,
            "account": service.accounts.get(row.id),
            "addresses": [
                {
                    "id": stored.id,
                    "label": stored.label,
                    "address": stored.address,
                    "is_default": stored.is_default,
                }
                for stored in addresses.get(row.id, ())
            ],
            "tenders": [
                {
                    "id": stored.id,
                    "tender": stored.tender,
                    "hint": stored.hint,
                    "balance": stored.balance_minor,
                    "expires_on": stored.expires_on,
                }
                for stored in tenders.get(row.id, ())
            ],
        }
        for row in await _all(connection, tables.customers, "id")
    ]
    shop = {
        "format": FORMAT,
        "currency": currency,
        "products": products,
        "carriers": carriers,
        "customers": customers,
        "orders": await _orders(connection, service),
        "coupons": service.coupons,
        "tickets": service.tickets,
        "feedback": service.feedback,
    }
    return msgspec.convert(shop, ShopFile)


async def _all(connection: AsyncConnection, table: Table, *order: str) -> Sequence[Row[Any]]:
    columns = [table.c[name] for name in order]
    return (await connection.execute(select(table).order_by(*columns))).all()


async def _by(
    connection: AsyncConnection, table: Table, key: str, *order: str
) -> dict[str, list[Row[Any]]]:
    groups: dict[str, list[Row[Any]]] = {}
    for row in await _all(connection, table, key, *order):
        groups.setdefault(row._mapping[key], []).append(row)
    return groups


async def _products(connection: AsyncConnection) -> tuple[list[Part], str]:
    variants = await _by(connection, tables.variants, "product_id", "position")
    currencies = [row.currency for rows in variants.values() for row in rows]
    products = [
        {
            "id": row.id,
            "name": {"zh": row.name_zh, "en": row.name_en},
            "category": row.category,
            "category_name": {"zh": row.category_zh, "en": row.category_en},
            "description": {"zh": row.description_zh, "en": row.description_en},
            "image": row.image,
            "traits": row.traits,
            "attributes": row.attributes,
            "variants": [
                {
                    "id": variant.id,
                    "sku": variant.sku,
                    "options": variant.options,
                    "price": variant.price_minor,
                    "stock": variant.stock,
                }
                for variant in variants[row.id]
            ],
        }
        for row in await _all(connection, tables.products, "position")
    ]
    return products, currencies[0] if currencies else _DEFAULT_CURRENCY


async def _orders(connection: AsyncConnection, service: ServiceParts) -> list[Part]:
    lines = await _by(connection, tables.order_lines, "order_number", "position")
    payments = await _by(connection, tables.payments, "order_number", "position")
    attempts = await _by(connection, tables.payment_attempts, "order_number", "at", "id")
    refunds = await _by(connection, tables.refunds, "order_number", "requested_at", "number")
    fulfilments = await _fulfilments(connection)
    notes = await _by(connection, tables.order_notes, "order_number", "at", "id")
    intercepts = await _by(connection, tables.intercepts, "order_number", "requested_at", "number")
    returns = await _returns(connection)
    exchanges = await _exchanges(connection)
    return [
        {
            "number": row.number,
            "customer": row.customer_id,
            "status": row.status,
            "currency": row.currency,
            "placed_at": row.placed_at,
            "shipping_fee": row.shipping_fee_minor,
            "address": row.address,
            "promised_by": row.promised_by,
            "pay_by": row.pay_by,
            "cancelled_at": row.cancelled_at,
            "lines": [_line(line) for line in lines.get(row.number, ())],
            "payments": [_payment(payment) for payment in payments.get(row.number, ())],
            "attempts": [_attempt(attempt) for attempt in attempts.get(row.number, ())],
            "fulfilments": fulfilments.get(row.number, []),
            "returns": returns.get(row.number, []),
            "exchanges": exchanges.get(row.number, []),
            "refunds": [_refund(refund) for refund in refunds.get(row.number, ())],
            "invoices": service.invoices.get(row.number, []),
            "price_claims": service.price_claims.get(row.number, []),
            "slot": row.slot,
            "notes": [_note(note) for note in notes.get(row.number, ())],
            "intercepts": [_intercept(asked) for asked in intercepts.get(row.number, ())],
        }
        for row in await _all(connection, tables.orders, "number")
    ]


def _line(row: Row[Any]) -> Part:
    return {
        "id": row.id,
        "product": row.product_id,
        "variant": row.variant_id,
        "sku": row.sku,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "options": row.options,
        "category": row.category,
        "image": row.image,
        "quantity": row.quantity,
        "unit_price": row.unit_price_minor,
        "discount": row.discount_minor,
        "traits": row.traits,
        "exclusion_confirmed": row.exclusion_confirmed,
        "cancelled": row.cancelled,
    }


def _note(row: Row[Any]) -> Part:
    return {
        "id": row.id,
        "kind": row.kind,
        "text": row.text,
        "at": row.at,
        "actor": row.actor,
        "due_at": row.due_at,
    }


def _intercept(row: Row[Any]) -> Part:
    return {
        "number": row.number,
        "parcel": row.tracking_number,
        "kind": row.kind,
        "status": row.status,
        "requested_at": row.requested_at,
        "answer_by": row.answer_by,
        "address": row.address,
    }


def _payment(row: Row[Any]) -> Part:
    return {
        "id": row.id,
        "tender": row.tender,
        "amount": row.amount_minor,
        "paid_at": row.paid_at,
        "stored": row.stored_id,
    }


def _attempt(row: Row[Any]) -> Part:
    return {
        "id": row.id,
        "tender": row.tender,
        "amount": row.amount_minor,
        "status": row.status,
        "at": row.at,
        "settled_at": row.settled_at,
        "failure": row.failure,
        "account_hint": row.account_hint,
        "held": row.held,
        "code": row.code,
    }


def _refund(row: Row[Any]) -> Part:
    return {
        "number": row.number,
        "return_number": row.return_number,
        "payment": row.payment_id,
        "tender": row.tender,
        "amount": row.amount_minor,
        "status": row.status,
        "requested_at": row.requested_at,
        "expected_by": row.expected_by,
        "completed_at": row.completed_at,
    }


async def _fulfilments(connection: AsyncConnection) -> dict[str, list[Part]]:
    parts = await _by(connection, tables.fulfilment_lines, "fulfilment_id", "position")
    parcels = await _by(connection, tables.parcels, "fulfilment_id", "position")
    events = await _by(connection, tables.tracking_events, "tracking_number", "position")
    found: dict[str, list[Part]] = {}
    for row in await _all(connection, tables.fulfilments, "order_number", "position"):
        fulfilment = {
            "id": row.id,
            "lines": [
                {"line": part.line_id, "quantity": part.quantity} for part in parts.get(row.id, ())
            ],
            "parcels": [
                _parcel(parcel, events.get(parcel.tracking_number, ()))
                for parcel in parcels.get(row.id, ())
            ],
        }
        found.setdefault(row.order_number, []).append(fulfilment)
    return found


def _parcel(row: Row[Any], events: Sequence[Row[Any]]) -> Part:
    pickup = None
    if row.pickup_code is not None:
        pickup = {
            "code": row.pickup_code,
            "place": row.pickup_place,
            "until": row.pickup_until,
        }
    return {
        "tracking_number": row.tracking_number,
        "carrier": row.carrier,
        "shipped_at": row.shipped_at,
        "announced_at": row.announced_at,
        "status": row.status,
        "delivered_at": row.delivered_at,
        "expected_by": row.expected_by,
        "signature": row.signature,
        "pickup": pickup,
        "events": [
            {
                "at": event.at,
                "status": event.status,
                "where": event.place,
                "description": event.description,
            }
            for event in events
        ],
    }


async def _returns(connection: AsyncConnection) -> dict[str, list[Part]]:
    lines = await _by(connection, tables.return_lines, "return_number", "position")
    tenders = await _by(connection, tables.return_tenders, "return_number", "position")
    found: dict[str, list[Part]] = {}
    for row in await _all(connection, tables.returns, "order_number", "created_at", "number"):
        made = {
            "number": row.number,
            "status": row.status,
            "reason": row.reason,
            "shipping_refund": row.shipping_refund_minor,
            "total": row.total_minor,
            "freight": row.freight,
            "send_by": row.send_by,
            "refund_to": row.refund_to,
            "handover": row.handover,
            "photos": row.photos,
            "return_address": {"zh": row.return_address_zh, "en": row.return_address_en},
            "created_at": row.created_at,
            "decided_by": row.decided_by,
            "lines": [
                {"line": line.line_id, "quantity": line.quantity, "refund": line.refund_minor}
                for line in lines.get(row.number, ())
            ],
            "tenders": [
                {"payment": tender.payment_id, "amount": tender.amount_minor}
                for tender in tenders.get(row.number, ())
            ],
        }
        found.setdefault(row.order_number, []).append(made)
    return found


async def _exchanges(connection: AsyncConnection) -> dict[str, list[Part]]:
    lines = await _by(connection, tables.exchange_lines, "exchange_number", "position")
    found: dict[str, list[Part]] = {}
    for row in await _all(connection, tables.exchanges, "order_number", "created_at", "number"):
        made = {
            "number": row.number,
            "status": row.status,
            "reason": row.reason,
            "freight": row.freight,
            "handover": row.handover,
            "photos": row.photos,
            "send_by": row.send_by,
            "return_address": {"zh": row.return_address_zh, "en": row.return_address_en},
            "created_at": row.created_at,
            "decided_by": row.decided_by,
            "stored": row.tender_id,
            "payment": row.payment_id,
            "given_back": row.given_back,
            "lines": [
                {
                    "line": line.line_id,
                    "quantity": line.quantity,
                    "variant": line.variant_id,
                    "difference": line.difference_minor,
                }
                for line in lines.get(row.number, ())
            ],
        }
        found.setdefault(row.order_number, []).append(made)
    return found

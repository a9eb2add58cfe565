"""From rows of invoices, coupons, price claims, complaints, feedback, accounts to a shop file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded.service_tables import (
    accounts,
    coupons,
    feedback,
    invoice_sendings,
    invoices,
    price_claims,
    tickets,
)

Part = dict[str, Any]


@dataclass(frozen=True)
class ServiceParts:
    """What belongs to customers and orders, by their keys, and what stands for itself."""

    accounts: dict[str, Part]
    invoices: dict[str, list[Part]]
    price_claims: dict[str, list[Part]]
    coupons: list[Part]
    tickets: list[Part]
    feedback: list[Part]


async def load_service(connection: AsyncConnection) -> ServiceParts:
    """All of it, each list by its key."""
    found = ServiceParts({}, {}, {}, [], [], [])
    for row in await _all(connection, accounts, "customer_id"):
        found.accounts[row.customer_id] = {
            "logins": row.logins,
            "status": row.status,
            "ends_at": row.ends_at,
        }
    sendings: dict[str, list[Part]] = {}
    for row in await _all(connection, invoice_sendings, "invoice_number", "position"):
        sendings.setdefault(row.invoice_number, []).append({"email": row.email, "at": row.at})
    for row in await _all(connection, invoices, "order_number", "requested_at", "number"):
        part = _invoice(row, sendings.get(row.number, []))
        found.invoices.setdefault(row.order_number, []).append(part)
    for row in await _all(connection, price_claims, "order_number", "number"):
        found.price_claims.setdefault(row.order_number, []).append(_price_claim(row))
    found.coupons.extend(map(_coupon, await _all(connection, coupons, "code")))
    found.tickets.extend(map(_ticket, await _all(connection, tickets, "number")))
    found.feedback.extend(map(_feedback, await _all(connection, feedback, "number")))
    return found


async def _all(connection: AsyncConnection, table: Table, *order: str) -> Sequence[Row[Any]]:
    columns = [table.c[name] for name in order]
    return (await connection.execute(select(table).order_by(*columns))).all()


def _invoice(row: Row[Any], sent_again: list[Part]) -> Part:
    return {
        "number": row.number,
        "kind": row.kind,
        "title": row.title,
        "tax_number": row.tax_number,
        "email": row.email,
        "amount": row.amount_minor,
        "status": row.status,
        "requested_at": row.requested_at,
        "due_at": row.due_at,
        "issued_at": row.issued_at,
        "reverses": row.reverses,
        "sent_again": sent_again,
    }


def _price_claim(row: Row[Any]) -> Part:
    return {
        "number": row.number,
        "lines": row.lines,
        "tenders": row.tenders,
        "total": row.total_minor,
        "claimed_at": row.claimed_at,
        "status": row.status,
        "decided_at": row.decided_at,
        "decided_by": row.decided_by,
        "ground": row.ground,
    }


def _coupon(row: Row[Any]) -> Part:
    return {
        "code": row.code,
        "customer": row.customer_id,
        "name": {"zh": row.name_zh, "en": row.name_en},
        "status": row.status,
        "amount_off": row.amount_minor,
        "percent_off": row.percent,
        "minimum": row.minimum_minor,
        "currency": row.currency,
        "categories": row.categories,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "order": row.order_number,
    }


def _ticket(row: Row[Any]) -> Part:
    return {
        "number": row.number,
        "customer": row.customer_id,
        "topic": row.topic,
        "text": row.text,
        "order": row.order_number,
        "status": row.status,
        "created_at": row.created_at,
        "answer_by": row.answer_by,
        "resolve_by": row.resolve_by,
        "compensation": row.compensation_minor,
        "currency": row.currency,
        "compensation_code": row.compensation_code,
    }


def _feedback(row: Row[Any]) -> Part:
    return {
        "number": row.number,
        "key": row.key,
        "customer": row.customer_id,
        "order": row.order_number,
        "score": row.score,
        "text": row.text,
        "created_at": row.created_at,
    }

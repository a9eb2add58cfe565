"""From a shop file to rows of invoices, coupons, price claims, complaints, feedback, accounts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from connectors.backends.embedded.document import OrderPart, ShopFile
from connectors.backends.embedded.service_tables import (
    accounts,
    coupons,
    feedback,
    invoice_sendings,
    invoices,
    price_claims,
    tickets,
)
from connectors.backends.offers.model import ClaimStatus

Row = dict[str, Any]


def service_rows(shop: ShopFile) -> dict[Table, list[Row]]:
    """All rows of the service's tables that ``shop`` comes to."""
    rows: dict[Table, list[Row]] = {
        accounts: _accounts(shop),
        coupons: _coupons(shop),
        tickets: _tickets(shop),
        feedback: _feedback(shop),
        invoices: [],
        invoice_sendings: [],
        price_claims: [],
    }
    for order in shop.orders:
        _invoices(rows, order)
        rows[price_claims] += _price_claims(order)
    return rows


def _invoices(rows: dict[Table, list[Row]], order: OrderPart) -> None:
    for invoice in order.invoices:
        rows[invoices].append(
            {
                "number": invoice.number,
                "order_number": order.number,
                "customer_id": order.customer,
                "kind": invoice.kind.value,
                "title": invoice.title,
                "tax_number": invoice.tax_number,
                "email": invoice.email,
                "amount_minor": invoice.amount,
                "currency": order.currency,
                "status": invoice.status.value,
                "requested_at": invoice.requested_at,
                "due_at": invoice.due_at,
                "issued_at": invoice.issued_at,
                "reverses": invoice.reverses,
            }
        )
        rows[invoice_sendings] += [
            {
                "invoice_number": invoice.number,
                "position": position,
                "email": sending.email,
                "at": sending.at,
            }
            for position, sending in enumerate(invoice.sent_again)
        ]


def _price_claims(order: OrderPart) -> list[Row]:
    return [
        {
            "number": claim.number,
            "order_number": order.number,
            "customer_id": order.customer,
            "lines": [
                {"line": part.line, "units": part.units, "amount": part.amount}
                for part in claim.lines
            ],
            "tenders": [{"payment": part.payment, "amount": part.amount} for part in claim.tenders],
            "total_minor": claim.total,
            "currency": order.currency,
            "claimed_at": claim.claimed_at,
            "status": claim.status.value,
            # Files from before claims had states name granted ones alone.
            "decided_at": claim.decided_at
            or (claim.claimed_at if claim.status is ClaimStatus.GRANTED else None),
            "decided_by": claim.decided_by,
            "ground": claim.ground,
        }
        for claim in order.price_claims
    ]


def _coupons(shop: ShopFile) -> list[Row]:
    return [
        {
            "code": coupon.code,
            "customer_id": coupon.customer,
            "name_zh": coupon.name.zh,
            "name_en": coupon.name.en,
            "status": coupon.status.value,
            "amount_minor": coupon.amount_off,
            "percent": coupon.percent_off,
            "minimum_minor": coupon.minimum,
            "currency": coupon.currency,
            "categories": list(coupon.categories),
            "valid_from": coupon.valid_from,
            "valid_until": coupon.valid_until,
            "order_number": coupon.order,
        }
        for coupon in shop.coupons
    ]


def _tickets(shop: ShopFile) -> list[Row]:
    return [
        {
            "number": ticket.number,
            "customer_id": ticket.customer,
            "topic": ticket.topic.value,
            "text": ticket.text,
            "order_number": ticket.order,
            "status": ticket.status.value,
            "created_at": ticket.created_at,
            "answer_by": ticket.answer_by,
            "resolve_by": ticket.resolve_by,
            "compensation_minor": ticket.compensation,
            "currency": ticket.currency,
            "compensation_code": ticket.compensation_code,
        }
        for ticket in shop.tickets
    ]


def _feedback(shop: ShopFile) -> list[Row]:
    return [
        {
            "number": one.number,
            "key": one.key,
            "customer_id": one.customer,
            "order_number": one.order,
            "score": one.score,
            "text": one.text,
            "created_at": one.created_at,
        }
        for one in shop.feedback
    ]


def _accounts(shop: ShopFile) -> list[Row]:
    return [
        {
            "customer_id": customer.id,
            "status": customer.account.status.value,
            "logins": sorted(login.value for login in customer.account.logins),
            "ends_at": customer.account.ends_at,
        }
        for customer in shop.customers
        if customer.account is not None
    ]

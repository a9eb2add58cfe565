"""Cards: what rich channels draw beside a sentence, as JSON (``Content.card``).

Every card has ``type`` and an enum value ``status``; names and amounts are in the shopper's
language, times are ISO 8601 in UTC.

* order: number, placed_at, total, lines [name, options, quantity, amount, image], tracking [number]
* shipment: order_number, tracking_number, carrier, expected_by, events [at, where, description]
* payment: order_number, place, amount, by, tender
* return: number (empty before it is authorised), order_number, lines [name, options, quantity,
  amount], total, tenders [tender, amount, days], freight, send_by, address
* exchange: number (empty before it is authorised), order_number, lines [name, options,
  new_options, quantity, amount], difference, freight, send_by, address
* refund: order_number, amount, tender, requested_at, expected_by, completed_at
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from actions.orders import kept_lines
from actions.wording import Language
from connectors.backends.carriers.model import Diagnosis, Shipment
from connectors.backends.orders.cancelling import CancellationTerms
from connectors.backends.orders.model import Order
from connectors.backends.payments.model import PaymentDiagnosis
from connectors.backends.refunds.exchanges import Exchange, ExchangeDraft
from connectors.backends.refunds.model import (
    Refund,
    ReturnAuthorisation,
    ReturnDraft,
    ReturnLine,
    TenderAmount,
)

_EVENTS_SHOWN = 6


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def order_card(order: Order, language: Language) -> dict[str, Any]:
    """What was bought and where it stands."""
    return {
        "type": "order",
        "number": order.number,
        "status": order.status.value,
        "placed_at": _iso(order.placed_at),
        "total": str(order.total),
        "lines": [
            {
                "name": line.product_name.of(language),
                "options": line.options_text(language),
                "quantity": units,
                "amount": str(line.kept_amount if line.kept else line.amount),
                "image": line.image,
            }
            for line, units in kept_lines(order)
        ],
        "tracking": [parcel.tracking_number for parcel in order.parcels],
    }


def shipment_card(
    order_number: str, shipment: Shipment, diagnosis: Diagnosis, language: Language
) -> dict[str, Any]:
    """A parcel with its newest scans."""
    return {
        "type": "shipment",
        "order_number": order_number,
        "tracking_number": shipment.tracking_number,
        "carrier": shipment.carrier.name.of(language),
        "status": diagnosis.value,
        "expected_by": _iso(shipment.expected_by),
        "events": [
            {"at": _iso(event.at), "where": event.where, "description": event.description}
            for event in shipment.events[:_EVENTS_SHOWN]
        ],
    }


def payment_card(order: Order, diagnosis: PaymentDiagnosis) -> dict[str, Any]:
    """Where the money of an order is."""
    return {
        "type": "payment",
        "order_number": order.number,
        "status": diagnosis.cause.value,
        "place": diagnosis.place.value,
        "amount": str(diagnosis.amount),
        "by": _iso(diagnosis.by),
        "tender": diagnosis.attempt.tender.value if diagnosis.attempt else None,
    }


def return_draft_card(draft: ReturnDraft, language: Language) -> dict[str, Any]:
    """A return that waits for the shopper's yes."""
    return {
        "type": "return",
        "number": "",
        "order_number": draft.order_number,
        "status": "draft",
        "lines": _return_lines(draft.lines, language),
        "total": str(draft.total),
        "tenders": _tenders(draft.tenders),
        "freight": draft.freight.value,
        "send_by": _iso(draft.send_by),
        "address": "",
    }


def return_card(authorisation: ReturnAuthorisation, language: Language) -> dict[str, Any]:
    """A return that the shop has recorded."""
    return {
        "type": "return",
        "number": authorisation.number,
        "order_number": authorisation.order_number,
        "status": authorisation.status.value,
        "lines": _return_lines(authorisation.lines, language),
        "total": str(authorisation.total),
        "tenders": _tenders(authorisation.tenders),
        "freight": authorisation.freight.value,
        "send_by": _iso(authorisation.send_by),
        "address": authorisation.return_address.of(language),
    }


def exchange_draft_card(draft: ExchangeDraft, language: Language) -> dict[str, Any]:
    """An exchange that waits for the shopper's yes."""
    return _exchange(draft, "", "draft", "", language)


def exchange_card(made: Exchange, language: Language) -> dict[str, Any]:
    """An exchange that the shop has recorded."""
    address = made.return_address.of(language)
    return _exchange(made, made.number, made.status.value, address, language)


def _exchange(
    one: Exchange | ExchangeDraft, number: str, status: str, address: str, language: Language
) -> dict[str, Any]:
    return {
        "type": "exchange",
        "number": number,
        "order_number": one.order_number,
        "status": status,
        "lines": [
            {
                "name": line.product_name.of(language),
                "options": line.options.of(language),
                "new_options": line.new_options.of(language),
                "quantity": line.quantity,
                "amount": str(line.difference),
            }
            for line in one.lines
        ],
        "difference": str(one.difference),
        "freight": one.freight.value,
        "send_by": _iso(one.send_by),
        "address": address,
    }


def cancellation_card(
    number: str, status: str, terms: CancellationTerms, language: Language
) -> dict[str, Any]:
    """What is, or was, taken out of an order and what goes back."""
    return {
        "type": "return",
        "number": "",
        "order_number": number,
        "status": status,
        "lines": [
            {
                "name": line.product_name.of(language),
                "options": line.options.of(language),
                "quantity": line.quantity,
                "amount": str(line.amount),
            }
            for line in terms.lines
        ],
        "total": str(terms.refund),
        "tenders": _tenders(terms.tenders),
        "freight": "",
        "send_by": None,
        "address": "",
    }


def refund_card(refund: Refund) -> dict[str, Any]:
    """Money on its way back."""
    return {
        "type": "refund",
        "order_number": refund.order_number,
        "status": refund.status.value,
        "amount": str(refund.amount),
        "tender": refund.tender.value,
        "requested_at": _iso(refund.requested_at),
        "expected_by": _iso(refund.expected_by),
        "completed_at": _iso(refund.completed_at),
    }


def _return_lines(lines: Iterable[ReturnLine], language: Language) -> list[dict[str, Any]]:
    return [
        {
            "name": line.product_name.of(language),
            "options": line.options.of(language),
            "quantity": line.quantity,
            "amount": str(line.refund),
        }
        for line in lines
    ]


def _tenders(tenders: Iterable[TenderAmount]) -> list[dict[str, Any]]:
    return [
        {"tender": part.tender.value, "amount": str(part.amount), "days": part.days}
        for part in tenders
    ]

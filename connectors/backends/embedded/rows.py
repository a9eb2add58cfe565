"""From a shop file to rows of the embedded shop's tables."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Table

from connectors.backends.embedded import tables
from connectors.backends.embedded.document import (
    AddressPart,
    CustomerPart,
    ExchangePart,
    OrderPart,
    ProductPart,
    ReturnPart,
    ShopFile,
)
from connectors.backends.embedded.document_types import OptionPart, Words
from connectors.backends.embedded.keys import email_key, name_key, phone_key, postcode_key
from connectors.backends.embedded.rows_service import service_rows
from connectors.backends.embedded.words import features
from connectors.backends.offers.model import ClaimStatus

Row = dict[str, Any]
_NAME, _CATEGORY, _OPTION = 4, 2, 1


def rows_of(shop: ShopFile) -> dict[Table, list[Row]]:
    """All rows that ``shop`` comes to, by table."""
    rows: dict[Table, list[Row]] = {table: [] for table in tables.metadata.sorted_tables}
    for position, product in enumerate(shop.products):
        _product(rows, product, position, shop.currency)
    rows[tables.carriers] = [
        {
            "code": carrier.code,
            "name_zh": carrier.name.zh,
            "name_en": carrier.name.en,
            "hotline": carrier.hotline,
            "language": carrier.language,
        }
        for carrier in shop.carriers
    ]
    rows[tables.customers] = [
        {
            "id": customer.id,
            "name": customer.name,
            "name_key": name_key(customer.name),
            "email": customer.email,
            "email_key": email_key(customer.email),
            "phone": customer.phone,
            "phone_key": phone_key(customer.phone),
            "language": customer.language,
            "postcode": customer.postcode,
            "postcode_key": postcode_key(customer.postcode),
            "since": customer.since,
            "level": customer.level,
        }
        for customer in shop.customers
    ]
    for customer in shop.customers:
        _wallet(rows, customer, shop.currency)
    for order in shop.orders:
        _order(rows, order)
    return rows | service_rows(shop)


def _words(words: Words) -> Row:
    return {"zh": words.zh, "en": words.en}


def _options(options: tuple[OptionPart, ...]) -> list[Row]:
    return [{"name": _words(option.name), "value": _words(option.value)} for option in options]


def _product(
    rows: dict[Table, list[Row]], product: ProductPart, position: int, currency: str
) -> None:
    rows[tables.products].append(
        {
            "id": product.id,
            "position": position,
            "name_zh": product.name.zh,
            "name_en": product.name.en,
            "category": product.category,
            "category_zh": product.category_name.zh,
            "category_en": product.category_name.en,
            "description_zh": product.description.zh,
            "description_en": product.description.en,
            "image": product.image,
            "traits": [trait.value for trait in product.traits],
            "attributes": _options(product.attributes),
        }
    )
    rows[tables.variants] += [
        {
            "id": variant.id,
            "product_id": product.id,
            "position": index,
            "sku": variant.sku,
            "options": _options(variant.options),
            "price_minor": variant.price,
            "currency": currency,
            "stock": variant.stock,
        }
        for index, variant in enumerate(product.variants)
    ]
    rows[tables.product_words] += [
        {"word": word[:64], "product_id": product.id, "weight": weight}
        for word, weight in _index(product).items()
    ]


def _index(product: ProductPart) -> dict[str, int]:
    """The words by which a product is found; one of its name counts more than one of a colour."""
    values = [option.value for variant in product.variants for option in variant.options]
    texts = [(_OPTION, text) for value in values for text in (value.zh, value.en)]
    texts += [(_CATEGORY, text) for text in (product.category_name.zh, product.category_name.en)]
    texts += [(_NAME, text) for text in (product.name.zh, product.name.en)]
    weights: dict[str, int] = {}
    for factor, text in texts:
        for word, weight in features(text).items():
            weights[word] = max(weights.get(word, 0), factor * weight)
    return weights


def _wallet(rows: dict[Table, list[Row]], customer: CustomerPart, currency: str) -> None:
    rows[tables.addresses] += [
        {
            "id": stored.id,
            "customer_id": customer.id,
            "position": position,
            "label": stored.label,
            "address": _address(stored.address),
            "is_default": stored.is_default,
        }
        for position, stored in enumerate(customer.addresses)
    ]
    rows[tables.stored_tenders] += [
        {
            "id": stored.id,
            "customer_id": customer.id,
            "position": position,
            "tender": stored.tender.value,
            "hint": stored.hint,
            "balance_minor": stored.balance,
            "currency": None if stored.balance is None else currency,
            "expires_on": stored.expires_on,
        }
        for position, stored in enumerate(customer.tenders)
    ]


def _address(address: AddressPart) -> Row:
    return {field: getattr(address, field) for field in address.__struct_fields__}


def _credits(order: OrderPart) -> dict[str, tuple[int, int]]:
    """What price protection gave back, by line: for how many units, how much."""
    return {
        part.line: (part.units, part.amount)
        for claim in order.price_claims
        if claim.status is ClaimStatus.GRANTED
        for part in claim.lines
    }


def _order(rows: dict[Table, list[Row]], order: OrderPart) -> None:
    credited = _credits(order)
    rows[tables.orders].append(
        {
            "number": order.number,
            "customer_id": order.customer,
            "status": order.status.value,
            "currency": order.currency,
            "placed_at": order.placed_at,
            "shipping_fee_minor": order.shipping_fee,
            "address": _address(order.address),
            "promised_by": order.promised_by,
            "pay_by": order.pay_by,
            "cancelled_at": order.cancelled_at,
            "slot": None if order.slot is None else msgspec.to_builtins(order.slot),
        }
    )
    rows[tables.order_lines] += [
        {
            "id": line.id,
            "order_number": order.number,
            "position": position,
            "product_id": line.product,
            "variant_id": line.variant,
            "sku": line.sku,
            "name_zh": line.name.zh,
            "name_en": line.name.en,
            "options": _options(line.options),
            "category": line.category,
            "image": line.image,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price,
            "discount_minor": line.discount,
            "currency": order.currency,
            "traits": [trait.value for trait in line.traits],
            "exclusion_confirmed": line.exclusion_confirmed,
            "credited_units": credited.get(line.id, (0, 0))[0],
            "credited_minor": credited.get(line.id, (0, 0))[1],
            "cancelled": line.cancelled,
        }
        for position, line in enumerate(order.lines)
    ]
    _notes(rows, order)
    _payments(rows, order)
    _fulfilments(rows, order)
    for made in order.returns:
        _return(rows, order, made)
    for exchange in order.exchanges:
        _exchange(rows, order, exchange)
    rows[tables.refunds] += [
        {
            "number": refund.number,
            "order_number": order.number,
            "customer_id": order.customer,
            "return_number": refund.return_number,
            "payment_id": refund.payment,
            "tender": refund.tender.value,
            "amount_minor": refund.amount,
            "currency": order.currency,
            "status": refund.status.value,
            "requested_at": refund.requested_at,
            "expected_by": refund.expected_by,
            "completed_at": refund.completed_at,
        }
        for refund in order.refunds
    ]


def _notes(rows: dict[Table, list[Row]], order: OrderPart) -> None:
    rows[tables.order_notes] += [
        {
            "id": note.id,
            "order_number": order.number,
            "kind": note.kind.value,
            "text": note.text,
            "at": note.at,
            "actor": note.actor,
            "due_at": note.due_at,
        }
        for note in order.notes
    ]
    rows[tables.intercepts] += [
        {
            "number": asked.number,
            "order_number": order.number,
            "tracking_number": asked.parcel,
            "kind": asked.kind.value,
            "status": asked.status.value,
            "address": None if asked.address is None else _address(asked.address),
            "requested_at": asked.requested_at,
            "answer_by": asked.answer_by,
        }
        for asked in order.intercepts
    ]


def _payments(rows: dict[Table, list[Row]], order: OrderPart) -> None:
    rows[tables.payments] += [
        {
            "id": payment.id,
            "order_number": order.number,
            "position": position,
            "tender": payment.tender.value,
            "amount_minor": payment.amount,
            "currency": order.currency,
            "paid_at": payment.paid_at,
            "stored_id": payment.stored,
        }
        for position, payment in enumerate(order.payments)
    ]
    rows[tables.payment_attempts] += [
        {
            "id": attempt.id,
            "order_number": order.number,
            "tender": attempt.tender.value,
            "amount_minor": attempt.amount,
            "currency": order.currency,
            "status": attempt.status.value,
            "at": attempt.at,
            "settled_at": attempt.settled_at,
            "failure": attempt.failure.value if attempt.failure else None,
            "account_hint": attempt.account_hint,
            "held": attempt.held,
            "code": attempt.code,
        }
        for attempt in order.attempts
    ]


def _fulfilments(rows: dict[Table, list[Row]], order: OrderPart) -> None:
    for position, fulfilment in enumerate(order.fulfilments):
        rows[tables.fulfilments].append(
            {"id": fulfilment.id, "order_number": order.number, "position": position}
        )
        rows[tables.fulfilment_lines] += [
            {
                "fulfilment_id": fulfilment.id,
                "line_id": part.line,
                "position": index,
                "quantity": part.quantity,
            }
            for index, part in enumerate(fulfilment.lines)
        ]
        for index, parcel in enumerate(fulfilment.parcels):
            pickup = parcel.pickup
            rows[tables.parcels].append(
                {
                    "tracking_number": parcel.tracking_number,
                    "fulfilment_id": fulfilment.id,
                    "order_number": order.number,
                    "position": index,
                    "carrier": parcel.carrier,
                    "shipped_at": parcel.shipped_at,
                    "delivered_at": parcel.delivered_at,
                    "status": parcel.status.value,
                    "announced_at": parcel.announced_at,
                    "expected_by": parcel.expected_by,
                    "signature": parcel.signature.value if parcel.signature else None,
                    "pickup_code": pickup.code if pickup else None,
                    "pickup_place": pickup.place if pickup else None,
                    "pickup_until": pickup.until if pickup else None,
                }
            )
            rows[tables.tracking_events] += [
                {
                    "tracking_number": parcel.tracking_number,
                    "position": number,
                    "at": event.at,
                    "status": event.status.value,
                    "place": event.where,
                    "description": event.description,
                }
                for number, event in enumerate(parcel.events)
            ]


def _return(rows: dict[Table, list[Row]], order: OrderPart, made: ReturnPart) -> None:
    rows[tables.returns].append(
        {
            "number": made.number,
            "order_number": order.number,
            "customer_id": order.customer,
            "status": made.status.value,
            "reason": made.reason.value,
            "refund_to": made.refund_to.value,
            "handover": made.handover.value,
            "photos": list(made.photos),
            "shipping_refund_minor": made.shipping_refund,
            "total_minor": made.total,
            "currency": order.currency,
            "freight": made.freight.value,
            "send_by": made.send_by,
            "return_address_zh": made.return_address.zh,
            "return_address_en": made.return_address.en,
            "created_at": made.created_at,
            "decided_by": made.decided_by,
        }
    )
    rows[tables.return_lines] += [
        {
            "return_number": made.number,
            "line_id": part.line,
            "position": position,
            "quantity": part.quantity,
            "refund_minor": part.refund,
            "currency": order.currency,
        }
        for position, part in enumerate(made.lines)
    ]
    rows[tables.return_tenders] += [
        {
            "return_number": made.number,
            "payment_id": tender.payment,
            "position": position,
            "amount_minor": tender.amount,
            "currency": order.currency,
        }
        for position, tender in enumerate(made.tenders)
    ]


def _exchange(rows: dict[Table, list[Row]], order: OrderPart, made: ExchangePart) -> None:
    rows[tables.exchanges].append(
        {
            "number": made.number,
            "order_number": order.number,
            "customer_id": order.customer,
            "status": made.status.value,
            "reason": made.reason.value,
            "handover": made.handover.value,
            "photos": list(made.photos),
            "currency": order.currency,
            "freight": made.freight.value,
            "send_by": made.send_by,
            "return_address_zh": made.return_address.zh,
            "return_address_en": made.return_address.en,
            "created_at": made.created_at,
            "decided_by": made.decided_by,
            "tender_id": made.stored,
            "payment_id": made.payment,
            "given_back": made.given_back,
        }
    )
    rows[tables.exchange_lines] += [
        {
            "exchange_number": made.number,
            "position": position,
            "line_id": part.line,
            "quantity": part.quantity,
            "variant_id": part.variant,
            "difference_minor": part.difference,
            "currency": order.currency,
        }
        for position, part in enumerate(made.lines)
    ]

"""A shop of any size that has nothing to do with the demo shop; the same size, the same shop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from connectors.backends.embedded.document import FORMAT, ShopFile

_FIRST = datetime(2025, 1, 1, tzinfo=UTC)


def make_another_shop(*, customers: int, products: int, variants: int, orders: int) -> ShopFile:
    """So many of each; ``variants`` are of one product, every order has two delivered lines."""
    shop = {
        "format": FORMAT,
        "currency": "EUR",
        "products": [_product(number, variants) for number in range(products)],
        "carriers": [{"code": "post", "name": _words("邮政", "Post"), "language": "en"}],
        "customers": [_customer(number) for number in range(customers)],
        "orders": [_order(number, customers, products, variants) for number in range(orders)],
    }
    return msgspec.convert(shop, ShopFile)


def _words(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _product(number: int, variants: int) -> dict[str, Any]:
    return {
        "id": f"p{number}",
        "name": _words(f"商品{number}", f"Thing {number}"),
        "category": f"c{number % 7}",
        "category_name": _words("杂货", "Sundries"),
        "description": _words("结实耐用", "Made to last"),
        "variants": [
            {
                "id": f"p{number}-v{variant}",
                "sku": f"SKU-{number}-{variant}",
                "price": 1_000 + variant,
                "stock": variant % 9,
                "options": [
                    {
                        "name": _words("尺码", "Size"),
                        "value": _words(str(variant), str(variant)),
                    }
                ],
            }
            for variant in range(variants)
        ],
    }


def _customer(number: int) -> dict[str, Any]:
    return {
        "id": f"u{number:05d}",
        "name": f"Customer {number}",
        "email": f"customer{number}@example.com",
        "phone": f"+1 555 {number:07d}",
        "language": "en",
        "postcode": f"{number:05d}",
        "since": _FIRST,
        "level": "silver",
        "addresses": [
            {"id": f"a{number}", "label": "Home", "address": _address(number), "is_default": True}
        ],
        "tenders": [{"id": f"t{number}", "tender": "credit_card", "hint": f"{number:04d}"[-4:]}],
    }


def _address(number: int) -> dict[str, str]:
    return {
        "name": f"Customer {number}",
        "phone": f"+1 555 {number:07d}",
        "country": "USA",
        "province": "NY",
        "city": "Example",
        "district": "",
        "street": f"{number} Example Road",
        "postcode": f"{number:05d}",
    }


def _order(number: int, customers: int, products: int, variants: int) -> dict[str, Any]:
    name = f"AN{number:08d}"
    placed = _FIRST + timedelta(minutes=number)
    lines = []
    for place in range(2):
        product, variant = (number + place) % products, (number * 7 + place) % variants
        lines.append(
            {
                "id": f"{name}-{place}",
                "product": f"p{product}",
                "variant": f"p{product}-v{variant}",
                "sku": f"SKU-{product}-{variant}",
                "name": _words(f"商品{product}", f"Thing {product}"),
                "category": f"c{product % 7}",
                "quantity": 1 + place,
                "unit_price": 1_000 + variant,
            }
        )
    amount = sum(line["quantity"] * line["unit_price"] for line in lines)
    customer = number % customers
    return {
        "number": name,
        "customer": f"u{customer:05d}",
        "status": "delivered",
        "currency": "EUR",
        "placed_at": placed,
        "address": _address(customer),
        "lines": lines,
        "payments": [
            {
                "id": f"{name}-pay",
                "tender": "credit_card",
                "amount": amount,
                "paid_at": placed,
                "stored": f"t{customer}",
            }
        ],
        "fulfilments": [
            {
                "id": f"{name}-f",
                "lines": [{"line": line["id"], "quantity": line["quantity"]} for line in lines],
                "parcels": [
                    {
                        "tracking_number": f"POST{number:010d}",
                        "carrier": "post",
                        "shipped_at": placed + timedelta(days=1),
                        "announced_at": placed + timedelta(days=1),
                        "status": "delivered",
                        "delivered_at": placed + timedelta(days=3),
                        "events": [
                            {
                                "at": placed + timedelta(days=3),
                                "status": "delivered",
                                "description": "Delivered",
                            }
                        ],
                    }
                ],
            }
        ],
    }

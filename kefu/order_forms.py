"""What all verbs of an order have in common: what is filled in, and how it is told to agents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from connectors.backends.catalogue.model import Product
from connectors.backends.customers.model import BalanceChange, StoredTender
from connectors.backends.drafts.model import Actor
from connectors.backends.orders.model import Address, Order, OrderLine
from connectors.backends.refunds.differences import Charge
from connectors.backends.refunds.exchanges import ExchangeLine
from connectors.backends.refunds.model import TenderAmount
from connectors.backends.shop import Shop
from connectors.backends.text import Bilingual
from kernel.errors import NotFound
from kernel.money import Money

_ADDRESS = ("name", "phone", "country", "province", "city", "district", "street", "postcode")
NEITHER = {"id": ""}
"""The choice of nothing in particular."""


@dataclass(frozen=True)
class Filled:
    """What an agent has filled in: units by line, a reason, and the verb's fields by name."""

    order_number: str
    units: Mapping[str, int]
    reason: str
    details: Mapping[str, str]


class Deed(Protocol):
    """One verb: what it takes, what would happen, what happened. Errors as in OrderDeeds."""

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """The verb with its reasons, lines and fields, or why it is refused."""

    async def prepare(self, customer_id: str, filled: Filled) -> dict[str, Any]:
        """What would happen."""

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """The order's number, and the numbers of what was made."""


class Draft(Protocol):
    """What every prepared change of a shop has."""

    @property
    def id(self) -> str:
        """Its name, to commit it."""

    @property
    def expires_at(self) -> datetime:
        """When it lapses."""


def offered(
    verb: str,
    refusal: str | None,
    *,
    reasons: Iterable[str] = (),
    lines: Iterable[Mapping[str, Any]] = (),
    **more: object,
) -> dict[str, Any]:
    """A verb as it is offered; ``refusal`` says why it is not."""
    return {
        "verb": verb,
        "reasons": list(reasons),
        "lines": list(lines),
        **more,
        "refusal": refusal and str(refusal),
    }


def previewed(
    draft: Draft,
    *,
    rows: Iterable[Mapping[str, Any]] = (),
    tenders: Sequence[TenderAmount] = (),
    **more: object,
) -> dict[str, Any]:
    """What ``draft`` would do, line by line, and where money goes."""
    return {
        "draft": draft.id,
        "expires_at": draft.expires_at.isoformat(),
        "rows": list(rows),
        "tenders": tenders_told(tenders),
        **more,
    }


async def sold(shop: Shop, product_id: str) -> Product | None:
    """The product, None if it is no longer sold: then nothing can take its place."""
    try:
        return await shop.catalogue.product(product_id)
    except NotFound:
        return None


def address_fields(address: Address) -> list[dict[str, Any]]:
    """The parts of an address, to be changed."""
    return [field(name, getattr(address, name)) for name in _ADDRESS]


def address_from(details: Mapping[str, str]) -> Address:
    """The address that was filled in."""
    return Address(**{name: details.get(name, "").strip() for name in _ADDRESS})


def line_told(line: OrderLine, units: int) -> dict[str, Any]:
    """A line of an order with the units of it that a verb may take."""
    return {
        "id": line.id,
        "name": both(line.product_name),
        "options": {"zh": line.options_text("zh"), "en": line.options_text("en")},
        "units": units,
    }


def variants_told(product: Product) -> list[dict[str, Any]]:
    """What of a product can be had now, at what price."""
    return [
        {
            "id": variant.id,
            "title": {
                language: f"{variant.options_text(language)} {variant.price}"
                for language in ("zh", "en")
            },
        }
        for variant in product.variants
        if variant.stock > 0
    ]


def exchange_rows(lines: Sequence[ExchangeLine]) -> list[dict[str, Any]]:
    """Each line of an exchange with what comes instead, and what that costs more."""
    return [
        row(
            Bilingual(
                f"{one.product_name.zh} {one.options.zh} → {one.new_options.zh}",
                f"{one.product_name.en} {one.options.en} → {one.new_options.en}",
            ),
            one.quantity,
            one.difference,
        )
        for one in lines
    ]


def row(name: Bilingual, quantity: int, amount: Money) -> dict[str, Any]:
    """A line of a preview."""
    return {"name": both(name), "quantity": quantity, "amount": str(amount)}


def tenders_told(tenders: Sequence[TenderAmount]) -> list[dict[str, Any]]:
    """Where money goes, and how long that takes."""
    return [
        {"tender": one.tender.value, "amount": str(one.amount), "days": one.days} for one in tenders
    ]


def charge_told(charge: Charge | None) -> dict[str, Any] | None:
    """What is taken, and of which tender."""
    if charge is None:
        return None
    return {
        "tender": charge.tender.value,
        "hint": charge.hint,
        "amount": str(charge.amount),
    }


def tender_choice(stored: StoredTender) -> dict[str, Any]:
    """A tender on file, to be chosen."""
    return {
        "id": stored.id,
        "tender": stored.tender.value,
        "hint": stored.hint,
        "balance": stored.balance and str(stored.balance),
    }


def balance_told(change: BalanceChange) -> dict[str, str]:
    """What is left on a tender on file, before and after."""
    return {
        "tender": change.tender.value,
        "hint": change.hint,
        "before": str(change.before),
        "after": str(change.after),
    }


def several(details: Mapping[str, str], name: str) -> tuple[str, ...]:
    """What was chosen for a field of the kind ``many``."""
    return tuple(filter(None, details.get(name, "").split(",")))


def both(name: Bilingual) -> dict[str, str]:
    """A text in both languages, as the console takes it."""
    return {"zh": name.zh, "en": name.en}


def field(
    name: str,
    value: str,
    choices: Sequence[Mapping[str, Any]] = (),
    *,
    optional: bool = False,
    kind: str = "text",
    of: str | None = None,
) -> dict[str, Any]:
    """Something to fill in (see connectors.console.ports.OrderDeeds)."""
    return {
        "name": name,
        "value": value,
        "choices": list(choices),
        "optional": optional,
        "kind": kind,
        "of": of,
    }

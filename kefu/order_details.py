"""The verbs of an order that need details: another address, an invoice, an exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from connectors.backends.catalogue.model import Product
from connectors.backends.drafts.model import Actor
from connectors.backends.invoices.model import InvoiceDetails, InvoiceKind, InvoiceStep
from connectors.backends.invoices.policy import in_force
from connectors.backends.orders.model import Address, Order, OrderLine
from connectors.backends.refunds.differences import Charge
from connectors.backends.refunds.exchanges import ExchangeLine, ExchangeRequestLine, ExchangeWish
from connectors.backends.refunds.model import ReturnReason, TenderAmount
from connectors.backends.shop import Shop
from connectors.backends.text import Bilingual
from kernel.errors import NotFound
from kernel.money import Money

_ADDRESS = ("name", "phone", "country", "province", "city", "district", "street", "postcode")
_STEPS = (InvoiceStep.ISSUE, InvoiceStep.CHANGE, InvoiceStep.RESEND)


class Deed(Protocol):
    """One verb: what it takes, what would happen, what happened. Errors as in OrderDeeds."""

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """The verb with its reasons, lines and fields, or why it is refused."""

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """What would happen."""

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """The order's number, and the numbers of what was made."""


class AddressDeed:
    """(see Deed)"""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        refusal = await self._shop.address_changes.refusal(customer_id, order.number)
        return {
            "verb": "address",
            "reasons": [],
            "lines": [],
            "fields": address_fields(order.address),
            "refusal": refusal and refusal.value,
        }

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see Deed)"""
        draft = await self._shop.address_changes.prepare_address(
            customer_id, order_number, address_from(details)
        )
        before = draft.before.one_line() if draft.before else ""
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": [],
            "tenders": [],
            "change": {"before": before, "after": draft.after.one_line()},
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        changed = await self._shop.address_changes.commit_address(customer_id, draft_id, by)
        return changed.order_number or "", []


class InvoiceDeed:
    """(see Deed) Its reasons are the steps that are possible now."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        invoices = self._shop.invoices
        refusals = {
            step: await invoices.refusal_of(customer_id, order.number, step) for step in _STEPS
        }
        possible = [step.value for step, refusal in refusals.items() if refusal is None]
        there = in_force(await invoices.invoices_of(customer_id, order.number))
        known = there.details if there else None
        # Of an order with an invoice it matters why that cannot change, else why there is none.
        why = refusals[InvoiceStep.CHANGE if there else InvoiceStep.ISSUE]
        return {
            "verb": "invoice",
            "reasons": possible,
            "lines": [],
            "fields": [
                field(
                    "kind",
                    known.kind.value if known else InvoiceKind.PERSONAL.value,
                    [{"id": kind.value} for kind in InvoiceKind],
                ),
                field("title", known.title if known else ""),
                field("tax_number", known.tax_number if known else "", optional=True),
                field("email", known.email if known else ""),
            ],
            "refusal": None if possible else why and why.value,
        }

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see Deed)"""
        wanted = InvoiceDetails(
            InvoiceKind(details.get("kind", "")),
            details.get("title", "").strip(),
            details.get("tax_number", "").strip(),
            details.get("email", "").strip(),
        )
        draft = await self._shop.invoices.prepare(
            customer_id, order_number, InvoiceStep(reason), wanted
        )
        found = draft.details
        told = [found.title, found.tax_number, found.email]
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": [{"name": {"zh": one, "en": one}} for one in told if one],
            "total": str(draft.amount),
            "tenders": [],
            "replaces": draft.replaces.number if draft.replaces else None,
            "reversal": draft.reversal,
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        done = await self._shop.invoices.commit(customer_id, draft_id, by)
        red = [done.red.number] if done.red else []
        return done.invoice.order_number, [done.invoice.number, *red]


class ExchangeDeed:
    """(see Deed) Its details say, by line, which variant comes instead."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    async def offer(self, customer_id: str, order: Order) -> dict[str, Any]:
        """(see Deed)"""
        found = await self._shop.refunds.returnable_lines(
            customer_id, order.number, for_exchange=True
        )
        lines = []
        for one in found:
            product = await sold(self._shop, one.line.product_id) if one.quantity > 0 else None
            if product is None:
                continue
            lines.append(
                {
                    **line_told(one.line, one.quantity),
                    "variants": variants_told(product),
                    "variant": one.line.variant_id,
                }
            )
        return {
            "verb": "exchange",
            "reasons": list(ReturnReason),
            "lines": lines,
            "refusal": None if lines else "not_delivered",
        }

    async def prepare(
        self,
        customer_id: str,
        order_number: str,
        units: Mapping[str, int],
        reason: str,
        details: Mapping[str, str],
    ) -> dict[str, Any]:
        """(see Deed)"""
        wanted = [
            ExchangeRequestLine(line_id, count, details.get(line_id, ""))
            for line_id, count in units.items()
        ]
        wish = ExchangeWish(ReturnReason(reason), inspected=True)
        draft = await self._shop.refunds.prepare_exchange(customer_id, order_number, wanted, wish)
        return {
            "draft": draft.id,
            "expires_at": draft.expires_at.isoformat(),
            "rows": exchange_rows(draft.lines),
            "total": str(draft.difference),
            "tenders": tenders_told(draft.refunds),
            "charge": charge_told(draft.charge),
            "needs_approval": draft.needs_approval,
        }

    async def commit(self, customer_id: str, draft_id: str, by: Actor) -> tuple[str, list[str]]:
        """(see Deed)"""
        made = await self._shop.refunds.commit_exchange(customer_id, draft_id, by)
        return made.order_number, [made.number]


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

"""Exchanges as the embedded shop keeps them: rows in, whole exchanges out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.backends.embedded import tables
from connectors.backends.embedded.catalogue import change_stock
from connectors.backends.embedded.order_rows import options_of
from connectors.backends.refunds.exchanges import (
    Exchange,
    ExchangeLine,
    ExchangeStatus,
    ExchangeWish,
)
from connectors.backends.refunds.model import FreightPayer, Handover, ReturnReason
from connectors.backends.text import Bilingual
from kernel.money import Money, total


async def insert_exchange(connection: AsyncConnection, made: Exchange) -> None:
    """Write an exchange with its lines."""
    await connection.execute(
        insert(tables.exchanges).values(
            number=made.number,
            order_number=made.order_number,
            customer_id=made.customer_id,
            status=made.status.value,
            reason=made.wish.reason.value,
            handover=made.wish.handover.value,
            photos=list(made.wish.photos),
            currency=made.difference.currency,
            freight=made.freight.value,
            send_by=made.send_by,
            return_address_zh=made.return_address.zh,
            return_address_en=made.return_address.en,
            created_at=made.created_at,
            decided_by=made.decided_by,
            tender_id=made.wish.tender_id,
            given_back=made.given_back,
        )
    )
    await connection.execute(
        insert(tables.exchange_lines),
        [
            {
                "exchange_number": made.number,
                "position": position,
                "line_id": line.line_id,
                "quantity": line.quantity,
                "variant_id": line.variant_id,
                "difference_minor": line.difference.minor,
                "currency": line.difference.currency,
            }
            for position, line in enumerate(made.lines)
        ],
    )


async def set_aside(
    connection: AsyncConnection, lines: Sequence[ExchangeLine], *, put_back: bool = False
) -> None:
    """Take what is exchanged to off sale, or put it back on sale."""
    changes: dict[str, int] = {}
    for line in lines:
        units = line.quantity if put_back else -line.quantity
        changes[line.variant_id] = changes.get(line.variant_id, 0) + units
    await change_stock(connection, changes)


async def load_exchanges(
    connection: AsyncConnection, condition: ColumnElement[bool]
) -> tuple[Exchange, ...]:
    """The exchanges that meet ``condition``, newest first, whole."""
    made = tables.exchanges
    heads = await connection.execute(
        select(made).where(condition).order_by(made.c.created_at.desc(), made.c.number.desc())
    )
    rows = heads.mappings().all()
    lines = await _lines_of(connection, [row["number"] for row in rows])
    return tuple(_exchange(row, lines.get(row["number"], ())) for row in rows)


async def _lines_of(
    connection: AsyncConnection, numbers: Sequence[str]
) -> dict[str, tuple[ExchangeLine, ...]]:
    parts, bought, variants = tables.exchange_lines, tables.order_lines, tables.variants
    rows = await connection.execute(
        select(
            parts,
            bought.c.name_zh,
            bought.c.name_en,
            bought.c.options,
            variants.c.options.label("new_options"),
        )
        .join(bought, bought.c.id == parts.c.line_id)
        .outerjoin(variants, variants.c.id == parts.c.variant_id)
        .where(parts.c.exchange_number.in_(numbers))
        .order_by(parts.c.position)
    )
    found: dict[str, tuple[ExchangeLine, ...]] = {}
    for row in rows.mappings():
        line = ExchangeLine(
            line_id=row["line_id"],
            product_name=Bilingual(row["name_zh"], row["name_en"]),
            options=_phrase(row["options"]),
            quantity=row["quantity"],
            variant_id=row["variant_id"],
            new_options=_phrase(row["new_options"] or ()),
            difference=Money(row["difference_minor"], row["currency"]),
        )
        number = row["exchange_number"]
        found[number] = (*found.get(number, ()), line)
    return found


def _phrase(stored: Sequence[Mapping[str, Any]]) -> Bilingual:
    values = [option.value for option in options_of(stored)]
    return Bilingual(
        " / ".join(value.zh for value in values), " / ".join(value.en for value in values)
    )


def _exchange(row: RowMapping, lines: tuple[ExchangeLine, ...]) -> Exchange:
    return Exchange(
        number=row["number"],
        order_number=row["order_number"],
        customer_id=row["customer_id"],
        status=ExchangeStatus(row["status"]),
        wish=ExchangeWish(
            ReturnReason(row["reason"]),
            Handover(row["handover"]),
            tuple(row["photos"]),
            row["tender_id"],
        ),
        lines=lines,
        difference=total((line.difference for line in lines), row["currency"]),
        freight=FreightPayer(row["freight"]),
        send_by=row["send_by"],
        return_address=Bilingual(row["return_address_zh"], row["return_address_en"]),
        created_at=row["created_at"],
        decided_by=row["decided_by"],
        payment_id=row["payment_id"],
        given_back=row["given_back"],
    )

"""A whole shop goes out of one database and into another, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.accounts.model import AccountStep
from connectors.backends.carriers.model import InterceptKind
from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.exchange import (
    BadShopFile,
    export_shop,
    import_shop,
    is_empty,
    parse_shop,
    shop_schema,
    store_shop,
)
from connectors.backends.embedded.tables import metadata, order_notes
from connectors.backends.invoices.model import InvoiceDetails, InvoiceKind, InvoiceStep
from connectors.backends.orders.model import NoteKind
from connectors.backends.refunds.exchanges import ExchangeRequestLine, ExchangeWish
from connectors.backends.refunds.model import ReturnReason, ReturnRequestLine, ReturnWish
from connectors.backends.shop import Shop
from kernel.database import make_engine
from tests.contracts.another_shop import make_another_shop
from tests.contracts.conftest import NOW

SCHEMA = Path("docs/shop.schema.json")


def _builtins(shop: ShopFile) -> dict[str, Any]:
    built: dict[str, Any] = json.loads(msgspec.json.encode(shop))
    return built


async def _write(engine: AsyncEngine, folder: Path) -> Path:
    file = folder / "shop.json"
    exported = await export_shop(engine)
    file.write_text(json.dumps(exported, ensure_ascii=False, indent=1), encoding="utf-8")
    return file


async def test_what_was_stored_comes_out_again(engine: AsyncEngine, known_orders: ShopFile) -> None:
    exported = await export_shop(engine)
    expected = _builtins(known_orders)
    for part, key in (("orders", "number"), ("carriers", "code"), ("customers", "id")):
        expected[part] = sorted(expected[part], key=lambda item: str(item[key]))
    for order in expected["orders"]:
        order.get("attempts", []).sort(key=lambda attempt: (attempt["at"], attempt["id"]))
    assert exported == expected


async def test_an_export_imports_into_the_same_shop(
    engine: AsyncEngine, shop: Shop, tmp_path: Path
) -> None:
    draft = await shop.refunds.prepare_return(
        "C0001",
        "KF2601018002",
        [ReturnRequestLine("KF2601018002-2", 1)],
        ReturnWish(ReturnReason.FAULTY),
    )
    made = await shop.refunds.commit_return("C0001", draft.id)
    file = await _write(engine, tmp_path)
    before = await export_shop(engine)
    counts = await import_shop(engine, file)
    assert await export_shop(engine) == before
    assert counts["orders"] == len(before["orders"])
    assert await shop.refunds.find_return("C0001", made.number) == made


# Not the shop's own matters: what was done and tried, transient drafts, who wants news.
NOT_IN_THE_FILE = {
    "shop_audit",
    "shop_counters",
    "shop_drafts",
    "shop_identity_codes",
    "shop_identity_limits",
    "shop_news",
    "shop_news_wishes",
}


async def _rows(engine: AsyncEngine) -> dict[str, list[str]]:
    """Every row of every table that a shop file holds, in an order of its own."""
    found = {}
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name not in NOT_IN_THE_FILE:
                rows = (await connection.execute(table.select())).mappings()
                found[table.name] = sorted(json.dumps(dict(row), default=str) for row in rows)
    return found


async def test_every_row_of_every_table_comes_back(
    engine: AsyncEngine, shop: Shop, tmp_path: Path
) -> None:
    parcel = await shop.intercepts.prepare_intercept(
        "C0011", "KF2601018105", InterceptKind.BRING_BACK
    )
    await shop.intercepts.commit_intercept("C0011", parcel.id)
    sending = await shop.invoices.prepare(
        "C0013",
        "KF2601018122",
        InvoiceStep.RESEND,
        InvoiceDetails(InvoiceKind.PERSONAL, "谢安宁", "", "xie.anning@example.com"),
    )
    await shop.invoices.commit("C0013", sending.id)
    ending = await shop.accounts.prepare("C0015", AccountStep.DELETE)
    await shop.accounts.commit("C0015", ending.id)
    swap = await shop.refunds.prepare_exchange(
        "C0001",
        "KF2601018002",
        [ExchangeRequestLine("KF2601018002-1", 1, "wool-coat-3")],
        ExchangeWish(ReturnReason.WRONG_SIZE),
    )
    await shop.refunds.commit_exchange("C0001", swap.id)
    claim = await shop.offers.prepare_claim("C0013", "KF2601018121", ["KF2601018121-2"])
    await shop.offers.commit_claim("C0013", claim.id)
    note = {"id": "N1", "order_number": "KF2601018105", "kind": next(iter(NoteKind)).value}
    async with engine.begin() as connection:
        await connection.execute(
            order_notes.insert().values(**note, text="快一点", at=NOW, actor="shopper", due_at=NOW)
        )
    before = await _rows(engine)
    assert [name for name, rows in before.items() if not rows] == []
    await import_shop(engine, await _write(engine, tmp_path))
    assert await _rows(engine) == before


async def test_return_numbers_go_on_behind_imported_ones(
    engine: AsyncEngine, shop: Shop, tmp_path: Path
) -> None:
    shopfile = await export_shop(engine)
    for order in shopfile["orders"]:
        for made in order.get("returns", []):
            if made["number"] == "RMA2601018067":
                made["number"] = "RMA2611220041"
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(shopfile), encoding="utf-8")
    await import_shop(engine, file)
    draft = await shop.refunds.prepare_return(
        "C0001",
        "KF2601018002",
        [ReturnRequestLine("KF2601018002-2", 1)],
        ReturnWish(ReturnReason.FAULTY),
    )
    assert (await shop.refunds.commit_return("C0001", draft.id)).number == "RMA2611220042"


async def test_a_refused_file_leaves_the_shop_as_it_was(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    before = await export_shop(engine)
    file = tmp_path / "shop.json"
    file.write_text(json.dumps(before).replace('"C0001"', '"C0000"', 1), encoding="utf-8")
    with pytest.raises(BadShopFile):
        await import_shop(engine, file)
    assert await export_shop(engine) == before


async def test_a_shop_without_products_and_orders_is_empty(engine: AsyncEngine) -> None:
    assert not await is_empty(engine)
    nothing = ShopFile(format=1, currency="CNY", products=(), carriers=(), customers=(), orders=())
    await store_shop(engine, nothing)
    assert await is_empty(engine)
    assert await export_shop(engine) == _builtins(nothing)


async def test_the_migrated_tables_are_the_ones_the_code_uses(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        options = {
            "include_object": lambda thing, name, kind, *_: (
                kind != "table" or name.startswith("shop_")
            )
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, metadata))

    engine = make_engine(database_url)
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences) == []
    finally:
        await engine.dispose()


def test_the_documented_schema_is_the_one_of_the_types() -> None:
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == shop_schema()


def test_an_export_obeys_the_documented_schema(known_orders: ShopFile) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    document = _builtins(known_orders)
    assert next(validator.iter_errors(document), None) is None
    document["orders"][0]["status"] = "teleported"
    assert next(validator.iter_errors(document), None) is not None


def test_the_demo_shop_is_a_file_that_would_be_accepted() -> None:
    text = msgspec.json.encode(make_demo_shop(NOW)).decode()
    assert len(parse_shop(text, "demo.json").orders) == 1500


async def test_another_shop_of_a_thousand_orders_comes_in_and_out(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    file = tmp_path / "shop.json"
    another = make_another_shop(customers=500, products=50, variants=200, orders=1_000)
    file.write_bytes(msgspec.json.encode(another))
    assert await import_shop(engine, file) == {
        "products": 50,
        "carriers": 1,
        "customers": 500,
        "orders": 1_000,
    }
    assert await export_shop(engine) == _builtins(another)

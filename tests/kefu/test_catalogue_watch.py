"""What the shop sells is found in messages: products and the options of their variants."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.nlu.entity_extractor import EntityExtractor
from bot.nlu.surroundings import surroundings
from connectors.backends.embedded.catalogue import EmbeddedCatalogue
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.exchange import store_shop
from kefu.surroundings import CatalogueWatch
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.nlu.pipeline import make, read

CLOCK = SetClock(datetime(2026, 11, 21, 7, 0, tzinfo=UTC))
COLOUR, SIZE = ("颜色分类", "Colour"), ("尺码", "Size")
MATERIAL, SCENT = ("材质", "Material"), ("香型", "Scent")


def words(pair: Sequence[str]) -> dict[str, str]:
    return {"zh": pair[0], "en": pair[1]}


def shop_with(*options: tuple[tuple[str, str], tuple[str, str]]) -> ShopFile:
    """A shop that sells one jug, in one variant for each of ``options``."""
    product = {
        "id": "jug",
        "name": words(("凉水壶", "Water jug")),
        "category": "kitchen",
        "category_name": words(("厨房", "Kitchen")),
        "description": words(("一个壶", "A jug")),
        "variants": [
            {
                "id": f"jug-{place}",
                "sku": f"J{place}",
                "price": 9900,
                "stock": 3,
                "options": [{"name": words(name), "value": words(value)}],
            }
            for place, (name, value) in enumerate(options)
        ],
    }
    empty: dict[str, Any] = {"format": 1, "currency": "CNY", "carriers": [], "customers": []}
    return msgspec.convert({**empty, "products": [product], "orders": []}, ShopFile)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    opened = make_engine(database_url)
    yield opened
    await opened.dispose()


@pytest.fixture
def watch(engine: AsyncEngine) -> Iterator[CatalogueWatch]:
    around = surroundings()
    before = around.clock, around.catalogue
    yield CatalogueWatch(EmbeddedCatalogue(engine), CLOCK)
    around.clock, around.catalogue = before


@pytest.fixture
def extractor(tmp_path: Path) -> EntityExtractor:
    component: EntityExtractor = make(EntityExtractor, tmp_path)
    return component


def found(extractor: EntityExtractor, text: str) -> list[tuple[str, Any]]:
    return [(one["entity"], one["value"]) for one in read(text, extractor)["entities"]]


async def test_options_of_variants_are_found_in_both_languages(
    engine: AsyncEngine, watch: CatalogueWatch, extractor: EntityExtractor
) -> None:
    shop = shop_with(
        (COLOUR, ("雾霾蓝（现货）", "Dusty teal (in stock)")),
        (COLOUR, ("黑色", "Black")),
        (COLOUR, ("米白", "Off-white")),
        (COLOUR, ("蜜柑", "Tangerine")),
        (SIZE, ("US 9.5 / EU 42", "US 9.5 / EU 42")),
        (SIZE, ("小", "Small")),
        (SIZE, ("110", "110")),
        (SIZE, ("L", "L")),
        (MATERIAL, ("莫代尔", "Modal")),
        (SCENT, ("白茶", "White tea")),
    )
    await store_shop(engine, shop)
    await watch.refresh()

    expected: dict[str, list[tuple[str, Any]]] = {
        "有雾霾蓝的吗": [("colour", "雾霾蓝")],
        "霧霾藍還有嗎": [("colour", "雾霾蓝")],
        "雾霾兰": [("colour", "雾霾蓝")],
        "is the dusty teal back": [("colour", "Dusty teal")],
        "a jug in tangarine": [("product", "jug"), ("colour", "Tangerine")],
        "the jug in off-white": [("product", "jug"), ("colour", "Off-white")],
        "凉水壶要黑色的": [("product", "凉水壶"), ("colour", "black")],
        "a black one": [("colour", "black")],
        "有没有us9.5的": [("size", "US 9.5")],
        "do you have it in US 9.5": [("size", "US 9.5")],
        "eu 42": [("size", "EU 42")],
        "us 9.55": [],
        "110码": [("size", "110")],
        "size 110 please": [("size", "110")],
        "莫代尔的": [("option", "莫代尔")],
        "is there one in modal": [("option", "Modal")],
        "白茶味": [("option", "白茶")],
        "the white tea scent": [("option", "White tea")],
        # Nobody names an option here.
        "it's too small": [("reason", "wrong_size")],
        "that's 110 miles from here, I'm lost": [],
    }
    assert {text: found(extractor, text) for text in expected} == expected


async def test_a_changed_catalogue_counts_without_a_restart(
    engine: AsyncEngine, watch: CatalogueWatch, extractor: EntityExtractor
) -> None:
    await store_shop(engine, shop_with((COLOUR, ("鸢尾紫", "Iris"))))
    await watch.refresh()
    assert found(extractor, "鸢尾紫") == found(extractor, "鸢尾紫的") != []
    assert found(extractor, "in tangerine") == []

    await store_shop(engine, shop_with((COLOUR, ("蜜柑", "Tangerine"))))
    await watch.refresh()
    assert found(extractor, "in tangerine") == [("colour", "Tangerine")]
    assert found(extractor, "蜜柑有吗") == [("colour", "蜜柑")]
    assert found(extractor, "鸢尾紫") == []


async def test_a_catalogue_that_stays_the_same_is_not_built_anew(
    engine: AsyncEngine, watch: CatalogueWatch
) -> None:
    await store_shop(engine, shop_with((COLOUR, ("鸢尾紫", "Iris"))))
    await watch.refresh()
    built = surroundings().catalogue
    await watch.refresh()
    assert surroundings().catalogue is built

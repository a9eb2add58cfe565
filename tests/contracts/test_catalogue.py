"""What every adapter of the port Catalogue promises."""

from __future__ import annotations

import pytest

from connectors.backends.orders.model import Trait
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable, NotFound
from kernel.money import Money

READS_ONLY = True


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("保温杯", "thermos"),
        ("羽绒服", "down-jacket"),
        ("有黑色的羽绒服吗", "down-jacket"),
        ("vacuum flask", "thermos"),
        ("noise cancelling headphones", "headphones"),
        ("headphnes", "headphones"),
        ("running shoe", "running-shoes"),
        ("猫爬架", "cat-tree"),
    ],
)
async def test_a_product_is_found_by_words_of_either_language(
    shop: Shop, words: str, expected: str
) -> None:
    found = await shop.catalogue.search(words, 3)
    assert found[0].id == expected


@pytest.mark.parametrize("words", ["", "???", "zzqx", "挖掘机", "🎉"])
async def test_words_that_describe_nothing_find_nothing(shop: Shop, words: str) -> None:
    assert await shop.catalogue.search(words) == ()


async def test_a_product_comes_with_its_variants(shop: Shop) -> None:
    product = await shop.catalogue.product("e-reader")
    assert product.name.zh == "墨水屏阅读器"
    assert [variant.options[0].value.en for variant in product.variants] == ["64 GB", "128 GB"]
    assert [variant.price for variant in product.variants] == [
        Money(89_900, "CNY"),
        Money(119_900, "CNY"),
    ]
    assert product.price_from == Money(89_900, "CNY")


async def test_traits_come_along(shop: Shop) -> None:
    assert (await shop.catalogue.product("cherries")).traits == {Trait.PERISHABLE}


async def test_an_unknown_product_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.catalogue.product("unicorn")


async def test_pages_show_every_product_once(shop: Shop) -> None:
    pages = [await shop.catalogue.products(offset, 30) for offset in (0, 30, 60, 90)]
    ids = [product.id for page in pages for product in page]
    assert len(ids) == len(set(ids)) >= 60
    assert len(pages[0]) == 30


async def test_without_a_database_the_catalogue_is_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.catalogue.search("保温杯")

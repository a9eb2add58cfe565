"""Products are found by what people call them, and a changed catalogue counts at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.words import measured
from bot.nlu.catalogue import Catalogue, CataloguePhrase
from bot.nlu.entity_extractor import EntityExtractor
from bot.nlu.surroundings import surroundings
from tests.nlu.pipeline import make, read

MANY = 300


def named(catalogue: Catalogue, text: str) -> list[tuple[str, list[str]]]:
    """What is found in ``text``, with the products it may be."""
    return [(found.value, found.more.get("product_ids", [])) for found in catalogue.find(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the 2-in-1 travel mug please", [("2-in-1 travel mug", ["mug1"])]),
        ("a travel mug", [("travel mug", ["mug1", "mug2"])]),
        ("MUG", [("MUG", ["mug1", "mug2"])]),
        ("保温杯漏水", [("保温杯", ["mug1"])]),
        ("smuggled", []),
    ],
)
def test_a_product_is_found_by_its_name_and_by_the_end_of_it(
    text: str, expected: list[tuple[str, list[str]]]
) -> None:
    catalogue = Catalogue(
        [
            CataloguePhrase("2-in-1 travel mug", "mug1"),
            CataloguePhrase("二合一旅行保温杯", "mug1"),
            CataloguePhrase("Glass travel mug", "mug2"),
        ]
    )
    assert named(catalogue, text) == expected


def test_one_slip_in_a_long_word_is_forgiven_but_not_in_a_short_one() -> None:
    catalogue = Catalogue([CataloguePhrase("Keyboard", "k"), CataloguePhrase("Lamp", "l")])
    assert named(catalogue, "my keybord") == [("keybord", ["k"])]
    assert named(catalogue, "my lemp") == []
    assert named(catalogue, "two lamps") == [("lamps", ["l"])]


def test_a_changed_catalogue_counts_from_the_next_message(tmp_path: Path) -> None:
    extractor = make(EntityExtractor, tmp_path)
    around = surroundings()
    before = around.catalogue
    try:
        around.set_catalogue([CataloguePhrase("Teapot", "t")])
        assert read("a teapot", extractor)["entities"][0]["product_ids"] == ["t"]
        around.set_catalogue([CataloguePhrase("Kettle", "k")])
        assert read("a teapot", extractor)["entities"] == []
    finally:
        around.catalogue = before


async def test_each_of_many_products_is_found_by_the_name_with_its_model_number(
    tmp_path: Path,
) -> None:
    around = surroundings()
    before = around.catalogue, around.clock
    try:
        costs = await measured(MANY, tmp_path)
    finally:
        around.catalogue, around.clock = before
    assert costs.phrases > 2 * MANY
    assert costs.named == 1.0


def test_part_of_a_number_is_no_name() -> None:
    catalogue = Catalogue(
        [
            CataloguePhrase("Galaxy lamp 4001", "g"),
            CataloguePhrase("US 9", entity="size", is_name=False),
        ]
    )
    assert named(catalogue, "4001 people, US 9.5 and 1.4001") == []
    assert named(catalogue, "the lamp 4001 in us 9.") == [("lamp 4001", ["g"]), ("US 9", [])]

"""Six hundred sentences of our own: what is missed and what is invented both count as wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bot.nlu.catalogue import CataloguePhrase
from bot.nlu.entity_extractor import EntityExtractor
from bot.nlu.surroundings import surroundings
from kernel.clock import SetClock
from tests.nlu.golden import golden_sentences, scores, written
from tests.nlu.pipeline import make, read

# Saturday afternoon in Shanghai.
NOW = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
LEAST_F1 = 0.97
GOODS = [
    ("竹纤维四件套", "Bamboo bedding set"),
    ("真无线降噪耳机", "Wireless noise-cancelling earbuds"),
    ("陶瓷手冲壶", "Ceramic pour-over kettle"),
    ("不锈钢保温杯", "Stainless steel insulated bottle"),
    ("人体工学椅", "Ergonomic chair"),
    ("记忆棉枕头", "Memory foam pillow"),
    ("羊毛地毯", "Wool rug"),
    ("折叠自行车", "Folding bike"),
    ("空气炸锅", "Air fryer"),
    ("筋膜枪", "Massage gun"),
    ("扫地机器人", "Robot vacuum"),
    ("婴儿推车", "Baby stroller"),
    ("猫砂盆", "Litter box"),
    ("护眼台灯", "Eye-care desk lamp"),
    ("蓝牙音箱", "Bluetooth speaker"),
]


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EntityExtractor]:
    """An extractor that lives in November 2026 and knows a small catalogue."""
    around = surroundings()
    clock, catalogue = around.clock, around.catalogue
    around.clock = SetClock(NOW)
    around.set_catalogue(
        [
            *(CataloguePhrase(name, f"p{i}") for i, names in enumerate(GOODS) for name in names),
            CataloguePhrase("雾霾蓝", "", "colour", is_name=False),
        ]
    )
    yield make(EntityExtractor, tmp_path_factory.mktemp("golden"))
    around.clock, around.catalogue = clock, catalogue


def test_every_kind_is_found_and_nothing_is_invented(extractor: EntityExtractor) -> None:
    pairs, faults = [], []
    for sentence in golden_sentences():
        found = [written(entity) for entity in read(sentence.text, extractor)["entities"]]
        pairs.append((sentence.named, found))
        if Counter(sentence.named) != Counter(found):
            faults.append(f"{sentence.text}: {sentence.named} but {found}")
    low = {kind: f1 for kind, f1 in scores(pairs).items() if f1 < LEAST_F1}
    assert low == {}, "\n".join(faults)


def test_there_are_six_hundred_different_sentences_in_two_languages() -> None:
    texts = [sentence.text for sentence in golden_sentences()]
    chinese = sum(not text.isascii() for text in texts)
    assert len(set(texts)) == len(texts) >= 600
    assert chinese >= 240
    assert len(texts) - chinese >= 240


def test_every_kind_is_named_ten_times() -> None:
    kinds = Counter(
        one.partition("=")[0].rstrip("?")
        for sentence in golden_sentences()
        for one in sentence.named
    )
    assert {kind: times for kind, times in kinds.items() if times < 10} == {}

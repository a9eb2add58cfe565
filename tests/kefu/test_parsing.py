"""`kefu parse` reads lines as the shop's rules say, with a model that no rule was trained into."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.language import Language
from bot.nlu.surroundings import surroundings
from bot.nlu.thresholds import Thresholds
from kefu.parsing import parse_lines
from kefu.regression import GOLDEN, golden_score, read_golden
from kefu.settings import Rulebook, load_rulebook
from tests.serving import ROOT

LINE = '{"text": "我的快递到哪了"}\n'
RULES = "shop:\n  name: {zh: 店, en: Shop}\nunderstanding: {threshold: %s, sure: 1.0}\n"


@pytest.fixture(autouse=True)
def _rules_of_others() -> Iterator[None]:
    around = surroundings()
    before = around.order_number_pattern, around.timezone, around.thresholds
    yield
    around.order_number_pattern, around.timezone, around.thresholds = before


def rules(folder: Path, threshold: float) -> Rulebook:
    (folder / "kefu.yml").write_text(RULES % threshold, encoding="utf-8")
    return load_rulebook(folder / "kefu.yml")


def parsed(model: Path, rulebook: Rulebook, line: str) -> dict[str, Any]:
    output = io.StringIO()
    parse_lines(model, rulebook, [line], output)
    result: dict[str, Any] = json.loads(output.getvalue())
    return result


def test_a_shop_that_wants_more_certainty_gets_it_without_training(
    model: Path, tmp_path: Path
) -> None:
    assert parsed(model, rules(tmp_path, 0.2), LINE)["intent"]["name"] == "track_shipment"
    strict = parsed(model, rules(tmp_path, 1.0), LINE)
    assert strict["intent"]["name"] == "nlu_fallback"
    assert strict["intent_ranking"][1]["name"] == "track_shipment"


def test_the_golden_sentences_are_understood_by_the_model_as_it_ships(model: Path) -> None:
    score = golden_score(model, read_golden(ROOT / GOLDEN), Thresholds())
    assert min(score.share(Language.ZH), score.share(Language.EN)) >= 0.94, [
        (one.text, sorted(one.intents)) for one in score.wrong
    ]

"""`kefu parse` reads lines as the shop's rules say, with a model that no rule was trained into."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.surroundings import surroundings
from kefu.parsing import parse_lines
from kefu.settings import Rulebook, load_rulebook

LINE = '{"text": "我的快递到哪了"}\n'
RULES = "shop:\n  name: {zh: 店, en: Shop}\nunderstanding: {threshold: %s, sure: 1.0}\n"


@pytest.fixture(autouse=True)
def _rules_of_others() -> Iterator[None]:
    around = surroundings()
    pattern, thresholds = around.order_number_pattern, around.thresholds
    yield
    around.order_number_pattern, around.thresholds = pattern, thresholds


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

"""`kefu parse` reads lines as the shop's rules say, with a model that no rule was trained into."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.language import Language
from bot.nlu.surroundings import surroundings
from bot.nlu.thresholds import Thresholds
from kefu import migrate
from kefu.cli import main
from kefu.demo import seed_if_empty
from kefu.parsing import know_catalogue, parse_lines
from kefu.regression import GOLDEN, golden_score, read_golden
from kefu.settings import Rulebook, load_rulebook, load_settings
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.serving import ROOT

LINE = '{"text": "我的快递到哪了"}\n'
RULES = "shop:\n  name: {zh: 店, en: Shop}\nunderstanding: {threshold: %s, sure: 1.0}\n"


@pytest.fixture(autouse=True)
def _rules_of_others() -> Iterator[None]:
    around = surroundings()
    before = around.order_number_pattern, around.timezone, around.thresholds
    catalogue, clock = around.catalogue, around.clock
    yield
    around.order_number_pattern, around.timezone, around.thresholds = before
    around.catalogue, around.clock = catalogue, clock


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
    strict = parsed(model, rules(tmp_path, 1.0), LINE)
    assert strict["intent"]["name"] == "nlu_fallback"
    assert strict["intent_ranking"][1]["name"] == "track_shipment"


async def seed(data: Path) -> None:
    url = f"sqlite:///{data}/kefu.db"
    await migrate.upgrade(url)
    engine = make_engine(url)
    await seed_if_empty(engine, SystemClock())
    await engine.dispose()


def test_the_command_knows_the_catalogue_of_the_database(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    lines = '{"text": "有焦糖棕的双面呢大衣吗"}\n{"text": "the wool coat in caramel"}\n'
    monkeypatch.setattr(sys, "stdin", io.StringIO(LINE + lines))
    asyncio.run(seed(tmp_path))

    assert model.exists()
    assert main(["parse", "--jsonl", "--data", str(tmp_path)]) == 0

    told = capsys.readouterr()
    first, *others = [json.loads(line) for line in told.out.splitlines()]
    assert first["intent"]["name"] == "track_shipment"
    found = [one["entities"] for one in others]
    assert [[(one["entity"], one["value"]) for one in line] for line in found] == [
        [("colour", "焦糖棕"), ("product", "双面呢大衣")],
        [("product", "wool coat"), ("colour", "Caramel")],
    ]
    assert "catalogue" not in told.err


async def test_where_there_is_no_database_none_is_made_and_that_is_said(tmp_path: Path) -> None:
    said = await know_catalogue(load_settings(ROOT, tmp_path, {}))
    assert said == "there is no database yet: no product of a catalogue is known"
    assert not (tmp_path / "kefu.db").exists()


def test_the_golden_sentences_are_understood_by_the_model_as_it_ships(model: Path) -> None:
    score = golden_score(model, read_golden(ROOT / GOLDEN), Thresholds())
    assert min(score.share(Language.ZH), score.share(Language.EN)) >= 0.94, [
        (one.text, sorted(one.intents)) for one in score.wrong
    ]

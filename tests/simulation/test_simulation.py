"""Plays a few simulated shoppers, and again those with whom something once went wrong."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from tests.conversations.stage import ROOT
from tests.simulation.goal import Task
from tests.simulation.hall import Hall
from tests.simulation.judge import Verdict
from tests.simulation.report import summary
from tests.simulation.speech import LANGUAGES, words_of

KEPT = yaml.safe_load((Path(__file__).parent / "kept.yml").read_text("utf-8"))
# For each task and language.
FEW = 1
SEED = 7


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hall(model: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Hall]:
    """The loaded assistant over the shop that simulated shoppers buy in."""
    hall = Hall(model, tmp_path_factory.mktemp("simulation"))
    await hall.start()
    yield hall
    await hall.stop()


@pytest.mark.timeout(240, func_only=True)
async def test_nothing_happens_that_a_shopper_did_not_wish(hall: Hall) -> None:
    told = []
    for number in range(FEW):
        for task in Task:
            for language in LANGUAGES:
                told.append((await hall.play(SEED + number, task, language)).told())
    wrong = [one for one in told if one["verdict"] == Verdict.WRONG]
    assert not wrong, wrong
    completed = sum(one["verdict"] == Verdict.CORRECT for one in told)
    assert completed >= 0.8 * len(told), summary(told)


@pytest.mark.timeout(60, func_only=True)
@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: f"{kept['task']}-{kept['seed']}")
async def test_what_once_went_wrong_goes_well(hall: Hall, kept: dict[str, Any]) -> None:
    dialogue = await hall.play(kept["seed"], kept.get("task"), kept.get("language"))
    verdict = dialogue.judgement.verdict
    assert verdict is Verdict.CORRECT or (kept.get("still") and verdict is not Verdict.WRONG), (
        dialogue.told()
    )


async def test_the_same_seed_is_the_same_talk(hall: Hall) -> None:
    first = await hall.play(SEED, Task.RETURN)
    again = await hall.play(SEED, Task.RETURN)
    assert first.course.lines == again.course.lines


def test_simulated_shoppers_say_nothing_that_was_trained_on() -> None:
    trained = set()
    for file in (ROOT / "data" / "nlu").glob("*.yml"):
        for intent in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
            lines = str(intent.get("examples", "")).splitlines()
            trained |= {_bare(line.removeprefix("- ")) for line in lines}
    for language in LANGUAGES:
        words = words_of(language)
        said = [
            form
            for styles in words["openings"].values()
            for forms in styles.values()
            for form in forms
        ]
        spoken = {form: _bare(form) for form in (*said, *words["questions"])}
        same = [form for form, bare in spoken.items() if bare and bare in trained]
        assert not same


def _bare(sentence: str) -> str:
    """``sentence`` without what differs from shopper to shopper."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", sentence.casefold())
    return re.sub(r"\{\w+\}|[a-z]{2}\d{10}|\W", "", plain)

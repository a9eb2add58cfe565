"""Whatever the assistant did or still had to ask, an agent who takes over reads it in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

STATIC = Path("connectors/console/static")
# What the assistant does for itself: to find its way, and to list what there is to choose from.
OWN_BUSINESS = re.compile(r"action_(?:choices|hear|next|read|scope|sort|spare|take)_\w+")
OWN_BUSINESS_TOO = {
    "action_answer_aside",
    "action_check_change",
    "action_check_known",
    "action_check_way",
}


def table(file: str, name: str) -> dict[str, tuple[str, str]]:
    """A table of words in both languages, read off a script of the console."""
    text = (STATIC / file).read_text(encoding="utf-8")
    (rows,) = re.findall(rf"^const {name} = \{{$(.*?)^\}};$", text, re.MULTILINE | re.DOTALL)
    found = re.findall(r'(\w+): \["([^"]*)", "([^"]*)"', rows)
    return {code: (chinese, english) for code, chinese, english in found}


def named_in_flows(key: str) -> set[str]:
    """Every value of ``key`` in any step of any flow."""

    def of(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from (value for name, value in part.items() if name == key)
            part = list(part.values())
        if isinstance(part, list):
            for one in part:
                yield from of(one)

    flows = sorted(Path("data/flows").glob("*.yml"))
    return {name for one in flows for name in of(yaml.safe_load(one.read_text(encoding="utf-8")))}


@pytest.mark.parametrize(
    ("file", "name"),
    [("words.js", "ACTIONS"), ("words.js", "OUTCOMES"), ("words_handoff.js", "MISSING")],
)
def test_the_words_are_there_in_both_languages(file: str, name: str) -> None:
    for code, (chinese, english) in table(file, name).items():
        assert not chinese.isascii(), code
        assert english.isascii(), code


def test_everything_that_may_be_missing_has_words() -> None:
    assert named_in_flows("collect") - set(table("words_handoff.js", "MISSING")) == set()


def test_every_deed_of_the_assistant_has_words() -> None:
    done = named_in_flows("run") | named_in_flows("check")
    told = {name for name in done - OWN_BUSINESS_TOO if not OWN_BUSINESS.fullmatch(name)}
    assert told - set(table("words.js", "ACTIONS")) == set()

"""How simulated shoppers speak: styles, words or ids, slips of the pen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("zh", "en")


class Style(StrEnum):
    """A manner of speaking."""

    TERSE = "terse"
    POLITE = "polite"
    COLLOQUIAL = "colloquial"


@cache
def words_of(language: str) -> dict[str, Any]:
    """Everything that can be said in a language."""
    words: dict[str, Any] = yaml.safe_load((FOLDER / f"{language}.yml").read_text("utf-8"))
    return words


@dataclass(frozen=True)
class Manner:
    """How one shopper speaks. Shares from 0 to 1: ``ids`` of choices that are made by id,
    ``slips`` of messages that have a slip of the pen."""

    language: str
    style: Style
    ids: float
    slips: float


def draw_manner(random: Random, language: str) -> Manner:
    """Somebody's manner of speaking ``language``."""
    return Manner(
        language,
        random.choice(list(Style)),
        random.choice((0.0, 0.0, 0.5, 1.0)),
        random.choice((0.0, 0.0, 0.3)),
    )


_HOMOPHONES = {"订单": "定单", "账": "帐", "的": "得", "在": "再", "吗": "嘛", "那个": "内个"}


def with_slip(text: str, language: str, random: Random) -> str:
    """``text`` with one slip: what shoppers write in a hurry, numbers aside."""
    if language == "zh":
        known = [one for one in _HOMOPHONES if one in text]
        if known and random.random() < 0.7:
            word = random.choice(known)
            return text.replace(word, _HOMOPHONES[word], 1)
        return text + random.choice(("。。", "！！", " ", "~"))
    pieces = text.split(" ")
    long = [at for at, one in enumerate(pieces) if len(one) > 4 and one.isalpha()]
    if not long:
        return text.lower()
    at = random.choice(long)
    word = pieces[at]
    place = random.randrange(1, len(word) - 2)
    pieces[at] = random.choice(
        (
            word[:place] + word[place + 1] + word[place] + word[place + 2 :],
            word[:place] + word[place + 1 :],
            word[:place] + word[place] + word[place:],
        )
    )
    return " ".join(pieces)

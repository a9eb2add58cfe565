"""Labelled lines, and copies of them with the slips that shoppers make."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import opencc

HAN = re.compile(r"[\u3400-\u9fff]")
_LETTERS = re.compile(r"[A-Za-z]{4,}")
_MARKS = re.compile(r"[^\w\s]")
_SHORTEST_CHINESE = 5
# Words of the trade that people of either language write in the other.
_OTHER_LANGUAGE = {
    "订单": "order",
    "快递": "courier",
    "退款": "refund",
    "退货": "return",
    "发票": "invoice",
    "客服": "service",
    "优惠券": "coupon",
    "地址": "address",
    "支付": "payment",
    "尺码": "size",
    "颜色": "color",
    "密码": "password",
    "物流": "tracking",
    "取消": "cancel",
    "换货": "exchange",
    "包邮": "free shipping",
    "质量": "quality",
    "评价": "review",
    "发货": "ship",
    "账号": "account",
}
_FROM_ENGLISH = {english: chinese for chinese, english in _OTHER_LANGUAGE.items()}
_ENGLISH_WORDS = re.compile(rf"\b(?:{'|'.join(_FROM_ENGLISH)})\b", re.IGNORECASE)
_CHINESE_WORDS = re.compile("|".join(_OTHER_LANGUAGE))


@dataclass(frozen=True)
class Labelled:
    """A line and what it asks for: ``intent`` first, ``also`` besides; ``kind`` is its source."""

    text: str
    intent: str
    also: tuple[str, ...] = ()
    kind: str = ""

    @property
    def labels(self) -> frozenset[str]:
        """Everything that the line may be understood as."""
        return frozenset({self.intent, *self.also})

    @property
    def is_chinese(self) -> bool:
        """Whether there is a Han character in it."""
        return HAN.search(self.text) is not None


def read_labelled(file: Path) -> list[Labelled]:
    """The lines of ``file``: one JSON object each with ``text``, ``intent``, perhaps ``also``."""
    given = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
    return [
        Labelled(one["text"], one["intent"], tuple(one.get("also", ())), one.get("kind", ""))
        for one in given
    ]


def slices(lines: Sequence[Labelled], seed: int = 7) -> Iterator[tuple[str, list[Labelled], bool]]:
    """Copies of ``lines``: the name, the copies, whether the originals stand beside them in order.

    A copy that the slip leaves as it was is left out, together with its original: what a slice
    loses is counted on the lines that it changes. The same seed gives the same copies.
    """
    slips: list[tuple[str, Callable[[str, random.Random], str]]] = [
        ("typos", _typo),
        ("traditional", _traditional),
        ("no punctuation", lambda text, _: _MARKS.sub(" ", text).strip()),
        ("both languages", _mixed),
    ]
    for name, slip in slips:
        chance = random.Random(seed)
        yield name, [replace(line, text=slip(line.text, chance)) for line in lines], True
    yield "several requests", list(_joined(lines, random.Random(seed))), False


def _typo(text: str, chance: random.Random) -> str:
    """One slip: a letter or character dropped, doubled or exchanged with its neighbour."""
    if HAN.search(text):
        places = [i for i, letter in enumerate(text[:-1]) if HAN.match(letter)]
        if len(places) < _SHORTEST_CHINESE:
            return text
        return _slip(text, chance.choice(places), chance)
    words = list(_LETTERS.finditer(text))
    if not words:
        return text
    word = chance.choice(words)
    return _slip(text, chance.randrange(word.start() + 1, word.end() - 1), chance)


def _slip(text: str, place: int, chance: random.Random) -> str:
    before, letter, after = text[:place], text[place], text[place + 1 :]
    return chance.choice(
        [before + after, before + letter + letter + after, before + after[:1] + letter + after[1:]]
    )


def _traditional(text: str, _: random.Random) -> str:
    converted: str = opencc.OpenCC("s2t").convert(text)
    return converted


def _mixed(text: str, _: random.Random) -> str:
    if HAN.search(text):
        return _CHINESE_WORDS.sub(lambda match: f" {_OTHER_LANGUAGE[match[0]]} ", text, count=1)
    return _ENGLISH_WORDS.sub(lambda match: _FROM_ENGLISH[match[0].lower()], text, count=1)


def _joined(lines: Sequence[Labelled], chance: random.Random) -> Iterator[Labelled]:
    """Pairs of lines of one language that ask for different things, as one message."""
    for chinese in (True, False):
        same = [line for line in lines if line.is_chinese is chinese and not line.also]
        chance.shuffle(same)
        for first, second in zip(same[::2], same[1::2], strict=False):
            if first.intent != second.intent:
                between = chance.choice(["，", "。另外", " "] if chinese else [". ", ", and ", " "])
                yield Labelled(first.text + between + second.text, first.intent, (second.intent,))

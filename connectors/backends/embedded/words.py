"""How words of a shopper are matched with names of products, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from rapidfuzz import fuzz

_LATIN = re.compile(r"[a-z0-9]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_STOP_WORDS = re.compile(
    r"\b(?:an?|the|my|your|our|this|that|these|those|of|for|with|and|or|to|in|on|i|it|is|was|me|we|"
    r"order|ordered|bought|buy|purchased?|products?|items?|things?|ones?|got|get|have|about|where|"
    r"what|when|please|last|recent|new|pair)\b"
)
_STOP_PHRASES = re.compile(
    "我们|我的|我|你们|你|您|那个|这个|那件|这件|那双|这双|那条|这条|那款|这款|那只|这只|上次|之前|"
    "最近|刚才|请问|怎么|如何|什么|多少|多久|可以|能不能|订单|商品|产品|东西|购买|买的|买了|下单|想要|想|要|的|了|吗|呢|啊|在|和|有|是|一|个|件|双|条|款|买"
)
PAIR_WEIGHT = 4
"""A Latin word, or two Chinese characters that stand together."""
SINGLE_WEIGHT = 1
"""One Chinese character."""


def features(text: str) -> dict[str, int]:
    """What of ``text`` is compared, each with its weight.

    Latin words without their plural, Chinese characters alone and in pairs: pairs find words
    without a dictionary, single characters find 杯 in 保温杯.
    """
    lowered = text.lower()
    found: dict[str, int] = {}
    for word in _LATIN.findall(_STOP_WORDS.sub(" ", lowered)):
        found[_singular(word)] = PAIR_WEIGHT
    for run in _CHINESE.findall(_STOP_PHRASES.sub(" ", lowered)):
        # 杯子 means what 杯 means, and a character that stands alone is a whole word.
        word = run[0] if len(run) == 1 or (len(run) == 2 and run[1] == "子") else ""
        if word:
            found[word] = PAIR_WEIGHT
            continue
        for letter in run:
            found.setdefault(letter, SINGLE_WEIGHT)
        for left, right in pairwise(run):
            found[left + right] = PAIR_WEIGHT
    return found


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def closeness(query: str, texts: Iterable[str]) -> float:
    """How well ``texts`` (names of one thing) cover ``query``: 0 (not at all) to 1.

    Latin words count when they are nearly spelled alike.
    """
    wanted = features(query)
    if not wanted:
        return 0.0
    offered: dict[str, int] = {}
    for text in texts:
        offered |= features(text)
    latin = [word for word in offered if word.isascii()]
    covered = sum(
        weight
        for word, weight in wanted.items()
        if word in offered or (word.isascii() and is_near(word, latin))
    )
    return covered / sum(wanted.values())


def is_near(word: str, others: Iterable[str]) -> bool:
    """Whether one of ``others`` is spelled nearly like ``word``."""
    return len(word) > 3 and any(fuzz.ratio(word, other) >= 84 for other in others)

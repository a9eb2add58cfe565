"""Finds the shop's products in a message with spaCy, by their names and by parts of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from rapidfuzz import process as fuzzy
from rapidfuzz.distance import DamerauLevenshtein

from bot.nlu.extraction.found import Found
from bot.nlu.normalise import fold, simplify

# One token a Han character, a Latin word, a number: the same cut for names and messages.
_TOKEN = re.compile(r"[a-z]+|\d+|[^\W\d_a-z]", re.IGNORECASE)
_HAN = re.compile(r"[\u3400-\u9fff]")
# Tokens end at the point: "US 9" is not in "US 9.5".
_PART_OF_NUMBER = re.compile(r"\d\.\d")
_LONGEST_MESSAGE_TOKENS = 300
# A misspelt word is mended only if it is long enough and very near to exactly one product word.
# Words of options have to be longer: "while" is no "white".
_SHORTEST_MENDED = 5
_SHORTEST_MENDED_OPTION = 6
_SHORTEST_PLURAL = 4
_LARGEST_DISTANCE = 1
_MOST_IDS = 5
_BUILT_AT_ONCE = 500
_PRODUCT = "product"
# Characters of product words that phonetic keyboards put for one another. Only longer words are
# matched by their sound: two characters that sound like a product are mostly something else.
_SOUNDS = (
    "壶湖胡弧", "杯怀背被辈", "噪燥躁造", "枕忱诊", "套淘掏桃陶", "锅国郭", "垫店电", "毯坦摊",
    "箱香厢", "包苞宝", "袋带代戴", "鞋斜协", "裤库", "裙群", "帽冒貌", "衫杉", "架驾", "柜贵",
    "桌卓", "盒合禾", "碗晚", "筷快", "膜模摩", "霜双", "油由游", "茶查", "酒久", "机鸡基",
    "耳饵尔", "线现", "器气汽", "键建", "瓶屏平", "推腿退", "婴英", "猫毛", "砂沙纱莎", "炸诈扎",
    "扫嫂", "篮蓝兰栏", "牙芽呀", "仪怡宜", "座坐作", "保报", "温文闻", "筋金津巾斤", "枪抢腔",
    "护户", "眼演", "竹主煮", "纤千签", "维围唯", "绵棉面", "忆议易", "记计纪",
)  # fmt: skip
_HEARD = {character: group[0] for group in _SOUNDS for character in group}
_SHORTEST_HEARD = 3
# Ends of names that say nothing about the product.
_EMPTY_ENDS = frozenset(
    {"set", "pack", "kit", "pro", "plus", "max", "mini", "new", "one", "size", "edition"}
    | {"套装", "系列", "新款", "升级", "款式"}
)


@dataclass(frozen=True, slots=True)
class CataloguePhrase:
    """A way to name something the shop sells.

    ``id`` is the product's; ``entity`` is ``product``, or ``colour``, ``size`` or ``option`` for
    the words of an option, which then stand for ``value``. With ``is_name`` the ends of the phrase
    ("headphones" of "wireless headphones") are matched as well.
    """

    text: str
    id: str = ""
    entity: str = _PRODUCT
    is_name: bool = True
    value: str = ""


class Catalogue:
    """A matcher over phrases that never changes; a changed catalogue is a new one.

    spaCy finds the words that phrases end with, a table says which of them end there: a phrase in
    the table weighs a tenth of what one does in spaCy's matcher.
    """

    def __init__(self, phrases: Iterable[CataloguePhrase] = ()) -> None:
        """Build the matcher; about 0.05 ms a phrase."""
        # By entity and phrase: the products it may be.
        self._ids: dict[str, dict[str, tuple[str, ...]]] = {}
        # What the words of an option stand for.
        self._written: dict[tuple[str, str], str] = {}
        # Short Chinese forms as they are spelt.
        self._spelt: set[str] = set()
        self._words: dict[int, list[str]] = {}
        self._lengths: dict[tuple[str, str], int] = {}
        self._matcher: Any = None
        self._vocab: Any = None
        for phrase in phrases:
            for form in _forms(phrase):
                self._learn(phrase, form)
        if self._ids:
            self._build()

    def __len__(self) -> int:
        return sum(len(ids) for of_entity in self._ids.values() for ids in of_entity.values())

    def _learn(self, phrase: CataloguePhrase, form: str) -> None:
        text = _heard(form)
        if form.count(" ") < _SHORTEST_HEARD - 1:
            self._spelt.add(form)
        if phrase.entity != _PRODUCT:
            self._written.setdefault((phrase.entity, text), phrase.value or phrase.text)
        of_entity = self._ids.setdefault(phrase.entity, {})
        ids = of_entity.setdefault(text, ())
        if phrase.id and phrase.id not in ids and len(ids) < _MOST_IDS:
            of_entity[text] = (*ids, phrase.id)

    def find(self, text: str) -> Iterator[Found]:
        """Products and options named in ``text`` (folded), the longest phrase at each place.

        Products come first: an option is found only where no product is named.
        """
        if self._matcher is None:
            return
        first_ones = islice(_TOKEN.finditer(text), _LONGEST_MESSAGE_TOKENS)
        tokens = [match.span() for match in first_ones]
        if not tokens:
            return
        simple = simplify(text[: tokens[-1][1]])
        words = [self._mended(simple[start:end].lower()) for start, end in tokens]
        taken: set[int] = set()
        for entity, first, last in self._phrases([_HEARD.get(word, word) for word in words]):
            typed = " ".join(words[first:last])
            if last - first < _SHORTEST_HEARD and typed not in self._spelt:
                continue
            if not taken.isdisjoint(range(first, last)):
                continue
            start, end = tokens[first][0], tokens[last - 1][1]
            if _PART_OF_NUMBER.search(text, max(0, start - 2), start + 1) or (
                _PART_OF_NUMBER.search(text, end - 1, end + 2)
            ):
                continue
            taken.update(range(first, last))
            phrase = _heard(typed)
            ids = self._ids[entity][phrase]
            value = text[start:end] if entity == _PRODUCT else self._written[entity, phrase]
            yield Found(entity, value, start, end, True, {"product_ids": [*ids]} if ids else {})

    def _phrases(self, words: list[str]) -> list[tuple[str, int, int]]:
        """Every phrase in ``words``: products first, then in the order of the text, longest first.

        As (entity, first word, behind the last word).
        """
        found = []
        for key, place, last in self._matcher(self._document(words)):
            entity = self._vocab.strings[key]
            known = self._ids[entity]
            longest = self._lengths[entity, words[place]]
            for first in range(max(0, last - longest), last):
                if " ".join(words[first:last]) in known:
                    found.append((entity, first, last))
        return sorted(found, key=lambda one: (one[0] != _PRODUCT, one[1], -one[2], one[0]))

    def _build(self) -> None:
        from spacy.matcher import PhraseMatcher
        from spacy.vocab import Vocab

        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        mended: dict[str, int] = {}
        for entity, texts in self._ids.items():
            shortest = _SHORTEST_MENDED if entity == _PRODUCT else _SHORTEST_MENDED_OPTION
            for text in texts:
                words = text.split(" ")
                end = (entity, words[-1])
                self._lengths[end] = max(len(words), self._lengths.get(end, 0))
                for word in words:
                    mended[word] = min(shortest, mended.get(word, shortest))
            ends = iter(sorted(word for of, word in self._lengths if of == entity))
            # A document weighs some kilobytes: only so many exist at one time.
            while group := list(islice(ends, _BUILT_AT_ONCE)):
                self._matcher.add(entity, [self._document([word]) for word in group])
        for word, shortest in sorted(mended.items()):
            if len(word) >= shortest and word.isascii() and word.isalpha():
                self._words.setdefault(len(word), []).append(word)
        self._known = frozenset(mended)

    def _document(self, words: list[str]) -> Any:
        from spacy.tokens import Doc

        return Doc(self._vocab, words=words)

    def _mended(self, word: str) -> str:
        """``word``, or the word of the catalogue of which it is the plural, or one slip away."""
        if len(word) >= _SHORTEST_PLURAL and word[-1] == "s" and word[:-1] in self._known:
            return word if word in self._known else word[:-1]
        if len(word) < _SHORTEST_MENDED or not word.isascii() or not word.isalpha():
            return word
        if word in self._known:
            return word
        near = [
            match[0]
            for length in (len(word) - 1, len(word), len(word) + 1)
            for match in fuzzy.extract(
                word,
                self._words.get(length, []),
                scorer=DamerauLevenshtein.distance,
                score_cutoff=_LARGEST_DISTANCE,
                limit=2,
            )
        ]
        same_start = [other for other in near if other[0] == word[0]]
        return same_start[0] if len(same_start) == 1 else word


def _heard(form: str) -> str:
    """A form, or what was typed, with one character for all that sound like it."""
    return " ".join(_HEARD.get(token, token) for token in form.split(" "))


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(simplify(fold(text).text.lower()))


def _forms(phrase: CataloguePhrase) -> set[str]:
    """The phrase itself and, of a product's name, the ends by which people call it."""
    tokens = _tokens(phrase.text)
    forms = {" ".join(tokens)} if tokens else set()
    if not phrase.is_name or len(tokens) < 2:
        return forms
    if _HAN.match(tokens[-1]):
        han = 0
        while han < len(tokens) and _HAN.match(tokens[-1 - han]):
            han += 1
        ends = [tokens[-size:] for size in (2, 3, 4, 5) if size <= han]
    else:
        ends = [tokens[-size:] for size in (1, 2, 3) if size < len(tokens)]
    for end in ends:
        called = "".join(end) if _HAN.match(end[-1]) else end[-1]
        if end == [called] and called.isdigit():
            continue
        if called not in _EMPTY_ENDS and (len(called) > 2 or _HAN.match(called)):
            forms.add(" ".join(end))
    return forms

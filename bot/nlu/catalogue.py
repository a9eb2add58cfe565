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
_LONGEST_MESSAGE_TOKENS = 300
# A misspelt word is mended only if it is long enough and very near to exactly one product word.
_SHORTEST_MENDED = 5
_LARGEST_DISTANCE = 1
_MOST_IDS = 5
_BUILT_AT_ONCE = 500
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


@dataclass(frozen=True)
class CataloguePhrase:
    """A way to name something the shop sells.

    ``id`` is the product's; ``entity`` is ``product``, or ``colour`` or ``size`` for the words of
    an option. With ``is_name`` the ends of the phrase ("headphones" of "wireless headphones")
    are matched as well.
    """

    text: str
    id: str = ""
    entity: str = "product"
    is_name: bool = True


class Catalogue:
    """A matcher over phrases that never changes; a changed catalogue is a new one."""

    def __init__(self, phrases: Iterable[CataloguePhrase] = ()) -> None:
        """Build the matcher; about 0.1 ms a phrase."""
        self._ids: dict[str, dict[str, list[str]]] = {}
        self._words: dict[int, list[str]] = {}
        # Short Chinese forms as they are spelt; of options also how they are to be written.
        self._spelt: set[str] = set()
        self._written: dict[tuple[str, str], str] = {}
        self._matcher: Any = None
        self._vocab: Any = None
        entities: dict[str, set[str]] = {}
        for phrase in phrases:
            for form in _forms(phrase):
                text = _heard(form)
                if len(form.split(" ")) < _SHORTEST_HEARD:
                    self._spelt.add(form)
                if phrase.entity != "product":
                    self._written.setdefault((phrase.entity, text), form)
                entities.setdefault(phrase.entity, set()).add(text)
                ids = self._ids.setdefault(phrase.entity, {}).setdefault(text, [])
                if phrase.id and phrase.id not in ids and len(ids) <= _MOST_IDS:
                    ids.append(phrase.id)
        if entities:
            self._build(entities)

    def __len__(self) -> int:
        return sum(len(ids) for ids in self._ids.values())

    def find(self, text: str) -> Iterator[Found]:
        """Products and options named in ``text`` (folded), the longest phrase at each place."""
        if self._matcher is None:
            return
        tokens = [match.span() for match in _TOKEN.finditer(text)][:_LONGEST_MESSAGE_TOKENS]
        if not tokens:
            return
        words = [self._mended(simplify(text[start:end].lower())) for start, end in tokens]
        document = self._document([_HEARD.get(word, word) for word in words])
        taken = -1
        matches = sorted(self._matcher(document), key=lambda one: (one[1], -one[2]))
        for key, first, last in matches:
            typed = " ".join(words[first:last])
            if first < taken or (last - first < _SHORTEST_HEARD and typed not in self._spelt):
                continue
            taken = last
            entity = self._vocab.strings[key]
            phrase = _heard(typed)
            ids = self._ids[entity].get(phrase, [])
            start, end = tokens[first][0], tokens[last - 1][1]
            value = text[start:end]
            if entity != "product":
                value = _joined(self._written[entity, phrase].split(" "))
            more = {"product_ids": ids[:_MOST_IDS]} if ids else {}
            yield Found(entity, value, start, end, True, more)

    def _build(self, entities: dict[str, set[str]]) -> None:
        from spacy.matcher import PhraseMatcher
        from spacy.vocab import Vocab

        self._vocab = Vocab()
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        words: set[str] = set()
        for entity, texts in entities.items():
            waiting = iter(sorted(texts))
            # A document weighs some kilobytes: only so many exist at one time.
            while group := [text.split(" ") for text in islice(waiting, _BUILT_AT_ONCE)]:
                self._matcher.add(entity, [self._document(text) for text in group])
                words.update(word for text in group for word in text)
        for word in sorted(words):
            if len(word) >= _SHORTEST_MENDED and word.isascii() and word.isalpha():
                self._words.setdefault(len(word), []).append(word)
        self._known = words

    def _document(self, words: list[str]) -> Any:
        from spacy.tokens import Doc

        return Doc(self._vocab, words=words)

    def _mended(self, word: str) -> str:
        """``word``, or the word of the catalogue that it misspells by one slip."""
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


def _joined(words: list[str]) -> str:
    return ("" if all(_HAN.match(word) for word in words) else " ").join(words)


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
        if called not in _EMPTY_ENDS and (len(called) > 2 or _HAN.match(called)):
            forms.add(" ".join(end))
    return forms

"""Finds in a sentence where things are named: by name, mark (colour, size), code, price, place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein


@dataclass(frozen=True)
class Thing:
    """Something that may be meant.

    ``names`` is what it is called, in both languages; ``kinds`` are wider words for it (clothes);
    ``marks`` tell it from others of the same name (black, L); ``codes`` are numbers that name it
    alone; ``price`` is of one unit, in minor units; ``units`` is how many there are.
    ``kind`` is equal for things of one sort, for instance two sizes of a shirt.
    """

    id: str
    names: tuple[str, ...]
    kind: str = ""
    marks: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    price: int = 0
    units: int = 1


@dataclass(frozen=True)
class Mention:
    """A place in the text that names ``ids``. ``level`` tells names (3) from wider words (2),
    places in a list (1) and marks (0 and below, one level a kind of mark)."""

    start: int
    end: int
    ids: tuple[str, ...]
    level: int
    plural: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it only says which of those that are named otherwise."""
        return self.level <= 0


NAME, KIND, _PLACE, _MARK, _PRICE = 3, 2, 1, 0, -1

_STOP = frozenset(
    {"a", "an", "the", "of", "for", "with", "and", "or", "in", "on", "to", "by", "one", "two",
     "three", "four", "five", "six", "my", "your", "this", "that", "pair", "pairs", "set", "pack",
     "piece", "inch", "mah"}
)  # fmt: skip
# Words that are in names and in ordinary talk; alone they name something only after "the".
_WEAK = frozenset(
    {"light", "soft", "quick", "small", "short", "warm", "fresh", "natural", "smart", "heavy",
     "custom", "daily", "travel", "early", "hand", "body", "home", "house", "gift", "box", "spring",
     "mixed", "beginner"}
)  # fmt: skip
# Values of options that are answers and everyday words; words of others that tell nothing alone.
_NO_MARK = frozenset(
    {
        "yes",
        "no",
        "none",
        "n/a",
        "on",
        "off",
        "有",
        "无",
        "是",
        "否",
        "带",
        "不带",
        "支持",
        "不支持",
    }
)
_WEAK_IN_MARK = frozenset(
    {"off", "light", "dark", "one", "bag", "bags", "m", "bed", "script", "no", "not", "without",
     "only", "card", "back", "hard", "full", "size", "any"}
)  # fmt: skip
# What looks like a name and is none: means of payment, complaints of size, photos as evidence.
_NO_NAME = re.compile(
    r"gift ?cards?|by hand|at hand|on hand"
    r"|\b(?:too|bit|little|so|very|slightly) (?:small|short|light|heavy|warm|soft)\b"
    r"|礼品卡|购物卡|银行卡|包裹|包邮|(?:发|拍|传|附|有|看)了?(?:张|几张|些)?照片|手机|被子?压",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z0-9]+")
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
# Chinese names may begin with letters or a number: T恤, 4K 投影仪.
_IN_NAME = re.compile(r"[\u4e00-\u9fffa-z0-9]")
_MEASURE = "个件双只条支本盒袋台副套瓶份把包张顶对枚块款"
_PACKAGING = re.compile(rf"[一二三四五六七八九十两\d]+[{_MEASURE}寸克]套?装?")
_SHORTEST_SHORTENED = 3
_BEFORE_SINGLE = frozenset("的了那这个件双只条把退换和跟与及、除留要是,，。 只买")
_AFTER_SINGLE = frozenset("都不也还要退换留以之外子和跟与及吧呢的、,，。 全其坏破有太")
_PLACES_EN = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "fifth": 5, "5th": 5, "last": -1,
}  # fmt: skip
_ORDINAL_EN = re.compile(
    # "One thing first" chooses nothing, nor do the last four digits of a phone.
    r"(?<!thing )(?<!at )\b(first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last)\b"
    r"(?! (?:week|month|year|night|order|time|name|digit|four|4\b))"
)
_FIRST_N_EN = re.compile(r"\b(first|last) (two|three|2|3)\b")
_ORDINAL_ZH = re.compile(
    rf"第([一二两三四五六七八九十]|\d{{1,2}})[{_MEASURE}笔单种行]?|最后(?:一|那)[{_MEASURE}笔单]"
)
_FIRST_N_ZH = re.compile(rf"[前后]([两二三]|\d)[{_MEASURE}笔单]")
_BARE_PLACES = re.compile(r"^\W*\d{1,2}(?:(?:\s*(?:,|，|、|和|跟|and|&|\s)\s*)\d{1,2})*\W*$")
_DIGITS_ZH = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_PRICE_IN = re.compile(
    r"(?:[¥$€£]|rmb ?)(\d[\d,]*(?:\.\d\d?)?)|(?<![\da-z])(\d[\d,]*(?:\.\d\d?)?) ?"
    r"(?:元|块钱?|yuan|rmb|dollars?|euros?|pounds?|的?那[个件双条款单]|的(?![一-龥])| one\b)"
)
_COLOUR_FAMILIES = {
    "黑": "black", "白": "white", "灰": "grey", "青": "navy", "绿": "green", "粉": "pink",
    "棕": "brown", "蓝": "blue", "黄": "yellow", "红": "red", "紫": "purple", "橙": "orange",
    "米": "beige",
}  # fmt: skip


def fold(text: str) -> str:
    """``text`` without differences of width, case and spacing; every sign keeps its place."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().replace("gray", "grey").split())


def mentions_in(text: str, things: Sequence[Thing]) -> list[Mention]:
    """Every mention in ``text`` (already folded), in its order; a longer one beats those in it."""
    masked = _NO_NAME.sub(lambda match: "\x00" * len(match.group()), text)
    codes = list(_codes(text, things))
    for code in codes:
        masked = masked[: code.start] + "\x00" * (code.end - code.start) + masked[code.end :]
    names = _longest([*_english_names(masked, things), *_chinese_names(masked, things)])
    kinds = _outside([*_kinds(masked, things)], names)
    named = [*codes, *names, *kinds]
    marks = _outside(list(_marks(masked, things)), named)
    prices = list(_prices(masked, things))
    places = [] if named or marks else list(_places(masked, things))
    found = [*named, *marks, *prices, *places]
    return sorted(found, key=lambda mention: (mention.start, -mention.level))


def says_material(text: str, mention: Mention, things: Sequence[Thing]) -> bool:
    """Whether ``mention`` only says what something shall be made of: "the same in linen"."""
    said = text[mention.start : mention.end]
    heads = {
        head
        for thing in things
        if thing.id in mention.ids
        for name in thing.names
        for head in (_english_words(name)[1], name[-1])
        if head
    }
    before, after = text[: mention.start], text[mention.end :]
    wanted = before.endswith(" in ") or (before.endswith("要") and after.startswith("的"))
    return wanted and not any(head in said for head in heads)


def stem(word: str) -> str:
    """An English word without its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def _codes(text: str, things: Sequence[Thing]) -> Iterator[Mention]:
    for thing in things:
        for code in thing.codes:
            if len(code) < 2:
                continue
            pattern = rf"(?<![a-z0-9-]){re.escape(fold(code))}(?![a-z0-9])"
            for match in re.finditer(pattern, text):
                yield Mention(*match.span(), (thing.id,), NAME)


@lru_cache(maxsize=4096)
def _english_words(name: str) -> tuple[tuple[str, ...], str, frozenset[str]]:
    """The words of a name that tell something, its head, and those it has in the plural."""
    words = [word for word in _WORD.findall(fold(name)) if word not in _STOP and len(word) > 1]
    # "Crew socks, five pairs": what comes behind the comma is not what it is.
    front = _WORD.findall(fold(name.split(",")[0]))
    heads = [word for word in front if word not in _STOP]
    plural = frozenset(stem(word) for word in words if stem(word) != word)
    return tuple(stem(word) for word in words), stem(heads[-1]) if heads else "", plural


def _english_names(text: str, things: Sequence[Thing]) -> list[Mention]:
    """Runs of words that names have in common with the text."""
    tokens = [(match.group(), *match.span()) for match in _WORD.finditer(text)]
    found: list[Mention] = []
    run: list[tuple[str, int, int]] = []
    wider = {word for thing in things for word in thing.kinds}
    for token in [*tokens, ("", len(text), len(text))]:
        fits = bool(token[0]) and any(_is_word_of(token[0], thing, wider) for thing in things)
        apart = run and text[run[-1][2] : token[1]].strip(" -'")
        if fits and not apart:
            run.append(token)
            continue
        if run:
            found += _named_by(run, things, text)
        run = [token] if fits else []
    return found


def _is_word_of(word: str, thing: Thing, wider: Container[str]) -> bool:
    if word in _STOP or not any(letter.isalpha() for letter in word):
        return False
    if word in wider:
        # A wider word is no slip of the pen: "clothes" is not "cloth".
        return any(word in _WORD.findall(fold(name)) for name in thing.names)
    return any(_fits(word, _english_words(name)[0]) for name in thing.names)


def _fits(word: str, words: Iterable[str]) -> str:
    """Which of ``words`` is meant by ``word``, one slip forgiven in five letters; else empty."""
    own = stem(word)
    # "Hoodies" are no "hoody", as "cherries" are "cherry".
    singular = word[:-1] if word.endswith("ies") else own
    for other in words:
        if other in (own, singular):
            return other
    # A colour is no slip of the pen: "a black one" are no blocks.
    if len(own) >= 5 and own not in _COLOUR_FAMILIES.values():
        for other in words:
            if len(other) >= 5 and DamerauLevenshtein.distance(own, other) == 1:
                return other
    return ""


def _named_by(
    run: Sequence[tuple[str, int, int]], things: Sequence[Thing], text: str
) -> list[Mention]:
    scores: dict[str, float] = {}
    plural = False
    exact = {
        token
        for token, _, _ in run
        if any(stem(token) in _english_words(name)[0] for thing in things for name in thing.names)
    }
    for thing in things:
        best = 0.0
        for name in thing.names:
            words, head, own_plural = _english_words(name)
            # A word that is somebody's is no slip of the pen for another's: linen is not lined.
            hits = {
                hit
                for token, _, _ in run
                if (hit := _fits(token, words)) and (token not in exact or hit == stem(token))
            }
            score = len(hits) + (0.5 if head in hits else 0)
            if hits and hits <= _WEAK and head not in hits and not _pointed_at(run, text):
                score = 0
            best = max(best, score)
            last = run[-1][0]
            if head in hits and stem(last) != last and stem(last) not in own_plural:
                plural = True
        if best:
            scores[thing.id] = best
    if not scores:
        return []
    top = max(scores.values())
    ids = tuple(thing.id for thing in things if scores.get(thing.id) == top)
    return [Mention(run[0][1], run[-1][2], ids, NAME, plural)]


def _pointed_at(run: Sequence[tuple[str, int, int]], text: str) -> bool:
    before = text[: run[0][1]].split()[-1:]
    after = text[run[-1][2] :].split()[:1]
    return before in (["the"], ["that"], ["my"]) and after in (["one"], ["ones"], ["thing"])


def _chinese_names(text: str, things: Sequence[Thing]) -> list[Mention]:
    """The longest parts that names have in common with the text, two characters at least."""
    found: list[Mention] = []
    for thing in things:
        for name in thing.names:
            core = _PACKAGING.sub("|", fold(name))
            if not _CHINESE.search(core):
                continue
            packaging = [match.group() for match in _PACKAGING.finditer(fold(name))]
            found += _shared_parts(text, core, packaging, thing)
            # 四件套 says which bedding is meant; 两双 of socks says how many.
            for whole in (one for one in packaging if len(one) > 2):
                for match in re.finditer(re.escape(whole), text):
                    found.append(Mention(*match.span(), (thing.id,), NAME))
            found += _single_characters(text, core, thing)
            found += _shortened(text, core, thing)
    return found


def _shortened(text: str, core: str, thing: Thing) -> Iterator[Mention]:
    """山地车 for 山地自行车, 跑鞋 for 跑步鞋: how it begins, and its last character."""
    for part in core.split("|"):
        if len(part) < _SHORTEST_SHORTENED or not _CHINESE.fullmatch(part):
            continue
        for begin in range(len(part) - 2, 0, -1):
            for match in re.finditer(re.escape(part[:begin] + part[-1]), text):
                yield Mention(*match.span(), (thing.id,), NAME)


def _shared_parts(
    text: str, core: str, packaging: Sequence[str], thing: Thing
) -> Iterator[Mention]:
    place = 0
    while place < len(text):
        length = 0
        while (
            place + length < len(text)
            and _IN_NAME.fullmatch(text[place + length])
            and text[place : place + length + 1] in core
        ):
            length += 1
        if length >= 2 and _CHINESE.search(text, place, place + length):
            length += next(
                (len(one) for one in packaging if text.startswith(one, place + length)), 0
            )
            yield Mention(place, place + length, (thing.id,), NAME)
            place += length
        else:
            place += 1


def _single_characters(text: str, core: str, thing: Thing) -> Iterator[Mention]:
    """杯子 for 马克杯, and 灯 for 台灯 where it stands alone."""
    for match in re.finditer(r"([\u4e00-\u9fff])子", text):
        if match[1] in core:
            yield Mention(*match.span(), (thing.id,), NAME)
    for last in {part[-1] for part in core.split("|") if part}:
        for match in re.finditer(re.escape(last), text):
            start, end = match.span()
            left = start == 0 or text[start - 1] in _BEFORE_SINGLE
            right = end == len(text) or text[end] in _AFTER_SINGLE
            if left and right and _CHINESE.fullmatch(last):
                yield Mention(start, end, (thing.id,), NAME)


def _kinds(text: str, things: Sequence[Thing]) -> Iterator[Mention]:
    words = {word for thing in things for word in thing.kinds}
    for word in sorted(words, key=len, reverse=True):
        for match in _occurrences(word, text):
            ids = tuple(thing.id for thing in things if word in thing.kinds)
            yield Mention(*match.span(), ids, KIND, plural=True)


def _marks(text: str, things: Sequence[Thing]) -> Iterator[Mention]:
    """Values of options. Two values of one word (white, off-white) are one mark."""
    spans: dict[tuple[int, int], set[str]] = {}
    for thing in things:
        for mark in thing.marks:
            if fold(mark) in _NO_MARK:
                continue
            for span in _spans_of_mark(fold(mark), text):
                spans.setdefault(span, set()).add(thing.id)
    whole = [
        span
        for span in spans
        if not any(other != span and other[0] <= span[0] and span[1] <= other[1] for other in spans)
    ]
    for span in sorted(whole):
        ids = tuple(thing.id for thing in things if thing.id in spans[span])
        # Marks of different kinds narrow one another; there is no need to know which kinds.
        yield Mention(*span, ids, _MARK - 2 - span[0])


def _spans_of_mark(mark: str, text: str) -> Iterator[tuple[int, int]]:
    for match in _occurrences(mark, text):
        yield match.span()
    if _CHINESE.fullmatch(mark):
        for letter in mark:
            if letter in _COLOUR_FAMILIES:
                for match in re.finditer(rf"{letter}(?:色的?|的|款)", text):
                    yield match.span()
        return
    words = [word for word in _WORD.findall(mark) if word not in _STOP]
    if len(mark) <= 3 and mark.isalnum():
        for match in re.finditer(rf"(?<![a-z0-9]){re.escape(mark)}(?:号|码|号码)", text):
            yield match.span()
    for word in words:
        if word in _COLOUR_FAMILIES.values() or len(words) > 1:
            # "Drop it off" is no colour, though "off-white" is one.
            if word in _WEAK_IN_MARK or word.isdigit():
                continue
            for match in _occurrences(word, text):
                yield match.span()


def _prices(text: str, things: Sequence[Thing]) -> Iterator[Mention]:
    for match in _PRICE_IN.finditer(text):
        minor = round(float((match[1] or match[2]).replace(",", "")) * 100)
        ids = tuple(
            thing.id for thing in things if minor in (thing.price, thing.price * thing.units)
        )
        if ids:
            yield Mention(*match.span(), ids, _PRICE)


def _places(text: str, things: Sequence[Thing]) -> Iterator[Mention]:
    ids = [thing.id for thing in things]
    if _BARE_PLACES.match(text):
        for match in re.finditer(r"\d+", text):
            yield from _at(int(match.group()), match.span(), ids)
        return
    for pattern, first in ((_FIRST_N_EN, "first"), (_FIRST_N_ZH, "前")):
        for match in pattern.finditer(text):
            word = match[2] if pattern is _FIRST_N_EN else match[1]
            count = {"two": 2, "three": 3}.get(word) or _DIGITS_ZH.get(word) or int(word)
            chosen = ids[:count] if match.group().startswith(first) else ids[-count:]
            for one in chosen:
                yield Mention(*match.span(), (one,), _PLACE)
            return
    for match in _ORDINAL_EN.finditer(text):
        yield from _at(_PLACES_EN[match[1]], match.span(), ids)
    for match in _ORDINAL_ZH.finditer(text):
        word = match[1]
        place = -1 if not word else _DIGITS_ZH.get(word) or int(word)
        yield from _at(place, match.span(), ids)


def _at(place: int, span: tuple[int, int], ids: Sequence[str]) -> Iterator[Mention]:
    if 0 < abs(place) <= len(ids):
        yield Mention(*span, (ids[place - 1 if place > 0 else place],), _PLACE)


def _occurrences(phrase: str, text: str) -> Iterator[re.Match[str]]:
    if not phrase:
        return iter(())
    # "That's" names no size S, "I'm" no M.
    before = r"(?<![a-z0-9'’])" if phrase[0].isascii() and phrase[0].isalnum() else ""
    after = r"(?![a-z0-9])" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
    return re.finditer(before + re.escape(phrase) + after, text)


def _longest(found: Sequence[Mention]) -> list[Mention]:
    """One mention a place: the longest there; equally long ones leave open which is meant."""
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        same = next(
            (one for one in kept if (one.start, one.end) == (mention.start, mention.end)), None
        )
        if same is not None:
            ids = tuple(dict.fromkeys((*same.ids, *mention.ids)))
            kept[kept.index(same)] = Mention(
                same.start, same.end, ids, same.level, same.plural or mention.plural
            )
        elif not any(one.start < mention.end and mention.start < one.end for one in kept):
            kept.append(mention)
    return kept


def _outside(found: Sequence[Mention], others: Sequence[Mention]) -> list[Mention]:
    return [
        mention
        for mention in found
        if not any(one.start < mention.end and mention.start < one.end for one in others)
    ]

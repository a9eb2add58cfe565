"""Cuts a sentence into what is wanted and what is not, and reads how many and which extreme."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

_MEASURE = "个件双只条支本盒袋台副套瓶份把包张顶对枚块"
_NUMBER_ZH = "[一二两俩三仨四五六七八九十]|\\d{1,2}"
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "俩": 2, "仨": 3}
_WORDS = {
    word: value
    for value, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"a": 1, "an": 1, "single": 1}
_NUMBER_EN = "|".join((*_WORDS, r"\d{1,2}"))

# Words that describe which order is meant, not what of it: "the order with the kettle".
_ORDER_WITH = re.compile(
    r"\border (?:with|containing|that (?:has|had|contains)|where i (?:bought|got)) "
    r"(?:the |a |an |my |some )?[\w' -]+?(?= except| but |,|\.|;|$| and (?:keep|return)| please)"
    # The cheapest order is no cheapest line of it.
    r"|\b(?:cheapest|least expensive|most expensive|priciest|dearest|(?:high|low)est.priced)"
    r" (?:order|purchase)\b"
    r"|(?:最便宜|最实惠|最贵|价格最[高低])的?[那这]?一?[个笔张]?(?:订单|单子|单)"
    # "把跑鞋那单取消": the whole of it.
    r"|[^,，。、除不留别]{1,8}?[那这]一?[个笔张]?(?:订单|单子|单(?![独品件]))"
    r"|(?:有|含|带|买了?)[^,，。、]{1,16}?(?:的(?:[那这]?一?)|[那这]一?)[个笔张]?(?:订单|单子|单)"
)
_NOT_ZH = r"(?:不用|不要|先不|先别|不|别)(?:取消|催|退|换|动|改|管)|不想[退换改]"
_KEPT_ZH = r"留着|留下|保留|不包括|先留"
# What follows stays. "除了灯", "everything except the lamp", "but not the mug", "keep the mug".
_EXCEPT = re.compile(
    r"(?P<zh>除(?:了|去|开|掉)?(?P<zh_what>.*?)(?:以外|之外|外)?(?=[,，]|都|全|其[他它余]|剩|统统|$))"
    rf"|(?P<stay>(?!(?:但是?|不过|可是?|请|就|其中)*(?:{_NOT_ZH}|{_KEPT_ZH}))"
    rf"(?P<stay_what>[^,，。;；]{{1,14}}?)(?:就)?(?:除外|算了|{_NOT_ZH}|{_KEPT_ZH}"
    r"|我?还要(?=[,，。;；!！]|$)))"
    rf"|(?P<stay2>(?:{_NOT_ZH}|{_KEPT_ZH}|只留|就留)(?P<stay2_what>[^,，。;；]{{1,14}}))"
    r"|(?P<notzh>不是(?P<notzh_what>[^,，。]{1,14}?)[,，]?\s*(?=而?是))"
    r"|(?P<allbut>\b(?:all|everything|every(?: \w+)?)\b[\w' ]{0,24}?\bbut\b"
    r"(?! (?:please )?(?:keep|leave|not|i|do not|don'?t)\b)(?P<allbut_what>.*))"
    r"|(?P<notbut>\bnot\b(?P<notbut_what>[^,;.]*?)\bbut\b)"
    r"|(?P<en>\b(?:except(?: for)?|apart from|other than|excluding|instead of|rather than|without"
    r"|aside from|but not|leave out|minus)\b(?P<en_what>[^;.]*))"
    r"|(?P<keep>\b(?:keep(?:ing)?|leav(?:e|ing)(?= (?:the|my|that|this|those|order|kf))"
    r"|(?:never ?mind|forget(?: about)?|skip|scrap)(?= (?:the|my|that|this|those)\b)"
    r"|still (?:want|need)(?! .*\b(?:refund|money)\b)"
    r"|(?:do not|don'?t|not) (?:return|send back|exchange|cancel|hurry)(?:ing)?)\b"
    r"(?P<keep_what>[^,;.]*?)(?=,|;|\.|$| but | and (?:return|send|cancel)))"
    r"|(?P<stays>\b(?P<stays_what>(?:the|my)\b[^,;.:]{1,30}?) (?:(?:(?:can|should|may) )?stays?"
    r"|(?:is |are )?excluded)\b)"
    r"|(?P<not>(?:^|[,;] ?|\bactually |\bsorry,? |\bno,? |\bjust |\bonly )not "
    r"(?![^,;.]*\bbut\b)(?P<not_what>[^,;.]*))"
)
_ALL = re.compile(
    r"全部|全都|所有|统统|都退|都要|都换|都想|都不要|整单|整个订单|一起退|通通|全退|全换|都给我|[\u4e00-\u9fff]都[退换取改大小]"
    r"|\b(?:all|everything|every|each|the whole (?:lot|thing)|the lot|(?:whole|entire) order)\b"
)
_BOTH = re.compile(r"\bboth\b|\bthe two\b|两[个件双只条支本盒把]都|俩都|两者")
_ADDITION = re.compile(
    r"\balso\b|\btoo\b(?! \w)|\bas well\b|\bin addition\b|\badd\b"
    r"|还有|再加|加上|也要|也退|也换|也一起|另外再|顺便"
)
REST = re.compile(
    r"\bthe (?:other|others|rest|remaining)\b|另外?[一那][个件双只条]|另外的|其[他它余]的?|剩下的?"
)
_DEAREST = re.compile(
    r"最贵|价格最高|最高价|\bmost expensive\b|\bpriciest\b|\bdearest\b|\bhighest.priced\b"
)
_CHEAPEST = re.compile(
    r"最便宜|价格最低|最低价|最实惠|\bcheapest\b|\bleast expensive\b|\blowest.priced\b"
)
_OF_THE_ZH = re.compile(
    rf"(?:{_NUMBER_ZH})[{_MEASURE}](?:里面?|中|当中|之中|里头)(?:的|只|要|想|先)*(?:退|换)?(?P<n>{_NUMBER_ZH})(?:[{_MEASURE}]|$)"
)
_COUNT_ZH = re.compile(
    rf"(?<![第\d前后])(?P<n>{_NUMBER_ZH})(?P<m>[{_MEASURE}])(?!套|装|[里中]|毛|钱|规格|尺[码寸]|颜色|花色|款式|型号|码数)"
)
_COUNT_EN = re.compile(
    rf"\b(?P<n>{_NUMBER_EN})(?: of (?:the|my|those|these|them|it|all)\b)?"
    rf"(?: (?:{_NUMBER_EN}))?"
    r"(?: (?:pairs?|pieces?|units?|sets?|boxes|bags|packs?|copies|bottles)(?: of)?)?"
    r"(?: (?:the|my|those|these))?"
)


# What decides which things are meant must not hang on one letter.
_DECIDING = (
    "everything", "except", "excluding", "instead", "cheapest", "expensive", "entire", "remaining",
    "credit", "original",
)  # fmt: skip
_REQUESTS = re.compile(
    r"[两俩二三几]件事情?|[两俩二三几]个(?:问题|事情?|需求)"
    r"|\b(?:two|three|2|3|a couple of) (?:things|questions|requests)\b"
)
_LONG_WORD = re.compile(r"(?<![\w'’-])[a-z]{5,12}(?![\w'’-])")


def without_slips(folded: str) -> str:
    """``folded`` with one slip in each of the English words that choose things mended.

    "Two things: …" counts requests and no goods: that goes.
    """
    return _LONG_WORD.sub(lambda match: _meant(match.group()), _REQUESTS.sub(" ", folded))


def _meant(word: str) -> str:
    near = (one for one in _DECIDING if DamerauLevenshtein.distance(word, one, score_cutoff=1) == 1)
    return next(near, word)


@dataclass(frozen=True)
class Region:
    """A part of a sentence; ``negative``: what it names is not wanted."""

    text: str
    negative: bool = False
    is_all_but: bool = False


def regions_of(folded: str, *, of_orders: bool = False) -> list[Region]:
    """``folded`` cut into wanted and unwanted parts.

    Descriptions of an order are left out, unless ``of_orders``: orders are what is wanted.
    """
    text = folded
    if not of_orders:
        text = _ORDER_WITH.sub(lambda match: " " * len(match.group()), folded)
    regions: list[Region] = []
    place = 0
    for match in _EXCEPT.finditer(text):
        name = next(
            key for key, value in match.groupdict().items() if value is not None and "_" not in key
        )
        start, end = match.span(f"{name}_what")
        head = text[place : match.start()]
        if name == "allbut":
            head += text[match.start() : start]
        if head.strip():
            regions.append(Region(head, is_all_but=name == "allbut"))
        if text[start:end].strip():
            regions.append(Region(text[start:end], negative=True))
        place = match.end()
    rest = text[place:]
    if rest.strip():
        regions.append(Region(rest))
    return regions


def spares_some(text: str) -> bool:
    """Whether some of it says what is not meant: "leave the shirt"; ``text`` is folded."""
    return any(region.negative for region in regions_of(text))


def has_all(text: str) -> bool:
    """Whether all of what is named, or everything, is meant."""
    return bool(_ALL.search(text))


def has_both(text: str) -> bool:
    """Whether two are meant that need not be named."""
    return bool(_BOTH.search(text))


def is_addition(text: str) -> bool:
    """Whether what is named comes to what was chosen before."""
    return bool(_ADDITION.search(text))


def names_the_rest(text: str) -> bool:
    """Whether what was not chosen before is meant."""
    return bool(REST.search(text))


def superlative_in(text: str) -> int:
    """1 for the dearest, -1 for the cheapest, 0 for neither."""
    if _DEAREST.search(text):
        return 1
    return -1 if _CHEAPEST.search(text) else 0


def superlatives_in(text: str) -> list[tuple[int, int]]:
    """Where the dearest or the cheapest is spoken of."""
    return sorted(
        match.span() for pattern in (_DEAREST, _CHEAPEST) for match in pattern.finditer(text)
    )


def counts_in(text: str, start: int | None = None, end: int | None = None) -> list[int]:
    """How many are said, nearest first; ``start`` and ``end`` are where the thing is named.

    In English a number counts where it stands directly before the name, or before "of them".
    """
    found: list[tuple[int, int]] = []
    for match in _OF_THE_ZH.finditer(text):
        return [_number(match["n"])]
    for match in _COUNT_ZH.finditer(text):
        # "那一双": pointing, not counting.
        pointing = match.start() and text[match.start() - 1] in "这那哪每另第"
        if not pointing or match["n"] not in ("一", "1"):
            found.append((_distance(match.span(), start, end), _number(match["n"])))
    for match in _COUNT_EN.finditer(text):
        whole = match.group()
        of_them = " of " in whole
        directly = start is not None and 0 <= start - match.end() <= 1
        adjective = start is not None and _only_adjectives(text[match.end() : start])
        alone = start is None and (of_them or text.strip() == whole.strip())
        if (of_them or directly or adjective or alone) and match["n"] not in ("a", "an"):
            found.append((_distance(match.span(), start, end), _number(match["n"])))
    return [count for _, count in sorted(found, key=lambda one: one[0])]


def _only_adjectives(between: str) -> bool:
    words = between.split()
    return (
        0 < len(words) <= 2
        and all(word.isalpha() for word in words)
        and not (set(words) & {"and", "or", "the", "from", "in", "order", "with", "that", "of"})
    )


def _distance(span: tuple[int, int], start: int | None, end: int | None) -> int:
    if start is None or end is None:
        return span[0]
    return start - span[1] if span[1] <= start else span[0] - end


def _number(word: str) -> int:
    return _DIGITS.get(word) or _WORDS.get(word) or int(word)

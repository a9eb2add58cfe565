"""Words that point: at a place in a list, at the last order, at what was spoken of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.nlu.extraction.found import Found
from bot.nlu.extraction.numerals import CHINESE, parse_integer

_PLACES = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4,
    "fifth": 5, "5th": 5, "sixth": 6, "6th": 6, "last": -1, "final": -1,
}  # fmt: skip
_PLACE = "|".join(_PLACES)
_THING = r"(?:one|item|order|option|product|choice|package|parcel|pair|entry)"
_CHINESE_ORDINAL = re.compile(
    rf"(?:第({CHINESE}{{1,2}}|\d{{1,2}})|(最后)一|(倒数第)({CHINESE}|\d))(?:个|件|单|条|双|款|种|项|笔|份|台|套|行|包裹)"
)
_BARE_CHINESE_ORDINAL = re.compile(rf"^\W*第({CHINESE}{{1,2}}|\d{{1,2}})\W*$")
_ENGLISH_ORDINAL = re.compile(rf"\b(?:the )?({_PLACE}) {_THING}\b(?! of)", re.IGNORECASE)
_BARE_ENGLISH_ORDINAL = re.compile(rf"^\W*(?:the )?({_PLACE})(?: please)?\W*$", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?:\b(?:option|number|no\.|item|choice) ?|#|选项?|选择)(\d)(?![\d.])", re.IGNORECASE
)

# Bare "last order" is a reference, not a place in a list: references are read first.
_LAST_ORDER = re.compile(
    r"(?:我的?)?(?:上一?[个笔次]?(?:的)?(?:订单|单(?!号))|上次(?:买|拍|下单)的(?:订单|那[个单])?|"
    r"(?:最近|最新|最后)(?:的)?(?:一?[个笔])?(?:那个)?(?:订单|单(?!号))|最近(?:买|拍|下)的(?:订单|那[个单]|单)?|"
    r"刚(?:刚|才)?(?:下|拍|买)的(?:那?[个单]|订单|单)?|前几天(?:买|拍|下)的(?:那?[个单]|订单|单)?)"
    r"|\b(?:my |the )?(?:very )?(?:last|latest|most recent|recent|newest|previous) "
    r"(?:order|purchase)\b(?! number)",
    re.IGNORECASE,
)
_THAT = re.compile(
    r"(?:刚才|刚刚|之前)?(?:那|这|该)(?:个|笔|一|件|双|条)?(?:订单|单子|单(?![号位身])|包裹|快递|商品|东西)"
    r"|(?:刚才|刚刚|之前)(?:那个|说的|提到的|的那个)(?:订单|单)?"
    r"|\b(?:that|this|the same) (?:one|order|purchase|parcel|package|item|product)\b"
    r"|\bthe one i (?:just )?(?:mentioned|said|told you about)\b",
    re.IGNORECASE,
)
# "it" points at something after a verb that takes goods or orders; "is it possible" does not.
_IT = re.compile(
    r"(?:(?<=return )|(?<=track )|(?<=cancel )|(?<=refund )|(?<=exchange )|(?<=send )|(?<=got )"
    r"|(?<=received )|(?<=receive )|(?<=change )|(?<=find )|(?<=want )|(?<=ship )|(?<=shipped )"
    r"|(?<=deliver )|(?<=bought )|(?<=ordered )|(?<=keep )|(?<=replace )"
    r"|(?<=where is )|(?<=when will )|(?<=returning )|(?<=cancelling )|(?<=canceling )|(?<=about )"
    r"|(?<=pay for )|(?<=paid for )|(?<=charged for )|(?<=address is ))"
    r"it\b(?! possible)|它",
    re.IGNORECASE,
)
_STANDALONE_THAT = re.compile(
    r"^\W*(?:就)?(?:是)?(那个|这个|那单|这单|that one|this one|that|this)(?:吧|啊|呀)?\W*$",
    re.IGNORECASE,
)


def references(text: str) -> Iterator[Found]:
    """``last_order``, ``that`` (what was spoken of) and ``it``."""
    for match in _LAST_ORDER.finditer(text):
        yield Found("reference", "last_order", *match.span())
    for match in _THAT.finditer(text):
        yield Found("reference", "that", *match.span())
    for match in _IT.finditer(text):
        yield Found("reference", "it", *match.span())
    for match in _STANDALONE_THAT.finditer(text):
        yield Found("reference", "that", *match.span(1))


def ordinals(text: str) -> Iterator[Found]:
    """Places in a list: 1 for the first, -1 for the last."""
    for match in _CHINESE_ORDINAL.finditer(text):
        if match[2]:
            yield Found("ordinal", -1, *match.span())
            continue
        place = parse_integer(match[1] or match[4])
        if place:
            yield Found("ordinal", -place if match[3] else place, *match.span())
    for pattern in (_BARE_CHINESE_ORDINAL, _NUMBERED):
        for match in pattern.finditer(text):
            place = parse_integer(match[1])
            if place:
                yield Found("ordinal", place, *match.span())
    for pattern in (_ENGLISH_ORDINAL, _BARE_ENGLISH_ORDINAL):
        for match in pattern.finditer(text):
            yield Found("ordinal", _PLACES[match[1].lower()], *match.span())

"""Sums of money and quantities of goods."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from bot.nlu.extraction.found import Found
from bot.nlu.extraction.numerals import CHINESE, WORDS, parse_integer
from kernel.money import MINOR_DIGITS

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,2})?"
_CURRENCIES = {
    "¥": "CNY", "￥": "CNY", "rmb": "CNY", "cny": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY",
    "人民币": "CNY", "yuan": "CNY", "kuai": "CNY", "$": "USD", "us$": "USD", "usd": "USD",
    "dollar": "USD", "dollars": "USD", "bucks": "USD", "刀": "USD", "美元": "USD", "美金": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "英镑": "GBP",
    "hk$": "HKD", "hkd": "HKD", "港币": "HKD", "港元": "HKD",
}  # fmt: skip
_BEFORE = re.compile(
    rf"(?<![A-Za-z])(US\$|HK\$|[¥￥$€£]|RMB|CNY|USD|EUR|GBP|HKD)\s*({_DIGITS})(万|k\b)?",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"(?<![\d.A-Za-z])({_DIGITS}|{CHINESE}+)(万)?\s*"
    r"(块钱|块|元|人民币|美元|美金|刀|欧元|英镑|港币|港元"
    r"|(?:rmb|cny|yuan|kuai|usd|dollars?|bucks|eur|euros?|gbp|pounds?|hkd)\b)"
    r"([五\d](?!\d))?",
    re.IGNORECASE,
)
_CENTS = Decimal("0.01")

# 月, 天, 小时 and the like are no goods; 第二个 is a place in a list; 一个 is mostly an article.
_CLASSIFIERS = "个件双条套台本盒瓶包袋箱支只份张把罐块部副对顶幅桶"
_CHINESE_QUANTITY = re.compile(
    rf"(?<![第这那哪每上下另\d])((?:{CHINESE}|俩)+|\d{{1,4}})\s*([{_CLASSIFIERS}])"
    r"(?!月|小时|星期|礼拜|工作日|钟头|多月|人|问题|字|电话|名字|亿|客服|半|钱|地方|地址|快递|订单)"
)
_BUYING_VERB = re.compile(
    r"(?:买|拍|要|来|退|换|少发|漏发|漏|缺|订|定|下单|下了|加|减|少|只收到|收到|寄)了?$"
)
_ENGLISH_NUMBER = "|".join(sorted((w for w in WORDS if len(w) > 2), key=len, reverse=True))
_ENGLISH_QUANTITY = re.compile(
    rf"(?<![\w.$])(\d{{1,4}}|{_ENGLISH_NUMBER})(?: of)?\s+"
    r"(?:items?|pieces?|pcs|pairs?|units?|boxes|box|bottles?|packs?|packets?|copies|sets?"
    r"|of (?:them|these|those))\b",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<![\w.])(?:[x×*]\s?(\d{1,3})|(\d{1,3})\s?[x×]|(?:qty|quantity|数量)\W{0,3}(?:of|is|是|为|改成|改为|要)?"
    r"\s?(\d{1,4}))(?![\w.])",
    re.IGNORECASE,
)
# "model 200 kettle" is no number of kettles: digits count after a verb or at the start only.
_COUNT_OF_GOODS = re.compile(
    rf"(?:(?<![\w.$])(?={_ENGLISH_NUMBER})|^(?=\d)|\b(?:buy|bought|want|need|order|ordered|got|get|take"
    rf"|return|received|and|the) (?=\d))({_ENGLISH_NUMBER}|\d{{1,3}})\s$",
    re.IGNORECASE,
)
_MOST = 9_999


def amounts(text: str) -> Iterator[Found]:
    """Sums of money: the value is ``{"minor": 12050, "currency": "CNY"}``."""
    for match in _BEFORE.finditer(text):
        number = Decimal(match[2].replace(",", ""))
        factor = {"万": 10_000, "k": 1_000}.get((match[3] or "").lower(), 1)
        yield _amount(number * factor, match[1], match.span())
    for match in _AFTER.finditer(text):
        digits = match[1].replace(",", "")
        if digits[0].isdigit():
            number = Decimal(digits)
        else:
            parsed = parse_integer(digits)
            if parsed is None:
                continue
            number = Decimal(parsed)
        if match[2]:
            number *= 10_000
        if match[4]:  # 三块五
            number += Decimal(parse_integer(match[4]) or 0) / 10
        yield _amount(number, match[3], match.span())


def _amount(number: Decimal, currency: str, span: tuple[int, int]) -> Found:
    code = _CURRENCIES[currency.lower()]
    minor = int(number.quantize(_CENTS) * 10 ** MINOR_DIGITS[code])
    return Found("amount", {"minor": minor, "currency": code}, *span)


def counted(text: str, goods: Iterable[Found]) -> Iterator[Found]:
    """How many of the ``goods`` found before, where the number stands right before them."""
    for one in goods:
        match = _COUNT_OF_GOODS.search(text[: one.start])
        count = parse_integer(match[1]) if match is not None and one.entity == "product" else None
        if match is not None and count:
            yield Found("quantity", count, *match.span(1))


def quantities(text: str) -> Iterator[Found]:
    """How many pieces: the value is a whole number."""
    for match in _CHINESE_QUANTITY.finditer(text):
        count = parse_integer(match[1])
        vague = match[1] == "一" and not _BUYING_VERB.search(text[: match.start()])
        if count and not vague:
            yield Found("quantity", count, *match.span())
    for match in _ENGLISH_QUANTITY.finditer(text):
        count = parse_integer(match[1])
        if count:
            yield Found("quantity", count, *match.span())
    for match in _TIMES.finditer(text):
        count = int(match[1] or match[2] or match[3])
        if 0 < count <= _MOST:
            yield Found("quantity", count, *match.span())

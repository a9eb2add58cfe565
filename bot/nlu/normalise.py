"""Bring what people type into one form, once for reading values and once for the classifier."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

MAX_CHARACTERS = 1_500

# Words of the trade as phonetic keyboards misspell them: homophone -> what was meant.
HOMOPHONES = {
    "退欠": "退钱",
    "退前": "退钱",
    "退宽": "退款",
    "退框": "退款",
    "退筐": "退款",
    "推款": "退款",
    "腿款": "退款",
    "退或": "退货",
    "退火": "退货",
    "推货": "退货",
    "腿货": "退货",
    "换或": "换货",
    "换火": "换货",
    "发或": "发货",
    "发火吗": "发货吗",
    "法货": "发货",
    "收或": "收货",
    "收获地址": "收货地址",
    "快第": "快递",
    "快弟": "快递",
    "块递": "快递",
    "物留": "物流",
    "勿流": "物流",
    "优会": "优惠",
    "忧惠": "优惠",
    "优惠卷": "优惠券",
    "优惠劵": "优惠券",
    "抵用卷": "抵用券",
    "红吧": "红包",
    "定单": "订单",
    "顶单": "订单",
    "帐号": "账号",
    "帐户": "账户",
    "发漂": "发票",
    "法票": "发票",
    "客福": "客服",
    "克服在吗": "客服在吗",
    "付宽": "付款",
    "扣宽": "扣款",
    "尺马": "尺码",
    "颜涩": "颜色",
    "质亮": "质量",
    "运废": "运费",
    "邮废": "邮费",
    "包游": "包邮",
    "签受": "签收",
    "评介": "评价",
    "倒货": "到货",
    "到或": "到货",
    "著急": "着急",
    "密马": "密码",
    "登陆": "登录",
    "人公": "人工",
    "返先": "返现",
}
_HOMOPHONES = re.compile("|".join(sorted(map(re.escape, HOMOPHONES), key=len, reverse=True)))

_REPEATED_MARK = re.compile(r"([^\w\s])(?:\s*\1)+")
_REPEATED_LETTER = re.compile(r"([^\W\d])\1{2,}")
_READABLE = re.compile(r"\w")
_SPACES = re.compile(r"\s+")
# Codes say that a number was given, not what is wanted; each kind becomes one token.
_CODE = re.compile(
    r"(?<![a-z0-9])(?:(?=[a-z0-9-]*\d[a-z0-9-]*\d[a-z0-9-]*\d)[a-z0-9-]{9,}"
    # A short prefix belongs to its number: W5918442.
    r"|[a-z]{1,4}-?\d{5,})(?![a-z0-9])"
)
_LONG_NUMBER = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|www\.\S+")
# A coupon by its code, SUMMER50 or "welcome10", is one coupon like another.
_COUPON_WORD = (
    "autumn|back|big|black|bonus|coupon|cyber|deal|discount|extra|fall|first|flash|friends?|free"
    "|happy|hello|holiday|home|lucky|member|new|off|party|promo|sale|save|school|ship|spring|summer"
    "|super|thanks|vip|welcome|weekend|winter|xmas"
)
# What is written alike and is none: models of goods.
_MODEL = "iphone|ipad|galaxy|mate|note|nova|pixel|redmi|reno|series|gopro|hdmi|type|size|step|room"
_COUPON = re.compile(
    rf"(?<![A-Za-z0-9-])(?:(?!(?i:{_MODEL})\d)[A-Z]{{4,}}|(?i:(?:{_COUPON_WORD})+))\d{{1,3}}"
    r"(?:-\d{3,5})?(?:(?i:off))?(?![A-Za-z0-9-])"
)
_DROPPED_CATEGORIES = frozenset({"Cf", "Cs", "Co", "Cn"})
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True)
class Folded:
    """A text without invisible characters and in half width; knows where each character was.

    ``offsets[i]`` is the place in the original text of character ``i`` of ``text``.
    """

    text: str
    offsets: tuple[int, ...] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original text of ``text[start:end]``, which is not empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


class _FoldTable(dict[int, str]):
    """What each character becomes; filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        self[code] = folded
        return folded


def _fold_character(character: str) -> str:
    if character in "\n\t\r":
        return "\n" if character == "\n" else " "
    category = unicodedata.category(character)
    if category in _DROPPED_CATEGORIES or ord(character) in _VARIATION_SELECTORS:
        return ""
    if category in ("Cc", "Zs", "Zl", "Zp"):
        return " "
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


_FOLD = _FoldTable()


def fold(text: str) -> Folded:
    """Half width instead of full width, no control, bidi or other invisible characters."""
    folded = text.translate(_FOLD)
    if len(folded) == len(text):
        return Folded(folded, range(len(text)))
    return Folded(folded, tuple(i for i, c in enumerate(text) if _FOLD[ord(c)]))


@lru_cache(maxsize=1)
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def simplify(text: str) -> str:
    """Traditional characters as simplified ones; the length never changes."""
    if text.isascii():
        return text
    converter = _converter()
    simplified: str = converter.convert(text)
    if len(simplified) == len(text):
        return simplified
    return "".join(converter.convert(character)[:1] or character for character in text)


def for_features(text: str, max_characters: int = MAX_CHARACTERS) -> str:
    """``text`` as the classifier reads it: one spelling for what means the same.

    Lower case, simplified characters, homophones of the trade mended, repetition and long
    numbers collapsed, a coupon's code by its kind. Of a longer text the first ``max_characters``
    are read. Empty if there is neither a letter nor a digit to read.
    """
    text = fold(text[: 2 * max_characters]).text[:max_characters]
    coupon = " promo code " if text.isascii() else " 优惠码 "
    text = simplify(_COUPON.sub(coupon, text).lower())
    text = _HOMOPHONES.sub(lambda match: HOMOPHONES[match[0]], text)
    text = _ADDRESS.sub(" @ ", text)
    text = _CODE.sub(" 00000 ", text)
    text = _LONG_NUMBER.sub("00000", text)
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _REPEATED_LETTER.sub(r"\1\1", text)
    text = _SPACES.sub(" ", text).strip()
    return text if _READABLE.search(text) else ""

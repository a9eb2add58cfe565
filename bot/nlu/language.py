"""In which language a message is written, from its script alone."""

from __future__ import annotations

import re
from enum import StrEnum


class Language(StrEnum):
    """The languages we answer in, and messages that use both."""

    ZH = "zh"
    EN = "en"
    MIXED = "mixed"


# Whoever has one with letters in it speaks any language.
_EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_WORD = re.compile(r"(?<![A-Za-z0-9_@./-])[A-Za-z][A-Za-z']*(?![A-Za-z0-9_@])")
# Latin words that people of either language type: they say nothing about the language.
_SHARED_WORDS = frozenset(
    word
    for line in (
        "ok okay k no vip app qq pp sku id kf s m l xl xxl xxxl a b c d e f g x y z",
        "ems sf jd yto zto sto dhl ups usps fedex paypal visa mastercard alipay wechat",
        "iphone ipad huawei xiaomi apple nike adidas logo usb wifi pc tv led diy",
        "cm mm kg ml gb tb",
    )
    for word in line.split()
)
# One Han character carries about as much as half an English word.
_HAN_PER_WORD = 2
_MIXED_FROM = 0.3


def detect_language(text: str) -> Language | None:
    """The language of ``text``; None if it shows none, like a number or an emoji."""
    han = len(_HAN.findall(text))
    if len(_KANA_OR_HANGUL.findall(text)) > han:
        return None
    words = sum(
        1 for word in _WORD.findall(_EMAIL.sub(" ", text)) if word.lower() not in _SHARED_WORDS
    )
    if not han and not words:
        return None
    english = words * _HAN_PER_WORD / (words * _HAN_PER_WORD + han)
    if english >= 1 - _MIXED_FROM:
        return Language.EN
    if english <= _MIXED_FROM:
        return Language.ZH
    return Language.MIXED

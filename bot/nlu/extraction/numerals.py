"""Numbers as digits and as Chinese or English words."""

from __future__ import annotations

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10_000, "亿": 100_000_000}

CHINESE = "[零〇一二两三四五六七八九十百千万亿]"

_SMALL_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
)
WORDS = {word: value for value, word in enumerate(_SMALL_WORDS.split(" "))} | {
    "a": 1,
    "an": 1,
    "couple": 2,
    "dozen": 12,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
    "thousand": 1_000,
}


def parse_integer(text: str) -> int | None:
    """The whole number that ``text`` writes in digits, Chinese or an English word."""
    text = text.strip().lower().replace(",", "")
    if text.isascii() and text.isdigit():
        return int(text)
    if text in WORDS:
        return WORDS[text]
    return _parse_chinese(text)


def _parse_chinese(text: str) -> int | None:
    if not text or any(c not in _DIGITS and c not in _UNITS and c not in _LARGE for c in text):
        return None
    if all(c in _DIGITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = section = digit = 0
    last_unit = 1
    for c in text:
        if c in _DIGITS:
            digit = _DIGITS[c]
            last_unit = 1 if digit == 0 else last_unit
        elif c in _UNITS:
            section += (digit or 1) * _UNITS[c]
            digit, last_unit = 0, _UNITS[c]
        else:
            total = (total + section + digit) * _LARGE[c]
            section, digit, last_unit = 0, 0, _LARGE[c]
    # 三百五 is 350, 两万三 is 23,000; but 三百零五 is 305 and 十五 is 15.
    if digit and last_unit >= 100:
        digit *= last_unit // 10
    return total + section + digit

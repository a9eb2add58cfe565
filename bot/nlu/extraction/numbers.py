"""Order numbers, tracking numbers and other long numbers: which is which."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.nlu.extraction.found import Claims, Found
from bot.nlu.extraction.tracking import Parcel, recognise

_SEPARATOR = re.compile(r"[ \-_.]")
# What precedes a number says what it is; how far back we look, in characters.
_CUE_REACH = 16
_ORDER_CUE = re.compile(r"订单|单号|order|purchase", re.IGNORECASE)
_PARCEL_CUE = re.compile(
    r"(?:运|快递|物流|包裹)单?号|运单|快递|物流|包裹|tracking|track|waybill|parcel|shipment|awb",
    re.IGNORECASE,
)
_OTHER_CUE = re.compile(
    r"税号|账号|卡号|身份证|邮编|zip|post ?code|account|card|tax|sku|型号|验证码|code|qq|微信",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![A-Za-z0-9@])[A-Za-z0-9](?:-?[A-Za-z0-9]){6,39}(?![A-Za-z0-9])")
_SPACED_DIGITS = re.compile(r"(?<![A-Za-z0-9])\d{3,6}(?: \d{3,6}){1,6}(?![A-Za-z0-9])")
# A postal number in groups; small letters around nine digits are words.
_SPACED_POSTAL = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?![A-Za-z0-9])"
)
_LEAST_DIGITS = 8
# No order number is longer.
_LONGEST = 40
# The letters with which an alternative of the shop's pattern begins.
_PREFIX = re.compile(r"(?:^|\||\((?:\?:)?)([A-Za-z]+)")


@dataclass(frozen=True)
class Compact:
    """A text without separators; ``places[i]`` is where character ``i`` was."""

    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Compact:
        """``text`` without spaces, hyphens and the like."""
        kept = [(i, c) for i, c in enumerate(text) if not _SEPARATOR.match(c)]
        return cls("".join(c for _, c in kept), tuple(i for i, _ in kept))


class OrderNumbers:
    """Finds the order numbers of one shop, however they are spaced or cased."""

    def __init__(self, pattern: str) -> None:
        """``pattern``: a regular expression for one order number of the shop."""
        self._whole = re.compile(pattern, re.IGNORECASE)
        self._prefixes = sorted({found.upper() for found in _PREFIX.findall(pattern)})

    def find(self, text: str) -> Iterator[Found]:
        """The numbers that have the shop's shape."""
        compact = Compact.of(text)
        place = 0
        while match := self._whole.search(compact.text, place):
            first = match.start()
            place = max(match.end(), first + 1)
            # Of "A1234|A123456" the first fits in the second: whichever ends with the number.
            longest = min(len(compact.text), first + _LONGEST)
            for last in (match.end(), *range(longest, first, -1)):
                found = self._whole.fullmatch(compact.text, first, last)
                if not found or first == last:
                    continue
                start, end = compact.places[first], compact.places[last - 1] + 1
                if _stands_alone(text, start, end) and _holds_together(text[start:end]):
                    yield Found("order_number", found.group().upper(), start, end)
                    place = last
                    break

    def completed(self, number: str) -> str | None:
        """``number`` with the shop's prefix if only that is missing, and only one fits."""
        candidates = [prefix + number for prefix in self._prefixes]
        fitting = [one for one in candidates if self._whole.fullmatch(one)]
        return fitting[0] if len(fitting) == 1 else None


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not _is_latin(before) and not _is_latin(after)


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _holds_together(piece: str) -> bool:
    """One separator at a time: two numbers in a row are not one."""
    return "\n" not in piece and not re.search(r"[ \-_.]{4,}", piece)


def tracking_numbers(text: str) -> Iterator[Found]:
    """The numbers whose shape or check digit leaves no doubt about the carrier."""
    for start, end, number in _long_numbers(text):
        parcel = recognise(number, text)
        if parcel is not None and parcel.certain:
            yield _tracking(parcel, start, end)


def candidates(text: str, claims: Claims, orders: OrderNumbers) -> Iterator[Found]:
    """What else might be an order or tracking number; nothing of it is certain."""
    for start, end, number in _long_numbers(text):
        if not claims.is_free(start, end):
            continue
        before = text[max(0, start - _CUE_REACH) : start]
        cue = _last_cue(before)
        if cue == "other":
            continue
        completed = orders.completed(number)
        recognised = recognise(number, text)
        parcel = recognised or Parcel(number, None, certain=False)
        if completed is not None and cue != "parcel":
            yield Found("order_number", completed, start, end, certain=False)
        elif cue == "order":
            yield Found("order_number", number, start, end, certain=False)
        elif cue == "parcel" or (recognised is not None and not number.isdigit()):
            yield _tracking(parcel, start, end)
        else:
            yield Found("order_number", number, start, end, certain=False)
            yield _tracking(parcel, start, end)


def _tracking(parcel: Parcel, start: int, end: int) -> Found:
    more = {"carrier": parcel.carrier} if parcel.carrier else {}
    return Found("tracking_number", parcel.number, start, end, parcel.certain, more)


def _last_cue(before: str) -> str | None:
    """Which kind of word stands nearest before a number; of two at one place the longer one."""
    cues = {"order": _ORDER_CUE, "parcel": _PARCEL_CUE, "other": _OTHER_CUE}
    ends = [
        (match.end(), match.end() - match.start(), kind)
        for kind, cue in cues.items()
        for match in cue.finditer(before)
    ]
    return max(ends)[2] if ends else None


def _long_numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Runs of letters and digits with enough digits to be a number of something."""
    for pattern in (_SPACED_POSTAL, _SPACED_DIGITS, _TOKEN):
        for match in pattern.finditer(text):
            number = _SEPARATOR.sub("", match.group()).upper()
            if sum(c.isdigit() for c in number) >= _LEAST_DIGITS:
                yield match.start(), match.end(), number

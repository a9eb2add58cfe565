"""Which carrier a tracking number belongs to, by its shape and its check digit."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from phonenumbers import SUPPORTED_REGIONS


@dataclass(frozen=True)
class Parcel:
    """A tracking number with the carrier its shape suggests, if it does.

    ``certain`` is true if a check digit fits, or if no other kind of number has this shape.
    """

    number: str
    carrier: str | None
    certain: bool


_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_S10_CARRIERS = {"CN": "china_post", "GB": "royal_mail", "US": "usps", "DE": "dhl"}


def s10_fits(number: str) -> bool:
    """Whether an international postal number (UPU S10) has a country and the right check digit."""
    if number[-2:] not in SUPPORTED_REGIONS:
        return False
    digits = [int(c) for c in number[2:10]]
    check = 11 - sum(w * d for w, d in zip(_S10_WEIGHTS, digits, strict=True)) % 11
    return int(number[10]) == {10: 0, 11: 5}.get(check, check)


def ups_fits(number: str) -> bool:
    """Whether the check digit of a UPS number (1Z…) is right."""
    values = [int(c) if c.isdigit() else (ord(c) - 63) % 10 for c in number[2:17]]
    total = sum(value * (1 + place % 2) for place, value in enumerate(values))
    return int(number[17]) == -total % 10


def fedex_fits(number: str) -> bool:
    """Whether the check digit of a FedEx Express number (12 digits) is right."""
    weights = (3, 1, 7) * 4
    total = sum(w * int(d) for w, d in zip(weights, number[:11], strict=False))
    return int(number[11]) == total % 11 % 10


def usps_fits(number: str) -> bool:
    """Whether the check digit of a USPS number (20 or 22 digits) is right."""
    digits = [int(c) for c in reversed(number[:-1])]
    total = sum(d * (3 if place % 2 == 0 else 1) for place, d in enumerate(digits))
    return int(number[-1]) == -total % 10


def dhl_fits(number: str) -> bool:
    """Whether the check digit of a DHL Express number (10 digits) is right."""
    return int(number[:9]) % 7 == int(number[9])


@dataclass(frozen=True)
class _Shape:
    """``named``: believed only when the message names the carrier; else it is only a guess."""

    pattern: re.Pattern[str]
    carrier: str | None
    fits: Callable[[str], bool] | None = None
    named: str = ""


def _shape(
    pattern: str,
    carrier: str | None,
    fits: Callable[[str], bool] | None = None,
    named: str = "",
) -> _Shape:
    return _Shape(re.compile(pattern), carrier, fits, named)


# Carriers of the mainland publish no check digits: an own prefix decides, digits alone do not.
_SHAPES = (
    _shape(r"1Z[A-Z0-9]{15}\d", "ups", ups_fits),
    _shape(r"E[A-Z]\d{9}CN", "ems", s10_fits),
    _shape(r"[A-Z]{2}\d{9}[A-Z]{2}", None, s10_fits),
    _shape(r"9[1-5]\d{20}|9[1-5]\d{18}", "usps", usps_fits),
    _shape(r"SF\d{12,15}", "sf"),
    _shape(r"YT\d{16}", "yunexpress"),
    _shape(r"YT\d{13}", "yto"),
    _shape(r"JT\d{13}", "jt"),
    _shape(r"JD(?=(?:[A-Z]*\d){8})[A-Z0-9]{10,18}", "jd"),
    _shape(r"DPK\d{12}", "deppon"),
    _shape(r"\d{12}", "fedex", fedex_fits, named=r"fedex|联邦"),
    _shape(r"\d{10}", "dhl", dhl_fits, named=r"dhl|敦豪"),
    _shape(r"\d{12}", "sf", named=r"\bsf\b|顺丰"),
    _shape(r"7[5-8]\d{12}", "zto", named=r"zto|中通"),
    _shape(r"(?:77|88)\d{11,13}", "sto", named=r"sto\b|申通"),
    _shape(r"[345]\d{12,14}", "yunda", named=r"yunda|韵达"),
)
_GUESSES = (
    (re.compile(r"7[5-8]\d{12}"), "zto"),
    (re.compile(r"(?:77|88)\d{11,13}"), "sto"),
    (re.compile(r"[34]\d{12,14}"), "yunda"),
)


def recognise(number: str, message: str = "") -> Parcel | None:
    """What ``number`` (upper case, no separators) is as a tracking number; None if it has no shape.

    ``message`` may name the carrier, which settles shapes that several carriers share.
    """
    for shape in _SHAPES:
        if not shape.pattern.fullmatch(number):
            continue
        if shape.named and not re.search(shape.named, message, re.IGNORECASE):
            continue
        certain = shape.fits(number) if shape.fits else True
        carrier = shape.carrier or _S10_CARRIERS.get(number[-2:])
        if certain or not shape.named:
            return Parcel(number, carrier, certain)
    for pattern, carrier in _GUESSES:
        if pattern.fullmatch(number):
            return Parcel(number, carrier, certain=False)
    return None

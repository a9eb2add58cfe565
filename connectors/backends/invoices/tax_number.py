"""Checks the number by which the tax office knows a company.

Since 2016 that is the unified social credit code of 18 characters (GB 32100-2015, check character
modulo 31); older papers carry 15 characters: six of a region, then the organisation code of nine
(GB 11714-1997, check character modulo 11).
"""

from __future__ import annotations

import unicodedata

_UNIFIED = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Its 31 characters: no I, O, S, V, Z."""
_UNIFIED_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def tax_number_key(text: str) -> str:
    """A tax number as it is stored: half width, capitals, without spaces and hyphens."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in folded if letter.isalnum())


def is_tax_number(text: str) -> bool:
    """Whether ``text``, in any spelling, is a company's tax number with a right check character."""
    number = tax_number_key(text)
    if len(number) == 18:
        return _is_unified(number)
    return len(number) == 15 and number[:6].isdecimal() and _is_organisation(number[6:])


def _is_unified(number: str) -> bool:
    if any(letter not in _UNIFIED for letter in number) or not number[2:8].isdecimal():
        return False
    added = sum(
        weight * _UNIFIED.index(letter)
        for weight, letter in zip(_UNIFIED_WEIGHTS, number, strict=False)
    )
    return _UNIFIED[-added % 31] == number[17] and _is_organisation(number[8:17])


def _is_organisation(code: str) -> bool:
    if any(letter not in _ORGANISATION for letter in code):
        return False
    added = sum(
        weight * _ORGANISATION.index(letter)
        for weight, letter in zip(_ORGANISATION_WEIGHTS, code, strict=False)
    )
    check = 11 - added % 11
    return code[8] == {10: "X", 11: "0"}.get(check, str(check))

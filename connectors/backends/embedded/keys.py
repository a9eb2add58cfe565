"""Names, addresses and numbers of customers as they are compared."""

from __future__ import annotations

_PHONE_DIGITS = 10


def name_key(name: str) -> str:
    """A name as it is compared: neither case nor spaces matter."""
    return "".join(name.split()).casefold()


def email_key(email: str) -> str:
    """An e-mail address as it is compared."""
    return email.strip().casefold()


def phone_key(phone: str) -> str:
    """A phone number as it is compared, with or without its country: its last ten digits."""
    return digits_of(phone)[-_PHONE_DIGITS:]


def postcode_key(postcode: str) -> str:
    """A postcode as it is compared."""
    return "".join(postcode.split()).upper()


def digits_of(phone: str) -> str:
    """The digits of a phone number; other scripts have none."""
    return "".join(letter for letter in phone if letter.isdecimal() and letter.isascii())

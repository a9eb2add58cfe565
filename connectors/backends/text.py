"""Words of the shop in both languages, and how personal ones are shown masked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bilingual:
    """The same words in Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The words for a shopper who reads ``language`` ("zh" or anything else)."""
        return self.zh if language == "zh" else self.en


def is_chinese(text: str) -> bool:
    """Whether ``text`` has a Chinese character in it."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def masked_name(name: str) -> str:
    """``张伟`` as ``张*``, ``Emma Clark`` as ``E*** C***``."""
    if is_chinese(name):
        return name[:1] + "*" * (len(name) - 1)
    return " ".join(part[:1] + "***" for part in name.split())


def masked_phone(phone: str) -> str:
    """A phone number of which only the first three and last four digits are left."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    if len(digits) < 8:
        return "*" * len(digits)
    return digits[:3] + "*" * (len(digits) - 7) + digits[-4:]


def masked_email(email: str) -> str:
    """``emma.clark@example.com`` as ``e***@example.com``."""
    name, _, host = email.partition("@")
    return f"{name[:1]}***@{host}"

"""Which address of the address book a shopper means, in free words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.model import Address

_KINDS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (
        ("公司", "单位", "office", "work"),
        re.compile(r"公司|单位|上班|办公|\b(?:office|work|workplace|job)\b", re.I),
    ),
    (
        ("家", "home"),
        re.compile(
            r"家里|我家|家那|回家|寄家|到家|^家$|住的|住处|\b(?:home|house|my place)\b", re.I
        ),
    ),
    (("学校", "宿舍", "school", "dorm"), re.compile(r"学校|宿舍|\b(?:school|dorm|campus)\b", re.I)),
    (("父母", "爸妈", "parents"), re.compile(r"爸妈|父母|老家|\bparents?\b", re.I)),
)
_DEFAULT = re.compile(r"默认|\bdefault\b|\busual\b", re.IGNORECASE)
_OTHER = re.compile(
    r"另一个|另外那?个|换一个|\bthe other (?:one|address)\b|\bmy other address\b", re.IGNORECASE
)


def choose_address(
    text: str, book: Sequence[StoredAddress], now: Sequence[Address] = ()
) -> StoredAddress | None:
    """The one address of ``book`` that ``text`` names, or None if it names none or several.

    By the customer's own word for it, by the kind of place, by city, district, street or postcode,
    as the default, or as the other one than those that stand ``now``.
    """
    folded = text.casefold()
    groups = (
        [one for one in book if one.id.casefold() in folded],
        [one for one in book if _is_called(folded, one)],
        [one for one in book if _is_place(folded, one.address)],
    )
    named = next((group[0] for group in groups if len(group) == 1), None)
    if named is not None:
        return named
    if _DEFAULT.search(text):
        return next((one for one in book if one.is_default), None)
    if _OTHER.search(text):
        others = [one for one in book if one.address not in now]
        return others[0] if len(others) == 1 else None
    return None


def words_for_address(one: StoredAddress) -> tuple[str, ...]:
    """What the customer may call ``one``: their own word, and the usual ones for its kind."""
    label = one.label.casefold()
    kinds = (words for words, _ in _KINDS if any(word in label for word in words))
    return (one.label, *(word for words in kinds for word in words))


def _is_called(folded: str, one: StoredAddress) -> bool:
    label = one.label.casefold()
    return (len(label) > 1 and label in folded) or any(
        pattern.search(folded) and any(word in label for word in words) for words, pattern in _KINDS
    )


def _is_place(folded: str, address: Address) -> bool:
    parts = (address.city, address.district, address.street)
    return _has_postcode(folded, address) or any(
        len(short) > 1 and short in folded
        for part in parts
        if part
        for short in (part.casefold().rstrip("市区县"),)
    )


def _has_postcode(folded: str, address: Address) -> bool:
    written = re.escape(address.postcode.casefold()).replace(r"\ ", " ?")
    return bool(written) and bool(re.search(rf"(?<![a-z\d]){written}(?![a-z\d])", folded))

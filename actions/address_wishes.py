"""What a shopper's words make of the address that is to be changed: all of it, or a part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from actions.address_leads import place_told, target_of
from actions.choosing_addresses import choose_address
from actions.reading_addresses import (
    AddressParts,
    Need,
    names_recipient,
    parts_at,
    parts_of,
    postcode_in,
)
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.model import Address
from connectors.backends.text import is_chinese
from kernel.people import name_alone

_ANOTHER = re.compile(
    r"(?:另一?个|另外的?|换个|换一个|改个|别的|其[他它]的?)(?:地址|地方)|地址(?:还是)?(?:不对|错了?|填错|选错)"
    r"|\b(?:other|another|different|wrong) (?:address|place)\b|\b(?:some|any)where else\b"
    r"|\baddress(?: is|'s)?(?: still)? wrong\b",
    re.IGNORECASE,
)
# Where only a town was named: "to Leeds".
_TOWN = re.compile(r"[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2}(?:,? [\w ]*\d[\w ]*)?[.!]?")
_CORRECTION = re.compile(
    r"\W*(?:不对|不是|错了|写错|应该|是|no\b|sorry|actually|rather|i meant?|it'?s\b)", re.IGNORECASE
)
# Nothing but a street and its number: "12 Rose Lane".
_STREET = re.compile(
    r"^\d+\w*,? [\w' ]+\b(?:street|st|road|rd|avenue|ave|lane|row|square|quay|drive|close|way)\b"
    r"|[路街巷弄道]\s*\d+\s*号",
    re.IGNORECASE,
)
_POSTCODE_WORD = re.compile(r"邮编|邮政编码|\b(?:post ?code|zip)\b", re.IGNORECASE)


def read_wish(
    said: str, book: Sequence[StoredAddress], present: Sequence[Address]
) -> AddressParts | None:
    """The address that ``said`` names or spells out, or as much as it says of one; or None."""
    text = place_told(said)
    # "Could it go to my office address instead" names it before the words that lead to one.
    stored = choose_address(target_of(text), book, present) or choose_address(text, book, present)
    parts = parts_of(text)
    if not parts.missing:
        return parts
    target = target_of(text)
    says = parts.names_a_place or parts.names_who
    if not says and target != text and _TOWN.fullmatch(target):
        parts = parts_of(target, (Need.CITY,))
    # "To Hangzhou" says more than that it goes where it goes now.
    stays = stored is not None and stored.address in present
    if stored is not None and not (stays and parts.names_a_place):
        return AddressParts.on_file_as(stored.address)
    if parts.names_a_place or parts.names_who:
        return parts
    return _postcode_alone(said)


def _postcode_alone(text: str) -> AddressParts | None:
    """Another postcode for the same place: "the postcode is wrong, it is …"."""
    if _POSTCODE_WORD.search(text) is None:
        return None
    postcode = postcode_in(text)
    return AddressParts(postcode=postcode, chinese=is_chinese(text)) if postcode else None


def wants_another(text: str) -> bool:
    """Whether ``text`` says that it shall go elsewhere, and not where."""
    return _ANOTHER.search(text) is not None


def heard_wish(
    text: str, book: Sequence[StoredAddress], present: Sequence[Address], now: AddressParts
) -> AddressParts | None:
    """What ``text`` makes of the wish ``now``: another address, or a part of one, another name or
    phone; None if nothing."""
    shown = [now.address(one) for one in present]
    read = read_wish(text, book, [*present, *shown])
    said = parts_of(text)
    if read is not None and read.is_enough and (said.names_a_place or not said.names_who):
        # Who receives it was told before, perhaps; what is on file says it without being asked.
        told = AddressParts() if now.on_file else now
        named = AddressParts() if read.on_file else read
        name = named.name or told.name or read.name
        phone = named.phone or told.phone or read.phone
        new = replace(read, name=name, phone=phone)
        if not read.names_a_place:
            new = replace(now, postcode=read.postcode)
    elif read is not None and read.names_a_place and _corrects(text):
        # "No, to Hangzhou" lacks the street; "no, 9 Wensan Road" is in the town that was named.
        known = now if read.street else parts_at(shown[0])
        if read.street and not read.chinese:
            known = replace(known, postcode="", on_file=False)
        new = read if read.city else known.joined(read)
    else:
        # "Right, send it off" has no name in it, whatever stands alone between commas.
        says_who = names_recipient(text) or said.phone not in ("", shown[0].phone)
        name = said.name if says_who else name_alone(text)
        new = replace(now, name=name or now.name, phone=said.phone or now.phone)
        told = replace(new, on_file=False)
        new = new if told.missing else told
    return None if [new.address(one) for one in present] == shown else new


def _corrects(text: str) -> bool:
    says_so = target_of(text) not in ("", text) or _CORRECTION.match(text) is not None
    return says_so or _STREET.search(text) is not None

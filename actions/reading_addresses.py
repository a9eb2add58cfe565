"""Reads a postal address out of one line of free text, Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from connectors.backends.orders.model import Address
from connectors.backends.text import is_chinese

_LEAD_ZH = re.compile(
    r"^.*?(?:地址改[为成到]|改[为成到]|寄到|送到|发到|寄往|换成|换到|新的?(?:收货)?地址[是为]?|(?:收货)?地址[是为:：])[:：\s]*"
)
_LEAD_EN = re.compile(
    r"^.*?\b(?:(?:change|send|ship|deliver|redirect|update|move)\b.*?\bto|new address(?: is)?"
    r"|address(?: is)?|it(?: should)? goes? to)\b[:\s]*",
    re.IGNORECASE,
)
# What is left of "no, to …" and "actually at …".
_TO_EN = re.compile(
    r"^(?:(?:no|nope|actually|rather|please|instead|sorry)\b[\s,.!]*)*(?:(?:to|at)\s+)?",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:\+\d{1,3}[\s-]?)?(?:1[3-9]\d{9}|\d[\d\s-]{7,13}\d)(?![\dA-Za-z])"
)
_PHONE_WORD = re.compile(
    r"(?:电话|手机号?|联系方式|tel(?:ephone)?|phone|mobile)[是为:：\s]*$", re.IGNORECASE
)
_NAME_ZH = re.compile(
    r"(?:收件人|收货人|姓名|联系人|名字)(?:改[为成]|换成|叫|[是为:：\s])*([\u4e00-\u9fff]{2,4})"
)
_NAME_EN = re.compile(
    r"(?:for|attn\.?|name(?: to| is)?|recipient(?: to| is)?|c/o)[:\s]+((?:[A-Z][\w'-]+\s?){1,3})"
)
_POSTCODE_ZH = re.compile(r"(?:邮编[是为:：\s]*)?(?<!\d)(\d{6})(?!\d)")
_POSTCODE_EN = re.compile(
    r"\b([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|D\d{2}\s?[A-Z0-9]{4}|\d{5}(?:-\d{4})?|\d{4})\b",
    re.IGNORECASE,
)
_MUNICIPAL = ("北京", "上海", "天津", "重庆")
_PROVINCE = re.compile(
    r"^(北京市?|上海市?|天津市?|重庆市?|[\u4e00-\u9fff]{2,7}?(?:省|自治区|特别行政区))"
)
_CITY = re.compile(r"^([\u4e00-\u9fff]{2,8}?(?:市|自治州|地区|盟))")
_DISTRICT = re.compile(r"^([\u4e00-\u9fff]{1,8}?(?:新区|区|县|旗|市))")
_COUNTRIES = {
    "united kingdom": "United Kingdom",
    "uk": "United Kingdom",
    "england": "United Kingdom",
    "united states": "United States",
    "usa": "United States",
    "us": "United States",
    "ireland": "Ireland",
    "australia": "Australia",
}
_STREET_ZH = re.compile(r"\d|路|街|巷|弄|号|栋|幢|室|村|组|大厦|小区|广场")
_NAME_ALONE = re.compile(r"^[\u4e00-\u9fff]{2,4}$")
_NAME_ALONE_EN = re.compile(r"^[A-Z][\w'-]+(?: [A-Z][\w'-]+){1,2}$")
_STREET_WORD = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|row|square|sq|quay|parade|plaza|drive|close|court"
    r"|place|way|house|flat|apt|floor|unit|suite)\b\.?",
    re.IGNORECASE,
)
_EDGES = " ,，。.;；、:：\n\t"


class Need(StrEnum):
    """What an address cannot do without."""

    CITY = "city"
    STREET = "street"
    POSTCODE = "postcode"


@dataclass(frozen=True)
class ReadAddress:
    """What a line says of an address; ``missing`` names what it needs and does not say."""

    address: Address
    missing: tuple[Need, ...]

    @property
    def says_something(self) -> bool:
        """Whether there is a place in it at all."""
        return Need.STREET not in self.missing or Need.CITY not in self.missing


def read_address(text: str, base: Address) -> ReadAddress:
    """The address in ``text``; name, phone and country it does not say are those of ``base``."""
    return _chinese(text, base) if is_chinese(text) else _english(text, base)


def target_of(text: str) -> str:
    """What comes behind "change it to": where it shall go, not where it goes now."""
    for lead in (_LEAD_ZH, _LEAD_EN):
        rest = lead.sub("", text.strip(), count=1)
        if rest != text.strip():
            return rest
    return text


def address_of(value: Mapping[str, Any] | None) -> Address | None:
    """An address as it is kept in a frame."""
    return None if value is None else msgspec.convert(dict(value), Address)


def _take_phone(text: str) -> tuple[str, str]:
    found = _PHONE.search(text)
    if found is None:
        return text, ""
    before = _PHONE_WORD.sub("", text[: found.start()].rstrip())
    return f"{before}，{text[found.end() :]}", found.group().strip()


def names_recipient(text: str) -> bool:
    """Whether ``text`` says that somebody shall receive it: "the recipient is …"."""
    return bool(_NAME_ZH.search(text) or _NAME_EN.search(text))


def _chinese(text: str, base: Address) -> ReadAddress:
    rest, name = text.strip(), ""
    if found := _NAME_ZH.search(rest):
        name, rest = found[1], rest[: found.start()] + "，" + rest[found.end() :]
    rest, phone = _take_phone(_LEAD_ZH.sub("", rest.strip(_EDGES), count=1))
    postcode = ""
    if found := _POSTCODE_ZH.search(rest):
        postcode, rest = found[1], rest[: found.start()] + "，" + rest[found.end() :]
    pieces = [piece.strip(_EDGES) for piece in re.split(r"[,，;；。\n]+|\s{1,}", rest)]
    pieces = [piece for piece in pieces if piece]
    if not name:
        alone = [
            piece
            for piece in pieces
            if _NAME_ALONE.match(piece)
            and not _STREET_ZH.search(piece)
            and piece[-1] not in "省市区县"
        ]
        if alone and len(pieces) > 1:
            name = alone[-1].removesuffix("收")
            pieces.remove(alone[-1])
    joined = "".join(
        piece + (" " if piece[-1:].isascii() and index + 1 < len(pieces) else "")
        for index, piece in enumerate(pieces)
    ).strip()
    province, city, district, street = _regions(joined)
    address = replace(
        base,
        name=name or base.name,
        phone=phone or base.phone,
        country="中国",
        province=province,
        city=city,
        district=district,
        street=street,
        postcode=postcode,
    )
    missing = []
    if not city:
        missing.append(Need.CITY)
    if not street or not _STREET_ZH.search(street):
        missing.append(Need.STREET)
    return ReadAddress(address, tuple(missing))


def _regions(text: str) -> tuple[str, str, str, str]:
    """Province, city, district and the rest; a municipality is a province and its own city."""
    province = city = district = ""
    if found := _PROVINCE.match(text):
        province, text = found[1], text[found.end() :].lstrip()
        if province.rstrip("市") in _MUNICIPAL:
            province = city = province.rstrip("市") + "市"
            text = re.sub(rf"^{city.rstrip('市')}市?", "", text).lstrip()
    if not city and (found := _CITY.match(text)):
        city, text = found[1], text[found.end() :].lstrip()
    if found := _DISTRICT.match(text):
        district, text = found[1], text[found.end() :].lstrip()
    return province, city, district, text.strip(_EDGES)


def _english(text: str, base: Address) -> ReadAddress:
    rest, name = text.strip(), ""
    if found := _NAME_EN.search(rest):
        name, rest = found[1].strip(), rest[: found.start()] + ", " + rest[found.end() :]
    rest, phone = _take_phone(_TO_EN.sub("", _LEAD_EN.sub("", rest, count=1), count=1))
    pieces = [piece.strip(_EDGES) for piece in re.split(r"[,，;\n]+", rest)]
    pieces = [piece for piece in pieces if piece]
    country = ""
    for piece in list(pieces):
        if piece.lower() in _COUNTRIES:
            country = _COUNTRIES[piece.lower()]
            pieces.remove(piece)
    if not name and pieces and _NAME_ALONE_EN.match(pieces[0]) and len(pieces) > 2:
        candidate = pieces[0]
        if not _STREET_WORD.search(candidate):
            name = pieces.pop(0)
    street_at = next((i for i, p in enumerate(pieces) if re.search(r"\d", p)), None)
    streets: list[str] = []
    city = postcode = region = ""
    if street_at is not None:
        streets = [pieces[street_at]]
        tail = pieces[street_at + 1 :]
        while tail and _STREET_WORD.search(tail[0]) and not _POSTCODE_EN.search(tail[0]):
            streets.append(tail.pop(0))
        city, postcode, region = _town(tail)
    address = replace(
        base,
        name=name or base.name,
        phone=phone or base.phone,
        country=country or base.country,
        province=region or (base.province if city.lower() == base.city.lower() else ""),
        city=city,
        district="",
        street=", ".join(streets),
        postcode=postcode,
    )
    said = ((Need.STREET, streets), (Need.CITY, city), (Need.POSTCODE, postcode))
    missing = [what for what, value in said if not value]
    return ReadAddress(address, tuple(missing))


def _town(pieces: list[str]) -> tuple[str, str, str]:
    """City, postcode and region out of what follows the street."""
    postcode = region = ""
    names = []
    for piece in pieces:
        found = _POSTCODE_EN.search(piece)
        if found and not postcode:
            postcode = found[1].upper()
        rest = _POSTCODE_EN.sub("", piece, count=1).strip(_EDGES) if found else piece
        if re.fullmatch(r"[A-Z]{2,3}", rest):
            region = rest
        elif rest:
            names.append(rest)
    if not names:
        return "", postcode, region
    return names[0], postcode, region or (names[1] if len(names) > 1 else "")

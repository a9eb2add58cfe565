"""Reads a postal address out of one line of free text, Chinese or English."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import msgspec

from actions.address_leads import TO_EN, without_lead
from actions.address_regions import regions_of
from connectors.backends.orders.countries import country_named, is_same_country
from connectors.backends.orders.model import Address
from connectors.backends.text import is_chinese
from kernel.people import name_alone

_PHONE = re.compile(
    r"(?<![\dA-Za-z])(?:\+\d{1,3}[\s-]?)?(?:1[3-9]\d{9}|\d[\d\s-]{7,13}\d)(?![\dA-Za-z])"
)
_PHONE_WORD = re.compile(
    r"(?:电话|手机号?码?|联系方式|tel(?:ephone)?|phone|mobile)(?: number)?[是为:：\s]*$",
    re.IGNORECASE,
)
_NAME_ZH = re.compile(
    r"(?:收件人|收货人|姓名|联系人|名字)(?:[都全]部?|一律|统一|改[为成]|换成|叫|[是为:：\s])*([\u4e00-\u9fff]{2,4}?)"
    r"(?=手机|电话|联系|地址|所在|详细|邮编|寄|送|[吧呢哈啊了]|[^\u4e00-\u9fff]|$)"
)
_NAME_EN = re.compile(
    r"(?:\bfor|(?i:\battn\.?|\bc/o|(?:name|recipient|addressee)"
    r"(?: (?:of|on|for)(?: (?:the|this|my) order)?)?\s*(?:to|is|should be)?))"
    r"[:\s]+((?:[A-Z][\w'-]+ ?){1,3})"
)
# "所在地区：…", "Address: …": what stands before a part of a form that was filled in.
_LABEL = re.compile(
    r"(?:新的?)?(?:(?:收[件货]|详细|所在|联系|街道)?地(?:址|区)|街道|(?:收[件货]|联系)?(?:手机号?码?|电话)|邮政?编码?)"
    r"\s*[:：]\s*"
    r"|\b(?:(?:new |delivery |shipping )?address(?: line)?(?: [12])?|street|city|town|state|county"
    r"|post ?code|zip(?: code)?|country|phone(?: number)?|mobile|tel)\s*:\s*",
    re.IGNORECASE,
)
# "Phone same", "收件人和电话不变": says nothing new, and is no part of a street.
_UNCHANGED = re.compile(
    r"(?:(?:收[件货]人|姓名|名字|手机号?码?|电话|联系方式)[和与跟及、]?)+(?:都|还是|和以前|跟之前|保持)?"
    r"(?:不变|没变|不用[改换]|一样|照旧|原来的)"
    r"|\b(?:and |with )?(?:the )?same (?:name|recipient|phone|mobile|number)(?: number)?"
    r"(?: (?:and|or) (?:name|recipient|phone|number))*\b"
    r"|\b(?:and |my |the )*(?:name|recipient|phone|mobile|number)(?: (?:and|or|number|name|phone))*"
    r" (?:(?:is|are|stays?|remains?) )?(?:the )?(?:same|unchanged|as before)\b",
    re.IGNORECASE,
)
_ORDER_NUMBER = re.compile(r"(?<![A-Za-z])[A-Za-z]{2}\d{8,}")
_POSTCODE_ZH = re.compile(r"(?:邮编[是为:：\s]*)?(?<!\d)(\d{6})(?!\d)")
_POSTCODE_EN = re.compile(
    r"\b([A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|D\d{2}\s?[A-Z0-9]{4}|\d{5}(?:-\d{4})?|\d{4})\b",
    re.IGNORECASE,
)
_STREET_ZH = re.compile(r"\d|路|街|巷|弄|号|栋|幢|室|村|组|大厦|小区|广场")
# 在哪 and 多少 are in no name.
_NAME_ALONE = re.compile(r"^(?!.*(?:哪|吗|什么|怎么|多少|几|呢$))[\u4e00-\u9fff]{2,4}$")
_NAME_ALONE_EN = re.compile(r"^[A-Z][\w'-]+(?: [A-Z][\w'-]+){1,2}$")
_STREET_WORD = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|row|square|sq|quay|parade|plaza|drive|close|court"
    r"|place|way|house|flat|apt|apartment|floor|unit|suite|room|rm|building|bldg|block|tower|level)\b"
    r"\.?",
    re.IGNORECASE,
)
_DETAIL_WORD = (
    r"(?:building|block|tower|bldg|flat|apt|apartment|unit|suite|room|rm|floor|level|door|no)"
)
_DETAIL_EN = re.compile(
    rf"{_DETAIL_WORD}\b\.? ?#?\w{{1,5}}|\w{{1,4}}(?:st|nd|rd|th) floor|#\w+", re.I
)
_ROAD_ZH = re.compile(r"路|街|巷|弄|道|村|镇|乡|小区|花园|苑|庭|府|城|广场|大厦|中心|园|里")
_INSIDE_ZH = re.compile(r"号楼|栋|幢|座|单元|室|层")
_DETAIL_ZH = re.compile(
    r"(?:第?[\dA-Za-z一二三四五六七八九十]+\s*(?:号楼|栋|幢|座|号|单元|室|层|楼|户)?[\s-]*)+"
)
# What is no town, whoever was asked for one.
_NO_TOWN = re.compile(
    r"\b(?:yes|yeah|no|nope|ok|okay|sure|please|thanks?|right|correct|stop|cancel|wait|hello|hi|i|you|it"
    r"|what|when|where|why|how|who|is|are|do|can|same|never ?mind)\b|[?？]",
    re.IGNORECASE,
)
_FILLER_EN = re.compile(
    r"(?:[\s,]*\b(?:instead|please|pls|thanks|thank you|now|if possible|from now on)\b)+[\s.!]*$",
    re.IGNORECASE,
)
# A line without commas: "12 Rose Lane Leeds LS1 4DY".
_RUN_ON = re.compile(
    r"(?P<street>.*\d.*?\b(?:street|st|road|rd|avenue|ave|lane|row|square|sq|quay|parade|plaza|drive"
    r"|close|place|way)\b\.?(?:\s+(?:flat|apt|apartment|unit|suite|floor)\s+\w+)?)"
    r"\s+(?P<town>[A-Za-z][A-Za-z' -]*\s+(?=\S*\d).+)",
    re.IGNORECASE,
)
_HOUSE = re.compile(
    r"\b(?:house|mill|cottage|farm|barn|lodge|court|building|tower)\b", re.IGNORECASE
)
_CHINA = "中国"
_EDGES = " ,，。.;；、:：\n\t"


class Need(StrEnum):
    """What an address cannot do without."""

    CITY = "city"
    STREET = "street"
    POSTCODE = "postcode"


@dataclass(frozen=True)
class AddressParts:
    """What was said of an address, part by part; empty: not said.

    ``detail`` is a building or a room without its street; one that is ``on_file`` lacks nothing.
    """

    name: str = ""
    phone: str = ""
    country: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    detail: str = ""
    postcode: str = ""
    chinese: bool = True
    on_file: bool = False

    @classmethod
    def on_file_as(cls, address: Address) -> AddressParts:
        """All that is on file of ``address``."""
        return cls(
            name=address.name,
            phone=address.phone,
            country=address.country,
            province=address.province,
            city=address.city,
            district=address.district,
            street=address.street,
            postcode=address.postcode,
            chinese=address.country == _CHINA,
            on_file=True,
        )

    @property
    def names_a_place(self) -> bool:
        """Whether it says anything of where."""
        return bool(self.city or self.street or self.detail)

    @property
    def names_who(self) -> bool:
        """Whether it says who receives it, or their number."""
        return bool(self.name or self.phone)

    @property
    def is_enough(self) -> bool:
        """Whether goods can go there: a whole place, or something else about where they go now."""
        return not self.missing if self.names_a_place else bool(self.names_who or self.postcode)

    @property
    def missing(self) -> tuple[Need, ...]:
        """What it needs and does not say."""
        if self.on_file:
            return ()
        if self.chinese:
            said = [(Need.CITY, self.city), (Need.STREET, self.street)]
        else:
            said = [(Need.STREET, self.street), (Need.CITY, self.city)]
            said.append((Need.POSTCODE, self.postcode))
        return tuple(need for need, value in said if not value)

    def joined(self, later: AddressParts) -> AddressParts:
        """This with what was said ``later``, which counts where both say something."""
        detail = later.detail or self.detail
        if not later.detail and _INSIDE_ZH.search(later.street):
            detail = ""
        region = later if later.city else self
        return AddressParts(
            name=later.name or self.name,
            phone=later.phone or self.phone,
            country=later.country or self.country,
            province=region.province,
            city=region.city,
            district=later.district or region.district,
            street=later.street or self.street,
            detail=detail,
            postcode=later.postcode or ("" if later.city and self.city else self.postcode),
            chinese=later.chinese if later.names_a_place else self.chinese,
        )

    def address(self, base: Address) -> Address:
        """The address; name, phone and country it does not say are those of ``base``.

        Another recipient, phone or postcode alone leaves the rest of it as it is.
        """
        if not self.names_a_place:
            postcode = self.postcode or base.postcode
            name, phone = self.name or base.name, self.phone or base.phone
            return replace(base, name=name, phone=phone, postcode=postcode)
        same_town = self.city.lower() == base.city.lower() and not self.on_file
        between = "" if self.chinese else ", "
        parts = (self.street, self.detail) if self.chinese else (self.detail, self.street)
        country = _CHINA if self.chinese else self.country or base.country
        return replace(
            base,
            name=self.name or base.name,
            phone=self.phone or base.phone,
            # As the shop spells it.
            country=base.country if is_same_country(country, base.country) else country,
            province=self.province or (base.province if same_town else ""),
            city=self.city,
            district=self.district,
            street=between.join(part for part in parts if part),
            postcode=self.postcode,
        )

    def one_line(self) -> str:
        """What was said of the place, for the shopper to see that it is kept."""
        if self.chinese:
            return f"{self.province}{self.city}{self.district}{self.street}{self.detail}"
        parts = (self.detail, self.street, self.city, self.postcode)
        return ", ".join(part for part in parts if part)


def parts_of(text: str, asked: Collection[Need] = ()) -> AddressParts:
    """What ``text`` says of an address; ``asked`` is what was asked for, which may stand alone."""
    text = _ORDER_NUMBER.sub("", text)
    return _chinese(text) if is_chinese(text) else _english(text, asked)


def postcode_in(text: str) -> str:
    """The postcode that ``text`` names, wherever it stands; empty if none."""
    pattern = _POSTCODE_ZH if is_chinese(text) else _POSTCODE_EN
    found = pattern.search(_ORDER_NUMBER.sub("", text))
    return found[1].upper() if found else ""


def parts_at(address: Address) -> AddressParts:
    """Where ``address`` is, without building and room: "the same street, another flat"."""
    chinese = is_chinese(address.street)
    street = address.street
    if chinese:
        inside = re.search(rf"{_DETAIL_ZH.pattern}$", street)
        kept = re.match(r".*?(?:路|街|巷|弄|道)\s*\d+\s*号(?!楼)", street)
        start = max(inside.start() if inside else len(street), kept.end() if kept else 0)
        street = street[:start].strip(_EDGES)
    else:
        pieces = [piece.strip() for piece in street.split(",")]
        street = ", ".join(one for one in pieces if not _DETAIL_EN.fullmatch(one)) or street
    return AddressParts(
        province=address.province,
        city=address.city,
        district=address.district,
        street=street,
        postcode=address.postcode,
        country=address.country,
        chinese=chinese,
    )


def wish_of(value: Mapping[str, Any] | None) -> AddressParts | None:
    """Where goods shall go, as it is kept in a frame."""
    return None if value is None else msgspec.convert(dict(value), AddressParts)


def _take_phone(text: str) -> tuple[str, str]:
    text = _UNCHANGED.sub("，", text)
    found = _PHONE.search(text)
    if found is None:
        return text, ""
    before = _PHONE_WORD.sub("", text[: found.start()].rstrip())
    return f"{before}，{text[found.end() :]}", found.group().strip()


def names_recipient(text: str) -> bool:
    """Whether ``text`` says that somebody shall receive it: "the recipient is …"."""
    return bool(_NAME_ZH.search(text) or _NAME_EN.search(text))


def _chinese(text: str) -> AddressParts:
    rest, name = text.strip(), ""
    if found := _NAME_ZH.search(rest):
        name, rest = found[1], rest[: found.start()] + "，" + rest[found.end() :]
    rest, phone = _take_phone(rest.strip(_EDGES))
    rest = without_lead(_LABEL.sub("，", rest).strip(_EDGES), chinese=True)
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
        if alone and (len(pieces) > 1 or (phone and name_alone(alone[-1]))):
            name = alone[-1].removesuffix("收")
            pieces.remove(alone[-1])
    joined = "".join(
        piece + (" " if piece[-1:].isascii() and index + 1 < len(pieces) else "")
        for index, piece in enumerate(pieces)
    ).strip()
    province, city, district, street = regions_of(joined)
    if not _STREET_ZH.search(street):
        street = ""
    detail = ""
    if _DETAIL_ZH.fullmatch(street) and not _ROAD_ZH.search(street):
        street, detail = "", street
    return AddressParts(
        name=name,
        phone=phone,
        province=province,
        city=city,
        district=district,
        street=street,
        detail=detail,
        postcode=postcode,
    )


def _english(text: str, asked: Collection[Need]) -> AddressParts:
    rest, name = text.strip(), ""
    if found := _NAME_EN.search(rest):
        name, rest = found[1].strip(), rest[: found.start()] + ", " + rest[found.end() :]
    rest, phone = _take_phone(rest)
    rest = TO_EN.sub("", without_lead(_LABEL.sub(", ", rest).strip(_EDGES), chinese=False), count=1)
    rest = _FILLER_EN.sub("", rest)
    pieces = [piece.strip(_EDGES) for piece in re.split(r"[,，;\n]+", rest)]
    pieces = [part for piece in pieces if piece for part in _apart(piece)]
    country = ""
    for piece in list(pieces):
        if named := country_named(piece):
            country = named
            pieces.remove(piece)
    if not name and pieces and _NAME_ALONE_EN.match(pieces[0]):
        candidate = pieces[0]
        is_name = len(pieces) > 2 or (phone and name_alone(candidate))
        if is_name and not _STREET_WORD.search(candidate) and not _HOUSE.search(candidate):
            name = pieces.pop(0)
    street_at = next((i for i, p in enumerate(pieces) if _is_street(p)), None)
    streets: list[str] = []
    city = postcode = region = ""
    if street_at is not None:
        houses = [one for one in pieces[:street_at] if _HOUSE.search(one) or _is_inside(one)]
        streets = [*houses, pieces[street_at]]
        tail = pieces[street_at + 1 :]
        while tail and _STREET_WORD.search(tail[0]) and not _POSTCODE_EN.search(tail[0]):
            streets.append(tail.pop(0))
        city, postcode, region = _town(tail)
    elif asked and not _NO_TOWN.search(rest):
        city, postcode, region = _town(pieces)
    inside = all(_DETAIL_EN.fullmatch(one) for one in streets)
    said = ", ".join(streets)
    return AddressParts(
        name=name,
        phone=phone,
        country=country,
        province=region,
        city=city,
        street="" if inside else said,
        detail=said if inside else "",
        postcode=postcode,
        chinese=False,
    )


def _apart(piece: str) -> list[str]:
    """Street and town, where no comma stands between them."""
    found = _RUN_ON.fullmatch(piece)
    if found is None or not _POSTCODE_EN.search(found["town"]):
        return [piece]
    return [found["street"], found["town"]]


def _is_inside(piece: str) -> bool:
    return _DETAIL_EN.fullmatch(piece) is not None


def _is_street(piece: str) -> bool:
    """Whether a piece between commas is a street or a house, and not "Edinburgh EH1 9ZZ"."""
    if not re.search(r"\d", piece):
        return False
    rest = _POSTCODE_EN.sub("", piece, count=1).strip(_EDGES)
    if not rest:
        return False
    at_its_end = rest != piece and not re.match(r"\d", piece)
    return not at_its_end or bool(re.search(r"\d", rest) or _STREET_WORD.search(rest))


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

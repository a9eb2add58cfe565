"""Cuts a sentence into the orders it speaks of and the place where they shall go."""

from __future__ import annotations

import re

_LEAD_ZH = re.compile(
    r"^.*?(?:(?:改|换|更新|变更)(?:一下|下|个)?(?:收货)?地址[:：,，\s]|地址改[为成到]"
    r"|改[为成到]|换[为成到]|改?[寄送发派](?:到|去|往|给|回)|改[寄送派]"
    r"|(?:都|全部?|一起|统统)(?:给我|帮我)?[寄送](?!货)"
    r"|[寄送](?=家|公司|单位|学校|宿舍|办公|老家|爸妈|父母)"
    r"|新的?(?:收货)?地址[是为]?|(?:收货)?地址[是为:：]|应[该当]?[是为])[:：\s]*"
)
_LEAD_EN = re.compile(
    r"^.*?\b(?:(?:change|send|ship|deliver|redirect|update|move)\b.*?\bto|new address(?: is)?"
    r"|address(?: is)?|go(?:es)? to"
    r"|(?:should|must|shall|can|could|may|to)(?: all| both)? (?:go|come|be \w+)(?: out)? to"
    r"|(?:orders|ones|both|all|them|parcels|[a-z]{1,4}-?\d{6,})(?: of (?:them|those|these))? to)"
    r"\b[:\s]*",
    re.IGNORECASE,
)
# What is left of "no, to …" and "actually at …".
_FILLERS_EN = r"^(?:(?:no|nope|actually|rather|please|instead|sorry)\b[\s,.!]*)*"
TO_EN = re.compile(rf"{_FILLERS_EN}(?:(?:to|at)\s+)?", re.IGNORECASE)
_BARE_EN = re.compile(
    rf"{_FILLERS_EN}(?:to|at)\s+|^[^,;]*[,;.] ?(?:(?:and|but|please|then) )*(?:to|at)\s+",
    re.IGNORECASE,
)
# Orders told apart by where they go now: "寄到公司的那单", "the orders going to my office".
_GOING = re.compile(
    r"(?:原来|之前|本来|现在)?要?(?<!改)[寄发送](?:到|往|去|给)[^,，。改]{1,8}?的"
    r"(?:[那这]?(?:几|两|\d)?[个笔张]?(?=订单|单|都|全)|[那这][几两]?[个笔张些])"
    r"|(?:\b(?:that|which)(?:'s| is| are)? )?"
    r"\b(?:going|sent|shipped|shipping|addressed|delivered|headed|meant) to (?:my |the )?[\w']+"
    r"(?= (?:should|must|needs?|has|have|to|can|instead|all|both)\b)",
    re.IGNORECASE,
)
# The place comes first: "…, please send KF… there", "…，KF…改寄这里".
_THERE = re.compile(
    r"[,，。;；\s]*(?:请|麻烦|帮我|把|我的|[这那]个?|订单|单|[a-z]{1,4}-?\d{6,}|都|也)*"
    r"(?:改?[寄送发](?:到|去|往)?|[改换](?:成|到|为))(?:这里|这儿|这边|这个地址|那里|那儿)[吧去来]?[。!！]?\s*$"
    r"|[\s,.;]*\b(?:(?:please|and|can you|could you|so) )*"
    r"(?:send|ship|deliver|redirect|change|move)\b[^,.;]*?"
    r" (?:here|there|to (?:this|that) (?:address|place))(?: please| instead)?[.!]?\s*$",
    re.IGNORECASE,
)
# Behind the place the orders may be spoken of again: "…, both of them", "…, but not KF…".
_PIECES = re.compile(
    r"([,，。;；!！?？\n]|\.(?=\s|$)"
    r"|(?<!\bfor)\s(?=(?:for )?(?:all|both|each|every) (?:of|my|the|orders?)\b))"
)
_OF_ORDERS = re.compile(
    r"\borders?\b|\bones?\b|\b(?:all|both)(?: of\b|\s*$)|\b(?:except|but|not|leave|keep)\b"
    r"|订单|单子|[个笔这那两几]单|(?<![成首新花江丰于宁武])都(?=[改寄送发要换给]|一样|\s*$)"
    r"|全部|所有|除了?|[不别][动改要用]|(?<![a-z])[a-z]{1,4}-?\d{6,}",
    re.IGNORECASE,
)


def target_of(text: str) -> str:
    """What comes behind "change it to": where it shall go, not where it goes now."""
    return _cut(text)[2]


def orders_told(text: str) -> str:
    """What ``text`` says of the orders, without where they shall go."""
    lead, told, target = _cut(text)
    apart = lead or not target or _THERE.search(text)
    return f"{told} {lead}".strip() if apart else text


def speaks_of_orders(text: str) -> bool:
    """Whether ``text`` says which orders are meant, beside where they shall go."""
    return _OF_ORDERS.search(orders_told(text)) is not None


def place_told(text: str) -> str:
    """``text`` without what it says of the orders behind what leads to a place."""
    lead, _, target = _cut(text)
    return f"{lead}{target}"


def without_lead(text: str, *, chinese: bool) -> str:
    """``text`` behind "change it to"; as it is where nothing leads to a place."""
    return (_LEAD_ZH if chinese else _LEAD_EN).sub("", text, count=1)


def _cut(text: str) -> tuple[str, str, str]:
    """What leads to the place, what is said of the orders beside it, and the place."""
    told = " ".join(found.group() for found in _GOING.finditer(text))
    plain = _GOING.sub("", text).strip()
    if there := _THERE.search(plain):
        told, plain = f"{told} {there.group()}", plain[: there.start()]
    found = next((m for one in (_LEAD_ZH, _LEAD_EN, _BARE_EN) if (m := one.match(plain))), None)
    lead = found.group() if found is not None else ""
    # What stands between two marks, and the mark before it.
    pieces = _PIECES.split(plain[len(lead) :])
    place = ""
    for index, piece in enumerate(pieces[::2]):
        mark = pieces[2 * index - 1] if index else ""
        if _OF_ORDERS.search(piece):
            told += mark + piece
        else:
            place += mark + piece
    return lead, told, place.strip()

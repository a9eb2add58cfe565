"""Reads how a shopper wants goods to leave: orders together, or an order in parts."""

from __future__ import annotations

import re
from enum import StrEnum

# What is added to an order, put on paper or paid in parts is no wish about parcels.
_ELSE = re.compile(
    r"再加|补一|多?加[一个件只瓶条双箱盒两]|发票|账号|账户|分期|包装|赠品|贺卡"
    r"|\badd\b|\binvoices?\b|\baccounts?\b|\binstal+ments?\b|\bbills?\b|\bpayments?\b|\bcards?\b"
    r"|\bgift.?wrap",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"合并|合单|拼(?:在)?一起|[一同]起(?:发|寄|送|出)|一个包裹|等齐"
    r"|\b(?:combin|merg|consolidat)(?:e|es|ed|ing)\b"
    r"|\b(?:ship|send|deliver|pack|put|dispatch|post)\w*\b.{0,60}\btogether\b"
    r"|\b(?:one|the same|a single) (?:box|parcel|package|shipment|delivery)\b",
    re.IGNORECASE,
)
_APART = re.compile(
    r"拆(?:成|开|单|分)|分(?:开|批|次|几|[两二三四五2-5])[^期]{0,4}?(?:发|寄|送|配送|包裹|批|箱|次|单)"
    r"|(?:能发的|有货的|现货|好了的).{0,4}先[发寄送]"
    r"|先[发寄送][^。]{0,12}?(?:其[他它余]|剩下?|别的)[^,，。]{0,6}(?:后|再|晚)"
    r"|\bfirst\b.{0,20}\b(?:the )?(?:rest|others|remainder|remaining \w+)\b"
    r".{0,12}\b(?:later|after\w*|follows?)\b"
    r"|\bsplit\b|\bpartial (?:shipment|delivery)\b"
    r"|\b(?:ship|send|deliver|dispatch)\w*\b.{0,60}\b(?:separately|in (?:parts|batches))\b"
    r"|\b(?:two|three|four|several|separate|[2-5]) (?:parcels|packages|deliveries|shipments)\b"
    r"|\b(?:ship|send) (?:what(?:ever)?(?:'s| is)?|the part that(?:'s| is)?) (?:ready|in stock)\b",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?P<zh>[两二三四五2-5])\s*(?:个|批|次|箱|单)?"
    r"(?:包裹|批|次|箱|单)|\b(?P<en>two|three|four|five|[2-5])\b (?:\w+ )?"
    r"(?:parts|batches|parcels|packages|deliveries|shipments|boxes)",
    re.IGNORECASE,
)
_NUMBERS = {
    "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "two": 2, "three": 3, "four": 4, "five": 5,
}  # fmt: skip
_FIRST = re.compile(r"先[发寄送]|\bfirst\b", re.IGNORECASE)
_FEWEST = 2


class Way(StrEnum):
    """How goods shall leave."""

    TOGETHER = "together"
    APART = "apart"


def read_way(text: str) -> Way | None:
    """What ``text`` says of it, or None if it speaks of something else."""
    if text in list(Way):
        return Way(text)
    if _ELSE.search(text):
        return None
    if _APART.search(text):
        return Way.APART
    return Way.TOGETHER if _TOGETHER.search(text) else None


def read_parcels(text: str) -> int:
    """In how many parcels an order shall leave: two unless a number is named."""
    match = _COUNT.search(text)
    if match is None:
        return _FEWEST
    said = (match["zh"] or match["en"]).lower()
    return _NUMBERS.get(said) or int(said)


def names_first(text: str) -> bool:
    """Whether ``text`` says what shall leave first."""
    return _FIRST.search(text) is not None

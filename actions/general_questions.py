"""Questions about what the shop does for everybody, which no order of the shopper's answers."""

from __future__ import annotations

import re

_SOMEWHERE = re.compile(
    r"(?:寄|送|发|邮)(?:货|快递)?(?:到|往|去)(?!货|达|哪|了|家|门|手|公司)[\u4e00-\u9fff]{2,8}?"
    r"(?:吗|么|嘛|不|行|可以)"
    r"|(?:寄|送|发)(?:不)?(?:到|往|去)?(?:国外|海外|境外|港澳台)|(?:国外|海外|境外|港澳台)[^,，。]{0,4}(?:寄|送|发|邮)"
    r"|\b(?:ship|deliver|send|post)(?:ping|s)?(?: \w+){0,2} to (?!(?:me|my|us|the|an?)\b)\w+"
    r"|\b(?:ship|deliver|send|shipping|delivery)(?: \w+){0,2}"
    r" (?:abroad|overseas|internationally|worldwide)\b"
    r"|\binternational (?:shipping|delivery|orders?)\b",
    re.IGNORECASE,
)
_USUALLY = re.compile(
    r"\bdo(?:es)? (?:you|they|the couriers?) (?:also |even |usually )?(?:deliver|ship|come)\b"
    r"|\b(?:is|are) there (?:any )?deliver(?:y|ies)\b"
    r"|\bif i (?:order|buy|place)\b|如果|(?:现在|今天|要是)(?:我)?(?:下单|买|拍|订)"
    r"|(?:周末|双休日|周六日|节假日|假期|过年|春节|晚上|平时)[^,，。;；]{0,4}(?:送|派|发|配)(?:货|件|送|快递|不送|不派)*"
    r"(?:吗|么|嘛|不|的吗|的么)",
    re.IGNORECASE,
)


def asks_where_we_deliver(text: str) -> bool:
    """Whether ``text`` asks if goods can go to some place: "do you ship to Canada?"."""
    return _SOMEWHERE.search(text) is not None


def asks_when_we_deliver(text: str) -> bool:
    """Whether ``text`` asks on which days or at which hours goods come at all: 周末送货吗."""
    return _USUALLY.search(text) is not None

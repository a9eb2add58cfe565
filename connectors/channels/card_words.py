"""Cards said in words, for channels that cannot draw them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

Language = Literal["zh", "en"]

_LINES_SAID = 5
_EVENTS_SAID = 3
_LABELS = {
    "zh": {
        "order": "订单",
        "shipment": "运单",
        "return": "退货单",
        "refund": "退款",
        "payment": "付款",
        "total": "合计",
        "amount": "金额",
        "tracking": "运单号",
        "send_by": "寄回截止",
        "address": "寄回地址",
        "more": "……还有 {count} 件",
        "colon": "：",
    },
    "en": {
        "order": "Order",
        "shipment": "Parcel",
        "return": "Return",
        "refund": "Refund",
        "payment": "Payment",
        "total": "Total",
        "amount": "Amount",
        "tracking": "Tracking number",
        "send_by": "Send back by",
        "address": "Send back to",
        "more": "… and {count} more",
        "colon": ": ",
    },
}


def card_in_words(card: dict[str, Any], language: Language) -> str:
    """The facts of ``card`` as lines of text; empty for a card that nobody here knows."""
    say = _SAYERS.get(str(card.get("type")))
    return "\n".join(line for line in say(card, language) if line) if say else ""


def _fact(name: str, value: object, language: Language) -> str:
    labels = _LABELS[language]
    return f"{labels[name]}{labels['colon']}{value}" if value else ""


def _bought(card: dict[str, Any], language: Language) -> list[str]:
    lines = card.get("lines") or []
    said = []
    for line in lines[:_LINES_SAID]:
        options = f"（{line['options']}）" if line.get("options") else ""
        if language == "en" and options:
            options = f" ({line['options']})"
        said.append(f"· {line.get('name', '')}{options} ×{line.get('quantity', 1)}")
    if len(lines) > _LINES_SAID:
        said.append(_LABELS[language]["more"].format(count=len(lines) - _LINES_SAID))
    return said


def _order(card: dict[str, Any], language: Language) -> list[str]:
    return [
        _fact("order", card.get("number"), language),
        *_bought(card, language),
        _fact("total", card.get("total"), language),
        _fact("tracking", "、".join(card.get("tracking") or []), language),
    ]


def _shipment(card: dict[str, Any], language: Language) -> list[str]:
    parcel = " ".join(filter(None, (card.get("carrier"), card.get("tracking_number"))))
    events = [
        " ".join(
            filter(None, (_short(event.get("at")), event.get("where"), event.get("description")))
        )
        for event in (card.get("events") or [])[:_EVENTS_SAID]
    ]
    return [_fact("shipment", parcel, language), *(f"· {event}" for event in events)]


def _return(card: dict[str, Any], language: Language) -> list[str]:
    return [
        _fact("return", card.get("number") or card.get("order_number"), language),
        *_bought(card, language),
        _fact("total", card.get("total"), language),
        _fact("send_by", (card.get("send_by") or "")[:10], language),
        _fact("address", card.get("address"), language),
    ]


def _refund(card: dict[str, Any], language: Language) -> list[str]:
    return [
        _fact("refund", card.get("order_number"), language),
        _fact("amount", card.get("amount"), language),
    ]


def _payment(card: dict[str, Any], language: Language) -> list[str]:
    return [
        _fact("payment", card.get("order_number"), language),
        _fact("amount", card.get("amount"), language),
    ]


def _short(moment: object) -> str:
    # As told by the carrier: the date and the minute are enough.
    return str(moment)[5:16].replace("T", " ") if moment else ""


_SAYERS: dict[str, Callable[[dict[str, Any], Language], list[str]]] = {
    "order": _order,
    "shipment": _shipment,
    "return": _return,
    "refund": _refund,
    "payment": _payment,
}

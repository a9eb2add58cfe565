"""What WeCom's sync_msg tells, read into one kind of value; what nobody knows stays unknown.

Source: developer.work.weixin.qq.com, "接收消息和事件".
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

import msgspec

# The last second that a datetime can say.
_LATEST = 253402300799


class Origin(IntEnum):
    """Who said it."""

    CUSTOMER = 3
    SYSTEM = 4
    SERVICER = 5


class KfKind(StrEnum):
    """What happened."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    PLACE = "location"
    LINK = "link"
    BUSINESS_CARD = "business_card"
    CARD = "miniprogram"
    ENTERED = "enter_session"
    SEND_FAILED = "msg_send_fail"
    SERVICER_STATUS = "servicer_status_change"
    SESSION_STATUS = "session_status_change"
    UNKNOWN = "unknown"


class SessionChange(IntEnum):
    """How a conversation changed hands inside WeCom."""

    TAKEN = 1
    TRANSFERRED = 2
    ENDED = 3
    TAKEN_BACK = 4


class KfItem(msgspec.Struct, frozen=True, kw_only=True):
    """One message or event. ``menu_id`` is the choice that was pressed, with a text.

    ``message_code`` allows the one message that goes with a change of the session.
    """

    id: str
    kind: KfKind
    origin: int
    open_kfid: str
    external_userid: str
    sent_at: datetime
    text: str = ""
    menu_id: str = ""
    media_id: str = ""
    latitude: str = ""
    longitude: str = ""
    url: str = ""
    page: str = ""
    scene: str = ""
    welcome_code: str = ""
    failed_id: str = ""
    fail_type: int = 0
    change: int = 0
    servicer: str = ""
    message_code: str = ""
    vendor_kind: str = ""


_KINDS = {kind.value: kind for kind in KfKind if kind is not KfKind.UNKNOWN}


def read_item(data: dict[str, Any]) -> KfItem | None:
    """The item in ``data``; None when it lacks what every item has."""
    name = _text(data, "msgtype")
    inner = data.get(name)
    inner = inner if isinstance(inner, dict) else {}
    if name == "event":
        name = _text(inner, "event_type")
    # Of an event, account and person stand inside it.
    open_kfid = _text(data, "open_kfid") or _text(inner, "open_kfid")
    person = _text(data, "external_userid") or _text(inner, "external_userid")
    sent_at = data.get("send_time")
    if not _text(data, "msgid") or not open_kfid or not isinstance(sent_at, int):
        return None
    if not 0 <= sent_at <= _LATEST:
        return None
    kind = _KINDS.get(name, KfKind.UNKNOWN)
    return KfItem(
        id=_text(data, "msgid"),
        kind=kind,
        origin=_number(data, "origin"),
        open_kfid=open_kfid,
        external_userid=person,
        sent_at=datetime.fromtimestamp(sent_at, UTC),
        text=_said(kind, inner),
        menu_id=_text(inner, "menu_id"),
        media_id=_text(inner, "media_id"),
        latitude=str(inner.get("latitude", "")),
        longitude=str(inner.get("longitude", "")),
        url=_text(inner, "url"),
        page=_text(inner, "pagepath"),
        scene=_text(inner, "scene_param") or _text(inner, "scene"),
        welcome_code=_text(inner, "welcome_code"),
        failed_id=_text(inner, "fail_msgid"),
        fail_type=_number(inner, "fail_type"),
        change=_number(inner, "change_type"),
        servicer=_text(inner, "new_servicer_userid") or _text(data, "servicer_userid"),
        message_code=_text(inner, "msg_code"),
        vendor_kind=name,
    )


def _said(kind: KfKind, inner: dict[str, Any]) -> str:
    match kind:
        case KfKind.TEXT:
            return _text(inner, "content")
        case KfKind.PLACE:
            return " ".join(filter(None, (_text(inner, "name"), _text(inner, "address"))))
        case KfKind.LINK | KfKind.CARD:
            return _text(inner, "title")
        case _:
            return ""


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _number(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0

"""What WeChat pushes: XML or JSON fields in, one frozen value out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec

from connectors.channels.flat_xml import LONGEST, read_xml
from kernel.errors import KefuError

# Seconds since 1970, as far as they are a date.
_SECONDS = re.compile(r"[0-9]{1,11}")
_DEEPEST = 5


class BadPayload(KefuError):
    """A push without what every push must have."""


class Kind(StrEnum):
    """What a shopper did, in our words."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    FILE = "file"
    PLACE = "place"
    LINK = "link"
    CARD = "card"
    MENU_CLICK = "menu_click"
    MENU_VIEW = "menu_view"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    SCAN = "scan"
    ENTER = "enter"
    POSITION = "position"
    CONSENT = "consent"
    REPORT = "report"
    UNKNOWN = "unknown"


_MESSAGES = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "file": Kind.FILE,
    "location": Kind.PLACE,
    "link": Kind.LINK,
    "miniprogrampage": Kind.CARD,
}
_EVENTS = {
    "subscribe": Kind.FOLLOW,
    "unsubscribe": Kind.UNFOLLOW,
    "scan": Kind.SCAN,
    "location": Kind.POSITION,
    "click": Kind.MENU_CLICK,
    "scancode_push": Kind.MENU_CLICK,
    "scancode_waitmsg": Kind.MENU_CLICK,
    "view": Kind.MENU_VIEW,
    "view_miniprogram": Kind.MENU_VIEW,
    "pic_sysphoto": Kind.MENU_VIEW,
    "pic_photo_or_album": Kind.MENU_VIEW,
    "pic_weixin": Kind.MENU_VIEW,
    "location_select": Kind.MENU_VIEW,
    "user_enter_tempsession": Kind.ENTER,
    "templatesendjobfinish": Kind.REPORT,
    "subscribe_msg_popup_event": Kind.CONSENT,
    "subscribe_msg_change_event": Kind.CONSENT,
    "subscribe_msg_sent_event": Kind.REPORT,
}
_SCENE_PREFIX = "qrscene_"


class Inbound(msgspec.Struct, frozen=True, omit_defaults=True):
    """One push. ``id`` names it for ever: ``MsgId``, for events sender, time and kind.

    ``text`` is what was written, spoken (as WeChat recognised it), or the label of a place, the
    title of a link or card. ``choice`` is the id of a pressed choice of ours, ``key`` that of a
    menu entry, ``scene`` where an event came from, ``vendor_kind`` WeChat's own word for the kind.
    ``consents`` are ids of templates and what the shopper said of each.
    """

    id: str
    kind: Kind
    openid: str
    account: str
    sent_at: datetime
    vendor_kind: str
    text: str = ""
    media_id: str = ""
    media_url: str = ""
    choice: str = ""
    key: str = ""
    scene: str = ""
    url: str = ""
    page: str = ""
    latitude: str = ""
    longitude: str = ""
    consents: tuple[tuple[str, str], ...] = ()


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a push in XML or JSON, as texts; raises BadPayload or BadXml."""
    if not body.lstrip().startswith(b"{"):
        return read_xml(body)
    if len(body) > LONGEST:
        raise BadPayload("too long")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadPayload("not JSON") from error
    return {name: _text(value) for name, value in _leaves(fields, "", _DEEPEST)}


def read_push(fields: Mapping[str, str]) -> Inbound:
    """The push in ``fields``; a kind that nobody knows is UNKNOWN. Raises BadPayload."""
    openid, account = fields.get("FromUserName", ""), fields.get("ToUserName", "")
    created, vendor_kind = fields.get("CreateTime", ""), fields.get("MsgType", "")
    if not openid or not _SECONDS.fullmatch(created) or not vendor_kind:
        raise BadPayload("sender, time or kind is missing")
    sent_at = datetime.fromtimestamp(int(created), UTC)
    if vendor_kind == "event":
        event = fields.get("Event", "")
        kind = _EVENTS.get(event.lower(), Kind.UNKNOWN)
        # Events have no id of their own: WeChat's advice is sender and time.
        identity = f"event:{openid}:{created}:{event.lower()}"
        vendor_kind = f"event.{event}"
    else:
        kind = _MESSAGES.get(vendor_kind, Kind.UNKNOWN)
        number = fields.get("MsgId", "")
        identity = f"message:{number}" if number else f"message:{openid}:{created}:{vendor_kind}"
    key = fields.get("EventKey", "")
    is_scene = kind in (Kind.FOLLOW, Kind.SCAN)
    return Inbound(
        id=identity,
        kind=kind,
        openid=openid,
        account=account,
        sent_at=sent_at,
        vendor_kind=vendor_kind,
        text=_words_of(kind, fields),
        media_id=fields.get("MediaId", ""),
        media_url=fields.get("PicUrl", ""),
        choice=fields.get("bizmsgmenuid", ""),
        key="" if is_scene else key,
        scene=key.removeprefix(_SCENE_PREFIX) if is_scene else fields.get("SessionFrom", ""),
        url=fields.get("Url", ""),
        page=fields.get("PagePath", ""),
        latitude=fields.get("Location_X", "") or fields.get("Latitude", ""),
        longitude=fields.get("Location_Y", "") or fields.get("Longitude", ""),
        consents=_consents(fields) if kind is Kind.CONSENT else (),
    )


def _consents(fields: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    ends = (".TemplateId", ".SubscribeStatusString")
    return tuple(
        (template_id, fields.get(name.removesuffix(ends[0]) + ends[1], ""))
        for name, template_id in fields.items()
        if name.endswith(ends[0])
    )


def _words_of(kind: Kind, fields: Mapping[str, str]) -> str:
    match kind:
        case Kind.TEXT:
            return fields.get("Content", "")
        case Kind.VOICE:
            return fields.get("Recognition", "")
        case Kind.PLACE:
            return fields.get("Label", "")
        case Kind.LINK | Kind.CARD:
            return fields.get("Title", "")
        case Kind.MENU_CLICK:
            return fields.get("ScanCodeInfo.ScanResult", "")
        case _:
            return ""


def _leaves(value: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    """The values in JSON under the names that ``read_xml`` would give them."""
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key), depth - 1)
    elif isinstance(value, list) and depth:
        for place, inner in enumerate(value, start=1):
            yield from _leaves(inner, name if place == 1 else f"{name}#{place}", depth - 1)
    else:
        yield name, value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)

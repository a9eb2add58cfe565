"""Every kind of push is read into one value; what nobody knows is unknown, not a crash."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.flat_xml import BadXml, write_xml
from connectors.channels.wechat.payloads import BadPayload, Inbound, Kind, fields_of, read_push

FROM = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1348831860}


def push(**fields: str | int) -> Inbound:
    body = write_xml({**FROM, **fields}).encode()
    as_json = json.dumps({**FROM, **fields}).encode()
    from_xml, from_json = read_push(fields_of(body)), read_push(fields_of(as_json))
    assert from_xml == from_json
    return from_xml


def test_a_text_and_a_pressed_choice() -> None:
    said = push(MsgType="text", Content="你好", MsgId=1234567890123456)
    assert (said.kind, said.text, said.id) == (Kind.TEXT, "你好", "message:1234567890123456")
    assert said.sent_at == datetime(2012, 9, 28, 11, 31, tzinfo=UTC)
    pressed = push(MsgType="text", Content="满意", bizmsgmenuid="101", MsgId=2)
    assert (pressed.text, pressed.choice) == ("满意", "101")


def test_pictures_voices_films_and_files_come_with_their_media() -> None:
    picture = push(MsgType="image", PicUrl="http://mmbiz/1", MediaId="m1", MsgId=1)
    assert (picture.kind, picture.media_id, picture.media_url) == (
        Kind.IMAGE,
        "m1",
        "http://mmbiz/1",
    )
    voice = push(MsgType="voice", MediaId="m2", Format="amr", Recognition="我的包裹到哪了", MsgId=2)
    assert (voice.kind, voice.text) == (Kind.VOICE, "我的包裹到哪了")
    assert push(MsgType="shortvideo", MediaId="m3", MsgId=3).kind is Kind.VIDEO


def test_places_links_and_cards() -> None:
    place = push(MsgType="location", Location_X="23.1", Location_Y="113.3", Label="广州", MsgId=1)
    assert (place.kind, place.text, place.latitude, place.longitude) == (
        Kind.PLACE,
        "广州",
        "23.1",
        "113.3",
    )
    link = push(MsgType="link", Title="商品", Description="好", Url="https://shop.example", MsgId=2)
    assert (link.kind, link.text, link.url) == (Kind.LINK, "商品", "https://shop.example")
    card = push(MsgType="miniprogrampage", Title="订单", PagePath="pages/order?no=KF1", MsgId=3)
    assert (card.kind, card.text, card.page) == (Kind.CARD, "订单", "pages/order?no=KF1")


@pytest.mark.parametrize(
    ("event", "key", "kind", "scene"),
    [
        ("subscribe", "", Kind.FOLLOW, ""),
        ("subscribe", "qrscene_shelf7", Kind.FOLLOW, "shelf7"),
        ("SCAN", "shelf7", Kind.SCAN, "shelf7"),
        ("unsubscribe", "", Kind.UNFOLLOW, ""),
        ("LOCATION", "", Kind.POSITION, ""),
        ("TEMPLATESENDJOBFINISH", "", Kind.REPORT, ""),
        ("view_miniprogram", "pages/index", Kind.MENU_VIEW, ""),
        ("something_new", "", Kind.UNKNOWN, ""),
    ],
)
def test_events_say_what_happened_and_where(event: str, key: str, kind: Kind, scene: str) -> None:
    happened = push(MsgType="event", Event=event, EventKey=key)
    assert (happened.kind, happened.scene) == (kind, scene)
    assert happened.id == f"event:o1:1348831860:{event.lower()}"


def test_a_menu_click_and_entering_a_mini_programs_chat() -> None:
    assert push(MsgType="event", Event="CLICK", EventKey="orders").key == "orders"
    entered = push(MsgType="event", Event="user_enter_tempsession", SessionFrom="goods:42")
    assert (entered.kind, entered.scene) == (Kind.ENTER, "goods:42")


def test_a_kind_of_message_that_wechat_invents_tomorrow_is_unknown() -> None:
    new = push(MsgType="hologram", MsgId=9)
    assert (new.kind, new.vendor_kind, new.id) == (Kind.UNKNOWN, "hologram", "message:9")


@pytest.mark.parametrize(
    "missing",
    [{"FromUserName": ""}, {"CreateTime": "now"}, {"MsgType": ""}, {"CreateTime": "9" * 20}],
)
def test_a_push_without_sender_time_or_kind_is_refused(missing: dict[str, str]) -> None:
    fields = {**{name: str(value) for name, value in FROM.items()}, "MsgType": "text", **missing}
    with pytest.raises(BadPayload):
        read_push(fields)


@given(st.binary(max_size=200))
def test_no_body_is_worse_than_refused(body: bytes) -> None:
    for start in (b"", b"<xml>", b"{"):
        try:
            read_push(fields_of(start + body))
        except (BadPayload, BadXml):
            continue

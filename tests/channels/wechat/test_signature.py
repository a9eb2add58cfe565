"""What WeChat's callback door lets in: every published vector, and nothing forged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.channels.envelope import BadEnvelope, Envelope, check_signature, signature_of
from connectors.channels.flat_xml import BadXml, read_xml, write_xml
from connectors.channels.wechat.payloads import Kind, read_push
from connectors.channels.wechat.signature import Doorkeeper, Mode
from kernel.clock import SetClock

# Published by Tencent for Official Accounts and for WeCom.
TOKEN = "spamtest"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APPID = "wx2c2769f8efd9abc2"
QUERY = {
    "timestamp": "1409735669",
    "nonce": "1320562132",
    "encrypt_type": "aes",
    "msg_signature": "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
}
ENCRYPTED = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQH"
    "FVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsV"
    "ticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0V"
    "xpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrc"
    "pCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
)
WHEN = datetime.fromtimestamp(1409735669, UTC)


def keeper(mode: Mode = Mode.SECURE, appid: str = APPID, at: datetime = WHEN) -> Doorkeeper:
    return Doorkeeper(TOKEN, SetClock(at), mode=mode, envelope=Envelope(KEY, appid))


def signed(**more: str) -> dict[str, str]:
    """A query with the plain signature too, which the vector leaves out."""
    query = {**QUERY, **more}
    return {**query, "signature": signature_of(TOKEN, query["timestamp"], query["nonce"])}


def packet(encrypted: str = ENCRYPTED) -> bytes:
    return write_xml({"ToUserName": "gh_1", "Encrypt": encrypted}).encode()


def test_tencents_message_is_read() -> None:
    fields, sealed = keeper().admit(signed(), packet())
    push = read_push(fields)
    assert sealed
    assert push.kind is Kind.TEXT
    assert push.openid == "oyORnuP8q7ou2gfYjqLzSIWZf0rs"
    assert push.text == "abcdteT"
    assert push.id == "message:6054768590064713728"


def test_wecoms_echo_is_read() -> None:
    echostr = (
        "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q=="
    )
    check_signature(
        "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96", "123456", "1411443780", "437374425", echostr
    )
    envelope = Envelope("kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a")
    assert envelope.open(echostr) == b"5927782489442352469"


@pytest.mark.parametrize(
    ("query", "body", "appid"),
    [
        (signed(msg_signature="0" * 40), packet(), APPID),
        ({**signed(), "signature": "0" * 40}, packet(), APPID),
        ({**signed(), "signature": "ä"}, packet(), APPID),
        (QUERY, packet(), APPID),
        ({}, packet(), APPID),
        (signed(), packet(ENCRYPTED[:-8] + "AAAAAAA="), APPID),
        (signed(), packet("not base64"), APPID),
        (signed(), packet(""), APPID),
        (signed(), packet(), "wx0000000000000000"),
        (signed(encrypt_type="raw"), packet(), APPID),
        (signed(timestamp="soon"), packet(), APPID),
        (signed(timestamp="9" * 30), packet(), APPID),
    ],
)
def test_what_is_forged_or_for_another_account_is_refused(
    query: dict[str, str], body: bytes, appid: str
) -> None:
    with pytest.raises(BadEnvelope):
        keeper(appid=appid).admit(query, body)


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_a_replayed_or_far_future_callback_is_refused(minutes: int) -> None:
    with pytest.raises(BadEnvelope):
        keeper(at=WHEN + timedelta(minutes=minutes)).admit(signed(), packet())


def test_a_clock_a_little_off_is_no_reason_to_refuse() -> None:
    for seconds in (-200, 200):
        assert keeper(at=WHEN + timedelta(seconds=seconds)).admit(signed(), packet())[1]


def test_plain_and_compatible_mode_take_plain_messages_secure_mode_does_not() -> None:
    query = {"timestamp": QUERY["timestamp"], "nonce": "7"}
    query["signature"] = signature_of(TOKEN, query["timestamp"], "7")
    body = write_xml({"ToUserName": "gh_1", "MsgType": "text", "Content": "好"}).encode()
    for mode in (Mode.PLAIN, Mode.COMPATIBLE):
        fields, sealed = keeper(mode).admit(query, body)
        assert (fields["Content"], sealed) == ("好", False)
    with pytest.raises(BadEnvelope):
        keeper(Mode.SECURE).admit(query, body)


def test_compatible_mode_believes_the_encrypted_part_alone() -> None:
    body = write_xml({"Content": "forged", "FromUserName": "x", "Encrypt": ENCRYPTED}).encode()
    fields, sealed = keeper(Mode.COMPATIBLE).admit(signed(), body)
    assert (fields["Content"], sealed) == ("abcdteT", True)


def test_plain_mode_has_no_key_for_what_is_encrypted() -> None:
    plain = Doorkeeper(TOKEN, SetClock(WHEN), mode=Mode.PLAIN)
    with pytest.raises(BadEnvelope):
        plain.admit(signed(), packet())


def test_the_address_is_confirmed_by_its_echo() -> None:
    assert keeper().echo(signed(echostr="8413")) == "8413"
    with pytest.raises(BadEnvelope):
        keeper().echo({**signed(echostr="8413"), "nonce": "other"})


def test_what_we_seal_the_platform_can_open_and_check() -> None:
    fields = read_xml(keeper().seal("<xml><Content>好</Content></xml>").encode())
    check_signature(
        fields["MsgSignature"], TOKEN, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"]
    )
    assert (
        Envelope(KEY, APPID).open(fields["Encrypt"]).decode() == "<xml><Content>好</Content></xml>"
    )


@given(st.binary(max_size=300))
def test_whatever_is_sealed_is_opened_again(message: bytes) -> None:
    envelope = Envelope(KEY, APPID)
    assert envelope.open(envelope.seal(message)) == message


@given(st.text(alphabet="ABCabc019+/=", max_size=200))
def test_no_text_opens_that_was_not_sealed(encrypted: str) -> None:
    with pytest.raises(BadEnvelope):
        Envelope(KEY, APPID).open(encrypted)


@pytest.mark.parametrize("key", ["", "short", KEY + "x", KEY[:-1] + "!"])
def test_a_key_of_another_shape_is_refused_at_once(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Envelope(key, APPID)


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><Content>&c;</Content></xml>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'


@pytest.mark.parametrize(
    "body",
    [
        BOMB.encode(),
        OUTSIDE.encode(),
        b'<!DOCTYPE xml SYSTEM "http://127.0.0.1/x.dtd"><xml><Content>a</Content></xml>',
        b"<xml><Content>&undeclared;</Content></xml>",
        b"<xml>" + b"<a>" * 20 + b"</a>" * 20 + b"</xml>",
        b"<xml>" + b"<a/>" * 1000 + b"</xml>",
        b"<xml><Content>" + b"a" * 100_000 + b"</Content></xml>",
        b"<xml><Content>",
        b"",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="nonsense"?><xml/>',
    ],
)
def test_xml_that_explodes_reaches_out_or_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(BadXml):
        read_xml(body)


def test_nested_fields_have_names_of_their_own() -> None:
    body = "<xml><A>1</A><Info><B><![CDATA[二]]></B><B>3</B></Info></xml>"
    assert read_xml(body.encode()) == {"A": "1", "Info.B": "二", "Info.B#2": "3"}


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=50))
def test_what_is_written_is_read_again(text: str) -> None:
    noncharacters = {"\ufffe", "\uffff"}
    if not noncharacters & set(text):
        assert read_xml(write_xml({"Content": text}).encode())["Content"] == text.strip()

"""Pictures: only pictures, only so large, only for those who may see them."""

from __future__ import annotations

import asyncio
import io
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from connectors.channels.web.uploads import UploadStore
from kernel.content import Attachment
from tests.channels.conftest import Connect
from tests.channels.serving import ServedChannels, serve_channels
from tests.conftest import Databases


def picture(kind: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    """A picture's bytes."""
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


async def upload(
    http: aiohttp.ClientSession,
    token: str,
    data: bytes,
    name: str = "a.png",
    field: str = "file",
    accept_language: str = "en",
) -> tuple[int, dict[str, Any]]:
    """Upload ``data``; returns status and JSON answer."""
    form = aiohttp.FormData(quote_fields=False)
    form.add_field(field, data, filename=name, content_type="image/png")
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": accept_language}
    async with http.post("/widget/upload", data=form, headers=headers) as response:
        return response.status, await response.json()


@pytest.fixture
def token(served: ServedChannels) -> str:
    """A shopper's session."""
    return served.sessions.issue("shopper-1")


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("GIF", "image/png")],
)
async def test_a_picture_is_kept_under_the_type_that_its_bytes_show(
    http: aiohttp.ClientSession, token: str, kind: str, media_type: str
) -> None:
    status, kept = await upload(http, token, picture(kind), name="anything.exe")
    assert (status, kept["media_type"], kept["name"]) == (201, media_type, "anything.exe")
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get(f"/widget/uploads/{kept['id']}", headers=headers) as response:
        assert response.headers["Content-Type"] == media_type
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Disposition"].startswith("inline")
        assert Image.open(io.BytesIO(await response.read())).size == (60, 40)


async def test_a_telephones_picture_with_a_preview_in_it_is_kept_as_jpeg(
    http: aiohttp.ClientSession, token: str
) -> None:
    preview = Image.new("RGB", (6, 4), "teal")
    photo = picture("MPO", save_all=True, append_images=[preview])

    status, kept = await upload(http, token, photo, name="photo.jpg")

    assert (status, kept["media_type"]) == (201, "image/jpeg")


async def test_where_a_picture_was_taken_is_forgotten(
    http: aiohttp.ClientSession, token: str, served: ServedChannels
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "GPS 31.2 121.5"
    exif[0x0112] = 6
    status, kept = await upload(http, token, picture("JPEG", exif=exif.tobytes()))
    stored = (served.data / "uploads" / kept["id"]).read_bytes()
    assert status == 201
    assert b"GPS 31.2" not in stored
    assert Image.open(io.BytesIO(stored)).size == (40, 60)


async def test_what_hides_behind_a_picture_is_cut_off(
    http: aiohttp.ClientSession, token: str, served: ServedChannels
) -> None:
    _, kept = await upload(http, token, picture("PNG") + b"<script>alert(1)</script>")
    assert b"script" not in (served.data / "uploads" / kept["id"]).read_bytes()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        pytest.param(b"<svg onload=alert(1)>", 415, "not_an_image", id="SVG"),
        pytest.param(b"%PDF-1.4", 415, "not_an_image", id="PDF"),
        pytest.param(b"", 415, "not_an_image", id="nothing"),
        pytest.param(picture("PNG")[:60], 415, "not_an_image", id="half a picture"),
        pytest.param(picture("TIFF"), 415, "not_an_image", id="a kind browsers do not show"),
        pytest.param(picture("PNG", (9000, 9000)), 415, "not_an_image", id="a bomb"),
        pytest.param(b"x" * (5 * 1024 * 1024 + 1), 413, "image_too_large", id="too large"),
        pytest.param(b"x" * (9 * 1024 * 1024), 413, "image_too_large", id="far too large"),
    ],
)
async def test_what_is_no_fitting_picture_is_refused_in_words(
    http: aiohttp.ClientSession,
    token: str,
    served: ServedChannels,
    data: bytes,
    status: int,
    code: str,
) -> None:
    given, answer = await upload(http, token, data)
    assert (given, answer["error"]["code"]) == (status, code)
    assert answer["error"]["message"]
    assert not (served.data / "uploads").exists()


async def test_an_upload_without_a_session_or_a_file_is_refused(
    http: aiohttp.ClientSession, token: str
) -> None:
    assert (await upload(http, "forged", picture("PNG")))[0] == 401
    assert (await upload(http, token, picture("PNG"), field="other"))[0] == 400
    headers = {"Authorization": f"Bearer {token}"}
    async with http.post("/widget/upload", data=b"x", headers=headers) as response:
        assert response.status == 400


async def test_only_its_shopper_and_agents_see_a_picture(
    http: aiohttp.ClientSession, token: str, served: ServedChannels
) -> None:
    _, kept = await upload(http, token, picture("PNG"))
    address = f"/widget/uploads/{kept['id']}"
    stranger = {"Authorization": f"Bearer {served.sessions.issue('shopper-2')}"}
    for headers in ({}, stranger, {"Authorization": "Bearer x"}):
        async with http.get(address, headers=headers) as response:
            assert response.status == 404
    async with http.get(address, headers={"Cookie": "agent=yes"}) as response:
        assert response.status == 200


@pytest.mark.parametrize("name", ["..%2F..%2Fkefu.db", "x" * 32, "x" * 32 + ".json", "%00"])
async def test_an_address_that_is_no_picture_leads_nowhere(
    http: aiohttp.ClientSession, name: str
) -> None:
    async with http.get(f"/widget/uploads/{name}", headers={"Cookie": "agent=yes"}) as response:
        assert response.status == 404


async def test_a_picture_is_sent_with_a_message_by_its_owner_alone(
    connect: Connect, http: aiohttp.ClientSession, served: ServedChannels
) -> None:
    widget = await connect()
    token = (await widget.hello())["token"]
    _, kept = await upload(http, token, picture("PNG"), name="broken lamp.png")
    assert (await widget.send(attachment=kept["id"]))["ok"]
    await widget.heard("message", lambda one: one["seq"] == 2)
    (attachment,) = served.assistant.asked[-1].attachments
    assert (attachment.id, attachment.name) == (kept["id"], "broken lamp.png")
    thief = await connect()
    await thief.hello()
    refused = await thief.send(attachment=kept["id"])
    assert refused["error"]["code"] == "no_such_attachment"


@pytest.mark.parametrize(("language", "word"), [("en", "pictures"), ("zh", "图片")])
async def test_a_shopper_may_send_only_so_many_pictures_a_day(
    databases: Databases, tmp_path: Path, language: str, word: str
) -> None:
    async with (
        serve_channels(databases.make("sqlite"), tmp_path, uploads_per_day=2) as served,
        aiohttp.ClientSession(served.url) as http,
    ):
        ann, bob = (served.sessions.issue(shopper) for shopper in ("ann", "bob"))
        sent = [await upload(http, ann, picture("PNG"), accept_language=language) for _ in range(3)]
        assert [status for status, _ in sent] == [201, 201, 429]
        error = sent[2][1]["error"]
        assert error["code"] == "too_many_images"
        assert word in error["message"]
        assert error["retry_after"] > 600
        assert (await upload(http, bob, picture("PNG")))[0] == 201


async def test_many_pictures_at_once_are_all_kept(
    http: aiohttp.ClientSession, token: str, served: ServedChannels
) -> None:
    sent = await asyncio.gather(*(upload(http, token, picture("PNG")) for _ in range(8)))
    assert [status for status, _ in sent] == [201] * 8
    assert len({kept["id"] for _, kept in sent}) == 8


async def test_pictures_of_long_ago_are_removed_and_later_ones_stay(tmp_path: Path) -> None:
    store = UploadStore(tmp_path)
    old, new = [
        await store.save("shopper-1", f"{name}.png", picture("PNG")) for name in ("old", "new")
    ]
    assert isinstance(old, Attachment)
    assert isinstance(new, Attachment)
    long_ago = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    os.utime(tmp_path / f"{old.id}.json", (long_ago, long_ago))

    assert await store.forget_idle_since(datetime(2025, 1, 1, tzinfo=UTC)) == 1

    assert await store.find(old.id) is None
    assert not (tmp_path / old.id).exists()
    kept = await store.find(new.id)
    assert kept is not None
    assert kept.path.exists()

"""A page that looks like a phone's chat, for the platform in a box."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

from aiohttp import web

from kefu.sandbox.screen import Handset, Seen

_STATIC = Path(__file__).parent / "static"
_FILES = {
    "phone.js": "text/javascript; charset=utf-8",
    "phone.css": "text/css; charset=utf-8",
}
_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WAIT_SECONDS = 20.0
_LONGEST_TEXT = 2000
_LONGEST_PICTURE = 10 * 1024 * 1024
# The page runs only what we serve.
_POLICY = "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'"


class PhonePage:
    """Lets whoever has the page open be a shopper of the platform."""

    def __init__(self, handset: Handset) -> None:
        self._handset = handset

    def add_to(self, app: web.Application) -> None:
        """Mount the page at ``/`` and what it asks for below ``/phone/``, or where ``app`` is."""
        app.router.add_get("/", self._page)
        app.router.add_get("/phone/static/{name}", self._file)
        app.router.add_get("/phone/{openid}/messages", self._messages)
        app.router.add_post("/phone/{openid}/say", self._say)
        app.router.add_post("/phone/{openid}/event", self._event)
        app.router.add_post("/phone/{openid}/picture", self._picture)
        app.router.add_get("/phone/media/{id}", self._media)

    async def _page(self, _request: web.Request) -> web.FileResponse:
        headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
        return web.FileResponse(_STATIC / "phone.html", headers=headers)

    async def _file(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        if name not in _FILES:
            raise web.HTTPNotFound
        headers = {"Content-Type": _FILES[name], "Cache-Control": "no-cache"}
        return web.FileResponse(_STATIC / name, headers=headers)

    async def _messages(self, request: web.Request) -> web.Response:
        """What was seen after ``?after=``; with ``wait`` waited for if there is nothing yet."""
        phone = self._handset.screen(_openid(request))
        given = request.query.get("after", "0")
        after = int(given) if given.isdecimal() else 0
        known_typing = request.query.get("typing") == "true"
        patience = _WAIT_SECONDS if "wait" in request.query else 0.0
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            phone.news.clear()
            new = [one for one in phone.seen if one.number > after]
            left = deadline - asyncio.get_running_loop().time()
            if new or phone.typing != known_typing or left <= 0:
                break
            try:
                await asyncio.wait_for(phone.news.wait(), left)
            except TimeoutError:
                continue
        return web.json_response(
            {
                "name": self._handset.name,
                "typing": phone.typing,
                "deeds": list(self._handset.deeds),
                "seen": [_on_wire(one) for one in new],
            }
        )

    async def _say(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        text, choice = str(asked.get("text", "")), str(asked.get("choice", ""))
        if not text.strip() or len(text) > _LONGEST_TEXT:
            raise web.HTTPBadRequest
        self._handset.say(_openid(request), text, choice)
        return web.json_response({})

    async def _event(self, request: web.Request) -> web.Response:
        asked = await _asked(request)
        event = str(asked.get("event"))
        if event not in self._handset.deeds:
            raise web.HTTPBadRequest
        self._handset.do(_openid(request), event, str(asked.get("key", "")))
        return web.json_response({})

    async def _picture(self, request: web.Request) -> web.Response:
        picture = await request.read()
        if not 0 < len(picture) <= _LONGEST_PICTURE:
            raise web.HTTPBadRequest
        self._handset.send_picture(_openid(request), picture, request.content_type)
        return web.json_response({})

    async def _media(self, request: web.Request) -> web.Response:
        found = self._handset.media(request.match_info["id"])
        if found is None or not found[1].startswith("image/"):
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(body=found[0], content_type=found[1], headers=headers)


def _openid(request: web.Request) -> str:
    openid = request.match_info["openid"]
    if not _OPENID.fullmatch(openid):
        raise web.HTTPNotFound
    return openid


async def _asked(request: web.Request) -> dict[str, Any]:
    # JSON only: no page of another origin can send that without being asked first.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        asked = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest from error
    if not isinstance(asked, dict):
        raise web.HTTPBadRequest
    return asked


def _on_wire(seen: Seen) -> dict[str, Any]:
    return {
        "number": seen.number,
        "by": seen.by,
        "kind": seen.kind,
        "text": seen.text,
        "at": seen.at.isoformat(),
        "choices": [{"id": one, "title": title} for one, title in seen.choices],
        "via": seen.via,
        "media": seen.media_id,
        "url": seen.url,
    }

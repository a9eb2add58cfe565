"""What was sent either way through a platform in a box: kept, and given out by its media API."""

from __future__ import annotations

import secrets

from aiohttp import web


class Media:
    """The pictures of one platform; whether somebody may ask is the platform's to say."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, str]] = {}

    def keep(self, data: bytes, media_type: str) -> str:
        """Keep a picture; its id."""
        media_id = secrets.token_urlsafe(24)
        self._kept[media_id] = (data, media_type)
        return media_id

    def find(self, media_id: str) -> tuple[bytes, str] | None:
        """Its bytes and type, None if there is none of this id."""
        return self._kept.get(media_id)

    async def upload(self, request: web.Request) -> web.Response | None:
        """Keep what was posted as ``media`` and answer with its id; None if nothing was."""
        part = (await request.post()).get("media")
        if not isinstance(part, web.FileField):
            return None
        media_id = self.keep(part.file.read(), part.content_type)
        answer = {"errcode": 0, "type": "image", "media_id": media_id, "created_at": 0}
        return web.json_response(answer)

    def download(self, request: web.Request) -> web.Response | None:
        """Answer with the picture that was asked for; None if there is none."""
        found = self.find(request.query.get("media_id", ""))
        return None if found is None else web.Response(body=found[0], content_type=found[1])

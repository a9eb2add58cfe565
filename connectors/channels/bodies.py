"""Reads what a platform posts, and no more of it than a callback can have."""

from __future__ import annotations

from aiohttp import web


async def read_body(request: web.Request, longest: int) -> bytes | None:
    """The whole body of ``request``; None if it has more than ``longest`` bytes."""
    if (request.content_length or 0) > longest:
        return None
    body = b""
    # One read gives what has arrived by then, which may be a part.
    while len(body) <= longest and (more := await request.content.read(longest + 1)):
        body += more
    return body if len(body) <= longest else None

"""Reads the picture in an agent's upload."""

from __future__ import annotations

from aiohttp import BodyPartReader, web

from connectors.console.requests import Refused, bad_request

_CHUNK = 64 * 1024


async def picture_in(request: web.Request, max_bytes: int) -> tuple[str, bytes]:
    """Name and bytes of the part ``file``; refuses what is larger than ``max_bytes``."""
    if request.content_type != "multipart/form-data":
        raise bad_request()
    try:
        reader = await request.multipart()
        async for part in reader:
            if isinstance(part, BodyPartReader) and part.name == "file":
                data = bytearray()
                while chunk := await part.read_chunk(_CHUNK):
                    data += chunk
                    if len(data) > max_bytes:
                        raise Refused(413, "image_too_large", most=max_bytes)
                return part.filename or "", bytes(data)
    except ValueError as error:
        # A body that is not what its header says.
        raise bad_request() from error
    raise bad_request()

"""Pictures that shoppers send: checked by content, written anew, kept outside any web root."""

from __future__ import annotations

import asyncio
import io
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from connectors.channels.refusals import Refusal, RefusalCode
from kernel.content import Attachment

# What Pillow finds in a picture, and what we keep it as: of several pictures the first one, so of
# a moving one (GIF) and of the JPEG with a preview that many telephones make (MPO).
_KEPT_AS = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "GIF": "PNG"}
_FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_MAX_PIXELS = 40_000_000
_LONGEST_SIDE = 2400
_MAX_NAME_CHARACTERS = 100
_ID = re.compile(r"[A-Za-z0-9_-]{32}")
_MEGABYTE = 1024 * 1024
# A picture of the largest size takes up to 300 MB while it is decoded.
_DECODED_AT_ONCE = 2


class _Kept(msgspec.Struct, frozen=True):
    """What is written beside a picture: whose it is."""

    shopper_id: str
    attachment: Attachment


@dataclass(frozen=True)
class Upload:
    """A stored picture, who sent it, and where its bytes lie."""

    attachment: Attachment
    shopper_id: str
    path: Path


class UploadStore:
    """Keeps pictures as files with random names under one folder."""

    def __init__(self, folder: Path, max_bytes: int = 5 * _MEGABYTE) -> None:
        self._folder = folder
        self.max_bytes = max_bytes
        self._decoding = asyncio.Semaphore(_DECODED_AT_ONCE)

    @property
    def too_large(self) -> Refusal:
        """What is said to somebody who sends more than ``max_bytes``."""
        return Refusal(RefusalCode.IMAGE_TOO_LARGE, limit=max(1, self.max_bytes // _MEGABYTE))

    async def save(self, shopper_id: str, name: str, data: bytes) -> Attachment | Refusal:
        """Check ``data`` and keep it for ``shopper_id``; the file's own name is only a label."""
        async with self._decoding:
            return await asyncio.to_thread(self._save, shopper_id, name, data)

    async def find(self, upload_id: str) -> Upload | None:
        """The picture ``upload_id``, or None; the caller checks who may see it."""
        return await asyncio.to_thread(self._find, upload_id)

    async def forget_idle_since(self, moment: datetime) -> int:
        """Remove the pictures sent before ``moment`` (aware); how many they were."""
        return await asyncio.to_thread(self._remove_before, moment.timestamp())

    def _remove_before(self, moment: float) -> int:
        old = [note for note in self._folder.glob("*.json") if note.stat().st_mtime < moment]
        for note in old:
            note.unlink(missing_ok=True)
            note.with_suffix("").unlink(missing_ok=True)
        return len(old)

    async def read(self, upload_id: str) -> tuple[bytes, str] | None:
        """The bytes and the media type of ``upload_id``, or None; the caller checks who asks."""
        upload = await self.find(upload_id)
        if upload is None:
            return None
        return await asyncio.to_thread(upload.path.read_bytes), upload.attachment.media_type

    def _save(self, shopper_id: str, name: str, data: bytes) -> Attachment | Refusal:
        if len(data) > self.max_bytes:
            return self.too_large
        written = _written_anew(data)
        if isinstance(written, Refusal):
            return written
        picture, media_type = written
        attachment = Attachment(
            id=secrets.token_urlsafe(24),
            media_type=media_type,
            size=len(picture),
            name=_label(name),
        )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self._folder / attachment.id).write_bytes(picture)
        # Written last: a picture without it does not exist.
        kept = _Kept(shopper_id=shopper_id, attachment=attachment)
        (self._folder / f"{attachment.id}.json").write_bytes(msgspec.json.encode(kept))
        return attachment

    def _find(self, upload_id: str) -> Upload | None:
        if not _ID.fullmatch(upload_id):
            return None
        try:
            noted = (self._folder / f"{upload_id}.json").read_bytes()
        except FileNotFoundError:
            return None
        kept = msgspec.json.decode(noted, type=_Kept)
        return Upload(kept.attachment, kept.shopper_id, self._folder / upload_id)


def _written_anew(data: bytes) -> tuple[bytes, str] | Refusal:
    """The picture in ``data`` without anything that was hidden in or behind it, and its type.

    What a camera notes beside the picture (the place, the time) goes as well.
    """
    refusal = Refusal(RefusalCode.NOT_AN_IMAGE)
    try:
        with Image.open(io.BytesIO(data), formats=[*_FORMATS, "GIF"]) as image:
            if image.width * image.height > _MAX_PIXELS:
                return refusal
            image.load()
            upright = ImageOps.exif_transpose(image)
            kind = _KEPT_AS[str(image.format)]
            if kind == "JPEG" and upright.mode not in {"RGB", "L"}:
                upright = upright.convert("RGB")
            elif kind != "JPEG" and upright.mode not in {"RGB", "RGBA", "L"}:
                upright = upright.convert("RGBA")
            upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            upright.info = {}
            out = io.BytesIO()
            upright.save(out, kind, **({} if kind == "PNG" else {"quality": 88}))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        # Pillow reports broken files by all of these.
        return refusal
    return out.getvalue(), _FORMATS[kind]


def _label(name: str) -> str:
    kept = (c for c in name if unicodedata.category(c)[0] != "C" and c not in '/\\"')
    return "".join(kept).strip()[:_MAX_NAME_CHARACTERS]

"""Keeps agents' pictures where the shopper's own lie, so that the shopper may see them."""

from __future__ import annotations

from connectors.channels.refusals import Refusal
from connectors.channels.web.uploads import UploadStore
from connectors.console.ports import PictureRefused
from desk.model import Conversation
from kernel.content import Attachment


class AgentsPictures:
    """(see connectors.console.ports.Pictures)"""

    def __init__(self, uploads: UploadStore) -> None:
        self._uploads = uploads

    @property
    def max_bytes(self) -> int:
        """(see Pictures)"""
        return self._uploads.max_bytes

    async def save(self, conversation: Conversation, name: str, data: bytes) -> Attachment:
        """(see Pictures)"""
        kept = await self._uploads.save(conversation.shopper_id, name, data)
        if isinstance(kept, Refusal):
            raise PictureRefused(kept.code.value)
        return kept

    async def find(self, conversation: Conversation, picture_id: str) -> Attachment | None:
        """(see Pictures)"""
        upload = await self._uploads.find(picture_id)
        if upload is None or upload.shopper_id != conversation.shopper_id:
            return None
        return upload.attachment

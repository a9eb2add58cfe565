"""Sends parts of our messages as a platform's JSON; does without what the platform refuses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import structlog

from connectors.channels.calls import Body
from connectors.channels.handing_over import Handover, Outcome
from connectors.channels.platform_client import PlatformClient
from connectors.channels.ports import Pictures
from connectors.channels.rendering import Capabilities, Part
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()


class PlatformSending(ABC):
    """The part of connectors.channels.handing_over.Transport that platforms have in common."""

    def __init__(
        self, platform: str, client: PlatformClient, pictures: Pictures, can: Capabilities
    ) -> None:
        """``can``: what the platform shows, as long as it has refused nothing."""
        self._platform = platform
        self._client = client
        self._pictures = pictures
        self._can = can

    @property
    def can(self) -> Capabilities:
        """(see Transport)"""
        return self._can

    async def send(self, shopper_id: str, part: Part, key: str) -> Handover:
        """(see Transport)"""
        message = await self._message(part)
        if isinstance(message, Handover):
            return message
        handover = await self._client.send({**self._addressed(shopper_id, key), **message})
        if handover.outcome is Outcome.NO_SUCH_KIND:
            return self._do_without(part, handover)
        return handover

    @abstractmethod
    async def _message(self, part: Part) -> Body | Handover:
        """``part`` as the platform's JSON, or why there is none."""

    @abstractmethod
    def _addressed(self, shopper_id: str, key: str) -> Body:
        """To whom, in the platform's JSON, and under which key if it knows keys."""

    async def _picture(self, upload_id: str) -> Body | Handover:
        found = await self._pictures.read(upload_id)
        if found is None:
            return Handover(Outcome.BROKEN, "no such picture")
        try:
            media_id = await self._client.upload(*found)
        except BackendUnavailable as error:
            return Handover(Outcome.AGAIN, str(error))
        except BackendRejected as error:
            log.error("platform.upload.rejected", platform=self._platform, error=str(error))
            return Handover(Outcome.BROKEN, "upload")
        return {"msgtype": "image", "image": {"media_id": media_id}}

    def _do_without(self, part: Part, handover: Handover) -> Handover:
        """Do not try this kind of message again in this process; words are left for everything."""
        less = self._can.without(part)
        if less is None:
            return replace(handover, outcome=Outcome.BROKEN)
        self._can = less
        kind = type(part).__name__
        log.warning("platform.kind_refused", platform=self._platform, kind=kind, code=handover.code)
        return handover

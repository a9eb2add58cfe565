"""Has a system of the shop send one-time codes: posts each to it, signed like our own webhook.

``X-Kefu-Signature`` and ``X-Kefu-Timestamp`` as in ``connectors.backends.pushes.webhook``;
docs/codes.md describes the requests.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from uuid import uuid4

import aiohttp
import msgspec
import structlog

from connectors.backends.customers.codes import OutgoingCode
from connectors.backends.pushes.webhook import SIGNATURE, TIMESTAMP, sign
from connectors.channels.calls import Call
from kernel.clock import Clock
from kernel.errors import BackendUnavailable

log = structlog.get_logger()

_NAME = "sender of codes"
_OK = range(200, 300)
# Of the request as such, not of whom it names: nobody would get a code.
_OURS = frozenset({401, 403, 404, 405})
_PAUSE_SECONDS = 0.5
_CONNECTIONS = 16


class CodeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where codes are posted; without an address nobody sends any.

    The key that requests are signed with is ``code_key`` of the secrets. ``seconds``: one request
    may take so long; ``repeats``: so many times more is it sent if it had no answer.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^(https?://\S+[^\s/])?$")] = ""
    seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    repeats: Annotated[int, msgspec.Meta(ge=0, le=5)] = 2


class CodeWebhook:
    """(see CodeSender) Use it on one event loop, and close it there."""

    def __init__(self, settings: CodeSettings, key: str, clock: Clock) -> None:
        self._settings = settings
        self._key = key
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._is_down = False
        self._under_way: set[asyncio.Task[None]] = set()

    @property
    def is_down(self) -> bool:
        """(see CodeSender)"""
        return self._is_down

    def send(self, code: OutgoingCode) -> None:
        """(see CodeSender)"""
        kind = "email" if "@" in code.contact else "phone"
        self._begin(
            {
                "type": "code.send",
                "id": uuid4().hex,
                "to": {"kind": kind, "value": code.contact},
                "code": code.code,
                "language": code.language,
                "expires_at": code.expires_at,
            }
        )

    def check(self) -> None:
        """(see CodeSender) While it is down, one at a time is enough."""
        if not (self._is_down and self._under_way):
            self._begin({"type": "code.check", "id": uuid4().hex})

    async def close(self) -> None:
        """Wait for what is on its way, no longer than one request may take, and let go."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._settings.seconds)
        for task in self._under_way:
            task.cancel()
        if self._session is not None:
            await self._session.close()

    def _begin(self, told: dict[str, Any]) -> None:
        task = asyncio.create_task(self._post(told))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _post(self, told: dict[str, Any]) -> None:
        """Post it until somebody answers; the ``id`` tells a repeat from another code."""
        body = msgspec.json.encode(told)
        for left in reversed(range(self._settings.repeats + 1)):
            try:
                status = await self._status_of(body)
            except BackendUnavailable as error:
                if left:
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                self._note(str(error))
                return
            self._note(f"it answers {status}" if status in _OURS else None)
            if status not in _OK:
                log.error("codes.refused", status=status, request=told["type"], id=told["id"])
            return

    async def _status_of(self, body: bytes) -> int:
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(self._key, timestamp, body),
        }
        request = self._opened().post(
            self._settings.url, data=body, headers=headers, allow_redirects=False
        )
        async with Call(_NAME, request) as response:
            return response.status

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._settings.seconds),
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
            )
        return self._session

    def _note(self, trouble: str | None) -> None:
        """Log once when the sender goes away and once when it is back."""
        if (trouble is not None) != self._is_down:
            self._is_down = trouble is not None
            if self._is_down:
                log.error("codes.down", why=trouble)
            else:
                log.info("codes.back")

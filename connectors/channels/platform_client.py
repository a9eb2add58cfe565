"""The API of a platform account, as every one of them is called: tokens, messages, pictures."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.access_tokens import AccessTokens, Issued
from connectors.channels.calls import Body, Call, MediaRefused, code_of, json_of
from connectors.channels.codes import Codes
from connectors.channels.handing_over import Handover, Outcome
from kernel.clock import Clock
from kernel.errors import BackendRejected, BackendTimeout, BackendUnavailable

log = structlog.get_logger()

_CHUNK = 64 * 1024
_UPLOADED_AS = {"image/png": "picture.png", "image/webp": "picture.webp"}


class PlatformClient(ABC):
    """Calls of one account. Every call ends within ``request_seconds``."""

    def __init__(
        self,
        account: str,
        codes: Codes,
        engine: AsyncEngine,
        clock: Clock,
        session: aiohttp.ClientSession,
        *,
        api: str,
        request_seconds: float,
    ) -> None:
        """``account`` names its token for all replicas; ``session`` is the caller's to close."""
        self._codes = codes
        self._api = api
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=request_seconds)
        self._tokens = AccessTokens(engine, clock, account, self._issue)

    @abstractmethod
    async def send(self, message: Body) -> Handover:
        """Send the shopper a message; ``message`` is the platform's JSON."""

    async def media(self, media_id: str, longest: int) -> bytes:
        """What a shopper sent; raises MediaRefused, BackendUnavailable, BackendRejected."""
        token = await self._tokens.get()
        for attempt in range(2):
            params = {"access_token": token, "media_id": media_id}
            async with self._call("GET", "/cgi-bin/media/get", params=params) as response:
                if response.content_type in {"application/json", "text/plain"}:
                    code = code_of(await response.read())
                    if code in self._codes.token_refused and attempt == 0:
                        token = await self._tokens.get(refused=token)
                        continue
                    raise MediaRefused(f"the platform says {code}")
                if (response.content_length or 0) > longest:
                    raise MediaRefused("too large")
                data = bytearray()
                async for chunk in response.content.iter_chunked(_CHUNK):
                    data += chunk
                    if len(data) > longest:
                        raise MediaRefused("too large")
                return bytes(data)
        raise BackendRejected("the access token is refused")

    async def upload(self, picture: bytes, media_type: str) -> str:
        """The media id of ``picture``, good for three days; raises BackendRejected."""
        form = aiohttp.FormData()
        name = _UPLOADED_AS.get(media_type, "picture.jpg")
        form.add_field("media", picture, filename=name, content_type=media_type)
        token = await self._tokens.get()
        params = {"access_token": token, "type": "image"}
        async with self._call("POST", "/cgi-bin/media/upload", params=params, data=form) as got:
            answer = json_of(await got.read())
        if not isinstance(answer.get("media_id"), str):
            raise BackendRejected(f"the platform says {answer.get('errcode')}")
        return str(answer["media_id"])

    @abstractmethod
    async def _issue(self, force: bool) -> Issued:
        """A token; ``force``: one other than the platform has just given out, if it can."""

    async def _hand_over(self, path: str, message: Body) -> Handover:
        try:
            answer = await self._post(path, message)
        except BackendTimeout:
            # It may have arrived.
            return Handover(Outcome.UNCERTAIN, "timeout")
        except BackendUnavailable as error:
            return Handover(Outcome.AGAIN, str(error))
        except BackendRejected as error:
            log.error("platform.rejected", platform=self._codes.platform, error=str(error))
            return Handover(Outcome.AGAIN, str(error), wait=timedelta(minutes=1))
        return self._codes.meaning_of(int(answer.get("errcode", 0)))

    async def _post(self, path: str, message: Body) -> Body:
        """The platform's answer; asks a second time with a new token if the first is refused."""
        token = await self._tokens.get()
        # Real characters: WeChat refuses escaped ones.
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer: Body = {}
        for attempt in range(2):
            params = {"access_token": token}
            async with self._call(
                "POST", path, params=params, data=data, headers=headers
            ) as response:
                answer = json_of(await response.read())
            if answer.get("errcode") not in self._codes.token_refused or attempt:
                return answer
            token = await self._tokens.get(refused=token)
        return answer

    async def _issued(self, method: str, path: str, **how: Any) -> Issued:
        """The token that such a request is answered with; raises BackendRejected."""
        async with self._call(method, path, **how) as response:
            answer = json_of(await response.read())
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise BackendRejected(f"no access token: the platform says {answer.get('errcode')}")
        return Issued(token, timedelta(seconds=lasts))

    def _call(self, method: str, path: str, **how: Any) -> Call:
        request = self._session.request(method, f"{self._api}{path}", timeout=self._timeout, **how)
        return Call(self._codes.platform, request)

"""WeCom's API as we call it: tokens, what came in, messages, pictures, whose turn it is."""

from __future__ import annotations

import json
from datetime import timedelta
from enum import IntEnum
from typing import Any

import aiohttp
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.access_tokens import AccessTokens, Issued
from connectors.channels.calls import Body, Call, MediaRefused, code_of, json_of
from connectors.channels.handing_over import Handover, Outcome
from connectors.channels.wecom.account import KfAccount
from connectors.channels.wecom.errors import TOKEN_REFUSED, meaning_of
from kernel.clock import Clock
from kernel.errors import BackendRejected, BackendTimeout, BackendUnavailable

log = structlog.get_logger()

_CHUNK = 64 * 1024
_UPLOADED_AS = {"image/png": "picture.png", "image/webp": "picture.webp"}


class ServiceState(IntEnum):
    """Whose turn it is, as WeCom counts."""

    NEW = 0
    BOT = 1
    POOL = 2
    SERVICER = 3
    ENDED = 4


class KfClient:
    """Calls of one enterprise. Every call ends within the settings' ``request_seconds``."""

    def __init__(
        self, account: KfAccount, engine: AsyncEngine, clock: Clock, session: aiohttp.ClientSession
    ) -> None:
        """``session`` is the caller's to close."""
        self._account = account
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=account.settings.request_seconds)
        name = f"{account.channel}:{account.settings.corpid}"
        self._tokens = AccessTokens(engine, clock, name, self._issue)

    async def sync(self, open_kfid: str, cursor: str, token: str, limit: int) -> Body:
        """What has happened behind ``cursor``: ``msg_list``, ``next_cursor``, ``has_more``.

        ``token`` comes with a callback and is good for ten minutes; without one WeCom answers
        seldom. Raises BackendUnavailable, BackendTimeout, BackendRejected.
        """
        request: Body = {"open_kfid": open_kfid, "limit": limit, "voice_format": 0}
        if cursor:
            request["cursor"] = cursor
        if token:
            request["token"] = token
        return await self._asked("/cgi-bin/kf/sync_msg", request)

    async def send(self, message: Body) -> Handover:
        """A message; ``msgid`` inside makes a repeat of it none."""
        return await self._hand_over("/cgi-bin/kf/send_msg", message)

    async def send_on_event(self, code: str, message: Body) -> Handover:
        """The one message that an event's ``code`` allows."""
        return await self._hand_over("/cgi-bin/kf/send_msg_on_event", {"code": code, **message})

    async def service_state(self, open_kfid: str, external_userid: str) -> tuple[int, str]:
        """The state of a session, and who of WeCom's people has it; raises as ``sync`` does."""
        request = {"open_kfid": open_kfid, "external_userid": external_userid}
        answer = await self._asked("/cgi-bin/kf/service_state/get", request)
        state = answer.get("service_state")
        if not isinstance(state, int):
            raise BackendRejected("the platform names no state")
        return state, str(answer.get("servicer_userid") or "")

    async def change_state(
        self, open_kfid: str, external_userid: str, state: ServiceState, servicer: str = ""
    ) -> str:
        """Change whose turn it is; the code for the one message that goes with it, if any.

        Raises as ``sync`` does.
        """
        request: Body = {
            "open_kfid": open_kfid,
            "external_userid": external_userid,
            "service_state": int(state),
        }
        if servicer:
            request["servicer_userid"] = servicer
        answer = await self._asked("/cgi-bin/kf/service_state/trans", request)
        return str(answer.get("msg_code") or "")

    async def media(self, media_id: str, longest: int) -> bytes:
        """What a shopper sent; raises MediaRefused, BackendUnavailable, BackendRejected."""
        token = await self._tokens.get()
        for attempt in range(2):
            params = {"access_token": token, "media_id": media_id}
            async with self._request("GET", "/cgi-bin/media/get", params=params) as response:
                if response.content_type in {"application/json", "text/plain"}:
                    code = code_of(await response.read())
                    if code in TOKEN_REFUSED and attempt == 0:
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
        async with self._request("POST", "/cgi-bin/media/upload", params=params, data=form) as got:
            answer = json_of(await got.read())
        if not isinstance(answer.get("media_id"), str):
            raise BackendRejected(f"the platform says {answer.get('errcode')}")
        return str(answer["media_id"])

    async def _hand_over(self, path: str, message: Body) -> Handover:
        try:
            answer = await self._post(path, message)
        except BackendTimeout:
            # It may have arrived.
            return Handover(Outcome.UNCERTAIN, "timeout")
        except BackendUnavailable as error:
            return Handover(Outcome.AGAIN, str(error))
        except BackendRejected as error:
            log.error("wecom.rejected", error=str(error))
            return Handover(Outcome.AGAIN, str(error), wait=timedelta(minutes=1))
        return meaning_of(int(answer.get("errcode", 0)))

    async def _asked(self, path: str, message: Body) -> Body:
        answer = await self._post(path, message)
        if (code := answer.get("errcode", 0)) != 0:
            raise BackendRejected(f"the platform says {code}")
        return answer

    async def _post(self, path: str, message: Body) -> Body:
        """The platform's answer; asks a second time with a new token if the first is refused."""
        token = await self._tokens.get()
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        answer: Body = {}
        for attempt in range(2):
            headers = {"Content-Type": "application/json; charset=utf-8"}
            async with self._request(
                "POST", path, params={"access_token": token}, data=data, headers=headers
            ) as response:
                answer = json_of(await response.read())
            if answer.get("errcode") not in TOKEN_REFUSED or attempt:
                return answer
            token = await self._tokens.get(refused=token)
        return answer

    async def _issue(self, _force: bool) -> Issued:
        params = {"corpid": self._account.settings.corpid, "corpsecret": self._account.secret}
        async with self._request("GET", "/cgi-bin/gettoken", params=params) as response:
            answer = json_of(await response.read())
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise BackendRejected(f"no access token: the platform says {answer.get('errcode')}")
        return Issued(token, timedelta(seconds=lasts))

    def _request(self, method: str, path: str, **how: Any) -> Call:
        address = f"{self._account.settings.api}{path}"
        return Call("wecom", self._session.request(method, address, timeout=self._timeout, **how))

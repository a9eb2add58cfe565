"""WeCom's API as we call it: tokens, what came in, messages, pictures, whose turn it is."""

from __future__ import annotations

from enum import IntEnum

import aiohttp
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.access_tokens import Issued
from connectors.channels.calls import Body
from connectors.channels.handing_over import Handover
from connectors.channels.platform_client import PlatformClient
from connectors.channels.wecom.account import KfAccount
from connectors.channels.wecom.errors import CODES
from kernel.clock import Clock
from kernel.errors import BackendRejected


class ServiceState(IntEnum):
    """Whose turn it is, as WeCom counts."""

    NEW = 0
    BOT = 1
    POOL = 2
    SERVICER = 3
    ENDED = 4


class KfClient(PlatformClient):
    """Calls of one enterprise."""

    def __init__(
        self, account: KfAccount, engine: AsyncEngine, clock: Clock, session: aiohttp.ClientSession
    ) -> None:
        """``session`` is the caller's to close."""
        settings = account.settings
        super().__init__(
            f"{account.channel}:{settings.corpid}",
            CODES,
            engine,
            clock,
            session,
            api=settings.api,
            request_seconds=settings.request_seconds,
        )
        self._account = account

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

    async def _asked(self, path: str, message: Body) -> Body:
        answer = await self._post(path, message)
        if (code := answer.get("errcode", 0)) != 0:
            raise BackendRejected(f"the platform says {code}")
        return answer

    async def _issue(self, _force: bool) -> Issued:
        params = {"corpid": self._account.settings.corpid, "corpsecret": self._account.secret}
        return await self._issued("GET", "/cgi-bin/gettoken", params=params)

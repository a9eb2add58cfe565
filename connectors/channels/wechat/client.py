"""WeChat's API as we call it: tokens, messages, pictures, menus, templates, who logged in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import aiohttp
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.access_tokens import Issued
from connectors.channels.calls import Body, json_of
from connectors.channels.handing_over import Handover
from connectors.channels.platform_client import PlatformClient
from connectors.channels.wechat.account import Account
from connectors.channels.wechat.errors import CODES
from kernel.clock import Clock
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_RECORDS_A_PAGE = 10000
_SENT_BY_US = 2002


class WeChatClient(PlatformClient):
    """Calls of one account."""

    def __init__(
        self, account: Account, engine: AsyncEngine, clock: Clock, session: aiohttp.ClientSession
    ) -> None:
        """``session`` is the caller's to close."""
        settings = account.settings
        super().__init__(
            f"{account.channel}:{settings.appid}",
            CODES,
            engine,
            clock,
            session,
            api=settings.api,
            request_seconds=settings.request_seconds,
        )
        self._account = account

    async def send(self, message: Body) -> Handover:
        """A customer-service message; ``message`` is the platform's JSON."""
        return await self._hand_over("/cgi-bin/message/custom/send", message)

    async def send_template(
        self,
        openid: str,
        template_id: str,
        fields: Mapping[str, str],
        *,
        kind: str = "template",
        url: str = "",
        page: str = "",
        key: str = "",
    ) -> Handover:
        """A template message, or with ``kind`` "subscribe" a subscription message.

        ``key`` makes the platform take a template message once within ten minutes.
        """
        message: Body = {
            "touser": openid,
            "template_id": template_id,
            "data": {name: {"value": fit_field(name, value)} for name, value in fields.items()},
        }
        if kind == "template":
            message |= {"url": url, "client_msg_id": key[:32]}
            return await self._hand_over("/cgi-bin/message/template/send", message)
        message["page"] = page
        if self._account.is_mini_program:
            return await self._hand_over("/cgi-bin/message/subscribe/send", message)
        return await self._hand_over("/cgi-bin/message/subscribe/bizsend", message)

    async def typing(self, openid: str, *, on: bool) -> None:
        """Show that somebody is writing; whether it works is of no consequence."""
        command = "Typing" if on else "CancelTyping"
        try:
            await self._post(
                "/cgi-bin/message/custom/typing", {"touser": openid, "command": command}
            )
        except (BackendUnavailable, BackendRejected) as error:
            log.info("wechat.typing.failed", error=str(error))

    async def sent_since(self, openid: str, since: datetime, until: datetime) -> list[str] | None:
        """The texts we sent to somebody between two moments; None if the account may not ask."""
        request = {
            "starttime": int((since - timedelta(seconds=2)).timestamp()),
            "endtime": int((until + timedelta(seconds=60)).timestamp()),
            "msgid": 1,
            "number": _RECORDS_A_PAGE,
        }
        answer = await self._post("/customservice/msgrecord/getmsglist", request)
        if answer.get("errcode", 0) != 0:
            return None
        records = answer.get("recordlist") or []
        return [
            str(one.get("text", ""))
            for one in records
            if one.get("openid") == openid and one.get("opercode") == _SENT_BY_US
        ]

    async def create_menu(self, menu: Body) -> None:
        """Replace the account's menu; raises BackendRejected with the platform's code."""
        answer = await self._post("/cgi-bin/menu/create", menu)
        if answer.get("errcode", 0) != 0:
            raise BackendRejected(f"the platform refuses the menu: {answer.get('errcode')}")

    async def openid_of(self, code: str) -> str:
        """Whose browser came back from the platform's login with ``code``; raises likewise."""
        params = {
            "appid": self._account.settings.appid,
            "secret": self._account.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        async with self._call("GET", "/sns/oauth2/access_token", params=params) as response:
            answer = json_of(await response.read())
        if not isinstance(answer.get("openid"), str):
            raise BackendRejected(f"the platform says {answer.get('errcode')}")
        return str(answer["openid"])

    async def _issue(self, force: bool) -> Issued:
        request = {
            "grant_type": "client_credential",
            "appid": self._account.settings.appid,
            "secret": self._account.secret,
            "force_refresh": force,
        }
        return await self._issued("POST", "/cgi-bin/stable_token", json=request)


# Lengths of template fields by the letters of their name; the platform refuses longer ones.
_FIELD_LENGTHS = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "phrase": 5,
    "name": 10,
    "phone_number": 17,
    "car_number": 8,
}


def fit_field(name: str, value: str) -> str:
    """``value`` as the template field ``name`` takes it: short enough, on one line, not empty."""
    longest = _FIELD_LENGTHS.get(name.rstrip("0123456789"), 200)
    line = " ".join(value.split()) or "-"
    return line if len(line) <= longest else f"{line[: longest - 1]}…"

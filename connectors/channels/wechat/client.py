"""WeChat's API as we call it: tokens, messages, pictures, menus, templates, who logged in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels.access_tokens import AccessTokens, Issued
from connectors.channels.calls import Body, Call, MediaRefused, code_of, json_of
from connectors.channels.handing_over import Handover, Outcome
from connectors.channels.wechat.account import Account
from connectors.channels.wechat.errors import TOKEN_REFUSED, meaning_of
from kernel.clock import Clock
from kernel.errors import BackendRejected, BackendTimeout, BackendUnavailable

log = structlog.get_logger()

_CHUNK = 64 * 1024
_RECORDS_A_PAGE = 10000
_SENT_BY_US = 2002
_UPLOADED_AS = {"image/png": "picture.png", "image/webp": "picture.webp"}


class WeChatClient:
    """Calls of one account. Every call ends within the account's ``request_seconds``."""

    def __init__(
        self, account: Account, engine: AsyncEngine, clock: Clock, session: aiohttp.ClientSession
    ) -> None:
        """``session`` is the caller's to close."""
        self._account = account
        self._session = session
        self._timeout = aiohttp.ClientTimeout(total=account.settings.request_seconds)
        name = f"{account.channel}:{account.settings.appid}"
        self._tokens = AccessTokens(engine, clock, name, self._issue)

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
        async with self._request("GET", "/sns/oauth2/access_token", params=params) as response:
            answer = json_of(await response.read())
        if not isinstance(answer.get("openid"), str):
            raise BackendRejected(f"the platform says {answer.get('errcode')}")
        return str(answer["openid"])

    async def _hand_over(self, path: str, message: Body) -> Handover:
        try:
            answer = await self._post(path, message)
        except BackendTimeout:
            # It may have arrived.
            return Handover(Outcome.UNCERTAIN, "timeout")
        except BackendUnavailable as error:
            return Handover(Outcome.AGAIN, str(error))
        except BackendRejected as error:
            log.error("wechat.rejected", error=str(error))
            return Handover(Outcome.AGAIN, str(error), wait=timedelta(minutes=1))
        return meaning_of(int(answer.get("errcode", 0)))

    async def _post(self, path: str, message: Body) -> Body:
        """The platform's answer; asks a second time with a new token if the first is refused."""
        token = await self._tokens.get()
        # Real characters: the platform refuses escaped ones.
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        answer: Body = {}
        for attempt in range(2):
            params = {"access_token": token}
            headers = {"Content-Type": "application/json; charset=utf-8"}
            async with self._request(
                "POST", path, params=params, data=data, headers=headers
            ) as response:
                answer = json_of(await response.read())
            if answer.get("errcode") not in TOKEN_REFUSED or attempt:
                return answer
            token = await self._tokens.get(refused=token)
        return answer

    async def _issue(self, force: bool) -> Issued:
        request = {
            "grant_type": "client_credential",
            "appid": self._account.settings.appid,
            "secret": self._account.secret,
            "force_refresh": force,
        }
        async with self._request("POST", "/cgi-bin/stable_token", json=request) as response:
            answer = json_of(await response.read())
        token, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(lasts, int):
            raise BackendRejected(f"no access token: the platform says {answer.get('errcode')}")
        return Issued(token, timedelta(seconds=lasts))

    def _request(self, method: str, path: str, **how: Any) -> Call:
        address = f"{self._account.settings.api}{path}"
        return Call("wechat", self._session.request(method, address, timeout=self._timeout, **how))


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

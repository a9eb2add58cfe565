"""WeChat's server in a box: callbacks, tokens, send APIs, quotas and error codes, over real HTTP.

It is written from WeChat's pages alone and shares nothing with the channel that talks to it but
the envelope, so that each checks the other. Its misfortunes are seeded.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
import structlog
from aiohttp import web

from kefu.sandbox.media import Media
from kefu.sandbox.wechat_phone import Phone
from kefu.sandbox.wechat_templates import Templates
from kefu.sandbox.wechat_wire import PlatformSettings, Wire

log = structlog.get_logger()

_ATTEMPTS = 3
_OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"
_KINDS = {"text", "image", "voice", "video", "music", "news", "link", "msgmenu", "miniprogrampage"}
_TEXT_BYTES = 2048


@dataclass(frozen=True)
class Misfortunes:
    """How often what goes wrong, as shares of one; seconds where they are seconds."""

    doubled: float = 0.0
    late: float = 0.0
    late_seconds: float = 2.0
    lost_delivery: float = 0.0
    lost_acknowledgement: float = 0.0
    lost_answer: float = 0.0
    busy: float = 0.0
    clock_skew: float = 0.0


class WeChatPlatform:
    """Both sides of WeChat: the API that accounts call, and the phones of their shoppers."""

    def __init__(
        self,
        settings: PlatformSettings,
        *,
        misfortunes: Misfortunes | None = None,
        seed: int = 0,
    ) -> None:
        self.settings = settings
        self.misfortunes = misfortunes or Misfortunes()
        self.phones: dict[str, Phone] = {}
        self.refusals: Counter[int] = Counter()
        self.acknowledged_seconds: list[float] = []
        self.given_up: list[str] = []
        self.menu: dict[str, Any] | None = None
        self.tokens_issued = 0
        self._chance = random.Random(seed)  # noqa: S311 misfortunes, not secrets
        self._wire = Wire(settings)
        self._message_id = 6_000_000_000_000_000_000
        self._token: tuple[str, float] = ("", 0.0)
        self._media = Media()
        self._templates = Templates()
        self._records: list[dict[str, Any]] = []
        self._codes: dict[str, str] = {}
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    # The platform's API

    def add_to(self, app: web.Application) -> None:
        """Mount the API as it is at api.weixin.qq.com."""
        post, get = app.router.add_post, app.router.add_get
        post("/cgi-bin/stable_token", self._stable_token)
        post("/cgi-bin/message/custom/send", self._with_token(self._send))
        post("/cgi-bin/message/custom/typing", self._with_token(self._typing))
        post("/cgi-bin/message/template/send", self._with_token(self._template))
        post("/cgi-bin/message/subscribe/bizsend", self._with_token(self._subscription))
        post("/cgi-bin/message/subscribe/send", self._with_token(self._subscription))
        post("/cgi-bin/menu/create", self._with_token(self._create_menu))
        post("/customservice/msgrecord/getmsglist", self._with_token(self._record_list))
        post("/cgi-bin/media/upload", self._upload)
        get("/cgi-bin/media/get", self._download)
        get("/connect/oauth2/authorize", self._authorise)
        get("/sns/oauth2/access_token", self._who)
        app.on_cleanup.append(self._close)

    def expire_token(self) -> None:
        """Make the token that is in use worthless, as another program's request would."""
        self._token = ("", 0.0)

    @property
    def templates(self) -> list[dict[str, Any]]:
        """What was sent by templates, in order."""
        return self._templates.sent

    # The shoppers' phones

    def phone(self, openid: str) -> Phone:
        """The phone of a shopper; there from the first time on."""
        return self.phones.setdefault(openid, Phone())

    def account_said(self, openid: str) -> list[str]:
        """The texts that the account has put on a phone, in order."""
        return [one.text for one in self.phone(openid).seen if one.by == "account"]

    def say(self, openid: str, text: str, choice: str = "") -> str:
        """The shopper writes, or presses a choice of a menu; returns the message's id."""
        self._show(openid, "shopper", "text", text)
        self._allow(openid, "menu_click" if choice else "message")
        more = {"bizmsgmenuid": choice} if choice else {}
        return self._push_message(openid, {"MsgType": "text", "Content": text, **more})

    def send_picture(self, openid: str, picture: bytes, media_type: str = "image/jpeg") -> str:
        """The shopper sends a picture."""
        media_id = self._media.keep(picture, media_type)
        self._show(openid, "shopper", "image", "", media_id=media_id)
        self._allow(openid, "message")
        fields = {"MsgType": "image", "PicUrl": "http://mmbiz.invalid/1", "MediaId": media_id}
        return self._push_message(openid, fields)

    def send_other(self, openid: str, kind: str, **fields: str) -> str:
        """The shopper sends anything else: voice, location, link …"""
        self._show(openid, "shopper", kind, fields.get("Recognition") or fields.get("Label", ""))
        self._allow(openid, "message")
        return self._push_message(openid, {"MsgType": kind, **fields})

    def event(self, openid: str, event: str, **fields: str) -> None:
        """Something happens that is no message: subscribe, unsubscribe, SCAN, CLICK …"""
        phone = self.phone(openid)
        opens = {
            "subscribe": "follow",
            "SCAN": "scan",
            "CLICK": "menu_click",
            "user_enter_tempsession": "enter",
        }
        if event == "subscribe":
            phone.follows = True
        if event == "unsubscribe":
            phone.follows = False
            phone.allowed.clear()
        if event in opens:
            self._allow(openid, opens[event])
        self._push(openid, {"MsgType": "event", "Event": event, **fields}, event)

    def answer_popup(self, openid: str, answers: dict[str, str]) -> None:
        """The shopper says of templates whether they allow a message: "accept" or "reject"."""
        for template, status in answers.items():
            self.phone(openid).consents[template] += status == "accept"
        told = [
            {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": "0"}
            for template, status in answers.items()
        ]
        around = {"List": told}
        event = "subscribe_msg_popup_event"
        nested = around if self.settings.is_mini_program else {"SubscribeMsgPopupEvent": around}
        self._push(openid, {"MsgType": "event", "Event": event, **nested}, event)

    @property
    def open_callbacks(self) -> int:
        """How many callbacks are neither acknowledged nor given up."""
        return len(self._tasks)

    async def quiet(self) -> None:
        """Wait until every callback is acknowledged or given up."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    # Callbacks

    def _push_message(self, openid: str, fields: dict[str, str]) -> str:
        self._message_id += 1
        number = str(self._message_id)
        self._push(openid, {**fields, "MsgId": number}, number)
        return number

    def _push(self, openid: str, fields: dict[str, Any], name: str) -> None:
        body: dict[str, Any] = {
            "ToUserName": self.settings.original_id,
            "FromUserName": openid,
            "CreateTime": str(int(self._now().timestamp())),
            **fields,
        }
        delay = 0.0
        if self._happens(self.misfortunes.late):
            delay = self._chance.uniform(0, self.misfortunes.late_seconds)
        self._later(self._call(openid, body, name, delay))
        if self._happens(self.misfortunes.doubled):
            soon = delay + self._chance.uniform(0, self.settings.retry_seconds * 0.5)
            self._later(self._call(openid, body, name, soon, is_double=True))

    async def _call(
        self, openid: str, body: dict[str, Any], name: str, delay: float, *, is_double: bool = False
    ) -> None:
        await asyncio.sleep(delay)
        for _ in range(1 if is_double else _ATTEMPTS):
            began = asyncio.get_running_loop().time()
            answer = None
            if not self._happens(self.misfortunes.lost_delivery):
                answer = await self._call_once(body)
            took = asyncio.get_running_loop().time() - began
            if answer is not None and not is_double:
                self.acknowledged_seconds.append(took)
            if answer is not None and not self._happens(self.misfortunes.lost_acknowledgement):
                self._show_reply(openid, answer)
                return
            await asyncio.sleep(max(0.0, self.settings.retry_seconds - took))
        if not is_double:
            self.given_up.append(name)
            self._show(openid, "wechat", "trouble", _OUT_OF_ORDER)

    async def _call_once(self, fields: dict[str, Any]) -> str | None:
        """What the account answered in time, None if nothing."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=200))
        nonce = str(self._chance.randrange(10**9))
        body, query = self._wire.packed(fields, self._now(), nonce)
        timeout = aiohttp.ClientTimeout(total=self.settings.retry_seconds)
        address = f"{self.settings.callback}?{urlencode(query)}"
        try:
            async with self._session.post(address, data=body, timeout=timeout) as response:
                text = await response.text()
                return text if response.status == 200 else None
        except (TimeoutError, aiohttp.ClientError, OSError):
            return None

    def _show_reply(self, openid: str, answer: str) -> None:
        if answer in ("", "success"):
            return
        try:
            fields = self._wire.read(answer)
        except (ElementTree.ParseError, KeyError):
            self._show(openid, "wechat", "trouble", _OUT_OF_ORDER)
            return
        self._show(openid, "account", fields["MsgType"], fields.get("Content", ""), via="passive")

    # What accounts may ask

    def _with_token(
        self, work: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if not self._is_token(request.query.get("access_token", "")):
                return self._error(40001)
            raw = await request.text()
            if "\\u" in raw:
                return self._error(40033)
            if self._happens(self.misfortunes.busy):
                return self._error(-1)
            answer = work(json.loads(raw))
            if code := answer.get("errcode"):
                self.refusals[code] += 1
            if self._happens(self.misfortunes.lost_answer) and request.transport is not None:
                request.transport.abort()
            return web.json_response(answer)

        return handle

    async def _stable_token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if (asked.get("appid"), asked.get("secret")) != (
            self.settings.appid,
            self.settings.secret,
        ):
            return self._error(40125)
        now = asyncio.get_running_loop().time()
        if asked.get("force_refresh") or self._token[1] <= now:
            self.tokens_issued += 1
            self._token = (secrets.token_urlsafe(64), now + self.settings.token_seconds)
        left = int(self._token[1] - now)
        return web.json_response({"access_token": self._token[0], "expires_in": left})

    def _send(self, message: dict[str, Any]) -> dict[str, Any]:
        openid, kind = message.get("touser", ""), message.get("msgtype", "")
        phone = self.phones.get(openid)
        if phone is None:
            return {"errcode": 40003, "errmsg": "invalid openid"}
        if not self.settings.has_customer_service:
            return {"errcode": 48001, "errmsg": "api unauthorized"}
        if phone.blacklisted:
            return {"errcode": 43019, "errmsg": "require remove blacklist"}
        if not phone.follows:
            return {"errcode": 43004, "errmsg": "require subscribe"}
        if kind not in _KINDS:
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if kind == "msgmenu" and not self.settings.has_choice_menus:
            return {"errcode": 40200, "errmsg": "invalid account type"}
        said = message.get(kind) or {}
        text = str(said.get("content") or said.get("head_content") or said.get("title") or "")
        if len(text.encode()) > _TEXT_BYTES:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if kind == "image" and self._media.find(said.get("media_id", "")) is None:
            return {"errcode": 40007, "errmsg": "invalid media_id"}
        if code := phone.use_one(self._now()):
            return {"errcode": code, "errmsg": "out of response count or time limit"}
        articles = said.get("articles") or [said]
        self._show(
            openid,
            "account",
            kind,
            text or str(articles[0].get("title", "")),
            choices=tuple((one["id"], one["content"]) for one in said.get("list") or ()),
            via="api",
            media_id=str(said.get("media_id", "")),
            url=str(articles[0].get("url", "")),
        )
        self._records.append(
            {"openid": openid, "opercode": 2002, "text": text, "time": self._now().timestamp()}
        )
        return {"errcode": 0, "errmsg": "ok"}

    def _allow(self, openid: str, kind: str) -> None:
        messages, seconds = self.settings.allowances.get(kind, (0, 0.0))
        if messages:
            self.phone(openid).allow(kind, messages, self._now() + timedelta(seconds=seconds))

    def _typing(self, asked: dict[str, Any]) -> dict[str, Any]:
        phone = self.phone(str(asked.get("touser")))
        phone.typing = asked.get("command") == "Typing"
        phone.news.set()
        return {"errcode": 0, "errmsg": "ok"}

    def _template(self, message: dict[str, Any]) -> dict[str, Any]:
        openid = str(message.get("touser"))
        if openid not in self.phones:
            return {"errcode": 40003, "errmsg": "invalid openid"}
        if not self.phones[openid].follows:
            return {"errcode": 43004, "errmsg": "require subscribe"}
        return self._put_up(openid, message)

    def _subscription(self, message: dict[str, Any]) -> dict[str, Any]:
        openid, template = str(message.get("touser")), str(message.get("template_id"))
        if openid not in self.phones:
            return {"errcode": 40003, "errmsg": "invalid openid"}
        refusal = self._templates.use_consent(self.phones[openid].consents, template)
        return refusal or self._put_up(openid, message)

    def _put_up(self, openid: str, message: dict[str, Any]) -> dict[str, Any]:
        shown, answer = self._templates.take(message)
        if shown is not None:
            self._show(openid, "account", "template", shown, via="template")
        return answer

    def _create_menu(self, menu: dict[str, Any]) -> dict[str, Any]:
        self.menu = menu
        return {"errcode": 0, "errmsg": "ok"}

    def _record_list(self, asked: dict[str, Any]) -> dict[str, Any]:
        # What was said was written down as time went on.
        first = bisect_left(self._records, asked["starttime"], key=_when)
        found = self._records[first : bisect_right(self._records, asked["endtime"], key=_when)]
        return {"recordlist": found, "number": len(found), "msgid": len(self._records)}

    async def _upload(self, request: web.Request) -> web.Response:
        if not self._is_token(request.query.get("access_token", "")):
            return self._error(40001)
        return await self._media.upload(request) or self._error(41005)

    async def _download(self, request: web.Request) -> web.Response:
        if not self._is_token(request.query.get("access_token", "")):
            return self._error(40001)
        return self._media.download(request) or self._error(40007)

    async def _authorise(self, request: web.Request) -> web.Response:
        """WeChat's browser asks its user nothing for snsapi_base; ours is told who uses it."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = request.query.get("openid") or request.cookies.get("openid", "")
        joined = urlencode({"code": code, "state": request.query.get("state", "")})
        address = request.query["redirect_uri"]
        raise web.HTTPFound(f"{address}{'&' if '?' in address else '?'}{joined}")

    async def _who(self, request: web.Request) -> web.Response:
        openid = self._codes.pop(request.query.get("code", ""), "")
        if not openid or request.query.get("secret") != self.settings.secret:
            return self._error(40029)
        return web.json_response({"openid": openid, "scope": "snsapi_base"})

    # Small things

    def media(self, media_id: str) -> tuple[bytes, str] | None:
        """The bytes and type of a picture that was sent either way."""
        return self._media.find(media_id)

    def _show(self, openid: str, by: str, kind: str, text: str, **more: Any) -> None:
        self.phone(openid).show(by, kind, text, self._now(), **more)

    def _is_token(self, token: str) -> bool:
        now = asyncio.get_running_loop().time()
        return bool(token) and token == self._token[0] and now < self._token[1]

    def _error(self, code: int) -> web.Response:
        self.refusals[code] += 1
        return web.json_response({"errcode": code, "errmsg": "refused"})

    def _happens(self, share: float) -> bool:
        return share > 0 and self._chance.random() < share

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.misfortunes.clock_skew)

    def _later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _close(self, _app: web.Application) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()


def _when(record: dict[str, Any]) -> float:
    at: float = record["time"]
    return at

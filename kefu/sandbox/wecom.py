"""WeCom's server in a box: calls, sync_msg, send APIs, sessions and error codes, over real HTTP.

It is written from WeCom's pages alone and shares nothing with the channel that talks to it but
the envelope, so that each checks the other. Its misfortunes are seeded.
"""

from __future__ import annotations

import asyncio
import random
import re
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import aiohttp
import structlog
from aiohttp import web

from kefu.sandbox.media import Media
from kefu.sandbox.wecom_session import Session, State
from kefu.sandbox.wecom_wire import Wire, shown_of

log = structlog.get_logger()

_KEY = re.compile(r"[0-9a-zA-Z_-]{1,32}")
_ATTEMPTS = 3
# The pages name no code for these three refusals; any that nobody knows will do.
_USED_CODE, _NO_SERVICER, _HAS_ENDED = 95991, 95992, 95993


@dataclass(frozen=True)
class KfMisfortunes:
    """How often what goes wrong, as shares of one; seconds where they are seconds."""

    lost_call: float = 0.0
    doubled_call: float = 0.0
    late_call: float = 0.0
    late_seconds: float = 2.0
    lost_answer: float = 0.0
    busy: float = 0.0


@dataclass(frozen=True)
class KfPlatformSettings:
    """One enterprise at the platform, and the platform's own habits."""

    corpid: str
    secret: str
    token: str
    encoding_aes_key: str
    callback: str
    page: int = 1000
    token_seconds: int = 7200
    call_seconds: float = 5.0
    servicers: tuple[str, ...] = ()


class WeComPlatform:
    """Both sides of 微信客服: the API that enterprises call, and the phones of their shoppers."""

    def __init__(
        self,
        settings: KfPlatformSettings,
        *,
        misfortunes: KfMisfortunes | None = None,
        seed: int = 0,
    ) -> None:
        self.settings = settings
        self.misfortunes = misfortunes or KfMisfortunes()
        self.sessions: dict[tuple[str, str], Session] = {}
        self.refusals: Counter[int] = Counter()
        self.answered_calls: list[int] = []
        self.answered_seconds: list[float] = []
        self.tokens_issued = 0
        self.syncs = 0
        self.syncs_at_once = 0
        self.most_syncs_at_once = 0
        self._chance = random.Random(seed)  # noqa: S311 misfortunes, not secrets
        self._wire = Wire(settings.corpid, settings.token, settings.encoding_aes_key)
        self._items: dict[str, list[dict[str, Any]]] = {}
        self._token = ""
        self._keys: set[tuple[str, str]] = set()
        self._codes: dict[str, tuple[str, str]] = {}
        self._media = Media()
        self._tasks: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    def add_to(self, app: web.Application) -> None:
        """Mount the API as it is at qyapi.weixin.qq.com."""
        post, get = app.router.add_post, app.router.add_get
        get("/cgi-bin/gettoken", self._gettoken)
        post("/cgi-bin/kf/sync_msg", self._with_token(self._sync))
        post("/cgi-bin/kf/send_msg", self._with_token(self._send))
        post("/cgi-bin/kf/send_msg_on_event", self._with_token(self._send_on_event))
        post("/cgi-bin/kf/service_state/get", self._with_token(self._state))
        post("/cgi-bin/kf/service_state/trans", self._with_token(self._trans))
        post("/cgi-bin/media/upload", self._upload)
        get("/cgi-bin/media/get", self._download)
        app.on_cleanup.append(self._close)

    # The shoppers' phones and WeCom's people

    def session(self, open_kfid: str, person: str) -> Session:
        """What one person has with one account; there from the first time on."""
        return self.sessions.setdefault((open_kfid, person), Session())

    def account_said(self, open_kfid: str, person: str) -> list[str]:
        """What the shopper has read that they did not write, in order."""
        return [one.text for one in self.session(open_kfid, person).seen if one.by != "shopper"]

    def say(self, open_kfid: str, person: str, text: str, choice: str = "") -> str:
        """The shopper writes, or presses a choice; returns the message's id."""
        inner = {"content": text, **({"menu_id": choice} if choice else {})}
        return self._said(open_kfid, person, "text", inner, text)

    def send_other(self, open_kfid: str, person: str, kind: str, **inner: Any) -> str:
        """The shopper sends anything else: voice, location, link …"""
        return self._said(open_kfid, person, kind, inner, f"[{kind}]")

    def send_picture(
        self, open_kfid: str, person: str, picture: bytes, media_type: str = "image/jpeg"
    ) -> str:
        """The shopper sends a picture."""
        media_id = self._media.keep(picture, media_type)
        return self._said(open_kfid, person, "image", {"media_id": media_id}, "")

    def media(self, media_id: str) -> tuple[bytes, str] | None:
        """The bytes and type of a picture that was sent either way."""
        return self._media.find(media_id)

    def enter(self, open_kfid: str, person: str, scene: str = "") -> None:
        """The shopper opens the chat; WeCom offers to let us welcome them."""
        code = self._code(open_kfid, person)
        self._event(open_kfid, person, "enter_session", scene_param=scene, welcome_code=code)

    def take(self, open_kfid: str, person: str, servicer: str) -> None:
        """One of WeCom's people takes a session, from the pool or from a colleague."""
        session = self.session(open_kfid, person)
        change = 2 if session.state == State.SERVICER else 1
        session.state, session.servicer = State.SERVICER, servicer
        self._event(
            open_kfid,
            person,
            "session_status_change",
            change_type=change,
            new_servicer_userid=servicer,
        )

    def servicer_says(self, open_kfid: str, person: str, text: str) -> None:
        """Whoever of WeCom's people has the session writes to the shopper."""
        session = self.session(open_kfid, person)
        session.show("account", "text", text, datetime.now(UTC), via=session.servicer)
        self._item(
            open_kfid,
            {
                "external_userid": person,
                "origin": 5,
                "servicer_userid": session.servicer,
                "msgtype": "text",
                "text": {"content": text},
            },
        )

    def end(self, open_kfid: str, person: str) -> None:
        """WeCom's people end a session."""
        session = self.session(open_kfid, person)
        session.state, session.servicer = State.ENDED, ""
        code = self._code(open_kfid, person)
        self._event(open_kfid, person, "session_status_change", change_type=3, msg_code=code)

    def fail(self, open_kfid: str, person: str, key: str, fail_type: int) -> None:
        """A message that was accepted cannot be delivered after all."""
        session = self.session(open_kfid, person)
        session.seen.pop()
        self._event(open_kfid, person, "msg_send_fail", fail_msgid=key, fail_type=fail_type)

    def expire_token(self) -> None:
        """Make the token that is in use worthless."""
        self._token = ""

    @property
    def keys(self) -> list[str]:
        """The msgids of everything that was sent."""
        return [key for _, key in sorted(self._keys)]

    @property
    def open_calls(self) -> int:
        """How many calls are neither answered nor given up."""
        return len(self._tasks)

    async def quiet(self) -> None:
        """Wait until every call is answered or given up."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    # Calls

    def _said(
        self, open_kfid: str, person: str, kind: str, inner: dict[str, Any], shown: str
    ) -> str:
        session = self.session(open_kfid, person)
        shows = str(inner.get("media_id", "")) if kind == "image" else ""
        session.show("shopper", kind, shown, datetime.now(UTC), media_id=shows)
        session.wrote(self._now())
        return self._item(
            open_kfid, {"external_userid": person, "origin": 3, "msgtype": kind, kind: inner}
        )

    def _event(self, open_kfid: str, person: str, event_type: str, **more: Any) -> None:
        inner = {"event_type": event_type, "open_kfid": open_kfid, "external_userid": person}
        self._item(open_kfid, {"origin": 4, "msgtype": "event", "event": {**inner, **more}})

    def _item(self, open_kfid: str, data: dict[str, Any]) -> str:
        items = self._items.setdefault(open_kfid, [])
        item_id = f"m{len(items)}{open_kfid}"
        if data["msgtype"] != "event":
            data = {"open_kfid": open_kfid, **data}
        items.append({"msgid": item_id, "send_time": int(self._now()), **data})
        self._call_soon(open_kfid)
        return item_id

    def _call_soon(self, open_kfid: str) -> None:
        for _ in range(2 if self._happens(self.misfortunes.doubled_call) else 1):
            task = asyncio.create_task(self._call(open_kfid))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _call(self, open_kfid: str) -> None:
        if self._happens(self.misfortunes.lost_call):
            return
        if self._happens(self.misfortunes.late_call):
            await asyncio.sleep(self._chance.uniform(0, self.misfortunes.late_seconds))
        body, query = self._wire.call(open_kfid, int(self._now()))
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
        timeout = aiohttp.ClientTimeout(total=self.settings.call_seconds)
        for _ in range(_ATTEMPTS):
            address = f"{self.settings.callback}?{urlencode(query)}"
            began = asyncio.get_running_loop().time()
            try:
                async with self._session.post(address, data=body, timeout=timeout) as response:
                    self.answered_calls.append(response.status)
                    self.answered_seconds.append(asyncio.get_running_loop().time() - began)
                    if response.status == 200:
                        return
            except (TimeoutError, aiohttp.ClientError, OSError) as error:
                log.warning("wecom.sandbox.unanswered", error=repr(error))
            await asyncio.sleep(0.1)

    def signed(self, encrypted: str, at: float | None = None) -> dict[str, str]:
        """The query of a call that carries ``encrypted``."""
        return self._wire.signed(encrypted, int(at or self._now()))

    def sealed(self, text: str) -> str:
        """``text`` in the envelope of this enterprise."""
        return self._wire.sealed(text)

    # What enterprises may ask

    def _with_token(
        self, work: Callable[[dict[str, Any]], Coroutine[Any, Any, dict[str, Any]]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handle(request: web.Request) -> web.Response:
            if request.query.get("access_token") != self._token or not self._token:
                return self._error(42001)
            if self._happens(self.misfortunes.busy):
                return self._error(-1)
            answer = await work(await request.json())
            if answer.get("errcode"):
                self.refusals[answer["errcode"]] += 1
            is_send = request.path.endswith("/send_msg")
            if is_send and self._happens(self.misfortunes.lost_answer):
                # The work is done, but nobody hears of it.
                if request.transport is not None:
                    request.transport.close()
                return web.Response(status=500)
            return web.json_response({"errcode": 0, "errmsg": "ok", **answer})

        return handle

    async def _gettoken(self, request: web.Request) -> web.Response:
        query = request.query
        if query.get("corpid") != self.settings.corpid:
            return self._error(40013)
        if query.get("corpsecret") != self.settings.secret:
            return self._error(40001)
        if not self._token:
            self._token = secrets.token_hex(16)
            self.tokens_issued += 1
        answer = {"errcode": 0, "access_token": self._token}
        return web.json_response({**answer, "expires_in": self.settings.token_seconds})

    async def _sync(self, request: dict[str, Any]) -> dict[str, Any]:
        self.syncs += 1
        self.syncs_at_once += 1
        self.most_syncs_at_once = max(self.most_syncs_at_once, self.syncs_at_once)
        try:
            await asyncio.sleep(0.005)
            items = self._items.get(request["open_kfid"], [])
            begin = int(request.get("cursor") or 0)
            end = min(len(items), begin + min(request.get("limit", 1000), self.settings.page))
            return {
                "msg_list": items[begin:end],
                "next_cursor": str(end),
                "has_more": int(end < len(items)),
            }
        finally:
            self.syncs_at_once -= 1

    async def _send(self, message: dict[str, Any]) -> dict[str, Any]:
        key, open_kfid = message.get("msgid", ""), message["open_kfid"]
        if not _KEY.fullmatch(key):
            return {"errcode": 40058}
        session = self.sessions.get((open_kfid, message["touser"]))
        if session is None:
            return {"errcode": 95004}
        if (open_kfid, key) in self._keys:
            return {"msgid": key}
        if session.state not in (State.NEW, State.BOT):
            return {"errcode": 95018}
        text = shown_of(message)
        if text is None:
            return {"errcode": 40058}
        self._keys.add((open_kfid, key))
        if fail_type := session.use_one(self._now()):
            # WeCom accepts it and tells later that it was one too many.
            self.refusals[fail_type] += 1
            self._event(
                open_kfid,
                message["touser"],
                "msg_send_fail",
                fail_msgid=key,
                fail_type=fail_type,
            )
            return {"msgid": key}
        self._show(session, message, text)
        return {"msgid": key}

    def _show(self, session: Session, message: dict[str, Any], text: str) -> None:
        kind = message["msgtype"]
        said = message[kind]
        choices = [(one["click"]["id"], one["click"]["content"]) for one in said.get("list") or ()]
        session.show(
            "account",
            kind,
            text,
            datetime.now(UTC),
            choices=tuple(choices),
            media_id=str(said.get("media_id", "")) if kind == "image" else "",
        )

    async def _send_on_event(self, message: dict[str, Any]) -> dict[str, Any]:
        whose = self._codes.pop(message.get("code", ""), None)
        if whose is None:
            return {"errcode": _USED_CODE}
        self._show(self.session(*whose), message, shown_of(message) or "")
        return {}

    async def _state(self, request: dict[str, Any]) -> dict[str, Any]:
        session = self.session(request["open_kfid"], request["external_userid"])
        return {"service_state": session.state, "servicer_userid": session.servicer}

    async def _trans(self, request: dict[str, Any]) -> dict[str, Any]:
        open_kfid, person = request["open_kfid"], request["external_userid"]
        session = self.session(open_kfid, person)
        state, servicer = request["service_state"], request.get("servicer_userid", "")
        if session.state == State.ENDED:
            return {"errcode": _HAS_ENDED}
        if state == State.SERVICER and servicer not in self.settings.servicers:
            return {"errcode": _NO_SERVICER}
        session.state, session.servicer = state, servicer
        return {"msg_code": self._code(open_kfid, person)} if state >= State.POOL else {}

    async def _upload(self, request: web.Request) -> web.Response:
        if request.query.get("access_token") != self._token:
            return self._error(42001)
        return await self._media.upload(request) or self._error(44001)

    async def _download(self, request: web.Request) -> web.Response:
        if request.query.get("access_token") != self._token:
            return self._error(42001)
        return self._media.download(request) or self._error(40007)

    def _code(self, open_kfid: str, person: str) -> str:
        code = secrets.token_hex(8)
        self._codes[code] = (open_kfid, person)
        return code

    def _error(self, code: int) -> web.Response:
        self.refusals[code] += 1
        return web.json_response({"errcode": code, "errmsg": "sandbox"})

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _now(self) -> float:
        return datetime.now(UTC).timestamp()

    async def _close(self, _app: web.Application) -> None:
        for task in list(self._tasks):
            task.cancel()
        if self._session is not None:
            await self._session.close()

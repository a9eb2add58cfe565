"""Kuaidi100 in a box: queries that lock a number asked about too soon, subscriptions, pushes.

Written from the vendor's pages; it shares only the arithmetic of signatures with what talks to it,
which the published vector checks.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from connectors.backends.pushes.kuaidi100 import sign_push, sign_query
from kernel.clock import Clock

KEY, CUSTOMER, SALT = "NOT-A-REAL-KEY", "NOT-A-REAL-CUSTOMER", "not-a-real-salt"
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_LOCKED_FOR = timedelta(minutes=30)
_NEEDS_PHONE = {"shunfeng", "zhongtong"}


@dataclass
class Kuaidi100Server:
    """Both doors of the vendor, and what happens to parcels.

    ``down``: companies of which no question is answered; ``says``: the next answers by number.
    """

    clock: Clock
    session: aiohttp.ClientSession
    down: set[str] = field(default_factory=set)
    says: dict[str, list[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    asked_of: Counter[str] = field(default_factory=Counter)
    too_soon: list[str] = field(default_factory=list)
    subscriptions: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscribed: Counter[str] = field(default_factory=Counter)
    phones: dict[str, str] = field(default_factory=dict)
    _ways: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    _last_asked: dict[str, datetime] = field(default_factory=dict)

    def add_to(self, app: web.Application) -> None:
        """Mount the two doors as they are at poll.kuaidi100.com."""
        app.router.add_post("/poll/query.do", self._query)
        app.router.add_post("/poll", self._subscribe)

    def scan(self, number: str, at: datetime, code: str, text: str) -> None:
        """The carrier has scanned a parcel."""
        row = {
            "ftime": f"{at.astimezone(_SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "context": text,
            "areaName": "浙江,杭州市",
            "statusCode": code,
        }
        self._ways.setdefault(number, []).insert(0, row)

    async def push(self, number: str, status: str = "polling", message: str = "") -> int:
        """Tell whoever subscribed a parcel; the HTTP status of the answer."""
        parameters = self.subscriptions[number]["parameters"]
        param = json.dumps(
            {"status": status, "message": message, "lastResult": self._result(number)},
            ensure_ascii=False,
        )
        form = {"sign": sign_push(param, parameters["salt"]), "param": param}
        async with self.session.post(parameters["callbackurl"], data=form) as answer:
            return answer.status

    async def _query(self, request: web.Request) -> web.Response:
        form = await request.post()
        text = str(form["param"])
        param = json.loads(text)
        number, company = param["num"], param["com"]
        self.asked[number] += 1
        self.asked_of[company] += 1
        last, now = self._last_asked.get(number), self.clock.now()
        if last is not None and now - last < _LOCKED_FOR:
            self.too_soon.append(number)
        self._last_asked[number] = now
        if company in self.down:
            await asyncio.sleep(3600)
        if form["sign"] != sign_query(text, KEY, CUSTOMER) or form["customer"] != CUSTOMER:
            return self._failed("503")
        if (code := self._next_word(number)) is not None:
            return self._failed(code)
        if company in _NEEDS_PHONE and not self._is_phone(number, param.get("phone")):
            return self._failed("408")
        if number not in self._ways:
            return self._failed("500")
        return web.json_response({**self._result(number), "status": "200"})

    async def _subscribe(self, request: web.Request) -> web.Response:
        form = await request.post()
        param = json.loads(str(form["param"]))
        number = param["number"]
        self.subscribed[number] += 1
        if param["company"] in self.down:
            await asyncio.sleep(3600)
        if param["key"] != KEY or form["schema"] != "json":
            return self._failed("600")
        if (code := self._next_word(number)) is not None:
            return self._failed(code)
        if number in self.subscriptions:
            return self._failed("501")
        self.subscriptions[number] = param
        self._is_phone(number, param["parameters"].get("phone"))
        return web.json_response({"result": True, "returnCode": "200", "message": "提交成功"})

    def _is_phone(self, number: str, phone: str | None) -> bool:
        self.phones[number] = phone or ""
        return bool(phone) and len(str(phone)) == 4

    def _next_word(self, number: str) -> str | None:
        words = self.says.get(number)
        return words.pop(0) if words else None

    def _failed(self, code: str) -> web.Response:
        return web.json_response({"result": False, "returnCode": code, "message": "失败"})

    def _result(self, number: str) -> dict[str, Any]:
        rows = self._ways.get(number, [])
        return {"message": "ok", "nu": number, "com": "", "state": "0", "data": rows}

"""One-time codes in a whole `kefu serve`: sent by a system of the shop's, typed over REST, and then
nowhere to be read."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from connectors.backends.pushes.webhook import SIGNATURE, TIMESTAMP, sign
from tests.serving import ROOT, Served

KEY = "what both sides know"
PARTS = ("actions", "bot", "connectors", "data", "desk", "domain", "holidays", "kefu", "kernel")
FILES = (
    "config.yml",
    "credentials.yml",
    "domain.yml",
    "endpoints.yml",
    "kefu.yml",
    "requirements.txt",
)


class Merchant:
    """The shop's own system on a port of this machine: takes what is signed, for us to read."""

    def __init__(self) -> None:
        self.codes: Queue[dict[str, Any]] = Queue()
        codes = self.codes

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = self.headers[SIGNATURE] == sign(KEY, self.headers[TIMESTAMP], body)
                if signed and (told := json.loads(body))["type"] == "code.send":
                    codes.put(told)
                self.send_response(204 if signed else 401)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/codes"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def code(self, to: str) -> str:
        """The next code that was to be sent, which must be for ``to``."""
        told = self.codes.get(timeout=30)
        assert told["to"]["value"] == to
        code: str = told["code"]
        return code

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


@pytest.fixture(scope="module")
def merchant() -> Iterator[Merchant]:
    """A system of the shop's that takes every code."""
    merchant = Merchant()
    yield merchant
    merchant.close()


@pytest.fixture(scope="module")
def shop(
    model: Path, merchant: Merchant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The project as delivered, but for codes."""
    root = tmp_path_factory.mktemp("project")
    for part in PARTS:
        shutil.copytree(ROOT / part, root / part)
    for name in FILES:
        shutil.copy2(ROOT / name, root / name)
    (root / "models").mkdir()
    shutil.copy2(model, root / "models")
    book = yaml.safe_load((root / "kefu.yml").read_text(encoding="utf-8"))
    book["shop"]["codes"] = {"url": merchant.url}
    identity = book.setdefault("rules", {}).setdefault("identity", {})
    identity |= {
        "proofs": ["one_time_code", "order_and_phone"],
        "code_wait_seconds": 0,
        "codes_per_contact": 20,
    }
    (root / "kefu.yml").write_text(yaml.safe_dump(book, allow_unicode=True), encoding="utf-8")
    environment = {"KEFU_CODE_KEY": KEY, "PYTHONPATH": str(root)}
    serving = Served(root / "var", environment, root)
    serving.start()
    yield serving
    serving.stop()


def responses(replies: list[dict[str, object]]) -> list[str]:
    """What the replies say, in one piece."""
    return [str(reply["text"]) for reply in replies if reply.get("text")]


def asked(replies: list[dict[str, Any]]) -> str:
    """Which value the last reply asks for."""
    told: dict[str, Any] = replies[-1].get("custom") or {}
    return str((told.get("ask") or {}).get("slot"))


def wrong(code: str) -> str:
    """Six other digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def readable(shop: Served, sender: str, digits: str) -> list[str]:
    """Where ``digits`` can still be read: a time has six digits, too, behind its point."""
    token = json.loads((shop.data / "secrets.json").read_text())["api_token"]
    places = {"tracker": json.dumps(shop.get(f"/conversations/{sender}/tracker?token={token}"))}
    with sqlite3.connect(shop.data / "kefu.db") as database:
        for table in ("desk_message", "desk_conversation", "search_message", "tracker_events"):
            rows = database.execute(f"SELECT * FROM {table}").fetchall()
            places[table] = json.dumps(rows, ensure_ascii=False)
        places["trackers"] = json.dumps(database.execute("SELECT base FROM trackers").fetchall())
    places["log"] = shop.output() + (shop.data / "kefu.log").read_text(encoding="utf-8")
    pattern = re.compile(rf"(?<![\w.]){digits}(?!\w)")
    return [place for place, text in places.items() if pattern.search(text)]


def test_a_shopper_signs_in_by_a_code_after_a_wrong_one_zh(
    shop: Served, merchant: Merchant
) -> None:
    assert asked(shop.say("zhang", "我的快递到哪了")) == "proof"
    assert asked(shop.say("zhang", "手机 13800001024")) == "code"
    code = merchant.code("13800001024")
    assert asked(shop.say("zhang", wrong(code))) == "code"
    said = " ".join(responses(shop.say("zhang", f"验证码是 {code[:3]} {code[3:]}")))
    assert "正在路上" in said
    assert asked(shop.say("zhang", "我的订单是什么状态")) != "proof"

    assert readable(shop, "zhang", code) == []
    assert readable(shop, "zhang", wrong(code)) == []
    assert readable(shop, "zhang", f"{code[:3]} {code[3:]}") == []


def test_an_expired_code_is_followed_by_another_en(shop: Served, merchant: Merchant) -> None:
    assert asked(shop.say("emma", "where is my parcel")) == "proof"
    assert asked(shop.say("emma", "emma.clark@example.com")) == "code"
    old = merchant.code("emma.clark@example.com")
    with sqlite3.connect(shop.data / "kefu.db", timeout=30) as database:
        database.execute("UPDATE shop_identity_codes SET expires_at = '2020-01-01 00:00:00'")
    assert asked(shop.say("emma", old)) == "code"
    code = merchant.code("emma.clark@example.com")
    said = " ".join(responses(shop.say("emma", f"it says {code}")))
    assert "is on its way" in said
    assert readable(shop, "emma", old) == []
    assert readable(shop, "emma", code) == []


def test_agents_find_neither_codes_nor_cards_nor_passwords(
    shop: Served, merchant: Merchant
) -> None:
    shop.say("chen", "where is my parcel")
    shop.say("chen", "emma.clark@example.com")
    code = merchant.code("emma.clark@example.com")
    shop.say("chen", f"{code} it is")
    shop.say("chen", "my card 4111 1111 1111 1111 was charged twice, cvv 737")
    shop.say("chen", "我的密码是hunter2022，登不上")
    login, password = shop.supervisor()
    assert shop.post("/console/api/login", {"login": login, "password": password})[0] == 200
    for secret in (code, "4111", "737", "hunter2022"):
        assert shop.get(f"/console/api/search?q={quote(secret)}")["hits"] == []
    with sqlite3.connect(shop.data / "kefu.db") as database:
        [conversation] = database.execute(
            "SELECT id FROM desk_conversation WHERE shopper_id = 'chen'"
        ).fetchone()
    transcript = shop.get(f"/console/api/conversations/{conversation}")["messages"]
    said = [one["text"] for one in transcript if one["author"] == "shopper"]
    assert said[2:] == [
        "****** it is",
        "my card **** **** **** 1111 was charged twice, cvv ***",
        "我的密码是******，登不上",
    ]
    shop.post("/console/api/logout", {})

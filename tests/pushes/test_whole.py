"""The whole program: asked for in the chat, pushed by the warehouse, kept once, ended by a word."""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt

from connectors.backends.pushes.webhook import SIGNATURE, TIMESTAMP, sign
from tests.serving import Served

LIN, PREPARING = "C0001", "KF2601018004"


def test_a_shopper_asks_in_the_chat_and_the_warehouse_pushes(served: Served) -> None:
    keys = json.loads((served.data / "secrets.json").read_text())
    number = f"SF{uuid4().int % 10**13:013d}"
    now = datetime.now(UTC)
    claims = {"sub": LIN, "name": "林小满", "exp": int((now + timedelta(minutes=10)).timestamp())}
    token = jwt.encode(claims, keys["shop_key"], algorithm="HS256")
    said = served.say("news-1", "发货了告诉我", customer_token=token)
    assert PREPARING in str(said[0]["text"])
    event = {
        "type": "order.shipped",
        "id": uuid4().hex,
        "order_number": PREPARING,
        "carrier": "sf",
        "tracking_number": number,
        "at": now.isoformat(),
    }
    for _ in range(3):
        assert _push(served, event, keys["webhook_key"]) == {"ok": True}
    # By day it is told at once, by night it waits for the morning: the rules have their own tests.
    until = time.monotonic() + 20
    while not (states := _news_of(served, number)) and time.monotonic() < until:
        time.sleep(0.1)
    assert states in (["waiting"], ["told"])


def _push(served: Served, event: dict[str, str], key: str) -> object:
    body, timestamp = json.dumps(event).encode(), str(int(time.time()))
    headers = {TIMESTAMP: timestamp, SIGNATURE: sign(key, timestamp, body)}
    request = urllib.request.Request(f"{served.url}/pushes/webhook", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _news_of(served: Served, tracking_number: str) -> list[str]:
    with sqlite3.connect(served.data / "kefu.db") as connection:
        found = connection.execute(
            "SELECT state FROM desk_news WHERE about = ?", [tracking_number]
        ).fetchall()
    return [row[0] for row in found]

"""Why a person came, as the desk keeps it: whole conversations with a served assistant."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import jwt
import pytest

from kernel.clock import SystemClock
from tests.serving import Served

STUCK = {"zh": "KF2601018021", "en": "KF2601018031"}


def handoff_of(served: Served, sender: str) -> dict[str, Any]:
    """What the database says of a conversation: owner, priority, id, why people have it."""
    with closing(sqlite3.connect(served.data / "kefu.db")) as database:
        row = database.execute(
            "select handoff, owner, priority, id from desk_conversation where shopper_id = ?",
            (sender,),
        ).fetchone()
    known = dict(zip(("owner", "priority", "id"), row[1:], strict=True)) if row else {}
    return {**json.loads(row[0] or "{}"), **known} if row else {}


def who_answers(served: Served, sender: str, text: str) -> object:
    """The people, if any, who the shopper hears have what they said; None: the assistant's turn."""
    [answer, *_] = served.say(sender, text)
    custom = answer.get("custom")
    return custom.get("owner") if isinstance(custom, dict) else None


def signed_in(served: Served, customer_id: str) -> dict[str, str]:
    """What a shop's page says of a customer who is signed in there."""
    key = json.loads((served.data / "secrets.json").read_text())["shop_key"]
    expires = int((SystemClock().now() + timedelta(minutes=10)).timestamp())
    claims = {"sub": customer_id, "name": "Ann", "exp": expires}
    return {"customer_token": jwt.encode(claims, key, algorithm="HS256")}


@pytest.mark.parametrize(
    ("sender", "messages"),
    [
        ("doubt-zh", ["嗯那个东西弄一下", "呃就是那个"]),
        ("doubt-en", ["hmm the thing you know", "the usual with that"]),
        ("risk-zh", ["钱"]),
        ("risk-en", ["double"]),
    ],
)
def test_doubt_brings_a_person_at_the_second_message_or_at_once_where_money_is_at_stake(
    served: Served, sender: str, messages: list[str]
) -> None:
    for message in messages:
        assert handoff_of(served, sender).get("owner", "bot") == "bot"
        served.say(sender, message)

    handoff = handoff_of(served, sender)

    assert (handoff["owner"], handoff["reason"]) == ("queue", "low_confidence")
    assert handoff["summary"]["last_words"] == messages[-1]
    assert handoff["summary"]["next_step"]["step"] == "read_and_ask"
    assert (handoff["summary"]["mood"], handoff["priority"]) == ("calm", 0)


@pytest.mark.parametrize(
    ("sender", "customer", "message"),
    [("gold-zh", "C0015", "嗯那个东西弄一下"), ("gold-en", "C0016", "hmm the thing you know")],
)
def test_a_gold_customer_gets_a_person_where_others_are_asked_what_they_meant(
    served: Served, sender: str, customer: str, message: str
) -> None:
    served.say(sender, message, **signed_in(served, customer))

    handoff = handoff_of(served, sender)

    assert (handoff["owner"], handoff["reason"]) == ("queue", "vip")
    assert handoff["summary"]["because"] == "low_confidence"
    assert handoff["summary"]["group"] == "gold"


@pytest.mark.parametrize(
    ("language", "customer", "messages"),
    [
        ("zh", "C0003", ["KF2601018021的快递好几天没动了", "好"]),
        ("en", "C0004", ["KF2601018031 hasn't moved for days", "yes"]),
    ],
)
def test_a_parcel_without_a_scan_brings_a_person_who_knows_which(
    served: Served, language: str, customer: str, messages: list[str]
) -> None:
    sender = f"stuck-{language}"
    for message in messages:
        served.say(sender, message, **signed_in(served, customer))

    handoff = handoff_of(served, sender)

    assert (handoff["owner"], handoff["reason"]) == ("queue", "shipment_overdue")
    summary = handoff["summary"]
    assert summary["orders"] == [STUCK[language]]
    assert [(one["type"], one["order"], one["status"]) for one in summary["found"]] == [
        ("shipment", STUCK[language], "stuck")
    ]
    assert summary["next_step"] == {"step": "ask_carrier", "order": STUCK[language], "verb": None}
    assert (summary["customer"]["proof"], summary["mood"]) == ("shop_token", "calm")
    assert summary["language"] == language


@pytest.mark.parametrize(
    ("sender", "person", "question"),
    [
        ("again-zh", "转人工，别的不用说", "你们支持哪些付款方式"),
        ("again-en", "get me a human, nothing else", "which payment methods do you accept"),
    ],
)
def test_after_a_person_gave_it_back_the_assistant_answers_and_a_person_can_come_again(
    served: Served, sender: str, person: str, question: str
) -> None:
    login, password = served.supervisor()
    served.post("/console/api/login", {"login": login, "password": password})
    reasons = []
    for _ in range(2):
        for _ in range(2):
            if handoff_of(served, sender).get("owner", "bot") == "bot":
                served.say(sender, person)
        handoff = handoff_of(served, sender)
        assert handoff["owner"] == "queue"
        reasons.append(handoff["reason"])
        path = f"/console/api/conversations/{handoff['id']}"
        told = [who_answers(served, sender, question)]
        for deed in ("take", "hand_back"):
            assert served.post(f"{path}/{deed}", {})[0] == 200
            told.append(who_answers(served, sender, question))
        # What was said before the handoff does not bring a person once more.
        assert told == ["queue", "agent", None]
        assert handoff_of(served, sender)["owner"] == "bot"
    assert reasons == ["asked", "asked"]


@pytest.mark.parametrize(
    ("sender", "messages"),
    [
        ("nobody-zh", ["我要退货", "快点！急死了，我要转人工"]),
        ("nobody-en", ["I want to return something", "get me a human right now, it is urgent"]),
    ],
)
def test_whoever_wants_a_person_half_way_in_a_hurry_is_verified_first_and_waits_less(
    served: Served, sender: str, messages: list[str]
) -> None:
    for message in messages:
        served.say(sender, message)

    handoff = handoff_of(served, sender)
    summary = handoff["summary"]

    assert "return_request" in [request["flow"] for request in summary["requests"]]
    assert summary["missing"] == ["identity"]
    assert summary["next_step"] == {"step": "verify", "order": None, "verb": None}
    assert summary["mood"] in {"hurried", "frustrated"}
    assert (handoff["reason"], handoff["priority"]) == ("asked", 1)

"""What agents do over HTTP, and what nobody else can."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse

from connectors.console.pages import STATIC
from desk.model import Handoff, HandoffReason, Incoming
from desk.reach import Allowance, ReachState
from kernel.content import Content
from tests.console.conftest import Console


async def error_of(answer: ClientResponse, status: int) -> dict[str, Any]:
    body = await answer.json()
    assert answer.status == status, body
    error: dict[str, Any] = body["error"]
    return error


async def test_an_agent_serves_a_shopper_from_the_queue_to_the_end(console: Console) -> None:
    conversation_id = await console.desk.waiting()
    lin = await console.browser().log_in("lin")
    overview = await (await lin.get("/overview")).json()
    [waiting] = overview["queue"]
    assert waiting["conversation"]["id"] == conversation_id
    assert waiting["conversation"]["handoff"]["reason"] == "asked"
    assert overview["waiting"] == 1
    assert waiting["last"]["text"] == "a person please"
    assert overview["mine"] == []

    taken = await (await lin.post(f"/conversations/{conversation_id}/take")).json()
    assert taken["conversation"]["owner"] == "agent"
    assert taken["conversation"]["agent"]["name"] == "Lin"
    overview = await (await lin.get("/overview")).json()
    assert overview["queue"] == []
    assert [one["conversation"]["id"] for one in overview["mine"]] == [conversation_id]

    said = {"text": "  Hello, this is Lin.  ", "client_id": "c-1"}
    first = await (await lin.post(f"/conversations/{conversation_id}/reply", said)).json()
    again = await (await lin.post(f"/conversations/{conversation_id}/reply", said)).json()
    assert first["message"] == again["message"]
    assert first["message"]["text"] == "Hello, this is Lin."
    assert first["message"]["client_id"] == "c-1"
    assert console.gate.woken >= 2

    page = await (await lin.get(f"/conversations/{conversation_id}")).json()
    assert [m["author"] for m in page["messages"]] == ["shopper", "system", "system", "agent"]
    assert page["more"] is False

    settled = {"note": "solved", "agreed": "a new one by Friday", "order": "KF2611220001"}
    back = await lin.post(f"/conversations/{conversation_id}/hand_back", settled)
    assert (await back.json())["conversation"]["owner"] == "bot"
    [kept] = (await (await lin.get(f"/conversations/{conversation_id}/margin")).json())["notes"]
    assert (kept["agent"]["name"], kept["text"]) == ("Lin", "solved")
    agreed = (await console.desk.conversation(conversation_id)).agreed
    assert agreed is not None
    assert (agreed.text, agreed.facts) == (settled["agreed"], {"order_number": "KF2611220001"})
    await lin.post(f"/conversations/{conversation_id}/take")
    closed = await lin.post(f"/conversations/{conversation_id}/close")
    assert (await closed.json())["conversation"]["owner"] == "closed"


async def test_whoever_holds_it_calls_the_number_that_was_left_and_says_so(
    console: Console,
) -> None:
    conversation_id = await console.desk.waiting()
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    path = f"/conversations/{conversation_id}"
    [entry] = (await (await lin.get("/overview")).json())["queue"]
    assert entry["conversation"]["calls_back"] is False
    await console.desk.keep_place(conversation_id)
    await console.desk.keep_place(conversation_id, "(0571) 8888-6666")
    [entry] = (await (await lin.get("/overview")).json())["queue"]
    assert entry["conversation"]["calls_back"] is True
    # Pages of everybody hear of the line: the number is only for who opens the conversation.
    assert "057188886666" not in str(entry)
    assert (await error_of(await lin.post(f"{path}/called"), 409))["code"] == "moved"
    await lin.post(f"{path}/take")

    async def calls() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await (await kim.get(f"{path}/margin")).json())["calls"]
        return found

    assert [(one["contact"], one["made_at"]) for one in await calls()] == [("057188886666", None)]
    assert (await error_of(await kim.post(f"{path}/called"), 409))["code"] == "moved"
    told = (await (await lin.post(f"{path}/called")).json())["conversation"]
    assert told["calls_back"] is False
    [first] = await calls()
    assert first["made_by"]["name"] == "Lin"
    console.desk.clock.advance(timedelta(minutes=1))
    await lin.post(f"{path}/called")
    assert await calls() == [first]
    await lin.post(f"{path}/close")
    assert (await console.desk.conversation(conversation_id)).callback is None
    assert await calls() == [first]


async def test_a_call_that_nobody_made_outlives_its_conversation_until_somebody_makes_it(
    console: Console,
) -> None:
    ids = {name: await console.desk.waiting(name) for name in ("ann", "bob")}
    await console.desk.keep_place(ids["ann"], "(0571) 8888-6666")
    await console.desk.keep_place(ids["bob"], "13800138000")
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")

    async def wanted() -> tuple[list[str], int]:
        shelf = (await (await kim.get("/shelves/calls")).json())["entries"]
        assert all(one["conversation"]["calls_back"] for one in shelf)
        left = (await (await kim.get("/overview?queue=no")).json())["calls"]
        return sorted(one["conversation"]["shopper"] for one in shelf), left

    path = f"/conversations/{ids['ann']}"
    await lin.post(f"{path}/take")
    assert await wanted() == (["ann", "bob"], 0)
    # Whoever leaves the line waits for no call; whoever is left alone without one still does.
    await console.desk.leave_queue(ids["bob"])
    await lin.post(f"{path}/close")
    assert await wanted() == (["ann"], 1)
    bobs = (await (await kim.get(f"/conversations/{ids['bob']}/margin")).json())["calls"]
    assert [bool(one["withdrawn_at"]) for one in bobs] == [True]
    [entry] = (await (await kim.get("/shelves/closed")).json())["entries"]
    assert entry["conversation"]["calls_back"] is True
    # In the line again: the wish of before is still seen, and is not withdrawn with the new one.
    again = (await console.desk.hear("a person again", "2", "ann")).conversation
    handoff = Handoff(HandoffReason.ASKED, {}, console.desk.now())
    await console.desk.hand_off(again.id, again.epoch, handoff)
    [entry] = (await (await kim.get("/overview")).json())["queue"]
    assert entry["conversation"]["calls_back"] is True
    assert (await error_of(await kim.post(f"{path}/called"), 409))["code"] == "moved"
    await console.desk.leave_queue(ids["ann"])
    await console.desk.cases.fold()
    await kim.post(f"{path}/called")
    assert await wanted() == ([], 0)
    [call] = (await (await lin.get(f"{path}/margin")).json())["calls"]
    assert (call["contact"], call["made_by"]["name"]) == ("057188886666", "Kim")
    await console.desk.cases.fold()
    await console.desk.days.fold()
    chief = await console.browser().log_in("chief")
    day = console.desk.now().date().isoformat()
    total = (await (await chief.get(f"/reports?from={day}&to={day}&by=channel")).json())["total"]
    assert (total["call_asked"], total["call_made"]) == (1, 1)


async def test_an_agent_passes_on_to_a_skill_that_somebody_may_have_and_keeps_the_place(
    console: Console,
) -> None:
    desk = console.desk
    queue = replace(desk.rules.queue, skills={"payment_failed": "payments"})
    desk.use_rules(replace(desk.rules, queue=queue))
    conversation_id = await desk.waiting()
    before = await desk.conversation(conversation_id)
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    path = f"/conversations/{conversation_id}"
    await lin.post(f"{path}/take")
    assert (await (await lin.get("/colleagues")).json())["skills"] == ["payments"]
    error = await error_of(await kim.post(f"{path}/pass_on", {"skill": "payments"}), 403)
    assert error["code"] == "not_allowed"
    error = await error_of(await lin.post(f"{path}/pass_on", {"skill": "juggling"}), 400)
    assert error["code"] == "bad_request"
    wanted = {"skill": "payments", "note": "charged twice"}
    passed = (await (await lin.post(f"{path}/pass_on", wanted)).json())["conversation"]
    assert passed["owner"] == "queue"
    now = await desk.conversation(conversation_id)
    assert (now.skill, now.queued_at) == ("payments", before.queued_at)
    notes = (await (await kim.get(f"{path}/margin")).json())["notes"]
    assert [(note["agent"]["name"], note["text"]) for note in notes] == [("Lin", "charged twice")]


async def test_of_two_agents_who_take_at_once_one_wins_and_the_other_is_told(
    console: Console,
) -> None:
    conversation_id = await console.desk.waiting()
    lin = await console.browser().log_in("lin")
    kim = await console.browser().log_in("kim")
    path = f"/conversations/{conversation_id}/take"
    answers = await asyncio.gather(lin.post(path), kim.post(path))
    assert sorted(answer.status for answer in answers) == [200, 409]
    won = next(answer for answer in answers if answer.status == 200)
    lost = next(answer for answer in answers if answer.status == 409)
    winner = (await won.json())["conversation"]["agent"]
    error = await error_of(lost, 409)
    assert error["code"] == "taken"
    assert error["agent"]["name"] == winner["name"]


async def test_a_supervisor_sees_everything_and_may_pull_an_agent_may_not(
    console: Console,
) -> None:
    conversation_id = await console.desk.waiting()
    lin = await console.browser().log_in("lin")
    kim = await console.browser().log_in("kim")
    chief = await console.browser().log_in("chief")
    path = f"/conversations/{conversation_id}/take"
    await lin.post(path)
    assert (await (await kim.get("/overview")).json())["others"] == []
    [held] = (await (await chief.get("/overview")).json())["others"]
    assert held["conversation"]["agent"]["name"] == "Lin"
    assert (await error_of(await kim.post(path, {"force": True}), 403))["code"] == "not_allowed"
    pulled = await (await chief.post(path, {"force": True})).json()
    assert pulled["conversation"]["agent"]["name"] == "Chief"
    late = {"text": "still me", "client_id": "c-1"}
    error = await error_of(await lin.post(f"/conversations/{conversation_id}/reply", late), 409)
    assert error["code"] == "moved"
    assert error["conversation"]["agent"]["name"] == "Chief"


async def test_a_long_transcript_comes_in_pages(console: Console) -> None:
    conversation_id = await console.desk.waiting()
    for number in range(70):
        await console.desk.hear(f"line {number}", f"more-{number}")
    lin = await console.browser().log_in("lin")
    newest = await (await lin.get(f"/conversations/{conversation_id}")).json()
    seqs = [message["seq"] for message in newest["messages"]]
    assert seqs == list(range(23, 73))
    assert newest["more"] is True
    older = await (await lin.get(f"/conversations/{conversation_id}?before=23")).json()
    assert [message["seq"] for message in older["messages"]] == list(range(1, 23))
    assert older["more"] is False
    missed = await (await lin.get(f"/conversations/{conversation_id}?after=70")).json()
    assert [message["seq"] for message in missed["messages"]] == [71, 72]


async def test_the_facts_come_from_the_shop_and_its_failure_is_said(console: Console) -> None:
    stranger_id = await console.desk.waiting("bob")
    known = Incoming("web", "ann", "1", Content(text="hi"), customer={"id": "c1", "name": "Ann"})
    known_id = (await console.desk.record(known)).conversation.id
    lin = await console.browser().log_in("lin")
    facts = await (await lin.get(f"/conversations/{known_id}/facts")).json()
    assert facts["customer"]["name"] == "Ann"
    assert facts["orders"][0]["number"] == "KF2611220001"
    assert (await (await lin.get(f"/conversations/{stranger_id}/facts")).json())["orders"] == []
    console.shop.down = True
    error = await error_of(await lin.get(f"/conversations/{known_id}/facts"), 503)
    assert error["code"] == "backend_unavailable"


DOORS = [
    ("GET", "/me"),
    ("GET", "/overview"),
    ("GET", "/conversations/{id}"),
    ("GET", "/conversations/{id}/facts"),
    ("POST", "/conversations/{id}/take"),
    ("POST", "/conversations/{id}/reply"),
    ("POST", "/conversations/{id}/hand_back"),
    ("POST", "/conversations/{id}/close"),
    ("POST", "/conversations/{id}/transfer"),
    ("POST", "/conversations/{id}/picture"),
    ("GET", "/conversations/{id}/margin"),
    ("POST", "/conversations/{id}/notes"),
    ("POST", "/conversations/{id}/tags"),
    ("POST", "/conversations/{id}/snooze"),
    ("POST", "/conversations/{id}/read"),
    ("POST", "/conversations/{id}/merge"),
    ("GET", "/shelves/all"),
    ("GET", "/search?q=x"),
    ("GET", "/tags"),
    ("GET", "/colleagues"),
    ("GET", "/canned"),
    ("POST", "/canned"),
    ("POST", "/canned/x/remove"),
    ("POST", "/me/password"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_no_door_opens_without_a_session(console: Console, method: str, path: str) -> None:
    conversation_id = await console.desk.waiting()
    browser = console.browser()
    path = path.replace("{id}", conversation_id)
    browser.session.cookie_jar.update_cookies(
        {"kefu_console": "forged"}, console.server.make_url("/")
    )
    answer = await (browser.get(path) if method == "GET" else browser.post(path))
    assert (await error_of(answer, 401))["code"] == "no_session"


async def test_other_sites_cannot_act_for_an_agent(console: Console) -> None:
    conversation_id = await console.desk.waiting()
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{conversation_id}/take"
    lin.headers = {}
    assert (await error_of(await lin.post(path), 403))["code"] == "foreign_page"
    lin.headers = {"X-Kefu-Console": "1", "Origin": "https://evil.example"}
    assert (await error_of(await lin.post(path), 403))["code"] == "foreign_page"
    assert (await console.desk.conversation(conversation_id)).agent_id is None
    lin.headers = {"X-Kefu-Console": "1", "Origin": str(console.server.make_url("/")).rstrip("/")}
    assert (await lin.post(path)).status == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(console: Console) -> None:
    lin = console.browser()
    answer = await lin.post("/login", {"login": "lin", "password": "correct horse"})
    lin_id = (await console.desk.agents())[2].id
    assert await answer.json() == {
        "agent": {"id": lin_id, "name": "Lin", "role": "agent"},
        "message_characters": 4000,
        "shop": {"zh": "木禾生活", "en": "Muhe Living"},
    }
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    await lin.post("/logout")
    assert (await error_of(await lin.get("/me"), 401))["code"] == "no_session"
    token = cookie.split("=", 1)[1].split(";")[0]
    lin.session.cookie_jar.update_cookies({"kefu_console": token}, console.server.make_url("/"))
    assert (await error_of(await lin.get("/me"), 401))["code"] == "no_session"


async def test_guessing_passwords_is_slowed_down(console: Console) -> None:
    browser = console.browser()
    for _ in range(5):
        answer = await browser.post("/login", {"login": "lin", "password": "guess"})
        assert (await error_of(answer, 401))["code"] == "bad_credentials"
    answer = await browser.post("/login", {"login": "lin", "password": "correct horse"})
    assert answer.headers["Retry-After"] == "30"
    error = await error_of(answer, 429)
    assert error == {"code": "too_many_attempts", "retry_after": 30}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": "   ", "client_id": "1"}, "empty"),
        ({"text": "x" * 4001, "client_id": "1"}, "too_long"),
        ({"text": "hello", "client_id": "x" * 101}, "too_long"),
        ({"text": "hello", "client_id": ""}, "bad_request"),
        ({"text": "a\x00b", "client_id": "1"}, "bad_request"),
        ({"text": ["hello"], "client_id": "1"}, "bad_request"),
        ({"client_id": "1"}, "empty"),
        (["hello"], "bad_request"),
    ],
)
async def test_a_reply_that_makes_no_sense_is_refused(
    console: Console, body: Any, code: str
) -> None:
    conversation_id = await console.desk.waiting()
    lin = await console.browser().log_in("lin")
    await lin.post(f"/conversations/{conversation_id}/take")
    answer = await lin.post(f"/conversations/{conversation_id}/reply", body)
    assert (await error_of(answer, 400))["code"] == code
    assert await console.desk.texts(conversation_id) == ["shopper: a person please"]


@pytest.mark.parametrize("conversation_id", ["nothing", "%00", "%ED%A0%80"])
async def test_a_conversation_that_does_not_exist_is_not_found(
    console: Console, conversation_id: str
) -> None:
    lin = await console.browser().log_in("lin")
    answer = await lin.get(f"/conversations/{conversation_id}")
    assert (await error_of(answer, 404))["code"] == "no_such_conversation"


async def test_the_page_and_its_files_are_served_under_a_strict_policy(console: Console) -> None:
    browser = console.browser()
    for path in ("/console", "/console/"):
        answer = await browser.session.get(console.server.make_url(path))
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    for file in STATIC.rglob("*.js"):
        path = f"/console/static/{file.relative_to(STATIC).as_posix()}"
        answer = await browser.session.get(console.server.make_url(path))
        assert answer.status == 200
        assert answer.content_type == "text/javascript"
    outside = console.server.make_url("/console/static/%2e%2e/api.py")
    assert (await browser.session.get(outside)).status == 404


def test_vendored_files_are_what_was_published() -> None:
    vendor = STATIC / "vendor"
    sums = {
        line.split()[1]: line.split()[0]
        for line in (vendor / "SHA256SUMS").read_text().splitlines()
    }
    ours = {"SHA256SUMS", "README.md"}
    assert set(sums) == {path.name for path in vendor.iterdir()} - ours
    for name, expected in sums.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == expected


async def test_an_agent_sees_before_typing_whether_the_platform_lets_it_through(
    console: Console,
) -> None:
    now = console.desk.now()
    allowance = Allowance("message", 5, now, now + timedelta(hours=48))
    recorded = await console.desk.record(
        Incoming("wechat", "o1", "m1", Content(text="在吗"), allowance=allowance)
    )
    conversation_id = recorded.conversation.id
    lin = await console.browser().log_in("lin")
    page = await (await lin.get(f"/conversations/{conversation_id}")).json()
    assert (page["reach"]["state"], page["reach"]["left"]) == ("open", 5)
    await console.desk.reach_changed(conversation_id, ReachState.UNFOLLOWED, "unsubscribe")
    page = await (await lin.get(f"/conversations/{conversation_id}")).json()
    assert page["reach"]["state"] == "unfollowed"
    assert page["reach"]["next_step"] == "other_channel"
    assert "取消关注" in page["reach"]["words"]["zh"]
    assert "unfollowed" in page["reach"]["words"]["en"]
    on_the_web = await console.desk.waiting()
    assert (await (await lin.get(f"/conversations/{on_the_web}")).json())["reach"] is None

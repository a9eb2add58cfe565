"""What supervisors see and decide over HTTP, and that agents do not."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest

from desk.alarms import KEPT
from desk.model import Role
from desk.reports.model import Reason
from desk.reports.quality import CRITERIA
from desk.rulebook import read_rules
from kernel.content import Content
from tests.console.conftest import Console
from tests.console.test_api import error_of
from tests.console.test_sockets import Page
from tests.desk.conftest import NOON

RANGE = "from=2026-11-01&to=2026-11-30"


async def closed(console: Console, login: str = "lin", shopper: str = "ann") -> str:
    """A conversation that somebody at the desk has served and closed."""
    desk = console.desk
    agent = next(one for one in await desk.agents() if one.login == login)
    conversation_id = await desk.waiting(shopper)
    await desk.take(conversation_id, agent.id)
    desk.clock.advance(timedelta(minutes=1))
    answer = Content(text="We send you a new one today.")
    await desk.reply(conversation_id, agent.id, answer, "c")
    await desk.close(conversation_id, agent.id)
    desk.clock.advance(timedelta(seconds=10))
    await desk.cases.fold()
    await desk.days.fold()
    return conversation_id


DOORS = [
    "/wall",
    f"/reports?{RANGE}",
    f"/reports.csv?{RANGE}",
    f"/quality/sample?{RANGE}",
    "/team",
    "/audit",
    "/rules",
]


@pytest.mark.parametrize("path", DOORS)
async def test_agents_do_not_see_supervisors_pages(console: Console, path: str) -> None:
    lin, chief = await console.browser().log_in("lin"), await console.browser().log_in("chief")
    assert (await error_of(await lin.get(path), 403))["code"] == "not_allowed"
    assert (await chief.get(path)).status == 200
    assert (await error_of(await console.browser().get(path), 401))["code"] == "no_session"


async def test_the_report_and_its_table_say_the_same(console: Console) -> None:
    await closed(console, "lin", "ann")
    await closed(console, "kim", "bob")
    chief = await console.browser().log_in("chief")
    report = await (await chief.get(f"/reports?{RANGE}&by=agent")).json()
    assert report["total"]["volume"] == report["total"]["handed_off"] == 2
    assert {row["name"]: row["volume"] for row in report["keys"]} == {"Lin": 1, "Kim": 1}
    answer = await chief.get(f"/reports.csv?{RANGE}&by=agent")
    assert answer.content_type == "text/csv"
    table = list(csv.DictReader(io.StringIO((await answer.text()).lstrip("\ufeff"))))
    assert sorted(row["agent"] for row in table) == ["Kim", "Lin", "total"]
    assert table[0]["volume"] == "2"
    # Both waited a minute for a person's words.
    rates = {"reply_within_30s": 0.0, "reply_within_3": 1.0, "reply_within_5": 1.0}
    assert {name: report["total"]["reply_shares"][name][0] for name in rates} == rates
    assert [table[0][name] for name in ("reply_asked", *rates)] == ["2", "0", "2", "2"]
    # What the page shows of shares and times stands in the table with its limits.
    total, line = report["total"], next(row for row in table if row["agent"] == "total")
    for part, value in zip(("share", "low", "high"), total["shares"]["handed_off"], strict=True):
        assert float(line[f"handed_off_{part}"]) == value
    for name, times in total["times"].items():
        for part, value in times.items():
            assert line[f"{name}_{part}_seconds"] == str(value)
    assert (line["sla_share"], line["reply_within_3_low"]) == (
        "",
        str(total["reply_shares"]["reply_within_3"][1]),
    )
    wall = await (await chief.get("/wall")).json()
    assert wall["today"] == {"reply_asked": 2, "reply_shares": report["total"]["reply_shares"]}
    lines = (await (await chief.get("/audit?deed=exported")).json())["lines"]
    assert [line["agent"]["name"] for line in lines] == ["Chief"]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from=2026-11-01",
        "from=2026-13-01&to=2026-11-30",
        "from=2026-11-30&to=2026-11-01",
        "from=2001-01-01&to=2026-11-30",
        f"{RANGE}&by=weather",
    ],
)
async def test_a_report_of_no_time_is_refused(console: Console, query: str) -> None:
    chief = await console.browser().log_in("chief")
    assert (await error_of(await chief.get(f"/reports?{query}"), 400))["code"] == "bad_request"


async def test_agents_see_whom_to_praise_and_for_what(console: Console) -> None:
    desk = console.desk
    rated: dict[str, list[tuple[int, bool | None, list[Reason]]]] = {
        "lin": [(5, None, []), (5, None, [Reason.FAST]), (5, None, [Reason.KIND])],
        "kim": [(5, True, [Reason.KIND]), (4, True, [Reason.KIND, Reason.CLEAR]), (4, None, [])],
        # Two ratings are chance, however good.
        "chief": [(5, True, []), (5, None, [])],
    }
    for login, ratings in rated.items():
        for number, (score, solved, reasons) in enumerate(ratings):
            conversation_id = await closed(console, login, f"{login}-{number}")
            await desk.surveys.ask_due()
            [asked] = await desk.messages_before(conversation_id, None, 1)
            assert asked.content.custom
            survey = asked.content.custom["survey"]
            await desk.surveys.answer(survey, score, solved=solved, reasons=tuple(reasons))
    await desk.cases.fold()
    await desk.days.fold()
    lin = await console.browser().log_in("lin")
    found = (await (await lin.get(f"/leaderboard?{RANGE}")).json())["agents"]
    told = {one["name"]: (one["csat"], one["kind"], one["confirmed"]) for one in found}
    assert told == {"Lin": (5, 1, 0), "Kim": (4.33, 2, 2), "Chief": (5, 0, 1)}
    # All of them said their first words after a minute.
    assert {one["name"]: one["praise"] for one in found} == {
        "Lin": ["csat", "fast"],
        "Kim": ["kind", "confirmed", "fast"],
        "Chief": ["fast"],
    }


async def test_a_case_is_sampled_and_scored(console: Console) -> None:
    conversation_id = await closed(console)
    chief = await console.browser().log_in("chief")
    sampled = await (await chief.get(f"/quality/sample?{RANGE}&seed=3")).json()
    [one] = sampled["samples"]
    assert one["conversation"]["id"] == conversation_id
    sheet = {
        "conversation": conversation_id,
        "epoch": one["epoch"],
        "marks": dict.fromkeys(sampled["criteria"], 1),
        "comment": "kind",
    }
    wrong = {**sheet, "marks": {"tone": 3}}
    answer = await chief.post("/quality/scores", wrong)
    assert (await error_of(answer, 400))["code"] == "bad_request"
    assert (await chief.post("/quality/scores", sheet)).status == 200
    assert (await (await chief.get(f"/quality/sample?{RANGE}")).json())["samples"] == []
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    [score] = (await (await lin.get("/quality/scores")).json())["scores"]
    assert (score["points"], score["most"]) == (len(CRITERIA), 2 * len(CRITERIA))
    assert (await (await kim.get("/quality/scores")).json())["scores"] == []


async def test_a_supervisor_says_what_an_agent_does_and_how_much_at_once(
    console: Console,
) -> None:
    desk = console.desk
    queue = replace(desk.rules.queue, skills={"open_return": "after_sales"})
    desk.use_rules(replace(desk.rules, queue=queue))
    chief = await console.browser().log_in("chief")
    team = await (await chief.get("/team")).json()
    assert (team["skills"], team["capacity"]) == (["after_sales"], queue.capacity)
    ids = {member["login"]: member["id"] for member in team["members"]}
    as_before = {"role": "agent", "team": "", "active": True}
    does = {"skills": ["after_sales"], "languages": ["en"], "capacity": 2}
    for wrong in ({"skills": ["juggling"]}, {"languages": "en"}, {"capacity": 0}):
        answer = await chief.post(f"/team/{ids['kim']}", {**as_before, **does, **wrong})
        assert (await error_of(answer, 400))["code"] == "bad_request"
    assert (await chief.post(f"/team/{ids['kim']}", {**as_before, **does})).status == 200
    [kim] = [
        one for one in (await (await chief.get("/team")).json())["members"] if one["login"] == "kim"
    ]
    assert {name: kim[name] for name in does} == does
    agent = await desk.agent(ids["kim"])
    assert (agent.skills, agent.languages, agent.capacity) == ({"after_sales"}, {"en"}, 2)
    # What the rules do not ask for any more an agent still has, until somebody takes it away.
    desk.use_rules(replace(desk.rules, queue=replace(queue, skills={"refund": "payments"})))
    assert (await (await chief.get("/team")).json())["skills"] == ["after_sales", "payments"]
    assert (await chief.post(f"/team/{ids['kim']}", {**as_before, **does})).status == 200
    assert (await desk.agent(ids["kim"])).skills == {"after_sales"}
    await chief.post(f"/team/{ids['kim']}", as_before)
    agent = await desk.agent(ids["kim"])
    assert (agent.skills, agent.languages, agent.capacity) == (frozenset(), frozenset(), None)


async def test_a_supervisor_adds_an_agent_and_lets_one_go(console: Console) -> None:
    chief, lin = await console.browser().log_in("chief"), await console.browser().log_in("lin")
    new = {"login": "mia", "name": "Mia", "password": "long enough", "role": "agent"}
    short = {**new, "password": "short"}
    assert (await error_of(await chief.post("/team", short), 400))["code"] == "password_too_short"
    assert (await chief.post("/team", new)).status == 200
    assert (await error_of(await chief.post("/team", new), 409))["code"] == "login_taken"
    members = (await (await chief.get("/team")).json())["members"]
    ids = {member["login"]: member["id"] for member in members}
    gone = {"role": "agent", "team": "Night", "active": False}
    answer = await lin.post(f"/team/{ids['kim']}", gone)
    assert (await error_of(answer, 403))["code"] == "not_allowed"
    await chief.post(f"/team/{ids['lin']}", gone)
    assert (await error_of(await lin.get("/me"), 401))["code"] == "no_session"
    lines = (await (await chief.get("/audit")).json())["lines"]
    told = {(line["deed"], line["subject"]) for line in lines if line["deed"] != "signed_in"}
    assert told == {("agent_changed", "lin"), ("agent_added", "mia")}


async def test_the_wall_shows_the_moment_and_supervisors_assign(console: Console) -> None:
    policy = {"name": "all", "first_response_minutes": 10}
    console.desk.use_rules(read_rules({"sla": {"policies": [policy]}}, {}))
    conversation_id = await console.desk.waiting()
    console.desk.clock.advance(timedelta(minutes=3))
    chief = await console.browser().log_in("chief")
    wall = await (await chief.get("/wall")).json()
    assert (wall["waiting"], wall["longest_wait"], wall["at_risk"]) == (1, 180, [])
    second = await console.desk.waiting("bob")
    for minutes, risks in (
        (6, {conversation_id: False}),
        (3, {conversation_id: True, second: False}),
        (9, {conversation_id: True, second: True}),
    ):
        console.desk.clock.advance(timedelta(minutes=minutes))
        wall = await (await chief.get("/wall")).json()
        told = [(one["conversation"]["id"], one["breached"]) for one in wall["at_risk"]]
        # The one that is due first comes first.
        assert told == list(risks.items())
        assert {one["metric"] for one in wall["at_risk"]} == {"first_response"}
    await console.desk.leave_queue(second)
    wall = await (await chief.get("/wall")).json()
    assert [one["conversation"]["id"] for one in wall["at_risk"]] == [conversation_id]
    assert {one["agent"]["name"] for one in wall["agents"]} == {"Lin", "Kim", "Chief"}
    kim = next(one["agent"] for one in wall["agents"] if one["agent"]["name"] == "Kim")
    path = f"/conversations/{conversation_id}/assign"
    lin = await console.browser().log_in("lin")
    answer = await lin.post(path, {"agent": kim["id"]})
    assert (await error_of(answer, 403))["code"] == "not_allowed"
    moved = await (await chief.post(path, {"agent": kim["id"]})).json()
    assert moved["conversation"]["agent"]["name"] == "Kim"


async def test_a_broken_promise_calls_every_supervisor_until_they_have_seen_it(
    console: Console,
) -> None:
    desk = console.desk
    policy = {"name": "all", "first_response_minutes": 10}
    rules = {"queue": {"assignment": "manual"}, "sla": {"policies": [policy]}}
    desk.use_rules(read_rules(rules, {}))
    chief, lin = await console.browser().log_in("chief"), await console.browser().log_in("lin")
    page = await Page().open(console, chief)
    await page.until(lambda: page.duties)
    at_first = page.duties
    conversation_id = await desk.waiting()
    desk.clock.advance(timedelta(minutes=10, seconds=1))
    await desk.keep_order()
    await page.until(lambda: page.duties > at_first)
    await page.sio.disconnect()
    [alarm] = (await (await chief.get("/duty")).json())["alarms"]
    assert (alarm["conversation"]["id"], alarm["metric"]) == (conversation_id, "first_response")
    assert alarm["due_at"] == (NOON + timedelta(minutes=10)).isoformat()
    assert (await (await lin.get("/duty")).json())["alarms"] == []
    answer = await lin.post("/alarms/seen", {"alarms": [alarm["id"]]})
    assert (await error_of(answer, 403))["code"] == "not_allowed"
    assert (await chief.post("/alarms/seen", {"alarms": [alarm["id"], "none"]})).status == 200
    assert (await (await chief.get("/duty")).json())["alarms"] == []
    # Another supervisor signs in later, when somebody has the conversation: it is still told.
    await lin.post(f"/conversations/{conversation_id}/take")
    await desk.add_agent("boss", "Boss", "a long password", Role.SUPERVISOR)
    boss = console.browser()
    await boss.post("/login", {"login": "boss", "password": "a long password"})
    [told] = (await (await boss.get("/duty")).json())["alarms"]
    assert told["id"] == alarm["id"]
    assert told["conversation"]["agent"]["name"] == "Lin"
    desk.clock.advance(KEPT)
    await boss.post("/login", {"login": "boss", "password": "a long password"})
    assert (await (await boss.get("/duty")).json())["alarms"] == []


WRONG_RULES = {"en": "nothing but queue: manual", "zh": "只能写 queue: manual"}


async def test_rules_are_checked_before_they_are_saved_and_every_version_stays(
    console: Console,
) -> None:
    chief = await console.browser().log_in("chief")
    assert (await (await chief.get("/rules")).json())["versions"] == []
    answer = await chief.post("/rules", {"text": "wrong"})
    error = await error_of(answer, 400)
    assert error == {"code": "bad_rules", "why": WRONG_RULES}
    shown = (await (await chief.get("/rules")).json())["forms"]["queue"]
    assert {
        "name": "mood_priority",
        "kind": "whole",
        "value": 1,
        "choices": [],
        "least": 0,
        "optional": False,
    } in shown
    change = {"text": "queue: manual", "part": "queue", "values": {"capacity": 3}}
    put = await chief.post("/rules/put", change)
    assert (await put.json())["text"] == 'queue: manual\n# queue {"capacity": 3}'
    answer = await chief.post("/rules/put", {**change, "text": "wrong"})
    assert (await error_of(answer, 400))["code"] == "bad_rules"
    for wrong in ({"values": [1]}, {"part": "moon"}, {"part": ["sla"]}):
        answer = await chief.post("/rules/put", {**change, **wrong})
        assert (await error_of(answer, 400))["code"] == "bad_request"
    lin = await console.browser().log_in("lin")
    assert (await lin.post("/rules/put", change)).status == 403
    for note in ("first", "second"):
        await chief.post("/rules", {"text": "queue: manual", "note": note})
    versions = (await (await chief.get("/rules")).json())["versions"]
    assert [(one["number"], one["note"]) for one in versions] == [(2, "second"), (1, "first")]
    assert versions[0]["agent"]["name"] == "Chief"


async def test_an_agent_pauses_and_lets_an_offer_pass(console: Console) -> None:
    lin = await console.browser().log_in("lin")
    assert (await lin.post("/presence", {"state": "away"})).status == 200
    duty = await (await lin.get("/duty")).json()
    assert (duty["presence"]["state"], duty["offers"]) == ("away", [])
    wrong = await lin.post("/presence", {"state": "asleep"})
    assert (await error_of(wrong, 400))["code"] == "bad_request"
    conversation_id = await console.desk.waiting()
    answer = await lin.post(f"/conversations/{conversation_id}/decline")
    assert (await error_of(answer, 409))["code"] == "moved"


async def test_suggestions_come_from_articles_and_from_solved_cases(console: Console) -> None:
    desk = console.desk
    before = await closed(console, "lin", "ann")
    await desk.surveys.ask_due()
    asked = (await desk.messages_before(before, None, 1))[0].content.custom
    assert asked
    await desk.surveys.answer(asked["survey"], 5, solved=True)
    await desk.cases.fold()
    await desk.search.index()
    now = await desk.waiting("bob")
    kim = await console.browser().log_in("kim")
    found = await (await kim.get(f"/conversations/{now}/suggestions?language=en")).json()
    by_source = {one["source"]: one for one in found["suggestions"]}
    assert by_source["knowledge"]["text"] == "en: a person please"
    assert by_source["solved"]["text"] == "We send you a new one today."
    assert by_source["solved"]["conversation"] == before

"""Cases, surveys, numbers and score sheets on both kinds of database."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import insert

from desk.errors import BadCredentials, BadIncoming, NoSession, NotAllowed
from desk.model import Agent, HandoffReason, Incoming, Owner, Recorded, Role
from desk.reports import tables
from desk.reports.days import Days
from desk.reports.marks import mark
from desk.reports.measures import bucket_of, interval, percentile
from desk.reports.model import Dimension, Reason
from desk.reports.quality import CRITERIA
from desk.reports.surveys import LIFETIME, SurveyGone
from desk.work import Work
from kernel.content import Content
from tests.desk.conftest import TestDesk

DAY = "2026-11-22"
LATER = "2026-12-31"


async def survey_of(desk: TestDesk, conversation_id: str) -> str:
    """The id of the survey that stands last in a conversation."""
    for message in reversed(await desk.messages_after(conversation_id, 0, 1000)):
        custom = message.content.custom or {}
        if custom.get("event") == "survey":
            return str(custom["survey"])
    raise AssertionError("nobody asked")


async def served(
    desk: TestDesk, agent: Agent, shopper: str, answer: str = "We send a new one today."
) -> str:
    """A conversation that waited a minute, was answered after two, and closed after ten."""
    conversation_id = await desk.waiting(shopper)
    desk.clock.advance(timedelta(minutes=1))
    await desk.take(conversation_id, agent.id)
    desk.clock.advance(timedelta(minutes=1))
    await desk.reply(conversation_id, agent.id, Content(text=answer), f"c-{shopper}")
    desk.clock.advance(timedelta(minutes=8))
    await desk.close(conversation_id, agent.id)
    return conversation_id


async def answered_by_bot(desk: TestDesk, shopper: str) -> str:
    """A conversation that only the bot took part in, and that ended by itself."""
    conversation_id = (await desk.hear("where is my parcel", "1", shopper)).conversation.id
    claim = await desk.claim(conversation_id)
    assert claim
    card = {"type": "shipment", "tracking_number": "SF1"}
    said = [Content(text="It is on its way.", card=card)]
    await desk.finish_turn(claim, said, language="en", customer=None)
    desk.clock.advance(timedelta(minutes=60))
    assert await desk.expire(timedelta(minutes=60)) >= 1
    return conversation_id


async def numbers(desk: TestDesk, dimension: Dimension = Dimension.TOTAL) -> dict[str, Any]:
    """The report of all days, after everything due was done."""
    desk.clock.advance(timedelta(seconds=5))
    while await desk.cases.fold():
        desk.clock.advance(timedelta(seconds=5))
    await desk.days.fold(100)
    return await desk.days.report(DAY, LATER, dimension)


async def test_every_closed_case_is_asked_about_once_the_bots_own_ones_too(
    desk: TestDesk, lin: Agent
) -> None:
    people = await served(desk, lin, "ann")
    bots = await answered_by_bot(desk, "bob")
    assert await desk.surveys.ask_due() == 2
    assert await desk.surveys.ask_due() == 0
    for conversation_id in (people, bots):
        survey = await desk.surveys.survey(await survey_of(desk, conversation_id))
        assert survey.answered_at is None
    # Once more after the next closing, and only then.
    await desk.hear("me again", "9", "ann")
    await desk.take(people, lin.id)
    await desk.close(people, lin.id)
    assert await desk.surveys.ask_due() == 1


async def test_whoever_writes_again_at_once_is_not_asked(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await served(desk, lin, "ann")
    await desk.hear("one more thing", "9", "ann")
    assert await desk.surveys.ask_due() == 0
    with pytest.raises(AssertionError):
        await survey_of(desk, conversation_id)


async def test_a_survey_is_answered_once_by_its_shopper_in_time(desk: TestDesk, lin: Agent) -> None:
    ids = [await served(desk, lin, shopper) for shopper in ("ann", "bob")]
    await desk.surveys.ask_due()
    first, second = [await survey_of(desk, one) for one in ids]
    with pytest.raises(BadIncoming):
        await desk.surveys.answer(first, 6)
    with pytest.raises(SurveyGone):
        await desk.surveys.answer(first, 5, shopper=("web", "bob"))
    await desk.surveys.answer(first, 5, shopper=("web", "ann"))
    done = await desk.surveys.answer(
        first, 5, solved=True, reasons=(Reason.KIND,), comment=" thanks ", shopper=("web", "ann")
    )
    assert (done.score, done.solved, done.reasons, done.comment) == (5, True, ("kind",), "thanks")
    assert done.agent_id == lin.id
    with pytest.raises(SurveyGone):
        await desk.surveys.answer(first, 1)
    desk.clock.advance(LIFETIME)
    with pytest.raises(SurveyGone):
        await desk.surveys.answer(second, 5)


async def test_a_low_score_opens_a_follow_up_case(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await served(desk, lin, "ann")
    await desk.surveys.ask_due()
    await desk.surveys.answer(await survey_of(desk, conversation_id), 2, comment="no answer")
    conversation = await desk.conversation(conversation_id)
    assert conversation.owner is Owner.QUEUE
    assert conversation.handoff
    assert conversation.handoff.reason is HandoffReason.LOW_SCORE
    assert conversation.handoff.summary["follow_up"]["comment"] == "no answer"


async def pressing(desk: TestDesk, score: int, external_id: str = "press") -> Recorded:
    """Ann presses ``score`` in WeChat's menu of the survey that she was asked last."""
    conversation = await desk.conversation_of("wechat", "ann")
    assert conversation
    shown = await desk.messages_after(conversation.id, 0, 1000)
    button = next(m for m in reversed(shown) if m.content.buttons).content.buttons[score - 1]
    content = Content(text=button.title, payload=button.payload)
    return await desk.record(Incoming("wechat", "ann", external_id, content))


async def closed_on_wechat(desk: TestDesk, agent: Agent) -> str:
    """A conversation on WeChat that a person has closed, and that was asked about."""
    said = Incoming("wechat", "ann", "1", Content(text="你好"), language="zh")
    conversation_id = (await desk.record(said)).conversation.id
    await desk.take(conversation_id, agent.id)
    await desk.close(conversation_id, agent.id)
    assert await desk.surveys.ask_due() == 1
    return conversation_id


async def test_a_pressed_score_counts_once_and_leaves_a_closed_conversation_closed(
    desk: TestDesk, lin: Agent
) -> None:
    desk.surveys.link = lambda survey_id, _until: f"https://shop.example/rate/{survey_id}"
    conversation_id = await closed_on_wechat(desk, lin)
    pressed = await pressing(desk, 5)
    assert (pressed.conversation.owner, pressed.duplicate) == (Owner.CLOSED, False)
    assert (await pressing(desk, 5)).duplicate
    last = (await desk.messages_before(conversation_id, None, 1))[0].content.text
    survey_id = last.rsplit("/", 1)[1]
    assert last.startswith("谢谢您的评价！")
    # Somebody who changes their mind is told that it counted already.
    await pressing(desk, 1, "another")
    assert "已经评价过" in (await desk.messages_before(conversation_id, None, 1))[0].content.text
    survey = await desk.surveys.survey(survey_id)
    assert (survey.score, survey.conversation_id) == (5, conversation_id)
    assert await desk.unanswered(timedelta(0), 10) == []
    # The page behind the link completes it.
    done = await desk.surveys.answer(survey_id, 5, reasons=(Reason.FAST,), comment="很快")
    assert (done.score, done.reasons, done.comment) == (5, ("fast",), "很快")


async def test_a_low_score_pressed_brings_a_person_and_a_late_one_nobody(
    desk: TestDesk, lin: Agent
) -> None:
    conversation_id = await closed_on_wechat(desk, lin)
    assert (await pressing(desk, 1)).conversation.owner is Owner.QUEUE
    await desk.take(conversation_id, lin.id)
    await desk.close(conversation_id, lin.id)
    assert await desk.surveys.ask_due() == 1
    desk.clock.advance(LIFETIME)
    assert (await pressing(desk, 1, "late")).conversation.owner is Owner.CLOSED
    assert "过期" in (await desk.messages_before(conversation_id, None, 1))[0].content.text


async def test_outcomes_are_counted_apart_and_silence_is_no_success(
    desk: TestDesk, lin: Agent
) -> None:
    await answered_by_bot(desk, "silent")
    handed = await served(desk, lin, "handed")
    happy = await served(desk, lin, "happy")
    back = await served(desk, lin, "back")
    await desk.surveys.ask_due()
    await desk.surveys.answer(await survey_of(desk, happy), 5, solved=True, reasons=(Reason.KIND,))
    await desk.hear("again", "9", "back")
    await desk.take(back, lin.id)
    await desk.close(back, lin.id)
    report = await numbers(desk)
    total = report["total"]
    told = {
        name: total[name]
        for name in ("volume", "silent", "handed_off", "confirmed", "came_back", "abandoned")
    }
    assert told == {
        "volume": 5,
        "silent": 1,
        "handed_off": 2,
        "confirmed": 1,
        "came_back": 1,
        "abandoned": 0,
    }
    assert (total["csat"], total["csat_count"], total["kind"]) == (5, 1, 1)
    share, low, high = total["shares"]["confirmed"]
    assert (share, low < share < high) == (0.2, True)
    # A minute of waiting and two to the first words, as exact as the buckets are.
    assert total["times"]["waited"]["p50"] == pytest.approx(60, rel=0.1)
    assert total["times"]["first_response"]["p50"] == pytest.approx(120, rel=0.1)
    # Back after 72 hours is another matter.
    desk.clock.advance(timedelta(hours=73))
    await desk.hear("another thing", "10", "handed")
    assert (await numbers(desk))["total"]["came_back"] == 1
    assert handed


async def test_an_abandoned_queue_is_not_a_silent_bot(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await desk.waiting("ann")
    await desk.leave_queue(conversation_id)
    desk.clock.advance(timedelta(minutes=61))
    await desk.expire(timedelta(minutes=60))
    assert (await numbers(desk))["total"]["abandoned"] == 1


async def test_calls_that_were_wished_for_and_made_are_counted(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    ids = {shopper: await desk.waiting(shopper) for shopper in ("ann", "bob", "cat", "dan", "eve")}
    for shopper in ("ann", "bob", "cat"):
        await desk.keep_place(ids[shopper], "13800138000")
    # Who only keeps the place wishes for no call.
    await desk.keep_place(ids["dan"])
    await desk.leave_queue(ids["cat"])
    for shopper in ("ann", "bob", "dan", "eve"):
        await desk.take(ids[shopper], lin.id)
    await desk.calls.made(ids["ann"], lin.id)
    # Passed on, ann leaves another number: somebody has to call once more.
    await desk.pass_on(ids["ann"], lin.id)
    await desk.keep_place(ids["ann"], "0571-88886666")
    await desk.take(ids["ann"], kim.id)
    held = (await desk.conversation(ids["ann"])).callback
    assert held
    assert (held.contact, held.is_due) == ("057188886666", True)
    await desk.calls.made(ids["ann"], kim.id)
    await desk.close(ids["ann"], kim.id)
    for shopper in ("bob", "dan", "eve"):
        await desk.close(ids[shopper], lin.id)
    desk.clock.advance(timedelta(minutes=61))
    await desk.expire(timedelta(minutes=60))
    report = await numbers(desk, Dimension.AGENT)
    total = report["total"]
    assert (total["volume"], total["call_asked"], total["call_made"]) == (5, 3, 1)
    assert total["call_share"][0] == pytest.approx(1 / 3)
    by_agent = {row["key"]: (row["call_asked"], row["call_made"]) for row in report["keys"]}
    assert by_agent == {lin.id: (1, 0), kim.id: (1, 1), "-": (1, 0)}
    # The next case of the same shopper begins without a wish.
    await desk.hear("again", "9", "ann")
    await desk.take(ids["ann"], lin.id)
    await desk.close(ids["ann"], lin.id)
    assert (await numbers(desk))["total"]["call_asked"] == 3


async def test_an_answer_that_comes_later_changes_the_day_of_its_case(
    desk: TestDesk, lin: Agent
) -> None:
    conversation_id = await served(desk, lin, "ann")
    await desk.surveys.ask_due()
    assert (await numbers(desk))["total"]["handed_off"] == 1
    desk.clock.advance(timedelta(days=2))
    await desk.surveys.answer(await survey_of(desk, conversation_id), 4, solved=False)
    report = await numbers(desk)
    assert (report["total"]["handed_off"], report["total"]["unsolved"]) == (0, 1)
    assert [day["day"] for day in report["days"]] == [DAY]
    [worst] = await desk.days.unsolved(DAY, LATER)
    assert worst["unsolved"] == 1
    assert worst["examples"][0]["request"] == "a person please"


@pytest.mark.parametrize(
    ("dimension", "keys"),
    [
        (Dimension.CHANNEL, {"web": 3}),
        (Dimension.JOURNEY, {"other": 2, "track_shipment": 1}),
        (Dimension.HOUR, {"12": 3}),
    ],
)
async def test_numbers_are_told_apart(
    desk: TestDesk, lin: Agent, dimension: Dimension, keys: dict[str, int]
) -> None:
    await served(desk, lin, "ann")
    await served(desk, lin, "bob")
    await answered_by_bot(desk, "cat")
    report = await numbers(desk, dimension)
    assert {row["key"]: row["volume"] for row in report["keys"]} == keys
    agents = (await numbers(desk, Dimension.AGENT))["keys"]
    assert {row["key"]: row["volume"] for row in agents} == {lin.id: 2, "-": 1}


async def test_a_reply_that_solved_the_same_before_is_found(desk: TestDesk, lin: Agent) -> None:
    for shopper, score in (("ann", 5), ("bob", 3)):
        conversation_id = (await desk.hear("我的台灯收到就坏了", "1", shopper)).conversation.id
        await desk.take(conversation_id, lin.id)
        answer = f"非常抱歉，我们今天就给您补发一盏新的台灯。{shopper}"
        await desk.reply(conversation_id, lin.id, Content(text=answer), "c")
        await desk.close(conversation_id, lin.id)
        await desk.surveys.ask_due()
        await desk.surveys.answer(await survey_of(desk, conversation_id), score)
    await numbers(desk)
    await desk.search.index()
    now = (await desk.hear("台灯坏了怎么办", "1", "cat")).conversation.id
    found = await desk.similar.find("台灯坏了怎么办", now, 3)
    assert [one.answered[-3:] for one in found] == ["ann"]
    assert await desk.similar.find("ok", now, 3) == []


async def test_quality_is_sampled_alike_for_the_same_seed_and_scored_once(
    desk: TestDesk, lin: Agent, chief: Agent
) -> None:
    for number in range(6):
        await served(desk, lin, f"shopper {number}")
    await answered_by_bot(desk, "nobody")
    await numbers(desk)
    sample = await desk.quality.sample(chief.id, DAY, LATER, 3, seed=7)
    assert sample == await desk.quality.sample(chief.id, DAY, LATER, 3, seed=7)
    assert len({one.conversation.id for one in sample}) == 3
    marks = dict.fromkeys(CRITERIA, 2)
    one = sample[0]
    with pytest.raises(NotAllowed):
        await desk.quality.score(lin.id, one.conversation.id, one.epoch, marks, "")
    with pytest.raises(BadIncoming):
        await desk.quality.score(chief.id, one.conversation.id, one.epoch, {"tone": 2}, "")
    await desk.quality.score(chief.id, one.conversation.id, one.epoch, marks, "well done")
    left = await desk.quality.sample(chief.id, DAY, LATER, 50, seed=7)
    assert one.conversation.id not in {other.conversation.id for other in left}
    assert len(left) == 5
    [score] = await desk.quality.scores(10, lin.id)
    assert (sum(score.marks.values()), score.comment) == (12, "well done")


async def test_whoever_has_left_cannot_sign_in(desk: TestDesk, lin: Agent, chief: Agent) -> None:
    token = await desk.open_session(lin.id)
    with pytest.raises(NotAllowed):
        await desk.team.change(lin.id, chief.id, role=Role.AGENT, team="", active=True)
    with pytest.raises(NotAllowed):
        await desk.team.change(chief.id, chief.id, role=Role.AGENT, team="", active=True)
    await desk.team.change(chief.id, lin.id, role=Role.AGENT, team="Night", active=False)
    found = await desk.team.members()
    members = {member.agent.login: (member.team, member.active) for member in found}
    assert members == {"lin": ("Night", False), "chief": ("", True)}
    with pytest.raises(BadCredentials):
        await desk.authenticate("lin", "correct horse")
    with pytest.raises(NoSession):
        await desk.session(token)
    await desk.team.change(chief.id, lin.id, role=Role.SUPERVISOR, team="Night", active=True)
    assert (await desk.authenticate("lin", "correct horse")).role is Role.SUPERVISOR


def test_percentiles_and_intervals_are_as_published() -> None:
    buckets: dict[str, int] = {}
    for seconds in range(1, 1001):
        key = str(bucket_of(seconds))
        buckets[key] = buckets.get(key, 0) + 1
    assert percentile(buckets, 0.5) == pytest.approx(500, rel=0.1)
    assert percentile(buckets, 0.95) == pytest.approx(950, rel=0.1)
    assert percentile({}, 0.5) is None
    # Newcombe (1998), Stat. Med. 17, 857-872, table I: 81 of 263 by Wilson's score.
    found = interval(81, 263)
    assert found
    assert [round(part, 4) for part in found] == [0.3080, 0.2553, 0.3662]
    assert interval(0, 0) is None


async def add_cases(
    desk: TestDesk, conversation_id: str, random: Random, days: list[date], agents: list[str]
) -> list[dict[str, Any]]:
    """Cases with everything drawn by lot, one on each of ``days``."""
    cases = []
    for day in days:
        served = random.random() < 0.5
        case = {
            "conversation_id": conversation_id,
            "epoch": random.getrandbits(30),
            "opened_at": desk.clock.now(),
            "closed_at": desk.clock.now(),
            "day": day.isoformat(),
            "hour": random.randrange(24),
            "channel": random.choice(("web", "wechat")),
            "journey": random.choice(("question", "order_status")),
            "agent_id": random.choice(agents) if served else None,
            "outcome": random.choice(("confirmed", "silent", "came_back")),
            "first_response_s": random.expovariate(1 / 90) if served else None,
            "sla_kept": random.randrange(2),
            "sla_missed": random.randrange(2),
            "score": random.choice((None, 1, 5)),
            "reasons": random.choice(([], ["kind"])),
            "request": "",
        }
        cases.append(case)
    async with desk._transaction() as work:
        await work.connection.execute(insert(tables.case), cases)
        for day in {case["day"] for case in cases}:
            await mark(work, tables.stale_day, day)
    return cases


def counted(cases: list[dict[str, Any]], of: str) -> dict[str, dict[str, Any]]:
    """What a report by the column ``of`` must say of ``cases``, from each of them."""
    keys: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        key = f"{case[of]:02}" if of == "hour" else case[of] or "-"
        keys.setdefault(key, []).append(case)
    return {
        key: {
            "volume": len(own),
            "confirmed": sum(one["outcome"] == "confirmed" for one in own),
            "csat_sum": sum(one["score"] or 0 for one in own),
            "kind": sum(one["score"] is not None and "kind" in one["reasons"] for one in own),
            "sla_kept": sum(one["sla_kept"] for one in own),
            "p90": percentile(
                Counter(
                    str(bucket_of(one["first_response_s"]))
                    for one in own
                    if one["first_response_s"] is not None
                ),
                0.9,
            ),
        }
        for key, own in keys.items()
    }


async def test_sums_of_days_and_months_say_what_the_cases_say(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    random = Random(7)
    conversation_id = await desk.waiting("ann")
    first = date(2026, 8, 20)
    span = (desk.clock.now().date() - first).days + 1
    agents = [lin.id, kim.id]
    days = [first + timedelta(days=random.randrange(span)) for _ in range(400)]
    cases = await add_cases(desk, conversation_id, random, days, agents)

    async def check() -> None:
        for _ in range(8):
            begin = first + timedelta(days=random.randrange(span))
            end = begin + timedelta(days=random.randrange(span))
            within = [one for one in cases if begin.isoformat() <= one["day"] <= end.isoformat()]
            for dimension, column in (("agent", "agent_id"), ("hour", "hour"), ("channel",) * 2):
                told = await desk.days.report(
                    begin.isoformat(), end.isoformat(), Dimension(dimension)
                )
                assert {
                    row["key"]: {
                        **{name: row[name] for name in ("volume", "confirmed", "csat_sum")},
                        **{name: row[name] for name in ("kind", "sla_kept")},
                        "p90": row["times"]["first_response"]["p90"],
                    }
                    for row in told["keys"]
                } == counted(within, column)
                assert told["total"]["volume"] == len(within)

    while await desk.days.fold(100):
        pass
    await check()
    # More is learned of a month that was added up: its days count until it is added up anew.
    late = [date(2026, 9, 9), date(2026, 9, 9), date(2026, 10, 31)]
    cases += await add_cases(desk, conversation_id, random, late, agents)
    assert await desk.days.fold(100) == 2
    await check()
    while await desk.days.fold(100):
        pass
    await check()


async def test_a_case_that_closes_while_its_day_or_month_is_added_up_is_not_forgotten(
    desk: TestDesk, lin: Agent
) -> None:
    random, day = Random(3), date(2026, 10, 9)
    conversation_id = await desk.waiting("ann")
    cases = await add_cases(desk, conversation_id, random, [day], [lin.id])

    @asynccontextmanager
    async def before_another_closes() -> AsyncIterator[Work]:
        async with desk._reading() as work:
            yield work
        if len(cases) < 4:
            cases.extend(await add_cases(desk, conversation_id, random, [day], [lin.id]))

    interrupted = Days(desk._transaction, before_another_closes)
    while await interrupted.fold():
        pass
    total = (await desk.days.report("2026-10-01", "2026-10-31", Dimension.TOTAL))["total"]
    assert (total["volume"], len(cases)) == (4, 4)

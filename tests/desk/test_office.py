"""Agents' tools on both kinds of database: lists, search, notes, tags, snoozes, canned replies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from desk.errors import (
    AlreadyTaken,
    BadCredentials,
    BadIncoming,
    ConversationMoved,
    NoSession,
    NotAllowed,
)
from desk.events import Annotated
from desk.model import Agent, Incoming, Owner
from desk.office.canned import ShortcutTaken
from desk.office.inbox import Wanted
from desk.office.model import Deed, Shelf
from desk.office.terms import index_terms, query_phrases
from kernel.content import Content
from tests.desk.conftest import TestDesk


async def held_by(desk: TestDesk, agent: Agent, shopper: str, text: str = "help") -> str:
    """A conversation that ``agent`` has taken."""
    recorded = await desk.hear(text, "1", shopper)
    await desk.take(recorded.conversation.id, agent.id)
    return recorded.conversation.id


async def ids_on(desk: TestDesk, agent: Agent, shelf: Shelf, **wanted: str) -> list[str]:
    """The conversations of a list, in order."""
    entries = await desk.inbox.shelf(agent.id, shelf, 50, wanted=Wanted(**wanted))
    return [entry.conversation.id for entry in entries]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我的快递到哪里了", "快递"),
        ("我的快递到哪里了", "到哪里"),
        ("我的快递到哪里了", "了"),
        ("我的快遞到哪裡了", "快递"),
        ("订单 KF2611220001 还没发货", "kf26112"),
        ("订单ＫＦ2611220001还没发货", "KF2611220001 发货"),
        ("Where is my Lamp?", "lamp where"),
        ("Where is my Lamp?", "lam"),
    ],
)
async def test_what_was_said_is_found_in_both_languages(
    desk: TestDesk, text: str, query: str
) -> None:
    wanted = (await desk.hear(text, "1", "ann")).conversation.id
    await desk.hear("something else 完全无关", "1", "bob")
    await desk.search.index()
    assert [hit.conversation.id for hit in await desk.search.find(query, 10)] == [wanted]


@pytest.mark.parametrize(
    "query", ["递快", "lampe", "amp", "", "？！", "'", '" OR "', "a:*", "快 lamp"]
)
async def test_what_was_not_said_is_not_found(desk: TestDesk, query: str) -> None:
    await desk.hear("我的快递到哪里了", "1", "ann")
    await desk.hear("Where is my lamp?", "2", "ann")
    await desk.search.index()
    assert await desk.search.find(query, 10) == []


async def test_a_conversation_is_found_once_with_its_newest_hit_and_by_the_customers_name(
    desk: TestDesk,
) -> None:
    await desk.hear("the lamp is broken", "1", "ann")
    customer = {"id": "c1", "name": "林小满"}
    said = Incoming("web", "ann", "2", Content(text="a new lamp, please"), customer=customer)
    await desk.record(said)
    assert await desk.search.index() == 1
    [hit] = await desk.search.find("lamp", 10)
    assert (hit.message.seq, hit.hits) == (2, 2)
    [hit] = await desk.search.find("小满", 10)
    assert hit.message.seq == 2
    # Nothing is indexed twice, and what is said later joins.
    assert await desk.search.index() == 0
    await desk.hear("lamp again", "3", "ann")
    await desk.search.index()
    [hit] = await desk.search.find("lamp", 10)
    assert (hit.message.seq, hit.hits) == (3, 3)


def test_terms_are_pairs_and_words() -> None:
    assert index_terms("退货吗, OK?") == ["退货", "货吗", "吗", "ok"]
    assert [phrase.terms for phrase in query_phrases("退货吗 Ok")] == [("退货", "货吗"), ("ok",)]


async def test_each_list_shows_what_belongs_on_it(desk: TestDesk, lin: Agent, kim: Agent) -> None:
    mine = await held_by(desk, lin, "ann")
    hers = await held_by(desk, kim, "bob")
    waiting = await desk.waiting("cat")
    closed = await held_by(desk, lin, "dan")
    await desk.close(closed, lin.id)
    assert await ids_on(desk, lin, Shelf.MINE) == [mine]
    assert await ids_on(desk, lin, Shelf.OTHERS) == [hers]
    assert set(await ids_on(desk, lin, Shelf.ALL)) == {mine, hers, waiting}
    assert await ids_on(desk, lin, Shelf.CLOSED) == [closed]
    assert await ids_on(desk, lin, Shelf.ALL, agent_id=kim.id) == [hers]
    assert await ids_on(desk, lin, Shelf.ALL, channel="wechat") == []
    await desk.labels.set_tags(hers, lin.id, ["VIP ", "尺码"])
    assert await ids_on(desk, lin, Shelf.ALL, tag="vip") == [hers]
    # Calls to be made: of who waits, is served, or is forgotten.
    await desk.keep_place(waiting, "13800138000")
    eve, fay = [await desk.waiting(name) for name in ("eve", "fay")]
    for one in (eve, fay):
        await desk.keep_place(one, "13800138001")
        await desk.take(one, lin.id)
    await desk.close(eve, lin.id)
    assert set(await ids_on(desk, lin, Shelf.CALLS)) == {waiting, eve, fay}
    for one in (eve, fay):
        await desk.calls.made(one, lin.id)
    assert await ids_on(desk, lin, Shelf.CALLS) == [waiting]


async def test_numbers_are_forgotten_in_their_time_and_nobody_is_asked_to_call_them(
    desk: TestDesk, lin: Agent
) -> None:
    ids = {name: await desk.waiting(name) for name in ("called", "open", "held", "lines")}
    for one in ids.values():
        await desk.keep_place(one, "13800138000")
    for name in ("called", "open", "held"):
        await desk.take(ids[name], lin.id)
    await desk.calls.made(ids["called"], lin.id)
    for name in ("called", "open"):
        await desk.close(ids[name], lin.id)
    over = desk.now() + timedelta(seconds=1)
    desk.clock.advance(timedelta(days=1))
    fresh = await desk.waiting("fresh")
    await desk.keep_place(fresh, "13800138001")
    await desk.take(fresh, lin.id)
    await desk.close(fresh, lin.id)
    assert await desk.calls.forget_idle_since(desk.now() - timedelta(days=2)) == 0
    assert len(await ids_on(desk, lin, Shelf.CALLS)) == 4

    assert await desk.calls.forget_idle_since(over) == 4
    assert await desk.calls.forget_idle_since(over) == 0
    known = {name: [one.contact for one in await desk.calls.of(ids[name])] for name in ids}
    # That somebody was called stays known; who was not waits no more.
    assert known == {"called": [None], "open": [], "held": [], "lines": []}
    assert await ids_on(desk, lin, Shelf.CALLS) == [fresh]
    assert await desk.calls.count_open() == 1
    assert not await desk.calls.open_in([ids["open"]])
    # The place in the line is kept all the same.
    waiting = await desk.conversation(ids["lines"])
    assert (waiting.owner, waiting.callback and waiting.callback.contact) == (Owner.QUEUE, None)
    assert waiting.callback is not None
    assert [one.contact for one in await desk.calls.of(fresh)] == ["13800138001"]


async def test_a_list_comes_in_pages_without_gap_or_repeat(desk: TestDesk, lin: Agent) -> None:
    for number in range(7):
        await held_by(desk, lin, f"shopper {number}")
        desk.clock.advance(timedelta(seconds=number % 2))
    seen: list[str] = []
    before = None
    while page := await desk.inbox.shelf(lin.id, Shelf.MINE, 3, before=before):
        seen += [entry.conversation.id for entry in page]
        last = page[-1].conversation
        before = (last.updated_at, last.id)
    assert len(seen) == len(set(seen)) == 7


async def test_a_snoozed_conversation_comes_back_in_time_or_when_the_shopper_writes(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    one, two = await held_by(desk, lin, "ann"), await held_by(desk, lin, "bob")
    until = desk.clock.now() + timedelta(hours=2)
    for conversation_id in (one, two):
        await desk.labels.snooze(conversation_id, lin.id, until)
    assert await ids_on(desk, lin, Shelf.MINE) == []
    assert set(await ids_on(desk, lin, Shelf.SNOOZED)) == {one, two}
    await desk.hear("are you there?", "2", "bob")
    assert await ids_on(desk, lin, Shelf.MINE) == [two]
    desk.clock.advance(timedelta(hours=2))
    assert set(await ids_on(desk, lin, Shelf.MINE)) == {one, two}
    with pytest.raises(ConversationMoved):
        await desk.labels.snooze(one, kim.id, desk.clock.now() + timedelta(hours=1))
    with pytest.raises(BadIncoming):
        await desk.labels.snooze(one, lin.id, desk.clock.now())


async def test_a_note_calls_a_colleague_who_sees_it_once(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    conversation_id = await held_by(desk, lin, "ann")
    called = await desk.notes.colleagues_named("@Kim could you look? @nobody")
    assert called == [kim.id]
    note = await desk.notes.add(conversation_id, lin.id, "@Kim could you look?", tuple(called))
    assert Annotated(conversation_id, note) in desk.events
    assert await desk.notes.of(conversation_id) == [note]
    assert (await desk.notes.unseen(kim.id), await desk.notes.unseen(lin.id)) == (1, 0)
    assert await ids_on(desk, kim, Shelf.MENTIONS) == [conversation_id]
    await desk.notes.seen(kim.id, conversation_id)
    assert await desk.notes.unseen(kim.id) == 0
    # The shopper hears nothing of it.
    assert await desk.texts(conversation_id) == ["shopper: help"]
    with pytest.raises(BadIncoming):
        await desk.notes.add(conversation_id, lin.id, "  ")


async def test_supervisors_write_everybodys_replies_and_agents_their_own(
    desk: TestDesk, lin: Agent, kim: Agent, chief: Agent
) -> None:
    at_first = await desk.canned.of(lin.id)
    assert {"hello", "refund"} <= {one.shortcut for one in at_first}
    words = {"title": "Size", "zh": "请问{customer}穿多大？", "en": "Which size, {customer}?"}
    own = await desk.canned.save(lin.id, canned_id=None, shortcut="Size", shared=False, **words)
    assert own.shortcut == "size"
    assert own in await desk.canned.of(lin.id)
    assert own not in await desk.canned.of(kim.id)
    with pytest.raises(ShortcutTaken):
        await desk.canned.save(lin.id, canned_id=None, shortcut="size", shared=False, **words)
    with pytest.raises(NotAllowed):
        await desk.canned.save(lin.id, canned_id=None, shortcut="x", shared=True, **words)
    with pytest.raises(NotAllowed):
        await desk.canned.remove(lin.id, at_first[0].id)
    wrong = {**words, "en": "Hello {nobody}"}
    with pytest.raises(BadIncoming):
        await desk.canned.save(lin.id, canned_id=None, shortcut="y", shared=False, **wrong)
    shared = await desk.canned.save(
        chief.id, canned_id=None, shortcut="sizes", shared=True, **words
    )
    assert shared in await desk.canned.of(kim.id)
    await desk.canned.remove(lin.id, own.id)
    assert own not in await desk.canned.of(lin.id)
    told = [line.deed for line in await desk.audit.page(10)]
    assert told == [Deed.CANNED_CHANGED] * 3


async def test_merged_conversations_are_read_together_and_the_other_shopper_window_is_told(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    here = await held_by(desk, lin, "ann")
    customer = {"id": "c1", "name": "Ann"}
    for channel in ("web", "wechat"):
        said = Incoming(channel, "ann", "9", Content(text="me"), customer=customer)
        there = (await desk.record(said)).conversation.id
    current = await desk.conversation(here)
    assert [one.id for one in await desk.links.of_same_customer(current)] == [there]
    await desk.links.merge(here, there, lin.id)
    assert (await desk.conversation(there)).owner is Owner.CLOSED
    assert [one.id for one in await desk.links.merged_with(here)] == [there]
    assert [one.id for one in await desk.links.merged_with(there)] == [here]
    last = (await desk.messages_before(there, None, 1))[0]
    assert "另一个会话" in last.content.text
    theirs = await held_by(desk, kim, "bob")
    with pytest.raises(AlreadyTaken):
        await desk.links.merge(here, theirs, lin.id)
    with pytest.raises(ConversationMoved):
        await desk.links.merge(theirs, here, lin.id)


async def test_read_marks_only_rise(desk: TestDesk, lin: Agent) -> None:
    conversation_id = await held_by(desk, lin, "ann")
    assert await desk.reads.reached(conversation_id, lin.id, 2)
    assert not await desk.reads.reached(conversation_id, lin.id, 1)
    assert await desk.reads.reached(conversation_id, "shopper", 1)
    assert await desk.reads.of(conversation_id) == {lin.id: 2, "shopper": 1}
    [entry] = await desk.inbox.shelf(lin.id, Shelf.MINE, 5)
    assert entry.read_seq == 2


async def test_a_changed_password_ends_every_session(desk: TestDesk, lin: Agent) -> None:
    token = await desk.open_session(lin.id)
    with pytest.raises(BadCredentials):
        await desk.change_password(lin.id, "wrong", "a new password")
    with pytest.raises(BadIncoming):
        await desk.change_password(lin.id, "correct horse", "short")
    await desk.change_password(lin.id, "correct horse", "a new password")
    with pytest.raises(NoSession):
        await desk.session(token)
    assert (await desk.authenticate("lin", "a new password")).id == lin.id


async def test_a_conversation_with_the_bot_ends_after_a_rest_but_never_unanswered(
    desk: TestDesk,
) -> None:
    owed = (await desk.hear("hello", "1", "ann")).conversation.id
    done = (await desk.hear("hello", "1", "bob")).conversation.id
    claim = await desk.claim(done)
    assert claim
    await desk.finish_turn(claim, [Content(text="hi")], language="en", customer=None)
    assert await desk.expire(timedelta(minutes=30)) == 0
    desk.clock.advance(timedelta(minutes=30))
    assert await desk.expire(timedelta(minutes=30)) == 1
    assert (await desk.conversation(done)).owner is Owner.CLOSED
    assert (await desk.conversation(owed)).owner is Owner.BOT

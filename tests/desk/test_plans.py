"""However much the desk remembers, what its pages and its upkeep ask is found by indexes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.model import Agent, Incoming, Lease
from desk.office.inbox import Wanted
from desk.office.model import Shelf
from desk.reports.model import Dimension
from kernel.content import Content
from kernel.database import make_engine
from tests.desk.conftest import LEASE, TestDesk

# Everything that grows with every conversation, year after year.
GROWS = frozenset(
    f"desk_{name}"
    for name in (
        *("conversation", "message", "owner_change", "delivery", "sla_event", "promise", "reach"),
        *("case", "day", "month", "survey", "quality", "note", "mention", "tag", "read", "link"),
        *("indexed", "audit", "snooze", "alarm_seen"),
    )
) | {"search_message"}
# Of these only what waits for somebody is in the index: it may be read through.
FEW = frozenset(
    (
        "ix_desk_conversation_queue",
        "ix_desk_owner_change_call",
        "ix_desk_conversation_agent",
        "ix_desk_conversation_offered",
        "ix_desk_conversation_offer",
        "ix_desk_conversation_snoozed",
        "ix_desk_conversation_sla",
        "ix_desk_conversation_risk",
        "ix_desk_delivery_due",
        "ix_desk_delivery_order",
        "ix_desk_message_pending",
        "ix_desk_promise_open",
        "ix_desk_promise_due",
    )
)


async def look_at_everything(desk: TestDesk, lin: Agent) -> None:
    """What pages and upkeep ask: lists, a conversation, search, reports, places, what is due."""
    first = await desk.waiting("ann")
    await desk.waiting("bob")
    await desk.take(first, lin.id)
    await desk.reply(first, lin.id, Content(text="How can I help?"), "c1")
    await desk.close(first, lin.id)
    second = await desk.waiting("cyd")
    said = Content(text="it is me")
    known = await desk.record(Incoming("web", "cyd", "2", said, customer={"id": "c1", "name": "C"}))
    await desk.links.of_same_customer(known.conversation)
    await desk.queue(100)
    await desk.line_changes(100, {first, second}, [])
    await desk.line_now()
    for shelf in Shelf:
        await desk.inbox.shelf(lin.id, shelf, 50)
        before = (desk.now(), first)
        await desk.inbox.shelf(lin.id, shelf, 50, before=before, wanted=Wanted(channel="web"))
    await desk.inbox.own(lin.id, 50)
    await desk.notes.unseen(lin.id)
    await desk.conversation(first)
    await desk.messages_before(first, 40, 50)
    await desk.messages_after(first, 1, 50)
    await desk.inbox.these(lin.id, [first])
    await desk.notes.of(first)
    await desk.reads.of(first)
    await desk.links.merged_with(first)
    await desk.reach(first)
    await desk.search.index()
    await desk.search.find("person", 20)
    await desk.similar.find("a person please", first, 3)
    desk.clock.advance(timedelta(minutes=1))
    await desk.cases.fold()
    await desk.days.fold()
    for dimension in Dimension:
        await desk.days.report("2026-01-01", "2026-12-31", dimension)
    await desk.days.unsolved("2026-01-01", "2026-12-31")
    await desk.quality.sample(lin.id, "2026-01-01", "2026-12-31", 10, 1)
    await desk.quality.sample(lin.id, "2026-01-01", "2026-12-31", 10, 1, lin.id)
    await desk.quality.scores(50)
    await desk.quality.scores(50, lin.id)
    await desk.audit.page(50)
    await desk.surveys.ask_due()
    await desk.presences()
    await desk.presence_of(lin.id)
    await desk.in_danger(50)
    await desk.alarms.unseen(lin.id, 50)
    await desk.alarms.seen(lin.id, ["an alarm"])
    await desk.offers_to(lin.id)
    await desk.keep_order()
    await desk.tell_places({})
    await desk.place(second)
    await desk.measure()
    await desk.promises_kept(desk.now() - timedelta(days=7), desk.now())
    await desk.expire(timedelta(hours=1))
    await desk.calls.forget_idle_since(desk.now())
    await desk.unanswered(timedelta(0), 10)
    await desk.due(10, Lease("w1", LEASE))


async def read_through(
    connection: AsyncConnection, statement: str, values: Any
) -> list[tuple[str, str]]:
    """The growing tables, and how, that ``statement`` reads without looking anything up."""
    if connection.dialect.name == "sqlite":
        plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        steps = [row[3] for row in plan]
        # The first of an order may be read off an index until there are enough of them.
        ordered = "LIMIT" in statement and not any("TEMP B-TREE FOR ORDER" in one for one in steps)
        scans = [step.split() for step in steps if step.startswith("SCAN ")]
        return [
            (words[1], " ".join(words))
            for words in scans
            if words[1] in GROWS
            and words[-1] not in FEW
            and "VIRTUAL" not in words
            and not (ordered and "USING" in words)
        ]
    plan = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values)
    told = plan.scalar_one()
    [tree] = json.loads(told) if isinstance(told, str) else told
    return list(_read_through(tree["Plan"], limited=False))


def _read_through(node: dict[str, Any], *, limited: bool) -> Iterator[tuple[str, str]]:
    kind, index = node["Node Type"], node.get("Index Name")
    limited = kind == "Limit" or (limited and kind != "Sort")
    looked_up = "Index Cond" in node or "Recheck Cond" in node or (index is not None and limited)
    is_read = kind != "ModifyTable" and node.get("Relation Name") in GROWS
    if is_read and not looked_up and index not in FEW:
        yield node["Relation Name"], f"{kind} {index}"
    for below in node.get("Plans", ()):
        yield from _read_through(below, limited=limited)


async def test_no_page_and_no_upkeep_reads_through_what_grows(
    desk: TestDesk, lin: Agent, database_url: str
) -> None:
    asked: dict[str, Any] = {}
    engine = make_engine(database_url)

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def _remember(_c: Any, _cursor: Any, statement: str, values: Any, _x: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE", "WITH")) and not many:
            asked[statement] = values

    await look_at_everything(TestDesk(engine, desk.clock), lin)
    event.remove(engine.sync_engine, "before_cursor_execute", _remember)
    assert len(asked) > 60
    found = []
    async with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            # A small table is read through for being small: whether there is another way counts.
            await connection.execute(text("SET enable_seqscan = off"))
        for statement, values in asked.items():
            found += [
                (*one, statement) for one in await read_through(connection, statement, values)
            ]
    await engine.dispose()
    assert not found, "\n".join(f"{table}: {how}: {statement}" for table, how, statement in found)

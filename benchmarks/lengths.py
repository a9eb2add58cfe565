"""Makes a conversation long by repeating, in the database, the turns that it has."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered

from bot.runtime.tracker_store import SqlTrackerStore

_TURNS_A_SAVE = 5


def lengthen_peer(database: Path, sender: str, messages: int) -> None:
    """Bring the peer's conversation to ``messages`` messages of its shopper, all in one session."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        rows = connection.execute(
            "SELECT type_name, timestamp, intent_name, action_name, data FROM events"
            " WHERE sender_id = ? ORDER BY id",
            (sender,),
        ).fetchall()
        spoken = [number for number, row in enumerate(rows) if row[0] == "user"]
        pattern = rows[spoken[0] :]
        last = rows[-1][1]
        missing = messages - len(spoken)
        copies = [
            (sender, row[0], last, row[2], row[3], row[4])
            for _ in range(-(-missing // len(spoken)))
            for row in pattern
        ]
        connection.executemany(
            "INSERT INTO events (sender_id, type_name, timestamp, intent_name, action_name, data)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            copies,
        )


def lengthen_ours(database: Path, sender: str, messages: int) -> None:
    """Bring our conversation to ``messages`` messages: the desk's record and the dialogue's."""
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        ((conversation_id,),) = connection.execute(
            "SELECT id FROM desk_conversation WHERE channel = 'rest' AND shopper_id = ?", (sender,)
        ).fetchall()
        with connection:
            _lengthen_record(connection, conversation_id, messages)
    asyncio.run(_lengthen_tracker(f"sqlite:///{database}", conversation_id, messages))
    # What no shopper ever writes at once shall not be what the next turns write into the database.
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _lengthen_record(connection: sqlite3.Connection, conversation_id: str, messages: int) -> None:
    connection.row_factory = sqlite3.Row
    rows = [
        dict(row)
        for row in connection.execute(
            "SELECT * FROM desk_message WHERE conversation_id = ? ORDER BY seq", (conversation_id,)
        )
    ]
    spoken = sum(row["author"] == "shopper" for row in rows)
    seq = rows[-1]["seq"]
    for _ in range(-(-(messages - spoken) // spoken)):
        ids = {row["id"]: uuid4().hex for row in rows}
        for row in rows:
            seq += 1
            copy = {
                **row,
                "id": ids[row["id"]],
                "seq": seq,
                "external_id": row["external_id"] and uuid4().hex,
                "in_reply_to": ids.get(row["in_reply_to"]),
            }
            connection.execute(
                f"INSERT INTO desk_message ({', '.join(copy)})"
                f" VALUES ({', '.join('?' * len(copy))})",
                tuple(copy.values()),
            )
    connection.execute(
        "UPDATE desk_conversation SET last_seq = ?, last_shopper_seq = ? WHERE id = ?",
        (seq, seq, conversation_id),
    )


async def _lengthen_tracker(url: str, conversation_id: str, messages: int) -> None:
    store = SqlTrackerStore(Domain.empty(), host=url)
    try:
        tracker = await store.retrieve_full_tracker(conversation_id)
        if tracker is None:
            raise LookupError(f"{conversation_id} has no tracker")
        events = list(tracker.events)
        first = next(n for n, event in enumerate(events) if isinstance(event, UserUttered))
        spoken = sum(isinstance(event, UserUttered) for event in events)
        pattern = [json.dumps(event.as_dict()) for event in events[first:]]
        rounds = -(-(messages - spoken) // spoken)
        for start in range(0, rounds, _TURNS_A_SAVE):
            tracker = await store.retrieve(conversation_id)
            if tracker is None:
                raise LookupError(f"{conversation_id} has no tracker")
            for _ in range(min(_TURNS_A_SAVE, rounds - start)):
                for dumped in pattern:
                    tracker.update(_copied(dumped))
            await store.save(tracker)
    finally:
        await store.close()


def _copied(dumped: str) -> Event:
    event = json.loads(dumped)
    if event["event"] == "user":
        event["message_id"] = uuid4().hex
    return Event.from_parameters(event)

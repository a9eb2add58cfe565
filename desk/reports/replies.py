"""How soon people answer, as large shopping platforms count it (desk.sla.standards)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import RowMapping

from desk.model import Author, Message, Owner
from desk.sla.standards import REPLY_COUNTS, REPLY_SHARES

Ask = tuple[datetime, datetime | None]
_PEOPLE = frozenset({Owner.QUEUE, Owner.AGENT})


def asks(changes: Sequence[RowMapping], messages: Iterable[Message]) -> list[Ask]:
    """When a shopper began to wait for a person's words, and when those came; None: never.

    They begin with the handoff and, while people have the conversation, with the first message
    after a person's words. ``changes`` are the changes of owner of one case, in order; what is
    still open when people give the conversation away, or the shopper leaves the line, was never
    answered.
    """
    found: list[Ask] = []
    since: datetime | None = None
    is_with_people = False
    left = iter(changes)
    change = next(left, None)
    for message in (*messages, None):
        # What was said under an epoch was said after the change that began it.
        while change is not None and (message is None or change["epoch"] <= message.epoch):
            was, is_with_people = is_with_people, change["after"] in _PEOPLE
            if change["after"] == Owner.QUEUE and not was:
                since = change["at"]
            elif was and not is_with_people and since is not None:
                found.append((since, None))
                since = None
            change = next(left, None)
        if message is None or not is_with_people:
            continue
        if message.author is Author.SHOPPER:
            since = since or message.created_at
        elif message.author is Author.AGENT and since is not None:
            found.append((since, message.created_at))
            since = None
    return found


def counted(found: Iterable[Ask]) -> dict[str, int]:
    """How many began in each platform's window, and how many of them were answered in time.

    The keys are REPLY_COUNTS; times are counted in the window.
    """
    counts = dict.fromkeys(REPLY_COUNTS, 0)
    waits = list(found)
    for name, share in REPLY_SHARES.items():
        delays = [
            None if replied is None else share.window.open_between(asked, replied)
            for asked, replied in waits
            if share.window.is_open(asked)
        ]
        counts[share.asked] = len(delays)
        counts[name] = sum(delay is not None and delay <= share.within for delay in delays)
    return counts

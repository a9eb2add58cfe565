"""Keeps news for shoppers until it may be told, and tells it where they can be reached."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import RowMapping, Select, and_, func, or_, select, update

from desk import reaching
from desk import tables as desk_tables
from desk.held import hold
from desk.model import Author, Conversation, Told
from desk.news import tables
from desk.news.model import NewsRules, NewsState, Tidings, newest_of_each
from desk.news.words import news_content, stopped_content
from desk.rows import CONVERSATION, MESSAGE, conversation_from
from desk.work import Transaction, Work

_NEWS = tables.news.c
_WAITING = _NEWS.state == NewsState.WAITING.value
# Which of a customer's waiting news is still wanted: their keys.
StillWanted = Callable[[str, Sequence[Tidings]], Awaitable[Collection[str]]]
# Whether a channel's template can carry news of some kinds into a conversation now.
MayCarry = Callable[[Conversation, Sequence[str]], Awaitable[bool]]


async def carries_nothing(_conversation: Conversation, _kinds: Sequence[str]) -> bool:
    """(see MayCarry) No channel has templates for news."""
    return False


# Of a customer's conversations the last ones are looked at.
_PLACES = 20


class NewsDesk:
    """Every step is one transaction: what is told is marked in the one that puts it in the outbox.

    So of any number of replicas, and whatever dies when, each piece of news becomes one message.
    """

    def __init__(
        self, transaction: Transaction, reading: Transaction, rules: NewsRules | None = None
    ) -> None:
        self._transaction = transaction
        self._reading = reading
        self.rules = rules or NewsRules()
        self.may_carry: MayCarry = carries_nothing

    async def add(self, tidings: Tidings) -> bool:
        """Keep news to be told when it may be; False if it is known already."""
        async with self._transaction() as work:
            due_at = self.rules.not_before(work.now, None)
            values = {
                "id": uuid4().hex,
                "customer_id": tidings.customer_id,
                "key": tidings.key,
                "kind": tidings.kind,
                "event": tidings.event,
                "order_number": tidings.order_number,
                "about": tidings.about,
                "at": tidings.at,
                "facts": tidings.facts,
                "asked_in": list(tidings.asked_in),
                "state": NewsState.WAITING.value,
                "created_at": work.now,
                "due_at": due_at,
            }
            return await work.insert_unless_there(tables.news, values)

    async def tell_due(self, still_wanted: StillWanted, limit: int = 50) -> int:
        """Tell what may be told by now; how many shoppers heard something.

        ``still_wanted`` is asked at the last moment: what was stopped meanwhile is not told.
        """
        async with self._reading() as work:
            found = await work.connection.execute(
                select(_NEWS.customer_id)
                .where(_WAITING, _NEWS.due_at <= work.now)
                .group_by(_NEWS.customer_id)
                .order_by(func.min(_NEWS.due_at))
                .limit(limit)
            )
            customers = list(found.scalars())
        told = 0
        for customer_id in customers:
            async with self._reading() as work:
                found = await work.connection.execute(_waiting_of(customer_id))
                waiting = [_tidings(row) for row in found.mappings()]
            wanted = await still_wanted(customer_id, waiting)
            async with self._transaction() as work:
                seen = {one.key for one in waiting}
                told += await self._tell(work, customer_id, seen, wanted)
        return told

    async def say_stopped(self, conversation_id: str) -> None:
        """Tell the shopper that no more news comes."""
        async with self._transaction() as work:
            held = await hold(work, conversation_id)
            held.append(Author.SYSTEM, stopped_content(held.conversation.language))
            await held.save()

    async def _tell(
        self, work: Work, customer_id: str, seen: set[str], wanted: Collection[str]
    ) -> bool:
        found = await work.connection.execute(_waiting_of(customer_id).with_for_update())
        rows = [dict(row) for row in found.mappings() if row["key"] in seen]
        unwanted = [row for row in rows if row["key"] not in wanted]
        await self._settle(work, unwanted, state=NewsState.STOPPED.value, settled_at=work.now)
        rows = await self._without_expired(work, [row for row in rows if row["key"] in wanted])
        if not any(row["due_at"] <= work.now for row in rows):
            return False
        not_before = self.rules.not_before(work.now, await self._last_told(work, customer_id))
        place = None
        if not_before <= work.now:
            place = await self._place(work, customer_id, rows)
            not_before = work.now + self.rules.look_again
        if place is None:
            await self._settle(work, rows, due_at=not_before)
            return False
        await self._say(work, place, rows)
        return True

    async def _say(self, work: Work, place: str, rows: list[dict[str, Any]]) -> None:
        news = newest_of_each([_tidings(row) for row in rows])
        held = await hold(work, place)
        content = news_content(news, held.conversation.language, self.rules.zone)
        message = held.append(Author.SYSTEM, content)
        facts = {"order_number": news[-1].order_number}
        held.update(told=Told(message.seq, work.now, facts))
        await held.save()
        told = {one.key for one in news}
        for state, chosen in (
            (NewsState.TOLD, [row for row in rows if row["key"] in told]),
            (NewsState.OVERTAKEN, [row for row in rows if row["key"] not in told]),
        ):
            await self._settle(
                work, chosen, state=state.value, settled_at=work.now, message_id=message.id
            )

    async def _without_expired(
        self, work: Work, rows: list[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        old = [row for row in rows if work.now - row["created_at"] > self.rules.keep]
        await self._settle(work, old, state=NewsState.EXPIRED.value, settled_at=work.now)
        return [row for row in rows if row not in old]

    async def _settle(self, work: Work, rows: list[dict[str, Any]], **values: Any) -> None:
        if rows:
            await work.connection.execute(
                update(tables.news)
                .where(_NEWS.id.in_([row["id"] for row in rows]))
                .values(**values)
            )

    async def _last_told(self, work: Work, customer_id: str) -> datetime | None:
        found = await work.connection.execute(
            select(func.max(_NEWS.settled_at)).where(
                _NEWS.customer_id == customer_id, _NEWS.state == NewsState.TOLD.value
            )
        )
        last: datetime | None = found.scalar_one()
        return last

    async def _place(self, work: Work, customer_id: str, rows: list[dict[str, Any]]) -> str | None:
        """The conversation in which the shopper can be told it; None if there is none now.

        The one they wrote in last, if it can be reached or a template can carry the news there;
        then one in which a template can say that something waits; then one that they come to by
        themselves.
        """
        newest = newest_of_each([_tidings(row) for row in rows])[-1]
        places = await self._places(
            work, customer_id, {id_ for row in rows for id_ in row["asked_in"]}
        )
        later: list[str] = []
        for conversation in places:
            if conversation.channel in self.rules.collected_on:
                later.append(conversation.id)
                continue
            reach = await reaching.find(work, conversation.id)
            left = None if reach is None else reach.left_at(work.now)
            if left is None or left > self.rules.reserve:
                return conversation.id
            if await self.may_carry(conversation, [newest.kind]):
                return conversation.id
        announced = [one.id for one in places if one.channel in self.rules.announced_on]
        return next(iter([*announced, *later]), None)

    async def _places(self, work: Work, customer_id: str, asked_in: set[str]) -> list[Conversation]:
        """Where the shopper asked for it, and where the shop vouches for who they are.

        Newest words of the shopper first. A proof that somebody once gave in a conversation opens
        it to news only if they asked for news there.
        """
        found = await work.connection.execute(
            select(desk_tables.conversation)
            .outerjoin(
                desk_tables.message,
                and_(
                    MESSAGE.conversation_id == CONVERSATION.id,
                    MESSAGE.seq == CONVERSATION.last_shopper_seq,
                ),
            )
            .where(or_(CONVERSATION.customer_id == customer_id, CONVERSATION.id.in_(asked_in)))
            .order_by(MESSAGE.created_at.desc(), CONVERSATION.id)
            .limit(_PLACES)
        )
        places = [conversation_from(row) for row in found.mappings()]
        return [one for one in places if _may_hear(one, customer_id, asked_in)]


def _waiting_of(customer_id: str) -> Select[Any]:
    return (
        select(tables.news)
        .where(_WAITING, _NEWS.customer_id == customer_id)
        # Of two at the same moment the one that came later is the newer one.
        .order_by(_NEWS.at, _NEWS.created_at, _NEWS.key)
    )


def _may_hear(conversation: Conversation, customer_id: str, asked_in: set[str]) -> bool:
    customer = conversation.customer
    if customer is not None and str(customer["id"]) != customer_id:
        return False
    if conversation.id in asked_in:
        return True
    return customer is not None and customer.get("proven_at") is None


def _tidings(row: RowMapping | dict[str, Any]) -> Tidings:
    return Tidings(
        key=row["key"],
        customer_id=row["customer_id"],
        kind=row["kind"],
        event=row["event"],
        order_number=row["order_number"],
        about=row["about"],
        at=row["at"],
        facts=row["facts"],
        asked_in=tuple(row["asked_in"]),
    )

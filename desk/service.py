"""The desk's door: every deed is one transaction, and listeners hear of it after it is stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from argon2 import PasswordHasher
from sqlalchemy.ext.asyncio import AsyncEngine

from desk import agents, outbox, ownership, reaching, transcript, turns
from desk.alarms import Alarms
from desk.calls import Calls
from desk.events import Listener
from desk.idle import expire, idle_with_bot
from desk.model import (
    Agent,
    Begun,
    Conversation,
    Delivery,
    Dropped,
    Finished,
    Handoff,
    Incoming,
    Lease,
    LineChanges,
    Message,
    PendingTurn,
    QueueEntry,
    Recorded,
    Role,
)
from desk.news.telling import NewsDesk
from desk.office.audit import Audit
from desk.office.canned import CannedReplies
from desk.office.inbox import Inbox
from desk.office.labels import Labels
from desk.office.links import Links
from desk.office.notes import Notes
from desk.office.reads import Reads
from desk.office.search import Search
from desk.office.similar import Similar
from desk.office.team import Team
from desk.queueing import Queueing
from desk.reach import Reach, ReachState
from desk.reports import survey_words
from desk.reports.cases import Cases
from desk.reports.days import Days
from desk.reports.quality import Quality
from desk.reports.surveys import SurveyGone, Surveys
from desk.rules import DeskRules
from desk.upkeep import Upkeep
from kernel.clock import Clock
from kernel.content import Content


class Desk(Queueing, Upkeep):
    """Conversations, their owners and messages, the outbox, and the agents.

    Every change of owner raises the conversation's epoch in the same transaction that checks it,
    so of any number of simultaneous deeds on one conversation each sees what the one before did.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        listeners: Listener | None = None,
        hasher: PasswordHasher | None = None,
        rules: DeskRules | None = None,
    ) -> None:
        """``listeners`` is called with every event, after its transaction has committed.

        ``hasher`` says how dear a password is to check; the library's present advice by default.
        Without ``rules`` the desk is always open and promises nothing.
        """
        super().__init__(engine, clock, listeners, rules or DeskRules())
        self._agents = agents.Agents(self._transaction, hasher or PasswordHasher())
        doors = (self._transaction, self._reading)
        self.alarms = Alarms(*doors)
        self.inbox = Inbox(*doors)
        self.notes = Notes(*doors)
        self.calls = Calls(*doors)
        self.labels = Labels(*doors)
        self.canned = CannedReplies(*doors)
        self.reads = Reads(*doors)
        self.links = Links(*doors)
        self.search = Search(*doors)
        self.audit = Audit(*doors)
        self.team = Team(*doors)
        self.similar = Similar(*doors)
        self.surveys = Surveys(*doors)
        self.cases = Cases(*doors, ZoneInfo("UTC"))
        self.days = Days(*doors)
        self.quality = Quality(*doors)
        self.news = NewsDesk(*doors)

    # -- the bot's side -------------------------------------------------------------------------

    async def record(self, incoming: Incoming, turn_for: Lease | None = None) -> Recorded:
        """Store a shopper's message under the next number, unless it is stored already.

        Creates the conversation with the first message; a closed one comes back to the bot. An
        allowance makes due what was parked for want of one. ``turn_for`` claims its turn as
        ``claim_turn`` does, unless that would be for an older message. A pressed score answers its
        survey and leaves the conversation as it is.
        Raises BadIncoming when an id is empty, longer than 200 characters or not printable.
        """
        if (score := survey_words.pressed(incoming.content.payload)) is not None:
            try:
                return await self.surveys.press(incoming, *score)
            except SurveyGone:
                # It is forgotten, so what was pressed is what somebody says.
                said = msgspec.structs.replace(incoming.content, payload="")
                incoming = replace(incoming, content=said)
        async with self._transaction() as work:
            return await turns.record(work, incoming, turn_for)

    async def claim_turn(self, conversation_id: str, lease: Lease) -> PendingTurn | None:
        """The oldest message the bot owes an answer, for one worker alone until ``lease`` ends.

        None when the bot does not own the conversation, nothing waits, or a lease is still live.
        Raises NoSuchConversation.
        """
        async with self._transaction() as work:
            return await turns.claim_turn(work, conversation_id, lease)

    async def finish_turn(
        self,
        claim: PendingTurn,
        replies: Sequence[Content],
        *,
        handoff: Handoff | None = None,
        language: str | None,
        customer: dict[str, Any] | None,
        sender: Lease | None = None,
        heard: str | None = None,
    ) -> Finished | Dropped:
        """Append the bot's answer and settle the message, or do nothing because it came too late.

        ``heard`` is put in place of the message's text, in time or not.

        Too late is: the owner has changed since the claim, or the lease ended and another worker
        holds the turn. ``language`` None keeps the known one; ``customer`` replaces the known one
        unless the channel has verified somebody else meanwhile. ``sender`` claims what is said
        for sending, as ``due`` does, unless something earlier is still to be sent.
        """
        async with self._transaction() as work:
            return await turns.finish_turn(
                work,
                claim,
                replies,
                handoff=handoff,
                language=language,
                customer=customer,
                sender=sender,
                heard=heard,
            )

    async def release_turn(self, claim: PendingTurn) -> None:
        """Give a claimed turn back unanswered, for anybody to claim."""
        async with self._transaction() as work:
            await turns.release_turn(work, claim)

    async def unanswered(self, older_than: timedelta, limit: int) -> list[str]:
        """Conversations in which the bot owes an answer that nobody is working on, oldest first."""
        async with self._reading() as work:
            return await turns.unanswered(work, older_than, limit)

    async def owes_answer(self, conversation_id: str) -> bool:
        """Whether something that a shopper said in a conversation is still the bot's to answer."""
        async with self._reading() as work:
            return await turns.owes_answer(work, conversation_id)

    async def is_answered(self, message_id: str) -> bool:
        """Whether the bot owes this message nothing more: answered, or a person's to answer.

        Ask this before ``replies_to`` when both are wanted. Raises NoSuchMessage.
        """
        async with self._reading() as work:
            return await turns.is_answered(work.connection, message_id)

    async def replies_to(self, message_id: str) -> list[Message]:
        """The bot's replies to a message, in order."""
        async with self._reading() as work:
            return await turns.replies_to(work.connection, message_id)

    # -- owners ---------------------------------------------------------------------------------

    async def hand_off(self, conversation_id: str, epoch: int, handoff: Handoff) -> Conversation:
        """Bot → queue, if the owner has not changed since ``epoch``; raises ConversationMoved."""
        async with self._transaction() as work:
            return await ownership.hand_off(work, conversation_id, epoch, handoff)

    async def take(
        self, conversation_id: str, agent_id: str, *, force: bool = False
    ) -> Conversation:
        """Queue or bot → this agent; taking what one already has changes nothing.

        Raises AlreadyTaken when another agent has it, unless a supervisor says ``force``;
        ConversationMoved when it is closed; NotAllowed when somebody else says ``force``.
        """
        async with self._transaction() as work:
            return await ownership.take(work, conversation_id, agent_id, force=force)

    async def reply(
        self, conversation_id: str, agent_id: str, content: Content, client_id: str
    ) -> Message:
        """Append an agent's words; the same ``client_id`` again returns the same message.

        Raises ConversationMoved when the conversation is not this agent's (any more), BadIncoming
        when ``client_id`` is unusable.
        """
        async with self._transaction() as work:
            return await ownership.reply(work, conversation_id, agent_id, content, client_id)

    async def hand_back(
        self,
        conversation_id: str,
        agent_id: str,
        note: str = "",
        *,
        agreed: str = "",
        facts: dict[str, Any] | None = None,
    ) -> Conversation:
        """This agent → bot. Raises ConversationMoved.

        ``note`` is kept for the desk; ``agreed`` is what the shopper was promised, which the bot
        knows from now on and may repeat to them, with ``facts`` (JSON: values by slot).
        """
        async with self._transaction() as work:
            return await ownership.hand_back(
                work, conversation_id, agent_id, note, agreed, facts or {}
            )

    async def close(self, conversation_id: str, agent_id: str) -> Conversation:
        """This agent → closed; the shopper's next message reopens. Raises ConversationMoved."""
        async with self._transaction() as work:
            return await ownership.close(work, conversation_id, agent_id)

    async def transfer(
        self, conversation_id: str, agent_id: str, to_agent_id: str, note: str = ""
    ) -> Conversation:
        """This agent → that one, who was chosen by name; ``note`` is kept for the desk.

        Raises ConversationMoved when it is not this agent's, NoSuchAgent.
        """
        async with self._transaction() as work:
            return await ownership.transfer(work, conversation_id, agent_id, to_agent_id, note)

    async def expire(self, rest: timedelta, limit: int = 100) -> int:
        """Bot → closed, where nothing has been said for ``rest``; how many were closed."""
        async with self._reading() as work:
            idle = await idle_with_bot(work, rest, limit)
        closed = 0
        for conversation_id in idle:
            async with self._transaction() as work:
                closed += await expire(work, conversation_id, rest) is not None
        return closed

    # -- reading --------------------------------------------------------------------------------

    async def conversation(self, conversation_id: str) -> Conversation:
        """One conversation; raises NoSuchConversation."""
        async with self._reading() as work:
            return await transcript.conversation(work.connection, conversation_id)

    async def conversation_of(self, channel: str, shopper_id: str) -> Conversation | None:
        """The conversation of a shopper on a channel, if there was a message."""
        async with self._reading() as work:
            return await transcript.conversation_of(work.connection, channel, shopper_id)

    async def messages_after(self, conversation_id: str, seq: int, limit: int) -> list[Message]:
        """The first ``limit`` messages numbered above ``seq``, in order."""
        async with self._reading() as work:
            return await transcript.messages_after(work.connection, conversation_id, seq, limit)

    async def messages_before(
        self, conversation_id: str, seq: int | None, limit: int
    ) -> list[Message]:
        """The last ``limit`` messages numbered below ``seq`` (None: of all), in order."""
        async with self._reading() as work:
            return await transcript.messages_before(work.connection, conversation_id, seq, limit)

    async def queue(
        self, limit: int | None = None, after: tuple[datetime, str] | None = None
    ) -> list[QueueEntry]:
        """Who waits for a person, in the order in which they will be served; all or the first.

        ``after``: ``place_at`` and id of the last one seen; positions count from there.
        """
        async with self._reading() as work:
            return await transcript.queue(work, limit, after=after)

    async def line_changes(
        self, limit: int, touched: Collection[str], known: Collection[str] | None
    ) -> LineChanges:
        """What those who know the first ``limit`` of the line must learn of it.

        ``touched``: to whom something has happened; ``known``: who was in the head when it was
        told last, None if it never was.
        """
        async with self._reading() as work:
            return await transcript.line_changes(work, limit, touched, known)

    async def conversations_of_agent(self, agent_id: str) -> list[Conversation]:
        """What an agent holds, latest activity first."""
        async with self._reading() as work:
            return await transcript.conversations_of_agent(work.connection, agent_id)

    # -- outbox ---------------------------------------------------------------------------------

    async def due(self, limit: int, lease: Lease) -> list[Delivery]:
        """Messages to send now, for one worker alone until ``lease`` ends.

        Those of one conversation come in order, and none while an earlier one of it is unsent
        in other hands. When one cannot be sent, call ``failed`` and leave the rest of its
        conversation alone: it comes again. A message may come twice after a crash, never not.
        """
        async with self._reading() as work:
            if not await outbox.is_due(work):
                return []
        async with self._transaction() as work:
            return await outbox.due(work, limit, lease)

    async def begin(self, run: Sequence[Delivery], count: int, *, via: str, spend: bool) -> Begun:
        """Note that the first ``count`` of ``run`` are handed over now as one message; may they be?

        ``run`` is what ``due`` gave of one conversation. ``spend`` uses up one of what the platform
        allows; with NOTHING_LEFT of it nothing may be sent. NOT_NEXT: somebody else has been given
        them or has settled them, or something earlier has come back since; then the whole run is
        given back and comes again in its order. A process that dies afterwards leaves ``begun_at``
        behind for the next one.
        """
        async with self._transaction() as work:
            return await reaching.begin(work, run, count, via, spend=spend)

    async def lasted(self, conversation_id: str) -> None:
        """The platform may have taken as late as now what was begun last in a conversation.

        What the shopper has done in between may be what it counts against.
        """
        async with self._transaction() as work:
            await reaching.lasted(work, conversation_id)

    async def delivered(self, *delivery_ids: str, partly: tuple[str, int] | None = None) -> None:
        """The channel has them; ``partly``: and so many parts of this other one."""
        async with self._transaction() as work:
            if delivery_ids:
                await outbox.delivered(work, delivery_ids)
            if partly is not None:
                await outbox.progressed(work, *partly)

    async def failed(
        self, delivery_id: str, retry_at: datetime | None, error: str, *, uncertain: bool = False
    ) -> None:
        """The channel did not take it: again at ``retry_at``, or never, and the next may go.

        ``uncertain``: it may have taken it, but its answer was lost; the next try knows.
        """
        async with self._transaction() as work:
            await outbox.failed(work, delivery_id, retry_at, error, uncertain=uncertain)

    async def park(
        self,
        deliveries: Sequence[Delivery],
        *,
        state: ReachState = ReachState.OPEN,
        code: str = "",
        for_quota: bool = False,
    ) -> bool:
        """Keep these until the shopper writes again; ``state`` and ``code``: why, if told why.

        ``for_quota``: only our ledger forbids them. If the shopper has written meanwhile they stay
        due, ahead of whatever is said next. Whether they are kept. What somebody else has been
        given since stays theirs.
        """
        async with self._transaction() as work:
            if for_quota and await reaching.may_go(work, deliveries[0].conversation.id):
                await outbox.let_go(work, deliveries)
                return False
            await reaching.park(work, deliveries, state, code)
            return True

    async def give_back(self, run: Sequence[Delivery], due_at: datetime) -> None:
        """Leave unsent what ``due`` gave: it comes again at ``due_at``, along with what follows."""
        async with self._transaction() as work:
            await outbox.let_go(work, run, due_at)

    async def unpark(self, conversation_id: str) -> bool:
        """What was parked is due again, because there is a way for it; was there anything?"""
        async with self._transaction() as work:
            return await outbox.unpark(work, conversation_id)

    async def came_to_nothing(self, conversation_id: str, via: str) -> bool:
        """What was handed over by the way ``via`` never arrived: due again; was there anything?"""
        async with self._transaction() as work:
            return await outbox.came_to_nothing(work, conversation_id, via)

    async def bounced(self, delivery_id: str, state: ReachState, code: str) -> bool:
        """The platform had accepted it, and says now that the shopper did not get it.

        It waits until the shopper gives a reason to speak again. False if it is not known.
        """
        async with self._transaction() as work:
            conversation_id = await outbox.bounced(work, delivery_id)
            if conversation_id is None:
                return False
            await reaching.change(work, conversation_id, state, code)
            return True

    async def reach(self, conversation_id: str) -> Reach | None:
        """What may be sent in a conversation; None where no platform counts."""
        async with self._reading() as work:
            return await reaching.find(work, conversation_id)

    async def is_sending(self, conversation_id: str) -> bool:
        """Whether something said in a conversation is still on its way, parked messages aside."""
        async with self._reading() as work:
            return await outbox.is_sending(work, conversation_id)

    async def reach_changed(self, conversation_id: str, state: ReachState, code: str) -> None:
        """The platform tells that the shopper cannot be reached any more, for instance."""
        async with self._transaction() as work:
            await reaching.change(work, conversation_id, state, code)

    async def send_again(self, conversation_id: str) -> None:
        """Make everything the channel has not taken due now, also what was given up.

        For a shopper who is back: what they missed comes before anything new, in its order.
        """
        async with self._transaction() as work:
            await outbox.send_again(work, conversation_id)

    # -- agents ---------------------------------------------------------------------------------

    async def add_agent(self, login: str, name: str, password: str, role: Role) -> Agent:
        """A new agent; logins are compared without case. Raises LoginTaken, BadIncoming."""
        return await self._agents.add(login, name, password, role)

    async def authenticate(self, login: str, password: str) -> Agent:
        """Who this is; raises BadCredentials, or TooManyAttempts after five wrong tries."""
        return await self._agents.authenticate(login, password)

    async def change_password(self, agent_id: str, present: str, wanted: str) -> None:
        """Replace an agent's password and end all their sessions.

        Raises BadCredentials when ``present`` is wrong, TooManyAttempts, BadIncoming when
        ``wanted`` is too short or too long.
        """
        await self._agents.change_password(agent_id, present, wanted)

    async def agent(self, agent_id: str) -> Agent:
        """One agent; raises NoSuchAgent."""
        async with self._reading() as work:
            return await agents.find_agent(work.connection, agent_id)

    async def agents(self) -> list[Agent]:
        """Everybody at the desk, by name."""
        async with self._reading() as work:
            return await agents.all_agents(work.connection)

    async def skills(self) -> list[str]:
        """What can be asked of agents, by name: what the rules name, and what agents have."""
        asked = set(self.rules.queue.skills.values())
        return sorted(asked.union(*(one.skills for one in await self.agents())))

    async def open_session(self, agent_id: str) -> str:
        """A token that stands for this agent for twelve hours; only its hash is stored."""
        async with self._transaction() as work:
            return await agents.open_session(work, agent_id)

    async def session(self, token: str) -> Agent:
        """Whose token this is; raises NoSession."""
        async with self._reading() as work:
            return await agents.agent_of_session(work, token)

    async def sessions(self, tokens: Collection[str]) -> set[str]:
        """Which of these tokens still stand for somebody."""
        async with self._reading() as work:
            return await agents.living_sessions(work, tokens)

    async def end_session(self, token: str) -> None:
        """Make a token worthless."""
        async with self._transaction() as work:
            await agents.end_session(work, token)

    def now(self) -> datetime:
        """The desk's time, by which its ledgers are read."""
        return self._clock.now()

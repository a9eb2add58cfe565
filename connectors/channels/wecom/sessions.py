"""Whose turn it is, told in both directions: the desk's owner is WeCom's service state.

Where people answer in Kefu, WeCom's state stays the bot's, the only one in which we may send; it
ends when the desk closes the conversation. Where they answer inside WeCom, the queue is WeCom's
pool, whoever takes a conversation there holds it at the desk, and what they say there is in the
desk's record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import structlog

from connectors.channels.wecom.account import AnswerIn, KfAccount, parts_of, shopper_of
from connectors.channels.wecom.client import KfClient, ServiceState
from connectors.channels.wecom.payloads import KfItem, KfKind, SessionChange
from connectors.channels.wecom.sending import Sending
from connectors.channels.wecom.told import Told
from desk.errors import AlreadyTaken, ConversationMoved
from desk.model import Agent, Conversation, Owner
from desk.reach import ReachState
from desk.service import Desk
from kernel.clock import Clock
from kernel.content import Content
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

# What was said inside WeCom carries this mark: the shopper has it already.
SAID_IN = "said_in"
WECOM = "wecom"
_AGAIN_AFTER = timedelta(seconds=1)
_GOODBYE = {
    "zh": "本次服务已结束，有需要随时再发消息。",
    "en": "This conversation is closed; write again whenever you need us.",
}
_WAITING = {
    "zh": "已为您转接人工客服，请稍候。",
    "en": "You are in line for a person; one moment, please.",
}
_PICTURE = {"zh": "[图片]", "en": "[picture]"}


class Sessions:
    """Keeps one enterprise's sessions and the desk's conversations in the same hands."""

    def __init__(
        self,
        account: KfAccount,
        client: KfClient,
        sending: Sending,
        told: Told,
        desk: Desk,
        clock: Clock,
    ) -> None:
        self._account = account
        self._client = client
        self._sending = sending
        self._told = told
        self._desk = desk
        self._clock = clock

    async def tell(self, conversation_id: str) -> None:
        """Tell WeCom who owns a conversation now, unless it knows.

        What it refuses is logged: people see it there. While it does not answer, or the last words
        are still on their way, it is left to be told later.
        """
        conversation = await self._desk.conversation(conversation_id)
        before = await self._told.claim(conversation)
        if before is None:
            return
        if await self._tell(conversation, before):
            await self._told.done(conversation)
        else:
            await self._told.later(conversation, _AGAIN_AFTER)

    async def tell_of_all(self, looking_back: timedelta) -> None:
        """Tell of every change since then that WeCom does not know of."""
        for conversation_id in await self._told.behind(self._clock.now() - looking_back):
            await self.tell(conversation_id)

    async def _tell(self, conversation: Conversation, before: Owner) -> bool:
        """Whether there is nothing left to tell of."""
        inside = self._account.settings.answer_in is AnswerIn.WECOM
        language = "en" if conversation.language == "en" else "zh"
        match conversation.owner:
            case Owner.CLOSED:
                state, words = ServiceState.ENDED, _GOODBYE[language]
            case Owner.QUEUE if inside:
                state, words = ServiceState.POOL, _WAITING[language]
            case Owner.BOT if inside and before in (Owner.QUEUE, Owner.AGENT):
                return await self._change(conversation, ServiceState.BOT, "")
            case _:
                return True
        # In the new state we may not write any more.
        if not await self._all_is_said(conversation):
            return False
        reach = await self._desk.reach(conversation.id)
        has_read_all = reach is None or not reach.parked
        return await self._change(conversation, state, "" if has_read_all else words)

    async def _all_is_said(self, conversation: Conversation) -> bool:
        """Whether the shopper has our last words, a question how it went among them."""
        since = conversation.owner_since
        patience = timedelta(seconds=self._account.settings.last_words_seconds)
        if since is None or self._clock.now() - since > patience:
            return True
        if conversation.owner is Owner.CLOSED and not await self._desk.surveys.asked_about(
            conversation.id, conversation.epoch
        ):
            return False
        return not await self._desk.is_sending(conversation.id)

    async def session_changed(self, item: KfItem) -> None:
        """Somebody inside WeCom took, passed on or ended a session."""
        if self._account.settings.answer_in is not AnswerIn.WECOM:
            return
        conversation = await self._conversation(item)
        if conversation is None:
            return
        if item.change == SessionChange.ENDED:
            if item.message_code:
                await self._desk.reach_changed(conversation.id, ReachState.OPEN, "")
                self._sending.may_say_once(conversation.shopper_id, item.message_code)
            if conversation.owner is Owner.AGENT and conversation.agent_id:
                closed = await self._desk.close(conversation.id, conversation.agent_id)
                # Ending it once more might end a session that the shopper has begun since.
                await self._told.done(closed)
            return
        agent = await self._agent(item.servicer)
        if agent is not None:
            await self._give(conversation, agent)

    async def said_inside(self, item: KfItem) -> None:
        """One of WeCom's people wrote to the shopper: it belongs into the desk's record."""
        conversation = await self._conversation(item)
        agent = await self._agent(item.servicer)
        if conversation is None or agent is None:
            return
        if not await self._give(conversation, agent):
            return
        language = "en" if conversation.language == "en" else "zh"
        text = item.text or (
            _PICTURE[language] if item.kind is KfKind.IMAGE else f"[{item.vendor_kind}]"
        )
        try:
            await self._desk.reply(
                conversation.id, agent.id, Content(text=text, custom={SAID_IN: WECOM}), item.id
            )
        except ConversationMoved:
            log.info("wecom.said_inside.moved", conversation=conversation.id)

    async def _give(self, conversation: Conversation, agent: Agent) -> bool:
        """Let ``agent`` hold the conversation at the desk as they do in WeCom."""
        if conversation.agent_id == agent.id:
            return True
        try:
            if conversation.agent_id is not None:
                await self._desk.transfer(conversation.id, conversation.agent_id, agent.id)
            else:
                await self._desk.take(conversation.id, agent.id)
        except (AlreadyTaken, ConversationMoved) as error:
            log.info("wecom.take.moved", conversation=conversation.id, error=str(error))
            return False
        return True

    async def _conversation(self, item: KfItem) -> Conversation | None:
        shopper_id = shopper_of(item.open_kfid, item.external_userid)
        return await self._desk.conversation_of(self._account.channel, shopper_id)

    async def _agent(self, servicer: str) -> Agent | None:
        login = self._account.settings.servicers.get(servicer)
        if login is not None:
            for agent in await self._desk.agents():
                if agent.login == login:
                    return agent
        log.warning("wecom.servicer.unknown", is_configured=login is not None)
        return None

    async def _change(self, conversation: Conversation, state: ServiceState, words: str) -> bool:
        """Whether WeCom has answered, be it with a refusal; ``words`` go with the change."""
        open_kfid, person = parts_of(conversation.shopper_id)
        try:
            code = await self._client.change_state(open_kfid, person, state)
        except BackendUnavailable as error:
            log.warning("wecom.state.unavailable", error=str(error))
            return False
        except BackendRejected as error:
            log.warning("wecom.state.refused", state=state.name, error=str(error))
            return True
        if code and words:
            await self._say(code, words)
        elif code and state is ServiceState.ENDED:
            self._sending.may_say_once(conversation.shopper_id, code)
        return True

    async def _say(self, code: str, words: str) -> None:
        handover = await self._client.send_on_event(
            code, {"msgtype": "text", "text": {"content": words}}
        )
        log.info("wecom.event_message", outcome=handover.outcome.value, code=handover.code)


def goes_out(custom: Mapping[str, object] | None, answer_in: AnswerIn) -> bool:
    """Whether a message still has to be sent: not what was said inside WeCom.

    Nor that somebody took over there, which WeCom tells the shopper itself.
    """
    custom = custom or {}
    is_told = answer_in is AnswerIn.WECOM and custom.get("owner") == Owner.AGENT.value
    return custom.get(SAID_IN) != WECOM and not is_told

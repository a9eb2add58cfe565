"""Whose turn it is, told in both directions: the desk's owner is WeCom's service state.

Where people answer in Kefu, WeCom's state stays the bot's, the only one in which we may send; it
ends when the desk closes the conversation. Where they answer inside WeCom, the queue is WeCom's
pool, whoever takes a conversation there holds it at the desk, and what they say there is in the
desk's record.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from connectors.channels.wecom.account import AnswerIn, KfAccount, parts_of, shopper_of
from connectors.channels.wecom.client import KfClient, ServiceState
from connectors.channels.wecom.payloads import KfItem, KfKind, SessionChange
from desk.errors import AlreadyTaken, ConversationMoved
from desk.model import Agent, Conversation, Owner
from desk.service import Desk
from kernel.content import Content
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

# What was said inside WeCom carries this mark: the shopper has it already.
SAID_IN = "said_in"
WECOM = "wecom"
_ATTEMPTS = 3
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

    def __init__(self, account: KfAccount, client: KfClient, desk: Desk) -> None:
        self._account = account
        self._client = client
        self._desk = desk

    async def owner_changed(self, conversation: Conversation, before: Owner) -> None:
        """Tell WeCom of a change at the desk; what it refuses is logged, people see it there."""
        open_kfid, person = parts_of(conversation.shopper_id)
        inside = self._account.settings.answer_in is AnswerIn.WECOM
        language = "en" if conversation.language == "en" else "zh"
        match conversation.owner:
            case Owner.CLOSED:
                await self._change(open_kfid, person, ServiceState.ENDED, _GOODBYE[language])
            case Owner.QUEUE if inside:
                await self._change(open_kfid, person, ServiceState.POOL, _WAITING[language])
            case Owner.BOT if inside and before is not Owner.CLOSED:
                await self._change(open_kfid, person, ServiceState.BOT, "")
            case _:
                pass

    async def session_changed(self, item: KfItem) -> None:
        """Somebody inside WeCom took, passed on or ended a session."""
        if self._account.settings.answer_in is not AnswerIn.WECOM:
            return
        conversation = await self._conversation(item)
        if conversation is None:
            return
        if item.change == SessionChange.ENDED:
            if conversation.owner is Owner.AGENT and conversation.agent_id:
                await self._desk.close(conversation.id, conversation.agent_id)
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

    async def _change(self, open_kfid: str, person: str, state: ServiceState, words: str) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                code = await self._client.change_state(open_kfid, person, state)
            except BackendUnavailable as error:
                log.warning("wecom.state.unavailable", error=str(error), attempt=attempt)
                continue
            except BackendRejected as error:
                log.warning("wecom.state.refused", state=state.name, error=str(error))
                return
            if code and words:
                await self._say(code, words)
            return

    async def _say(self, code: str, words: str) -> None:
        handover = await self._client.send_on_event(
            code, {"msgtype": "text", "text": {"content": words}}
        )
        log.info("wecom.event_message", outcome=handover.outcome.value, code=handover.code)


def goes_out(custom: Mapping[str, object] | None) -> bool:
    """Whether a message still has to be sent: what was said inside WeCom has not."""
    return (custom or {}).get(SAID_IN) != WECOM

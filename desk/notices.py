"""What the shopper is told when somebody else takes over the conversation."""

from __future__ import annotations

from desk.model import TRANSITIONS, Move, Owner
from kernel.content import Content

_TEXTS = {
    Move.TAKE: {
        "zh": "客服{name}已接入，为您服务。",
        "en": "{name} has joined and will help you from here.",
    },
    Move.TRANSFER: {
        "zh": "您的会话已转给客服{name}，之前的内容对方都能看到。",
        "en": "{name} takes over from here and can read everything so far.",
    },
    Move.HAND_BACK: {
        "zh": "人工服务已结束，接下来由智能助手为您服务。",
        "en": "You are back with the assistant.",
    },
    Move.LEAVE_QUEUE: {
        "zh": "已退出排队，接下来由智能助手为您服务。",
        "en": "You have left the line and are back with the assistant.",
    },
    Move.FOLLOW_UP: {
        "zh": "很抱歉没能让您满意。我们会安排专人跟进，请留意回复。",
        "en": "We are sorry that we let you down. A person will see to it and write to you here.",
    },
    Move.EXPIRE: {
        "zh": "本次会话已结束。如需帮助，随时再发消息给我们。",
        "en": "This conversation is closed. Write again whenever you need us.",
    },
    Move.MERGE: {
        "zh": "我们会在您的另一个会话里继续为您处理。",
        "en": "We will go on in your other conversation with us.",
    },
    Move.CLOSE: {
        "zh": "本次会话已结束。如需帮助，随时再发消息给我们。",
        "en": "This conversation is closed. Write again whenever you need us.",
    },
}


def notice(move: Move, language: str | None, agent_name: str) -> Content | None:
    """What the shopper reads after ``move``, in ``language`` (``zh`` unless ``en``), if anything.

    ``custom`` says the same to rich channels: ``{"event": "owner_changed", "owner": …}`` with
    ``agent_name`` when a person took over.
    """
    texts = _TEXTS.get(move)
    if texts is None:
        return None
    owner = next(after[move] for after in TRANSITIONS.values() if move in after)
    custom = {"event": "owner_changed", "owner": owner.value}
    if owner is Owner.AGENT:
        custom["agent_name"] = agent_name
    text = texts["en" if language == "en" else "zh"]
    return Content(text=text.format(name=agent_name), custom=custom)


def agreement(text: str, language: str | None) -> Content:
    """What the shopper reads of what an agent has settled with them, before the bot goes on."""
    words = "What we agreed: {}" if language == "en" else "已为您记下约定：{}"
    return Content(text=words.format(text))

"""What an agent is told of a shopper's channel before they type: may it go out, what else to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desk.reach import NEXT_STEPS, Reach, ReachState

_WORDS = {
    ReachState.OPEN: {
        "zh": "可以发送，还能发 {left} 条。",
        "en": "You can write: {left} more until the shopper answers.",
    },
    ReachState.QUOTA_USED: {
        "zh": "平台允许的条数已用完。现在写的会先保存，等顾客下次发消息时送达。",
        "en": "All messages the platform allows are used. What you write now is kept and goes out"
        " when the shopper writes again.",
    },
    ReachState.WINDOW_CLOSED: {
        "zh": "顾客太久没有发消息，平台不允许主动发送。现在写的会先保存，等顾客下次发消息时送达。",
        "en": "The shopper has been silent for too long for the platform. What you write now is"
        " kept and goes out when they write again.",
    },
    ReachState.UNFOLLOWED: {
        "zh": "顾客已取消关注，消息送不到。请用电话等其他方式联系。",
        "en": "The shopper has unfollowed us, nothing arrives. Use the phone or another way.",
    },
    ReachState.BLACKLISTED: {
        "zh": "顾客在公众号黑名单里，消息送不到。",
        "en": "The shopper is on the account's blacklist, nothing arrives.",
    },
    ReachState.REFUSED: {
        "zh": "顾客已拒收消息。请用其他方式联系。",
        "en": "The shopper refuses messages. Use another way.",
    },
    ReachState.SESSION_STATE: {
        "zh": "会话在平台那边由别人接待或已结束，请在平台里回复。",
        "en": "On the platform this session is with somebody else or has ended: answer there.",
    },
    ReachState.NOT_ALLOWED: {
        "zh": "账号没有发送权限，请联系管理员。",
        "en": "Our account may not send. Ask the operator.",
    },
    ReachState.UNKNOWN: {
        "zh": "平台拒绝了消息，原因未知（代码 {code}），请联系管理员。",
        "en": "The platform refused for a reason we do not know (code {code}). Ask the operator.",
    },
}
_ANY_NUMBER = {"zh": "任意", "en": "any number"}


def reach_view(reach: Reach | None, now: datetime) -> dict[str, Any] | None:
    """``reach`` at ``now`` as JSON with a sentence in both languages; None where nobody counts."""
    if reach is None:
        return None
    state, left, until = reach.state_at(now), reach.left_at(now), reach.until_at(now)
    return {
        "state": state.value,
        "next_step": NEXT_STEPS[state].value,
        "left": left,
        "until": until.isoformat() if until else None,
        "parked": reach.parked,
        "code": reach.code,
        "words": {
            language: words.format(
                left=_ANY_NUMBER[language] if left is None else left, code=reach.code
            )
            for language, words in _WORDS[state].items()
        },
    }

"""What Kefu says by itself when the assistant cannot: both languages, one table."""

from __future__ import annotations

from enum import StrEnum

from kernel.content import Button, Content


class Notice(StrEnum):
    """The occasions on which Kefu speaks without the assistant."""

    TURN_TOO_SLOW = "turn_too_slow"
    TURN_FAILED = "turn_failed"
    VOICE_UNREADABLE = "voice_unreadable"
    PICTURE_MISSING = "picture_missing"
    KIND_UNREADABLE = "kind_unreadable"


_TEXTS = {
    Notice.TURN_TOO_SLOW: {
        "zh": "抱歉，查询比平时慢，还没有拿到结果。您的消息已保存，可以稍后再试，或者转人工。",
        "en": "Sorry, this is taking longer than it should and I have no answer yet. Your message"
        " is saved: try again in a moment, or talk to a person.",
    },
    Notice.TURN_FAILED: {
        "zh": "抱歉，我这边出了点问题，没能处理这条消息。消息已保存，可以再试，或者转人工。",
        "en": "Sorry, something went wrong on our side and I could not handle that message. It is"
        " saved: try again, or talk to a person.",
    },
    Notice.VOICE_UNREADABLE: {
        "zh": "抱歉，这段语音我没能听懂。请用文字告诉我，或者转人工。",
        "en": "Sorry, I could not make out that voice message. Please write it, or talk to a"
        " person.",
    },
    Notice.PICTURE_MISSING: {
        "zh": "抱歉，刚才的图片没有收到。请再发一次，或者先用文字说明。",
        "en": "Sorry, that picture did not reach us. Please send it again, or describe it.",
    },
    Notice.KIND_UNREADABLE: {
        "zh": "抱歉，这种消息我看不了。请用文字或图片告诉我，或者转人工。",
        "en": "Sorry, I cannot read that kind of message. Please use words or a picture, or talk"
        " to a person.",
    },
}
_UNREADABLE = {"voice": Notice.VOICE_UNREADABLE, "image": Notice.PICTURE_MISSING}
_PERSON = {"zh": "转人工客服", "en": "Talk to a person"}


def notice(occasion: Notice, language: str | None) -> Content:
    """The words for ``occasion`` in ``language`` (``zh`` unless ``en``), with a way to a person."""
    language = "en" if language == "en" else "zh"
    return Content(
        text=_TEXTS[occasion][language],
        buttons=(Button(title=_PERSON[language], payload="/human_agent"),),
        response=response_of(occasion),
    )


def unreadable(content: Content) -> Notice | None:
    """What to say to a message of which the channel could not read anything, else None."""
    kind = (content.custom or {}).get("unreadable")
    return _UNREADABLE.get(str(kind), Notice.KIND_UNREADABLE) if kind else None


def response_of(occasion: Notice) -> str:
    """The name under which a notice is stored with its message."""
    return f"notice_{occasion.value}"

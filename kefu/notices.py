"""What Kefu says by itself when the assistant cannot: both languages, one table."""

from __future__ import annotations

from enum import StrEnum

from kernel.content import Button, Content


class Notice(StrEnum):
    """The occasions on which Kefu speaks without the assistant."""

    TURN_TOO_SLOW = "turn_too_slow"
    TURN_FAILED = "turn_failed"


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
}
_PERSON = {"zh": "转人工客服", "en": "Talk to a person"}


def notice(occasion: Notice, language: str | None) -> Content:
    """The words for ``occasion`` in ``language`` (``zh`` unless ``en``), with a way to a person."""
    language = "en" if language == "en" else "zh"
    return Content(
        text=_TEXTS[occasion][language],
        buttons=(Button(title=_PERSON[language], payload="/human_agent"),),
        response=f"notice_{occasion.value}",
    )

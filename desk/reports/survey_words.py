"""What shoppers are asked after a closed case and what their presses mean, in both languages."""

from __future__ import annotations

import re

from kernel.content import Button

_ASKED = {
    "zh": "请为本次服务打分，帮助我们做得更好。",
    "en": "How was our service? Your rating helps us improve.",
}
# By score, from 1 on: where choices are shown as numbers, the number is the score.
SCORES = {
    "zh": ("很不满意", "不满意", "一般", "满意", "非常满意"),
    "en": ("Very bad", "Bad", "Fair", "Good", "Very good"),
}
_THANKS = {"zh": "谢谢您的评价！", "en": "Thank you for your rating!"}
_MORE = {
    "zh": "想说说原因或建议，请点这里：{link}",
    "en": "Anything you want to tell us about it: {link}",
}
_GONE = {
    "zh": "这次服务已经评价过，或评价已过期。有需要随时发消息给我们。",
    "en": "This was rated already, or the time for it is over. Write whenever you need us.",
}
_PRESSED = re.compile(r"/rate\{([0-9a-f]{32}):([1-5])\}")


def buttons(survey_id: str, language: str | None) -> tuple[Button, ...]:
    """The scores as choices of a menu."""
    titles = SCORES[_words(language)]
    return tuple(
        Button(title, f"/rate{{{survey_id}:{score}}}")
        for score, title in enumerate(titles, start=1)
    )


def pressed(payload: str) -> tuple[str, int] | None:
    """The survey and the score that a pressed choice stands for; None for any other button."""
    found = _PRESSED.fullmatch(payload)
    return (found[1], int(found[2])) if found else None


def asked(language: str | None) -> str:
    """The question."""
    return _ASKED[_words(language)]


def thanks(language: str | None, link: str | None) -> str:
    """The answer to a score; ``link``: where its reasons can be told."""
    words = _words(language)
    return f"{_THANKS[words]}{_MORE[words].format(link=link)}" if link else _THANKS[words]


def gone(language: str | None) -> str:
    """The answer to a score that came too late or a second time."""
    return _GONE[_words(language)]


def _words(language: str | None) -> str:
    return "en" if language == "en" else "zh"

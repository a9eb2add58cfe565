"""Why something that a shopper sent is not taken, in words for the shopper."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum

_CHINESE = re.compile(r"[\u3400-\u9fff]")
# Words, not the letters inside an order or tracking number.
_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?![A-Za-z0-9])")


class RefusalCode(StrEnum):
    """The reasons, stable for programs."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    RATE_LIMITED = "rate_limited"
    BAD_REQUEST = "bad_request"
    BAD_CUSTOMER_TOKEN = "bad_customer_token"  # noqa: S105 a code, not a secret
    NO_SESSION = "no_session"
    TOO_MANY_SESSIONS = "too_many_sessions"
    NOT_AN_IMAGE = "not_an_image"
    IMAGE_TOO_LARGE = "image_too_large"
    TOO_MANY_IMAGES = "too_many_images"
    NO_SUCH_ATTACHMENT = "no_such_attachment"
    NOT_IN_QUEUE = "not_in_queue"
    BAD_CONTACT = "bad_contact"


_SENTENCES = {
    RefusalCode.EMPTY: {
        "zh": "这条消息是空的，请写点内容再发送。",
        "en": "That message is empty. Please write something and send it again.",
    },
    RefusalCode.TOO_LONG: {
        "zh": "消息太长了：一条最多 {limit} 个字，请分几条发送。",
        "en": "That message is too long: at most {limit} characters. Please split it up.",
    },
    RefusalCode.RATE_LIMITED: {
        "zh": "您发得有点快，这条消息没有收下。请等 {seconds} 秒再发。",
        "en": "That was a little fast, so this message was not taken."
        " Please send it again in {seconds} s.",
    },
    RefusalCode.BAD_REQUEST: {
        "zh": "这条消息无法识别，请重新发送。",
        "en": "We could not read that message. Please send it again.",
    },
    RefusalCode.BAD_CUSTOMER_TOKEN: {
        "zh": "您的登录状态没能确认，可以继续咨询；查询订单时我会再核对您的身份。",
        "en": "We could not confirm that you are signed in. You can go on; we will check who you"
        " are before we look at an order.",
    },
    RefusalCode.NO_SESSION: {
        "zh": "会话已过期，请刷新后重新开始。",
        "en": "This session has expired. Please start again.",
    },
    RefusalCode.TOO_MANY_SESSIONS: {
        "zh": "从您的网络新开的会话太多，请等 {seconds} 秒再试。",
        "en": "Too many new conversations were opened from your network."
        " Please try again in {seconds} s.",
    },
    RefusalCode.NOT_AN_IMAGE: {
        "zh": "只能发送图片（JPEG、PNG、WebP 或 GIF），这个文件不是。",
        "en": "Only pictures can be sent (JPEG, PNG, WebP or GIF), and this file is none.",
    },
    RefusalCode.IMAGE_TOO_LARGE: {
        "zh": "图片太大了：最大 {limit} MB。",
        "en": "That picture is too large: at most {limit} MB.",
    },
    RefusalCode.TOO_MANY_IMAGES: {
        "zh": "您今天发的图片已达上限，请大约 {minutes} 分钟后再发，或先用文字说明。",
        "en": "You have sent as many pictures as we take in a day. Please send the next one in"
        " about {minutes} min, or describe it in words.",
    },
    RefusalCode.NO_SUCH_ATTACHMENT: {
        "zh": "找不到这张图片，请重新上传。",
        "en": "We cannot find that picture. Please upload it again.",
    },
    RefusalCode.NOT_IN_QUEUE: {
        "zh": "您现在不在排队。",
        "en": "You are not waiting in the queue now.",
    },
    RefusalCode.BAD_CONTACT: {
        "zh": "这个号码打不通：请填写手机号，或带区号的电话。",
        "en": "We cannot call that number: a mobile number, or one with its country or area code.",
    },
}


@dataclass(frozen=True)
class Refusal:
    """Why something is not taken: ``limit`` and ``seconds`` are said where they matter."""

    code: RefusalCode
    limit: int = 0
    seconds: float = 0.0

    def sentence(self, language: str | None) -> str:
        """What the shopper is told, in ``zh`` unless ``en``."""
        words = _SENTENCES[self.code]["en" if language == "en" else "zh"]
        seconds = max(1, math.ceil(self.seconds))
        return words.format(limit=self.limit, seconds=seconds, minutes=math.ceil(seconds / 60))

    def as_error(self, language: str | None) -> dict[str, str | int]:
        """The refusal as it travels: its code, its sentence, and when to try again."""
        error: dict[str, str | int] = {"code": self.code.value, "message": self.sentence(language)}
        if self.seconds:
            error["retry_after"] = max(1, math.ceil(self.seconds))
        return error


def known_language(given: object, text: str = "") -> str | None:
    """``zh`` or ``en`` from a language tag such as ``en-GB``, else from the words of ``text``."""
    if isinstance(given, str) and given[:2].lower() in {"zh", "en"}:
        return given[:2].lower()
    if _CHINESE.search(text):
        return "zh"
    return "en" if _LATIN.search(text) else None

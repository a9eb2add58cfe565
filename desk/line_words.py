"""What waiting shoppers are told of the line, in both languages."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from desk.model import Owner, QueuePlace
from desk.waiting import told_minutes
from kernel.content import Button, Content

# What the buttons send back; the desk itself understands them while the shopper waits.
LEAVE = "/leave_queue"
KEEP_PLACE = "/keep_place"

_WEEKDAYS = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_BUTTONS = {
    "zh": {KEEP_PLACE: "先忙别的，到我时提醒我", LEAVE: "退出排队"},
    "en": {KEEP_PLACE: "Keep my place, tell me when it's my turn", LEAVE: "Leave the line"},
}
_JOINED = {"zh": "您已进入排队，", "en": "You are in the queue now. "}
_RETURNED = {
    "zh": "正在为您安排其他同事，您不用重新排队，",
    "en": "We are finding another colleague for you; you keep your place. ",
}
_LATER = {
    "zh": "抱歉，等待比预计的久。",
    "en": "Sorry, this takes longer than we told you. ",
}
_KEPT = {
    "zh": "好的，您的位置已保留，快轮到您时会在这里提醒，可以先离开。想接电话，就把号码发在这里。",
    "en": "Fine, your place is kept: we tell you here when your turn is near. You may leave. If you"
    " would rather be called, send your number here.",
}
_KEPT_CALLING = {
    "zh": "好的，您的位置已保留，轮到您时客服会打 {number} 联系您，也会在这里回复。可以先离开。",
    "en": "Fine, your place is kept: when it is your turn an agent calls {number}, and answers here"
    " too. You may leave.",
}
_CALLED = {
    "zh": "快轮到您了，客服马上接入，请留意这里。",
    "en": "It is nearly your turn: an agent is about to join you here.",
}
_CALLED_CALLING = {
    "zh": "快轮到您了，客服马上打 {number} 联系您，请留意电话。",
    "en": "It is nearly your turn: an agent is about to call {number}.",
}
_AHEAD = {
    "zh": {True: "您是下一位，", False: "前面还有{ahead}位，"},
    "en": {True: "You are next in line. ", False: "There are {ahead} people before you. "},
}
_WAIT = {
    "zh": "预计等待{low}-{high}分钟。",
    "en": "The wait will be {low} to {high} minutes.",
}
_SOON = {"zh": "预计1分钟内接入。", "en": "Somebody should be with you within a minute."}
_NOBODY = {
    "zh": "现在没有客服在线，暂时无法估计要等多久。位置已保留，有客服上线就会按顺序接待。",
    "en": "Nobody is online right now, so we cannot tell how long it takes. Your place is kept and"
    " people are served in order as soon as somebody is there.",
}
_CLOSED = {
    "zh": "客服现在下班了，{when}上班，届时您排第{position}位。请先把订单号、问题和照片留在这里，"
    "客服上班就能直接处理，不用再说一遍。",
    "en": "Our people are off now and back on {when}; you are number {position} in line then."
    " Please leave the order number, what is wrong and any pictures here, so that they can start"
    " at once and you needn't say it again.",
}


def joined(place: QueuePlace, language: str | None, zone: ZoneInfo, *, again: bool) -> Content:
    """What is said on joining the line, or on returning to it from an agent (``again``)."""
    words = _language(language)
    text = (_RETURNED if again else _JOINED)[words] + _where(place, words, zone)
    return Content(text=text, buttons=_buttons(words), custom=_custom(place))


def later(place: QueuePlace, language: str | None, zone: ZoneInfo) -> Content:
    """What is said when a promised wait is over and nobody has come."""
    words = _language(language)
    text = _LATER[words] + _where(place, words, zone)
    return Content(text=text, buttons=_buttons(words), custom=_custom(place))


def place_kept(place: QueuePlace, language: str | None) -> Content:
    """What is said to whoever keeps the place and leaves."""
    words = (_KEPT_CALLING if place.contact else _KEPT)[_language(language)]
    return Content(text=words.format(number=place.contact), custom=_custom(place))


def called(place: QueuePlace, language: str | None) -> Content:
    """What is said to whoever kept the place when their turn is near."""
    words = (_CALLED_CALLING if place.contact else _CALLED)[_language(language)]
    return Content(text=words.format(number=place.contact), custom=_custom(place))


def _where(place: QueuePlace, words: str, zone: ZoneInfo) -> str:
    if place.opens_at is not None:
        when = _moment(place.opens_at.astimezone(zone), words)
        return _CLOSED[words].format(when=when, position=place.position)
    ahead = _AHEAD[words][place.position == 1].format(ahead=place.position - 1)
    if words == "en" and place.position == 2:
        ahead = "There is one person before you. "
    if place.wait is None:
        return ahead + _NOBODY[words]
    low, high = told_minutes(place.wait)
    wait = _SOON[words] if high == 1 else _WAIT[words].format(low=low, high=high)
    return ahead + wait


def _moment(at: datetime, words: str) -> str:
    weekday = _WEEKDAYS[words][at.weekday()]
    if words == "zh":
        return f"{at.month}月{at.day}日（{weekday}）{at:%H:%M}"
    return f"{weekday} {at.day}/{at.month} at {at:%H:%M}"


def _buttons(words: str) -> tuple[Button, ...]:
    return tuple(Button(title, payload) for payload, title in _BUTTONS[words].items())


def _custom(place: QueuePlace) -> dict[str, object]:
    return {"event": "owner_changed", "owner": Owner.QUEUE.value, "place": as_json(place)}


def as_json(place: QueuePlace) -> dict[str, object]:
    """A place as programs read it: ``wait`` in minutes, times in ISO 8601."""
    wait = None
    if place.wait is not None:
        low, high = told_minutes(place.wait)
        wait = {"low_minutes": low, "high_minutes": high}
    return {
        "position": place.position,
        "wait": wait,
        "opens_at": place.opens_at.isoformat() if place.opens_at else None,
        "calls_back": place.calls_back,
        "contact": place.contact,
    }


def _language(language: str | None) -> str:
    return "en" if language == "en" else "zh"

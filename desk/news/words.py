"""How news reads in both languages: one message each, or one digest of several."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from desk.news.model import Tidings
from kernel.content import Button, Content

_TEXTS: dict[str, dict[str, str]] = {
    "shipped": {
        "zh": "订单 {order} 已发货：{carrier} {number}。",
        "en": "Order {order} is on its way: {carrier} {number}.",
    },
    "out_for_delivery": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）正在派送，请保持电话畅通。",
        "en": "The parcel of order {order} ({carrier} {number}) is out for delivery. Please keep"
        " your phone at hand.",
    },
    "awaiting_pickup": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）已到取件点，请凭短信或向快递（{hotline}）"
        "查询取件码。",
        "en": "The parcel of order {order} ({carrier} {number}) waits at a pickup point. The"
        " carrier knows the pickup code{hotline_en}.",
    },
    "awaiting_pickup_code": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）已到{place}，取件码 {code}{until}。",
        "en": "The parcel of order {order} ({carrier} {number}) waits for you at {place}; pickup"
        " code {code}{until}.",
    },
    "failed_attempt": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）这次没有送成{said}。快递会再联系您。",
        "en": "The parcel of order {order} ({carrier} {number}) could not be delivered this"
        " time{said}. The carrier will try again.",
    },
    "delivered": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）已签收{signed}。没收到的话请告诉我。",
        "en": "The parcel of order {order} ({carrier} {number}) was delivered{signed}. If you do"
        " not have it, tell me.",
    },
    "stuck": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）从{since}起没有新的轨迹，这不正常。"
        "回复“查物流”，我帮您联系同事查件。",
        "en": "The parcel of order {order} ({carrier} {number}) has had no scan since {since},"
        " which is not normal. Ask me where it is and a colleague can trace it.",
    },
    "damaged": {
        "zh": "很抱歉，订单 {order} 的包裹（{carrier} {number}）在路上破损了。责任不在您，"
        "回复我来安排补发或退款。",
        "en": "I'm sorry: the parcel of order {order} ({carrier} {number}) was damaged on the way."
        " That is not your loss; answer here and we replace or refund it.",
    },
    "lost": {
        "zh": "很抱歉，订单 {order} 的包裹（{carrier} {number}）被快递确认丢失。损失由我们承担，"
        "回复我来安排补发或退款。",
        "en": "I'm sorry: the carrier has lost the parcel of order {order} ({carrier} {number})."
        " We bear that; answer here and we resend or refund it.",
    },
    "customs": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）正在清关，通过后会继续派送。",
        "en": "The parcel of order {order} ({carrier} {number}) is in customs and travels on"
        " afterwards.",
    },
    "returning": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）正在退回我们仓库。想重新寄出还是退款，"
        "回复我就行。",
        "en": "The parcel of order {order} ({carrier} {number}) is on its way back to us. Answer"
        " here whether we should send it again or refund it.",
    },
    "returned": {
        "zh": "订单 {order} 的包裹（{carrier} {number}）已退回我们仓库。想重新寄出还是退款，"
        "回复我就行。",
        "en": "The parcel of order {order} ({carrier} {number}) has come back to us. Answer here"
        " whether we should send it again or refund it.",
    },
    "refund_arrived": {
        "zh": "订单 {order} 的退款 {amount} 已退到您的{tender}。",
        "en": "The refund of {amount} for order {order} has gone back to your {tender}.",
    },
    "refund_failed": {
        "zh": "订单 {order} 的退款 {amount} 没能退到您的{tender}，我们会另想办法，回复我来处理。",
        "en": "The refund of {amount} for order {order} could not reach your {tender}. Answer here"
        " and we find another way.",
    },
    "price_protection": {
        "zh": "订单 {order} 的价保差价 {amount} 已退到您的{tender}。",
        "en": "The price difference of {amount} for order {order} has gone back to your {tender}.",
    },
    "price_protection_failed": {
        "zh": "订单 {order} 的价保差价 {amount} 没能退到您的{tender}，我们会另想办法，"
        "回复我来处理。",
        "en": "The price difference of {amount} for order {order} could not reach your {tender}."
        " Answer here and we find another way.",
    },
    "price_protection_granted": {
        "zh": "订单 {order} 的价保申请 {claim} 通过了，差价 {amount} 原路退回。",
        "en": "Your price-protection claim {claim} for order {order} is granted: {amount} goes"
        " back the way you paid.",
    },
    "price_protection_refused": {
        "zh": "订单 {order} 的价保申请 {claim} 没有通过，差价 {amount} 不能退。"
        "想知道原因或有异议，回复我，我请同事跟您说明。",
        "en": "Your price-protection claim {claim} for order {order} was refused, so {amount} does"
        " not go back. Answer here and a colleague explains why.",
    },
    "price_protection_refused_because": {
        "zh": "订单 {order} 的价保申请 {claim} 没有通过，差价 {amount} 不能退：{ground}。"
        "有异议的话回复我，我请同事再跟您说明。",
        "en": "Your price-protection claim {claim} for order {order} was refused, so {amount} does"
        " not go back: {ground}. If you disagree, answer here and a colleague looks at it with"
        " you.",
    },
}
# Why a person refused a claim.
GROUNDS: dict[str, dict[str, str]] = {
    "other_goods": {
        "zh": "降价的是别的商品或规格，不是您买的这一款",
        "en": "what became cheaper is another product or variant, not the one you bought",
    },
    "other_seller": {
        "zh": "那是别家的价格，价保只比我们自己店里的价格",
        "en": "the lower price is another seller's, and price protection compares only our own",
    },
    "special_price": {
        "zh": "那是限时、会员或用券后的价格，不在价保范围内",
        "en": "the lower price was for a short time, for members or with a coupon, which price"
        " protection does not cover",
    },
    "price_error": {
        "zh": "那个价格是标错了，已经改回",
        "en": "the lower price was shown by mistake and has been put right",
    },
    "not_covered": {
        "zh": "核对后不符合价保的条件",
        "en": "we checked it, and it does not meet the conditions of price protection",
    },
}
# The same in a word or two, for the fields of a platform's message templates.
_SHORT: dict[str, dict[str, str]] = {
    "shipped": {"zh": "已发货", "en": "Shipped"},
    "out_for_delivery": {"zh": "派送中", "en": "Out for delivery"},
    "awaiting_pickup": {"zh": "待取件", "en": "Ready for pickup"},
    "failed_attempt": {"zh": "派送未成", "en": "Delivery failed"},
    "delivered": {"zh": "已签收", "en": "Delivered"},
    "stuck": {"zh": "物流停滞", "en": "Stuck"},
    "damaged": {"zh": "包裹破损", "en": "Damaged"},
    "lost": {"zh": "包裹丢失", "en": "Lost"},
    "customs": {"zh": "清关中", "en": "In customs"},
    "returning": {"zh": "退回中", "en": "Coming back"},
    "returned": {"zh": "已退回", "en": "Returned"},
    "refund_arrived": {"zh": "已退款", "en": "Refunded"},
    "refund_failed": {"zh": "退款未成", "en": "Refund failed"},
    "price_protection": {"zh": "价保已退", "en": "Price adjusted"},
    "price_protection_failed": {"zh": "价保未成", "en": "Price claim failed"},
    "price_protection_granted": {"zh": "价保通过", "en": "Claim granted"},
    "price_protection_refused": {"zh": "价保未通过", "en": "Claim refused"},
}
_OF_A_PARCEL = ("what", "order", "at", "carrier", "number", "code", "place")
_OF_MONEY = ("what", "order", "at", "amount", "tender")
# By kind of news: which words a template may say of it.
WORDS: dict[str, tuple[str, ...]] = {
    "shipped": _OF_A_PARCEL,
    "out_for_delivery": _OF_A_PARCEL,
    "delivered": _OF_A_PARCEL,
    "stuck": _OF_A_PARCEL,
    "customs": _OF_A_PARCEL,
    "returned": _OF_A_PARCEL,
    "refund_arrived": _OF_MONEY,
    "price_protection": _OF_MONEY,
}
_SIGNED = {
    "recipient": {"zh": "（本人签收）", "en": ", signed for by the recipient"},
    "somebody_else": {"zh": "（他人代签）", "en": ", signed for by somebody else"},
    "locker": {"zh": "（已放入快递柜或驿站）", "en": ", left in a locker or at a pickup point"},
    "doorstep": {"zh": "（已放在门口）", "en": ", left at the door"},
}
_DIGEST = {"zh": "您关注的订单有 {count} 条新消息：", "en": "{count} updates on your orders:"}
_BUTTONS = {
    "where": {"zh": "查看物流", "en": "Where is it?"},
    "stop": {"zh": "不再通知", "en": "Stop these messages"},
}
_STOPPED = {
    "zh": "好的，不再给您发订单通知了。想再收到时，说“发货了告诉我”就行。",
    "en": "All right, no more order notifications. To get them again, just say “tell me when it"
    " ships”.",
}
STOP_PAYLOAD = "/news_stop"
RESPONSE = "news"
# Words that mean it whatever was being talked about, and words that mean it as an answer to news.
_ALWAYS = re.compile(
    r"(?:我要|请|麻烦|帮我)?"
    r"(?:退订|取消订阅|停止推送|停止通知|取消通知|关闭通知|别再通知我?|不要再通知我?)(?:了|吧|谢谢)*"
    r"|td|unsubscribe(?: me)?|opt out"
    r"|stop (?:the |these |all |my )?(?:notifications?|alerts?|updates)"
    r"|no more (?:notifications?|alerts?|updates)"
)
_AFTER_NEWS = re.compile(
    r"停|停止|停了|停吧|别发了|别再发了|不用发了|不要发了|别通知了|不用通知了?|别推了|不要再发了?|t|n"
    r"|stop|stop (?:it|that|this|these|these messages)|end|quit|no more|enough|cancel these"
)
_AROUND = re.compile(r"^(?:please |pls )|(?: please| pls| thanks| thank you)$")
_SIGNS = re.compile(r"[\s.,!?。，！？～~、]+")


def news_content(news: Sequence[Tidings], language: str | None, zone: ZoneInfo) -> Content:
    """``news`` as one message; moments are told in ``zone``."""
    language = "en" if language == "en" else "zh"
    lines = [_line(one, language, zone) for one in news]
    if len(lines) == 1:
        text = lines[0]
    else:
        heading = _DIGEST[language].format(count=len(lines))
        text = "\n".join([heading, *(f"· {line}" for line in lines)])
    buttons = [Button(_BUTTONS["stop"][language], STOP_PAYLOAD)]
    if "tracking_number" in news[-1].facts and len(news) == 1:
        buttons.insert(0, Button(_BUTTONS["where"][language], _where(news[0])))
    told = [
        {
            "event": one.event,
            "kind": one.kind,
            "order_number": one.order_number,
            "words": _words(one, language, zone),
        }
        for one in news
    ]
    return Content(text=text, buttons=tuple(buttons), response=RESPONSE, custom={"news": told})


def told_in(content: Content) -> list[dict[str, Any]]:
    """The news that a message of ours tells, oldest first; none if it is another message.

    Nor if it was said before news had words for templates.
    """
    news: list[dict[str, Any]] = (content.custom or {}).get("news") or []
    return news if content.response == RESPONSE and news and "words" in news[-1] else []


def words_of(content: Content) -> tuple[str, dict[str, str]]:
    """The kind of the newest news in ``content`` and its words, by the names in ``WORDS``."""
    news = told_in(content)
    newest, words = news[-1], dict(news[-1]["words"])
    if len(news) > 1:
        is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in words["what"])
        words["what"] += f" 等{len(news)}条" if is_chinese else f" +{len(news) - 1}"
    return str(newest["kind"]), words


def asks_to_stop(text: str, *, after_news: bool) -> bool:
    """Whether ``text`` alone says that no more news is wanted, in either language.

    ``after_news``: it is the first thing said after news, so a bare "stop" is about that.
    """
    words = _SIGNS.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()
    words = _AROUND.sub("", words).strip()
    if _ALWAYS.fullmatch(words):
        return True
    return after_news and _AFTER_NEWS.fullmatch(words) is not None


def stopped_content(language: str | None) -> Content:
    """That nothing more will come."""
    text = _STOPPED["en" if language == "en" else "zh"]
    return Content(text=text, response="news_stopped")


def _where(one: Tidings) -> str:
    meant = {"order_number": one.order_number, "tracking_number": one.facts["tracking_number"]}
    return f"/track_shipment{json.dumps(meant)}"


def _line(one: Tidings, language: str, zone: ZoneInfo) -> str:
    facts = one.facts
    pickup = facts.get("pickup")
    ground = GROUNDS.get(facts.get("ground", ""), {}).get(language, "")
    event = f"{one.event}_code" if pickup else f"{one.event}_because" if ground else one.event
    hotline = facts.get("hotline") or ""
    said = facts.get("said") or ""
    place = (pickup or {}).get("place") or {"zh": "取件点", "en": "the pickup point"}[language]
    return _TEXTS[event][language].format(
        order=one.order_number,
        carrier=(facts.get("carrier") or {}).get(language, ""),
        number=facts.get("tracking_number", ""),
        hotline=hotline,
        hotline_en=f" ({hotline})" if hotline else "",
        said=f"：{said}" if said and language == "zh" else f" ({said})" if said else "",
        place=place,
        code=(pickup or {}).get("code", ""),
        until=_until((pickup or {}).get("until"), language, zone),
        signed=_SIGNED.get(facts.get("signature", ""), {}).get(language, ""),
        since=_moment(facts["since"], language, zone) if "since" in facts else "",
        amount=facts.get("amount", ""),
        claim=facts.get("claim_number", ""),
        ground=ground,
        tender=(facts.get("tender") or {}).get(language, ""),
    )


def _words(one: Tidings, language: str, zone: ZoneInfo) -> dict[str, str]:
    facts, at = one.facts, one.at.astimezone(zone)
    pickup = facts.get("pickup") or {}
    return {
        "what": _SHORT[one.event][language],
        "order": one.order_number,
        # As the fields of both platforms take a moment, in either language.
        "at": f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
        "carrier": (facts.get("carrier") or {}).get(language, ""),
        "number": facts.get("tracking_number", ""),
        "code": pickup.get("code", ""),
        "place": pickup.get("place", ""),
        "amount": facts.get("amount", ""),
        "tender": (facts.get("tender") or {}).get(language, ""),
    }


def _until(text: str | None, language: str, zone: ZoneInfo) -> str:
    if text is None:
        return ""
    moment = _moment(text, language, zone)
    return f"，请在{moment}前取" if language == "zh" else f", until {moment}"


def _moment(text: str, language: str, zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(text).astimezone(zone)
    if language == "zh":
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at.day} {at:%b, %H:%M}"

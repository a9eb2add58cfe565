"""Recommends what the shop really sells: by need, price and what was bought before."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.product_question import asks_for_cheaper, say_cheaper, say_products
from actions.products import LOOKED_AT_PRODUCTS, products_meant
from connectors.backends.catalogue.model import Product

_OFFERED = 3
_BOUGHT = 20
_NAME, _CATEGORY, _TEXT = 4, 3, 1
_AT_MOST = re.compile(r"以内|以下|不超过|不到|最多|内的|\b(?:under|below|less than|at most|up to|within|max\w*|budget)\b", re.IGNORECASE)  # fmt: skip
_AT_LEAST = re.compile(r"以上|不低于|至少|\b(?:over|above|more than|at least)\b", re.IGNORECASE)
_CHEAP = re.compile(r"便宜|实惠|性价比|划算|\b(?:cheap\w*|affordable|inexpensive|value)\b", re.IGNORECASE)  # fmt: skip
_AS_BOUGHT = re.compile(r"买过|之前买|以前买|上次买|购买记录|历史|再买点|\b(?:i(?:'ve)? (?:have )?(?:bought|ordered|purchased)|my (?:orders|purchases|history)|goes? with what|based on)\b", re.IGNORECASE)  # fmt: skip
_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-z]{3,}")
_NO_WORDS = frozenset(
    ["推荐", "荐一", "一下", "一个", "一款", "有没", "没有", "有什", "什么", "么好", "给我", "我想", "想买", "想要", "可以", "适合", "合我", "买什", "好用", "用的", "比较", "预算", "以内", "the", "and", "for", "you", "any", "can", "some", "what", "which", "with", "recommend", "recommendation", "suggest", "suggestion", "something", "good", "best", "buy", "need", "want", "looking", "help", "under", "below", "about", "around", "have", "please", "would", "like", "one", "are", "there", "under", "dollars", "yuan"]
)  # fmt: skip


def _compiled(words_of: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {key: re.compile(words, re.IGNORECASE) for key, words in words_of.items()}


# Needs that no product's own words name, by category of the shop.
_NEEDS = _compiled(
    {
        "outdoor": r"露营|户外|爬山|徒步|健身|锻炼|运动|\b(?:camping|hiking|outdoors?|workout|fitness|exercise)\b",
        "shoes": r"跑步|走路|散步|\b(?:running|jogging|walking)\b",
        "children": r"宝宝|孩子|小孩|婴儿|儿童|\b(?:baby|babies|kids?|child|children|toddlers?)\b",
        "pets": r"猫|狗|宠物|\b(?:cats?|dogs?|pets?)\b",
        "stationery": r"学习|写字|老师|\b(?:writing|student|teacher)\b",
        "kitchen": r"做饭|厨房|下厨|泡茶|咖啡|\b(?:cook\w*|kitchen|tea|coffee)\b",
        "home": r"卧室|睡觉|睡眠|家里|\b(?:bedroom|sleep\w*|home)\b",
        "electronics": r"听歌|音乐|办公|\b(?:music|office|commut\w+)\b",
        "custom": r"纪念|定制|情人节|\b(?:anniversary|engrav\w+|personali[sz]ed)\b",
        "beauty": r"护肤|化妆|\b(?:skin ?care|make ?up)\b",
        "clothing": r"冬天|保暖|过冬|穿的|\b(?:winter|warm clothes|wear)\b",
    }
)
# Who says of what kind it shall be wants nothing else.
_KINDS = _compiled(
    {
        "clothing": r"衣服|衣物|服装|服饰|上衣|外套|\b(?:clothes|clothing|garments?|outfits?)\b",
        "shoes": r"鞋(?!子?[柜架套])|\bshoes?\b",
        "bags": r"箱包|包包|\bbags?\b",
        "food": r"吃的|零食|食品|好吃|\b(?:food|snacks?)\b",
        "electronics": r"数码|电子产品|电器|\b(?:electronics?|gadgets?)\b",
    }
)


@dataclass(frozen=True)
class _Limits:
    """What a unit may cost, in minor units of ``currency``; None without a limit."""

    least: int | None = None
    most: int | None = None
    currency: str = ""

    def allow(self, product: Product) -> bool:
        """Whether some variant that can be bought now costs so much."""
        return any(
            variant.stock > 0
            and (not self.currency or variant.price.currency == self.currency)
            and (self.most is None or variant.price.minor <= self.most)
            and (self.least is None or variant.price.minor >= self.least)
            for variant in product.variants
        )


class ActionRecommend(ShopAction):
    """Recommends up to three products. Outcomes: ``answered``, ``need`` (for whom or what?)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_recommend"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        products = await self._shop.catalogue.products(0, LOOKED_AT_PRODUCTS)
        text, limits = turn.text, _limits(turn)
        wants_another = _named_by(_KINDS, text) or _named_by(_NEEDS, text) or limits != _Limits()
        if asks_for_cheaper(text) and not wants_another:
            spoken_of = await products_meant(self._shop, turn)
            if len(spoken_of) == 1:
                await say_cheaper(self._shop, turn, spoken_of[0])
                return Outcome("answered")
        bought = await self._bought(turn)
        by_history = bool(_AS_BOUGHT.search(text))
        if by_history:
            scores = _scores_beside(bought, products)
            if not any(scores.values()):
                turn.say(
                    "utter_recommend_no_history" if turn.is_verified else "utter_recommend_who"
                )
                return Outcome("need")
        else:
            scores = _scores(products, text)
        fitting = [one for one in products if scores[one.id] and limits.allow(one)]
        if not any(scores.values()) and limits == _Limits():
            turn.say("utter_recommend_need", {"categories": _categories(turn, products)})
            return Outcome("need")
        if not any(scores.values()):
            fitting = [one for one in products if limits.allow(one)]
        if not fitting:
            near = [one for one in products if scores[one.id] and one.in_stock]
            if not near:
                turn.say("utter_recommend_none", {"categories": _categories(turn, products)})
                return Outcome("answered")
            nearest = sorted(near, key=lambda one: one.price_from.minor)[:_OFFERED]
            say_products(turn, "utter_recommend_nearest", nearest)
            return Outcome("answered", learned=_shown(nearest))
        cheap = bool(_CHEAP.search(text))
        best = sorted(
            fitting,
            key=lambda one: (
                one.id in bought,
                one.price_from.minor if cheap else -scores[one.id],
                one.price_from.minor,
            ),
        )[:_OFFERED]
        say_products(turn, "utter_recommend_beside" if by_history else "utter_recommend", best)
        return Outcome("answered", learned=_shown(best))

    async def _bought(self, turn: Turn) -> frozenset[str]:
        """What a shopper who is known has already."""
        if not turn.is_verified:
            return frozenset()
        orders = await self._shop.orders.latest_of(turn.customer_id, _BOUGHT)
        return frozenset(line.product_id for order in orders for line in order.lines)


def _scores_beside(bought: frozenset[str], products: Iterable[Product]) -> dict[str, int]:
    """How well each product goes with what was bought: others of the same kinds."""
    kinds = Counter(one.category for one in products if one.id in bought)
    return {one.id: 0 if one.id in bought else kinds[one.category] for one in products}


def _shown(products: Sequence[Product]) -> dict[str, Any]:
    """What the next message may be about: the first, or "the second one"."""
    return {"product_id": products[0].id, "shown_products": [one.id for one in products]}


def _scores(products: Iterable[Product], text: str) -> dict[str, int]:
    """How well each product fits what is said; 0 for those of other kinds than the named ones."""
    wanted, kinds, needs = _words(text), _named_by(_KINDS, text), _named_by(_NEEDS, text)
    return {
        one.id: 0 if kinds and one.category not in kinds else _score(one, wanted, kinds | needs)
        for one in products
    }


def _named_by(words_of: Mapping[str, re.Pattern[str]], text: str) -> set[str]:
    return {category for category, words in words_of.items() if words.search(text)}


def _score(product: Product, wanted: frozenset[str], categories: Container[str]) -> int:
    name = _words(f"{product.name.zh} {product.name.en}")
    category = _words(f"{product.category_name.zh} {product.category_name.en}")
    about = [product.description, *(attribute.value for attribute in product.attributes)]
    rest = _words(" ".join(f"{one.zh} {one.en}" for one in about))
    score = _NAME * len(wanted & name) + _CATEGORY * len(wanted & category)
    score += _TEXT * len(wanted & rest)
    return score + (_CATEGORY if product.category in categories else 0)


def _words(text: str) -> frozenset[str]:
    """Pairs of Chinese characters and Latin words without their plural, as far as they say much."""
    lowered = text.lower()
    pairs = {a + b for run in _CHINESE.findall(lowered) for a, b in pairwise(run)}
    latin = {word.removesuffix("s") for word in _LATIN.findall(lowered)}
    return frozenset((pairs | latin) - _NO_WORDS)


def _limits(turn: Turn) -> _Limits:
    amounts = [
        entity["value"]
        for entity in (turn.tracker.latest_message or {}).get("entities") or ()
        if entity.get("entity") == "amount" and isinstance(entity.get("value"), dict)
    ]
    minors = sorted(int(one["minor"]) for one in amounts)
    if not minors:
        return _Limits(*_plain_limit(turn.text))
    currency = str(amounts[0].get("currency") or "")
    if len(minors) > 1:
        return _Limits(minors[0], minors[-1], currency)
    if _AT_LEAST.search(turn.text):
        return _Limits(least=minors[0], currency=currency)
    if _AT_MOST.search(turn.text):
        return _Limits(most=minors[0], currency=currency)
    # "About 200": a fifth more or less.
    return _Limits(minors[0] * 4 // 5, minors[0] * 6 // 5, currency)


def _plain_limit(text: str) -> tuple[Any, ...]:
    """ "200 以内" and "under 200" without a unit of money."""
    number = re.search(r"(?<![\d.])(\d{2,6})(?![\d.])", text)
    if number is None:
        return ()
    minor = int(number[1]) * 100
    if _AT_MOST.search(text):
        return (None, minor)
    return (minor, None) if _AT_LEAST.search(text) else ()


def _categories(turn: Turn, products: Iterable[Product]) -> str:
    names = dict.fromkeys(one.category_name.of(turn.language) for one in products if one.in_stock)
    return ("、" if turn.language == "zh" else ", ").join(names)

"""Answers about products out of the catalogue: options, prices, stock, attributes. No ports."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from actions.choosing import Thing, choose
from actions.choosing_mentions import fold
from actions.choosing_options import option_wish
from actions.choosing_regions import superlative_in
from actions.vocabulary import IN_STOCK, OPTIONS, SOLD_OUT
from actions.wording import Language, listing
from connectors.backends.catalogue.model import Product, Variant
from connectors.backends.orders.model import Option
from connectors.backends.text import Bilingual

_LISTED = 8


class Aspect(StrEnum):
    """What may be asked of a product."""

    CHEAPEST = "cheapest"
    CHEAPER = "cheaper"
    DEAREST = "dearest"
    DIFFERENCE = "difference"
    OPTIONS = "options"
    PRICE = "price"
    STOCK = "stock"


_ASPECTS = {
    Aspect.CHEAPEST: r"最便宜|最低价|价格最低|\b(?:cheapest|least expensive|lowest price)\b",
    Aspect.CHEAPER: r"便宜(?:一?点|些)|更便宜|\b(?:cheaper|less expensive)\b",
    Aspect.DEAREST: r"最贵|价格最高|\b(?:most expensive|dearest|priciest)\b",
    Aspect.DIFFERENCE: (
        r"差(?:多少|几块?|价)|价格?差|[贵便]宜?(?:了|出)?(?:多少|几块)|多(?:花|付)多少"
        r"|\b(?:price difference|difference in (?:price|cost)|how much (?:more|less|cheaper|dearer))\b"
    ),
    Aspect.OPTIONS: (
        r"[几哪](?:种|个|些|款)|多少种|什么(?:颜色|款式|尺码|尺寸|规格|口味|容量)|(?:颜色|尺码|款式|规格|码数|容量|口味)"
        r"(?:有|都|可)|有.{0,4}(?:颜色|尺码|款式|规格|码数)|几码|哪几"
        r"|\bhow many (?:\w+ )?(?:colou?rs?|sizes?|options?|kinds?|types?|versions?|variants?|styles?)\b"
        r"|\b(?:what|which) (?:other )?(?:colou?rs?|sizes?|options?|versions?|variants?|styles?)\b"
        r"|\b(?:come|comes|available) in\b|\boptions\b"
    ),
    Aspect.PRICE: (
        r"多少钱|价格|价钱|怎么卖|什么价|几块|贵吗|贵不贵"
        r"|\b(?:how much|prices?|costs?|expensive)\b"
    ),
    Aspect.STOCK: (
        r"有货|现货|库存|缺货|没货|卖完|售罄|断货|补货|还有吗|有没有.{0,6}[码色]|有.{0,6}[码色]的?吗"
        r"|\b(?:in stock|out of stock|sold out|available|any left|left in|are left|restock\w*|have (?:it|them) in)\b"
    ),
}
# The shop's own names of attributes count; these are other words for the usual ones.
_OTHER_WORDS: Mapping[str, str] = {
    "material": r"材质|面料|材料|料子|成分|什么做的|做的吗|纯棉|含棉|真皮|\b(?:material|made of|made from|fabric|cotton|leather|wool)\b",
    "care": r"洗|打理|保养|熨|微波|\b(?:wash|care|clean|dishwasher|microwave|iron)\w*\b",
    "dimensions": r"尺寸|放得[下进]|[装放]得[下进]|能[放装][下进]|多大|多高|多长|多宽|多厚|长宽|几升|多少毫升|\b(?:dimensions?|fits? (?:in|into|inside|under|on|through)|how (?:big|large|tall|long|wide|thick)|measure\w*|height|width)\b",
    "weight": r"多重|重量|几斤|多少克|重不重|\b(?:weigh\w*|heavy)\b",
    "battery life": r"续航|待机|电池|用多久|\bbattery\b",
    "power": r"功率|多少瓦|几瓦|\b(?:watt\w*|power consumption|how much power)\b",
    "connections": r"接口|蓝牙|充电口|插头|\b(?:usb\S*|bluetooth|port|connect\w*)\b",
    "noise": r"噪音|吵|分贝|静音吗|声音大|\b(?:nois\w+|loud|quiet|decibels?)\b",
    "age": r"几岁|多大的?(?:孩子|宝宝|小孩)|适合.{0,6}岁|\b(?:what age|how old|years? old|age)\b",
    "shelf life": r"保质期|放多久|能放几天|过期|\b(?:shelf life|expir\w+|keep fresh|how long does it keep)\b",
    "origin": r"产地|哪里产|哪产的|国产|进口|\b(?:origin|come from|made in|imported)\b",
    "waterproofing": r"防水|淋雨|进水|\b(?:water ?proof|water resistant|rain ?proof|get wet)\b",
    "wheels": r"轮子|万向轮|\bwheels?\b",
}
_ASKS = re.compile(
    r"[?？吗什几哪]|多少|有没有|怎么卖"
    r"|\b(?:what|which|how|do you|does it|is there|are there|is it|are they|any)\b",
    re.IGNORECASE,
)
# "If it is in stock, that one": an answer, for all that it asks.
_ON_CONDITION = re.compile(r"的话|就[换要选]|\bif (?:so|yes|it|there|you)\b", re.IGNORECASE)
_SIZE = re.compile(r"[a-z]{1,3}|\d{1,3}(?:\.\d)?", re.IGNORECASE)
_COMPILED = {aspect: re.compile(words, re.IGNORECASE) for aspect, words in _ASPECTS.items()}
_ATTRIBUTE_WORDS = {name: re.compile(words, re.IGNORECASE) for name, words in _OTHER_WORDS.items()}


def aspects_in(text: str) -> list[Aspect]:
    """What ``text`` asks of a product, beside its attributes."""
    return [aspect for aspect, words in _COMPILED.items() if words.search(text)]


def asks_of_goods(text: str) -> bool:
    """Whether ``text`` asks for options, prices or stock, and chooses nothing yet."""
    return bool(aspects_in(text) and _ASKS.search(text) and not _ON_CONDITION.search(text))


def attributes_in(text: str, product: Product) -> list[Option]:
    """The attributes of ``product`` that ``text`` asks for."""
    folded = text.casefold()
    found = []
    for attribute in product.attributes:
        other = _ATTRIBUTE_WORDS.get(attribute.name.en.casefold())
        named = attribute.name.zh in text or attribute.name.en.casefold() in folded
        if named or (other is not None and other.search(text)):
            found.append(attribute)
    return found


def asks_an_attribute(text: str) -> bool:
    """Whether ``text`` asks for something that some products have as an attribute."""
    return any(words.search(text) for words in _ATTRIBUTE_WORDS.values())


def variant_things(product: Product) -> list[Thing]:
    """The variants of ``product`` as things to choose among in free words."""
    return [
        Thing(
            id=variant.id,
            names=(product.name.zh, product.name.en),
            kind=product.id,
            marks=tuple(
                side for option in variant.options for side in (option.value.zh, option.value.en)
            ),
            codes=(variant.sku, variant.id),
            price=variant.price.minor,
        )
        for variant in product.variants
    ]


def named_variants(text: str, product: Product) -> list[Variant]:
    """The variants that ``text`` speaks of; all of them if it names none."""
    said = option_wish(fold(text), product, None, None).values
    if said:
        wanted = [
            one
            for one in product.variants
            if all(
                option.value.en in said[option.name.en.casefold()]
                for option in one.options
                if option.name.en.casefold() in said
            )
        ]
        if wanted and not superlative_in(text):
            return wanted
    choice = choose(text, variant_things(product))
    ids = set() if choice is None else {*choice.units, *choice.unclear}
    return [one for one in product.variants if one.id in ids] or list(product.variants)


def lacking_options(named: Iterable[tuple[str, str]], product: Product) -> list[str]:
    """The words for colours and sizes that no variant of ``product`` comes in.

    ``named`` are the colours and sizes of a message, each as its code and in its words.
    """
    values = {
        _bare(side)
        for variant in product.variants
        for option in variant.options
        for side in (option.value.zh, option.value.en)
    }
    if not values:
        return []
    sizes = {value for value in values if _SIZE.fullmatch(value)}
    lacking = []
    for code, words in named:
        called = (_bare(code), _bare(words).removesuffix("色").removesuffix("码"))
        if _SIZE.fullmatch(called[0]):
            if sizes and called[0] not in sizes:
                lacking.append(words)
        elif not any(one and one in value for one in called for value in values):
            lacking.append(words)
    return lacking


def _bare(value: str) -> str:
    return value.casefold().replace(" ", "")


def axes(variants: Iterable[Variant]) -> dict[Bilingual, list[Bilingual]]:
    """The properties in which ``variants`` differ or agree, each with its values."""
    found: dict[Bilingual, list[Bilingual]] = {}
    for variant in variants:
        for option in variant.options:
            values = found.setdefault(option.name, [])
            if option.value not in values:
                values.append(option.value)
    return found


def options_phrase(variants: Sequence[Variant], language: Language) -> str:
    """``颜色：深灰、樱花粉；尺码：S、M``; empty if there is nothing to choose."""
    colon, semicolon = ("：", "；") if language == "zh" else (": ", "; ")
    return semicolon.join(
        f"{name.of(language)}{colon}{listing([value.of(language) for value in values], language)}"
        for name, values in axes(variants).items()
    )


def prices_phrase(variants: Sequence[Variant], language: Language) -> str:
    """One price, or each price with the options that cost it; of very many the span."""
    by_price: dict[int, list[Variant]] = {}
    for variant in sorted(variants, key=lambda one: one.price.minor):
        by_price.setdefault(variant.price.minor, []).append(variant)
    if len(by_price) == 1:
        return str(variants[0].price)
    if len(by_price) > _LISTED:
        ends = [min(variants, key=_price_of), max(variants, key=_price_of)]
        told = (f"{one.price}{_in_brackets(one, language)}" for one in ends)
        return PRICES_BETWEEN.of(language).format(*told)
    parts = []
    for group in by_price.values():
        agreed = [values[0].of(language) for values in axes(group).values() if len(values) == 1]
        parts.append(" ".join([*agreed, str(group[0].price)]))
    return listing(parts, language)


def _price_of(variant: Variant) -> int:
    return variant.price.minor


def _in_brackets(variant: Variant, language: Language) -> str:
    options = variant.options_text(language)
    return (f"（{options}）" if language == "zh" else f" ({options})") if options else ""


def stock_phrase(variants: Sequence[Variant], language: Language) -> str:
    """Which of ``variants`` can be bought now and which cannot."""
    there = [one for one in variants if one.stock > 0]
    gone = [one for one in variants if one.stock <= 0]
    if not gone and len(there) > 1:
        return ALL_IN_STOCK.of(language)
    if not gone or not there:
        return (IN_STOCK if there else SOLD_OUT).of(language)
    if min(len(gone), len(there)) > _LISTED:
        return STOCK_COUNTED.of(language).format(there=len(there), all=len(variants))
    shorter, words = (gone, SOLD_OUT) if len(gone) <= len(there) else (there, IN_STOCK)
    names = [one.options_text(language) for one in shorter]
    rest = ALL_OTHERS_THERE if words is SOLD_OUT else ALL_OTHERS_GONE
    separator = "：" if language == "zh" else ": "
    return f"{words.of(language)}{separator}{listing(names, language)}{rest.of(language)}"


def available_phrase(product: Product, language: Language) -> str:
    """``可选：…`` for the variants that can be bought now; empty if there is nothing to choose."""
    names = [
        variant.options_text(language)
        for variant in product.variants
        if variant.options and variant.stock > 0
    ]
    if not names:
        return ""
    several = len(names) > _LISTED
    options = options_phrase(product.variants, language) if several else listing(names, language)
    return OPTIONS.of(language).format(options=options)


PRICES_BETWEEN = Bilingual("{}至{}", "from {} to {}")
STOCK_COUNTED = Bilingual("{all} 款里 {there} 款有货", "{there} of {all} in stock")
ALL_IN_STOCK = Bilingual("每一款都有货", "all of them in stock")
ALL_OTHERS_THERE = Bilingual("，其余都有货", "; everything else is in stock")
ALL_OTHERS_GONE = Bilingual("，其余缺货", "; everything else is sold out")

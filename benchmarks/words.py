"""`make benchwords`: what it costs to find the products and options of a large shop in messages."""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product as combinations
from pathlib import Path
from typing import Any

import psutil

from bot.nlu.entity_extractor import EntityExtractor
from bot.nlu.normalise import fold, simplify
from bot.nlu.surroundings import surroundings
from connectors.backends.catalogue.model import Product, Variant
from connectors.backends.orders.model import Option
from connectors.backends.text import Bilingual
from kefu.surroundings import CatalogueWatch
from kernel.clock import SystemClock
from kernel.money import Money
from tests.nlu.golden import golden_sentences
from tests.nlu.pipeline import make, read

MOST_MILLISECONDS = 2.0
_PRODUCTS = 50_000
_NAMING = 400
_MAKERS = ["木禾 Muhe", "云川 Yunchuan", "北野 Kitano", "南枝 Nanzhi", "白鹿 Bailu", "青石 Qingshi"]
_LOOKS = [
    "便携 portable",
    "复古 vintage",
    "加厚 padded",
    "静音 silent",
    "轻量 featherweight",
    "防水 waterproof",
    "折叠 folding",
    "儿童 junior",
    "商务 business",
    "户外 outdoor",
]
_STUFFS = [
    "纯棉 cotton",
    "亚麻 linen",
    "不锈钢 steel",
    "陶瓷 ceramic",
    "竹纤维 bamboo",
    "羊毛 woollen",
    "玻璃 glass",
    "实木 oak",
    "硅胶 silicone",
    "牛皮 leather",
]
_GOODS = [
    "保温杯 flask",
    "手冲壶 kettle",
    "四件套 bedding",
    "双肩包 backpack",
    "台灯 lamp",
    "耳机 headphones",
    "运动鞋 sneakers",
    "围巾 scarf",
    "连衣裙 dress",
    "置物架 shelf",
    "空气炸锅 fryer",
    "行李箱 suitcase",
    "瑜伽垫 mat",
    "猫砂盆 litterbox",
    "婴儿车 stroller",
    "炒锅 wok",
    "毛毯 blanket",
    "浴巾 towel",
    "皮带 belt",
]
_TINTS = [
    "雾霾 misty",
    "奶油 creamy",
    "焦糖 caramel",
    "樱花 blossom",
    "午夜 midnight",
    "薄荷 minty",
    "琥珀 amber",
    "烟熏 smoky",
    "珊瑚 coral",
    "冰川 glacier",
    "复古 retro",
    "星空 starry",
]
_HUES = [
    "蓝 blue",
    "粉 pink",
    "绿 green",
    "棕 brown",
    "灰 grey",
    "紫 purple",
    "白 white",
    "黄 yellow",
    "橙 orange",
    "红 red",
    "青 teal",
    "金 gold",
    "银 silver",
    "黑 black",
    "杏 apricot",
    "茶 umber",
    "米 oat",
    "咖 mocha",
    "藏青 navy",
]
_SIZES = ("S", "M", "L", "XL", "37", "39", "41", "43", "US 8.5", "US 9.5", "EU 42.5", "170/88A")
_ASKED = (
    "{zh}什么时候发货",
    "我的{zh}坏了，换一个{colour_zh}的",
    "do you have the {en} in {colour_en}",
    "my {en} arrived broken",
    "{colour_zh}的{zh}還有嗎",
    "is the {en} coming back",
)
_SOME = Bilingual("货品", "goods")


@dataclass(frozen=True)
class Spent:
    """Milliseconds of processor time, by message."""

    each: tuple[float, ...]

    def __str__(self) -> str:
        ordered = sorted(self.each)
        p95, p99 = (ordered[int(len(ordered) * share)] for share in (0.95, 0.99))
        return f"p50 {statistics.median(ordered):.2f}, p95 {p95:.2f}, p99 {p99:.2f} ms"


@dataclass(frozen=True)
class Measured:
    """What so many products cost: resident megabytes, seconds and milliseconds of processor time.

    ``finding`` is the matcher alone, ``reading`` every value of a message; ``longest`` is the
    matcher on a message of 4,000 characters that names nothing but goods. ``named`` is the share of
    messages about a product in which that very product was found.
    """

    products: int
    phrases: int
    resident: float
    while_changing: float
    building: float
    looking_again: float
    finding: Spent
    reading: Spent
    longest: float
    named: float


class GeneratedCatalogue:
    """A shop of invented goods, the same ones at every start (see Catalogue of the backends)."""

    def __init__(self, count: int) -> None:
        """``count`` products, each with a model number of its own and six variants."""
        chance = random.Random(count)
        kinds = list(combinations(_MAKERS, _LOOKS, _STUFFS, _GOODS))
        colours = [_both(tint, hue) for tint in _TINTS for hue in _HUES]
        self.kept = [
            _product(number, _both(*chance.choice(kinds)), chance.sample(colours, 3), chance)
            for number in range(count)
        ]

    async def products(self, offset: int = 0, limit: int = 50) -> tuple[Product, ...]:
        """(see Catalogue)"""
        return tuple(self.kept[offset : offset + limit])

    async def product(self, product_id: str) -> Product:
        """(see Catalogue)"""
        return next(one for one in self.kept if one.id == product_id)

    async def search(self, words: str, limit: int = 5) -> tuple[Product, ...]:
        """(see Catalogue)"""
        return tuple(one for one in self.kept if words in (one.name.zh, one.name.en))[:limit]


def _both(*words: str) -> Bilingual:
    chinese, english = zip(*(word.split(" ") for word in words), strict=True)
    return Bilingual("".join(chinese), " ".join(english))


def _product(
    number: int, kind: Bilingual, colours: Sequence[Bilingual], chance: random.Random
) -> Product:
    code = f"M{number:05d}"
    maker, _, rest = kind.en.partition(" ")
    sizes = [Bilingual(size, size) for size in chance.sample(_SIZES, 2)]
    return Product(
        id=f"p{number}",
        name=Bilingual(f"{kind.zh[:2]}{code}{kind.zh[2:]}", f"{maker} {code} {rest}"),
        category="goods",
        category_name=_SOME,
        description=_SOME,
        image="",
        traits=frozenset(),
        variants=tuple(
            Variant(
                id=f"p{number}-{place}",
                sku=f"{code}-{place}",
                options=(
                    Option(Bilingual("颜色", "Colour"), colour),
                    Option(Bilingual("尺码", "Size"), size),
                ),
                price=Money(9_900, "CNY"),
                stock=5,
            )
            for place, (colour, size) in enumerate(combinations(colours, sizes))
        ),
    )


def _messages(goods: Sequence[Product]) -> list[tuple[str, str]]:
    """Messages about single products, each with the id of the one that is meant."""
    chance = random.Random(len(goods))
    found = []
    for number in range(_NAMING):
        one = chance.choice(goods)
        colour = chance.choice(one.variants).options[0].value
        words = {"zh": one.name.zh, "en": one.name.en}
        words |= {"colour_zh": colour.zh, "colour_en": colour.en}
        found.append((_ASKED[number % len(_ASKED)].format(**words), one.id))
    return found


def _as_read(text: str) -> str:
    return simplify(fold(text).text)


def _megabytes() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / 1e6


def _spent(work: Callable[[str], object], texts: Sequence[str]) -> Spent:
    times = []
    for text in texts:
        began = time.process_time()
        work(text)
        times.append((time.process_time() - began) * 1e3)
    return Spent(tuple(times))


async def measured(count: int, folder: Path) -> Measured:
    """What ``count`` products cost in this process; ``folder`` is for what a component stores."""
    around = surroundings()
    shop = GeneratedCatalogue(count)
    about = _messages(shop.kept)
    extractor = make(EntityExtractor, folder)
    watch = CatalogueWatch(GeneratedCatalogue(1), SystemClock())
    # spaCy itself is there before: what is measured are the goods.
    await watch.refresh()
    read("1 hello", extractor)
    watch = CatalogueWatch(shop, SystemClock())
    before, began = _megabytes(), time.process_time()
    await watch.refresh()
    building = time.process_time() - began
    resident = _megabytes() - before
    began = time.process_time()
    await watch.refresh()
    looking_again = time.process_time() - began

    def find(text: str) -> list[Any]:
        return list(around.catalogue.find(text))

    texts = [sentence.text for sentence in golden_sentences()] + [text for text, _ in about]
    found = [find(_as_read(text)) for text, _ in about]
    named = [
        any(one.more.get("product_ids", [])[:1] == [meant] for one in those)
        for those, (_, meant) in zip(found, about, strict=True)
    ]
    finding = _spent(find, [_as_read(text) for text in texts])
    reading = _spent(lambda text: read(text, extractor), texts)
    names = [name for one in shop.kept[:200] for name in (one.name.zh, one.name.en)]
    longest = statistics.median(_spent(find, [_as_read("，".join(names)[:4_000])] * 20).each)
    shop.kept[0] = replace(shop.kept[0], name=Bilingual("新品", "A novelty"))
    await watch.refresh()
    return Measured(
        products=count,
        phrases=len(around.catalogue),
        resident=resident,
        while_changing=peak_megabytes() - before,
        building=building,
        looking_again=looking_again,
        finding=finding,
        reading=reading,
        longest=longest,
        named=sum(named) / len(named),
    )


def peak_megabytes() -> float:
    """The most memory that this process has held at one time."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main() -> int:
    """Measure, print; 1 if a message takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=_PRODUCTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        one = asyncio.run(measured(arguments.products, Path(folder)))
    print(f"{one.products:,} products of six variants, {one.phrases:,} phrases")
    print(
        f"resident       {one.resident:.0f} MB, {one.while_changing:.0f} MB at the peak of a change"
    )
    print(f"built          in {one.building:.1f} s; {one.looking_again:.1f} s to see no change")
    print(f"the matcher    {one.finding}; 4,000 characters full of goods {one.longest:.2f} ms")
    print(f"all values     {one.reading}")
    print(f"the very product was found in {one.named:.1%} of the messages that name one")
    slow = max(sorted(one.finding.each)[int(len(one.finding.each) * 0.95)], one.longest)
    return int(slow > MOST_MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main())

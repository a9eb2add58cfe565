"""How simulated shoppers name goods and numbers of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from connectors.backends.embedded.document import (
    LinePart,
    OrderPart,
    ProductPart,
    VariantPart,
)
from tests.simulation.goal import Change

# Ends of Chinese product names that people use as the name.
_SHORT_ZH = (
    "大衣", "卫衣", "衬衫", "围巾", "雨衣", "牛仔裤", "睡衣", "泳衣", "跑鞋", "帆布鞋", "雪地靴",
    "拖鞋", "皮鞋", "双肩包", "登机箱", "托特包", "钱包", "马克杯", "煎锅", "电饭煲", "饭盒",
    "磨豆机", "鹅绒被", "护颈枕", "浴巾", "窗帘", "台灯", "加湿器", "耳机", "充电宝", "键盘",
    "阅读器", "平板电脑", "体脂秤", "吸尘器", "积木", "纸尿裤", "洗发水", "口红", "电动牙刷",
    "坚果", "咖啡豆", "帐篷", "瑜伽垫", "头盔", "折叠椅", "手账本", "菜谱", "项链", "相册",
    "猫爬架",
)  # fmt: skip


class Naming:
    """Names in one language; ``words`` is the language's file of words."""

    def __init__(
        self,
        random: Random,
        language: str,
        words: dict[str, Any],
        products: Mapping[str, ProductPart],
    ) -> None:
        """``products`` is the catalogue by id."""
        self._products = products
        self._random = random
        self._language = language
        self._words = words

    def thing(self, line: LinePart) -> str:
        """The product of a line, without its options."""
        return self._random.choice(self._names(line))

    def goods(self, order: OrderPart, units: dict[str, int], among: Sequence[LinePart]) -> str:
        """``units`` of lines of ``order``; ``among`` are those that come into question."""
        chosen = [line for line in order.lines if units.get(line.id)]
        left = [line for line in among if line not in chosen]
        whole = all(units[line.id] == line.quantity for line in chosen)
        if whole and not left and len(chosen) > 1 and self._random.random() < 0.5:
            key = "both" if len(chosen) == 2 and self._all_single(chosen) else "everything"
            return str(self._random.choice(self._words[key]))
        if whole and len(left) == 1 and len(chosen) > 1 and self._random.random() < 0.5:
            form = self._random.choice(self._words["except"])
            return str(form.format(goods=self._part(left[0], order.lines, None)))
        if whole and len(chosen) == 1 and len(among) > 1 and self._random.random() < 0.15:
            extreme = self._extreme(chosen[0], among)
            if extreme:
                return extreme
        if whole and len(chosen) == 2 and self._all_single(chosen):
            alike = [one for one in order.lines if one.product == chosen[0].product]
            if alike == chosen:
                return self._form("both_of", name=self._names(chosen[0])[0])
        return self.listed([self._part(line, order.lines, units[line.id]) for line in chosen])

    def _extreme(self, line: LinePart, among: Sequence[LinePart]) -> str:
        """The line as the dearest or the cheapest of those in question; empty if it is neither."""
        prices = [one.unit_price for one in among if one is not line]
        if line.unit_price > max(prices):
            return self._form("dearest")
        return self._form("cheapest") if line.unit_price < min(prices) else ""

    def variant(self, line: LinePart, target: VariantPart) -> str:
        """What ``line`` shall become, in one of the ways in which people say it."""
        product = self._products[line.product]
        own = {option.name.en: option.value.en for option in line.options}
        new = [one for one in target.options if own.get(one.name.en) != one.value.en]
        gone = [
            one
            for one in product.variants
            if one.stock <= 0 and one.id != line.variant and self._differs_in_one(one, target)
        ]
        drawn = self._random.random()
        if drawn < 0.08:
            return self._form("variant", options=target.sku)
        if drawn < 0.25 and len(new) == 1 and len(target.options) > 1:
            return self._form("same_but", options=self._marks(new))
        if drawn < 0.45 and gone:
            first = self._random.choice(gone)
            return self._form(
                "else", first=self._marks(first.options), second=self._marks(target.options)
            )
        prices = [one.price for one in product.variants if one.id != target.id]
        if drawn < 0.7 and prices and target.price < min(prices):
            return self._form("cheapest")
        return self._form("variant", options=self._marks(target.options))

    def _differs_in_one(self, one: VariantPart, other: VariantPart) -> bool:
        pairs = zip(one.options, other.options, strict=False)
        return sum(first.value.en != second.value.en for first, second in pairs) == 1

    def _marks(self, options: Sequence[Any]) -> str:
        marks = [str(getattr(option.value, self._language)) for option in options]
        return "，".join(marks) if self._language == "zh" else " ".join(marks).lower()

    def _form(self, key: str, **values: Any) -> str:
        return str(self._random.choice(self._words[key])).format(**values)

    def line(self, line: LinePart, lines: Sequence[LinePart]) -> str:
        """A line of an order with all ``lines``."""
        return self._part(line, lines, None)

    def swap(self, line: LinePart, target: VariantPart, lines: Sequence[LinePart]) -> str:
        """ "The shirt in blue": a line and what it shall become."""
        marks = self._marks(target.options)
        return self._form("swap", goods=self._part(line, lines, None), options=marks)

    def like(self, line: LinePart, lines: Sequence[LinePart], *, named: bool = True) -> str:
        """ "The shirt, the same one as in my other order"; ``named``: the line is said."""
        return self._form("swap_like" if named else "like", goods=self._part(line, lines, None))

    def correction(self, before: VariantPart, after: VariantPart) -> str:
        """What of ``before`` shall be otherwise: the options alone in which ``after`` differs."""
        old = {option.name.en: option.value.en for option in before.options}
        new = [one for one in after.options if old.get(one.name.en) != one.value.en]
        return self._form("variant", options=self._marks(new))

    def change(
        self, line: LinePart, change: Change, lines: Sequence[LinePart], *, named: bool = True
    ) -> str:
        """What shall be otherwise with a line of an unsent order; ``named``: the line is said."""
        if change.variant.id != line.variant:
            return self.swap(line, change.variant, lines)
        left = line.quantity - change.taken + change.given
        kind = "gone" if not left else "more" if change.given else "fewer"
        if left and (not named or self._random.random() < 0.4):
            kind = "set"
        forms = self._words["change"][kind if named else f"{kind}_alone"]
        moved = change.given or change.taken
        return str(self._random.choice(forms)).format(
            goods=self._part(line, lines, None),
            n=self._words["digits"].get(moved, moved),
            left=self._words["digits"].get(left, left),
        )

    def count(self, units: int) -> str:
        """A number as an answer to "how many?"."""
        return str(self._random.choice(self._words["count"]).format(n=units))

    def _all_single(self, lines: Sequence[LinePart]) -> bool:
        return all(line.quantity == 1 for line in lines)

    def _part(self, line: LinePart, lines: Sequence[LinePart], units: int | None) -> str:
        name = self.thing(line)
        alike = [one for one in lines if one.product == line.product]
        if len(alike) == 1 and units in (None, line.quantity) and self._random.random() < 0.04:
            return line.sku
        marks = [getattr(option.value, self._language) for option in line.options]
        part = units is not None and units < line.quantity
        if self._language == "zh":
            marked = "".join(f"{mark}的" for mark in marks) if len(alike) > 1 else ""
            return f"{self._words['digits'][units]}个{marked}{name}" if part else f"{marked}{name}"
        marked = f"{' '.join(marks).lower()} {name}" if len(alike) > 1 and marks else name
        if not part:
            return f"the {marked}"
        plural = marked if marked.endswith("s") else f"{marked}s"
        return f"{self._words['digits'][units]} of the {plural}"

    def _names(self, line: LinePart) -> list[str]:
        if self._language == "zh":
            short = [end for end in _SHORT_ZH if line.name.zh.endswith(end)]
            return [line.name.zh, *short]
        whole = line.name.en.split(", ")[0]
        # A letter alone and "R2" keep their case; the rest is written small.
        small = " ".join(word if word.isupper() else word.lower() for word in whole.split())
        last = small.split()[-1]
        return [small, last] if last.isalpha() and len(last) > 3 else [small]

    def listed(self, parts: Sequence[str]) -> str:
        """Several things in one phrase."""
        said = parts[0]
        for place, part in enumerate(parts[1:], start=2):
            key = "two" if place == len(parts) else "many"
            said = str(self._words["listing"][key]).format(a=said, b=part)
        return said

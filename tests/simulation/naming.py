"""How simulated shoppers name goods and numbers of them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from connectors.backends.embedded.document import LinePart, OrderPart, VariantPart

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

    def __init__(self, random: Random, language: str, words: dict[str, Any]) -> None:
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
            return str(form.format(goods=self._line(order, left[0], None)))
        return self._listing([self._line(order, line, units[line.id]) for line in chosen])

    def variant(self, variant: VariantPart) -> str:
        """A variant by its options."""
        marks = [getattr(option.value, self._language) for option in variant.options]
        joined = "，".join(marks) if self._language == "zh" else " ".join(marks).lower()
        return str(self._random.choice(self._words["variant"]).format(options=joined))

    def count(self, units: int) -> str:
        """A number as an answer to "how many?"."""
        return str(self._random.choice(self._words["count"]).format(n=units))

    def _all_single(self, lines: Sequence[LinePart]) -> bool:
        return all(line.quantity == 1 for line in lines)

    def _line(self, order: OrderPart, line: LinePart, units: int | None) -> str:
        name = self.thing(line)
        alike = [one for one in order.lines if one.product == line.product]
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

    def _listing(self, parts: Sequence[str]) -> str:
        said = parts[0]
        for place, part in enumerate(parts[1:], start=2):
            key = "two" if place == len(parts) else "many"
            said = str(self._words["listing"][key]).format(a=said, b=part)
        return said

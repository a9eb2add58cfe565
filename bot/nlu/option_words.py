"""Which words of a variant's options (colour, size, material, …) name them in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.nlu.catalogue import CataloguePhrase
from bot.nlu.extraction import words
from bot.nlu.normalise import fold, simplify

OPTION = "option"
"""The entity of an option that is neither a colour nor a size."""

# What shops call a property by which variants differ, simplified and in lower case.
_KINDS = {
    "colour": re.compile(r"颜色|色彩|花色|色号|色系|配色|\bcolou?rs?\b|\bshades?\b"),
    "size": re.compile(
        r"尺码|尺寸|码数|鞋码|大小|容量|存储|内存|长度|\b(?:size|capacity|storage|memory|volume"
        r"|length|width|height)\b"
    ),
}
_COLOURS = words.Lexicon.of("colour", words.COLOURS)
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】")
# Not within "170/88A" or "9 1/2".
_BETWEEN_VALUES = re.compile(r"[|、;]|(?<!\d)/|/(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]")
_SIGN = re.compile(r"[^\W_]")
# Values that are everyday words: found alone they would be found in every other message.
_EVERYDAY = frozenset(
    {"small", "medium", "large", "big", "regular", "standard", "default", "normal", "basic",
     "original", "other", "new", "used", "yes", "none", "with", "without", "free", "clear", "full",
     "single", "double", "one size", "free size", "mixed", "random", "natural", "light", "dark",
     "one", "two", "three", "left", "right", "long", "short", "men", "women", "sold out"}
    | {"标准", "默认", "普通", "常规", "其他", "其它", "原版", "全新", "有货", "没有", "需要"}
    | {"不要", "不需要", "单件", "一件", "两件", "一个", "两个", "一套", "两套", "标配", "可以"}
    | {"快递", "自提"}
)  # fmt: skip
# Letters and digits that are a size only where somebody says so: "L", "37", "9.5".
_BARE_SIZE = re.compile(r"[a-z]{1,3}|\d{1,3}(?:\.\d)?")


def option_phrases(names: Sequence[str], values: Sequence[str]) -> Iterator[CataloguePhrase]:
    """The phrases by which a value of an option is found; ``names`` and ``values`` in any language.

    A colour or size that the words of the trade read whole is left to them, so that it keeps its
    code: ``black`` is neither ``黑色`` nor ``Black``. Another value is what the shop writes.
    """
    known = [simplify(fold(name).text.lower()) for name in names]
    kind = next((kind for kind, called in _KINDS.items() if any(map(called.search, known))), OPTION)
    for value in dict.fromkeys(values):
        for part in _parts(value):
            plain = simplify(fold(part).text.lower())
            if kind == "size" and _BARE_SIZE.fullmatch(plain):
                for called in (f"{part}码", f"size {part}"):
                    yield CataloguePhrase(called, entity=kind, is_name=False, value=part)
            elif _says_enough(plain) and not _is_read_already(plain):
                yield CataloguePhrase(part, entity=kind, is_name=False, value=part)


def _parts(value: str) -> Iterator[str]:
    """``US 9.5 / EU 42`` is both; what stands in brackets is a remark."""
    for part in _BETWEEN_VALUES.split(_IN_BRACKETS.sub(" ", fold(value).text)):
        if part := " ".join(part.split()):
            yield part


def _says_enough(plain: str) -> bool:
    """Whether it can be told from other words: long enough, no number, no everyday word."""
    signs = _SIGN.findall(plain)
    mixed = any(map(_HAN.match, signs)) or len({sign.isdigit() for sign in signs}) > 1
    least = 2 if mixed else 3
    return len(signs) >= least and not plain.isdigit() and plain not in _EVERYDAY


def _is_read_already(plain: str) -> bool:
    return any(
        (found.start, found.end) == (0, len(plain))
        for found in (*_COLOURS.find(plain), *words.sizes(plain))
    )

"""What is wrong with rules, in both languages: the sentences of checks that are not ours."""

from __future__ import annotations

import re

_PLACE = re.compile(r" - at `(?:key in )?\$\.?(?P<place>[^`]*)`$")
_TYPES = {
    "int": "整数",
    "float": "数字",
    "str": "文字",
    "bool": "true 或 false",
    "array": "列表",
    "object": "下一级的键和值",
    "date": "日期（2027-02-14）",
    "null": "空",
}
_FORMS = (
    (re.compile(r"Object contains unknown field `(.+)`"), "没有 {0} 这个键"),
    (re.compile(r"Object missing required field `(.+)`"), "缺少 {0}"),
    (re.compile(r"Expected `(.+)`, got `(.+)`"), "应为{0}，写的却是{1}"),
    (re.compile(r"Expected `(.+)` of length (.+)"), "应为{0}，长度 {1}"),
    (re.compile(r"Expected `(.+)` ([<>]=?) (.+)"), "应为{0}，并且 {1} {2}"),
    (re.compile(r"Invalid enum value (.+)"), "不能写 {0}"),
    (re.compile(r"Invalid (.+)"), "{0} 写得不对"),
)


def misfit_in_chinese(sentence: str) -> str:
    """What msgspec says of data that do not fit, for instance ``Expected `int`, got `str` - …``."""
    found = _PLACE.search(sentence)
    place, said = "", sentence
    if found is not None:
        place, said = found["place"], sentence[: found.start()]
    told = f"写得不对（{said}）"
    for form, words in _FORMS:
        if match := form.fullmatch(said):
            told = words.format(*(_type(part) for part in match.groups()))
            break
    return f"{place}：{told}" if place else told


def _type(name: str) -> str:
    return "或".join(_TYPES.get(one, one) for one in name.split(" | "))

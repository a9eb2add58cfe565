"""What a country may be called in an address: shops and shoppers write it as they like."""

from __future__ import annotations

_NAMES = (
    ("China", "PRC", "P.R. China", "中国", "中国大陆"),
    ("United States", "United States of America", "USA", "US", "U.S.", "U.S.A.", "America", "美国"),
    ("United Kingdom", "UK", "U.K.", "Great Britain", "England", "Scotland", "Wales", "英国"),
    ("Ireland", "爱尔兰"),
    ("Australia", "澳大利亚"),
    ("New Zealand", "新西兰"),
    ("Canada", "加拿大"),
    ("Germany", "Deutschland", "德国"),
    ("France", "法国"),
    ("Italy", "Italia", "意大利"),
    ("Spain", "España", "西班牙"),
    ("Netherlands", "The Netherlands", "Holland", "荷兰"),
    ("Japan", "日本"),
    ("South Korea", "Korea", "韩国"),
    ("Singapore", "新加坡"),
)
_KNOWN = {name.casefold(): names[0] for names in _NAMES for name in names}


def country_named(words: str) -> str | None:
    """The English name of the country that ``words`` are; None if they are none that we know."""
    return _KNOWN.get(words.strip().casefold())


def is_same_country(one: str, other: str) -> bool:
    """Whether both mean one country: "USA" is the United States."""
    return (country_named(one) or one) == (country_named(other) or other)

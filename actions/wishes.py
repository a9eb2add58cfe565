"""Reads out of a shopper's own words which of a journey's several things they want done."""

from __future__ import annotations

import re
from collections.abc import Mapping


class Wishes:
    """Named wishes, each with the words that speak of it; the first that is spoken of counts."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """``words`` are regular expressions by wish, in the order in which they are tried."""
        self._words = {wish: re.compile(pattern, re.IGNORECASE) for wish, pattern in words.items()}

    def read(self, text: str) -> str | None:
        """The first wish that ``text`` speaks of, or None."""
        return next((wish for wish, pattern in self._words.items() if pattern.search(text)), None)

    def all(self, text: str) -> list[str]:
        """Every wish that ``text`` speaks of."""
        return [wish for wish, pattern in self._words.items() if pattern.search(text)]


HOW = re.compile(
    r"怎么|怎样|如何|多久|几天|什么时候|啥时候|哪里|在哪|要什么|需要什么|什么资料|流程|规则|吗[?？]?$"
    r"|\b(?:how|when|where|what|which|why|do you|do i|can i|could i|is it possible|are there)\b",
    re.IGNORECASE,
)
"""A question about the way things are, rather than an order to do one."""

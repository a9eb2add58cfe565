"""What is to be seen on a phone, and what its owner can do: the same at every platform in a box."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True)
class Seen:
    """One line on a shopper's phone; ``by`` is "shopper", "account" or "wechat" itself."""

    number: int
    by: str
    kind: str
    text: str
    at: datetime
    choices: tuple[tuple[str, str], ...] = ()
    via: str = ""
    media_id: str = ""
    url: str = ""


@dataclass
class Screen:
    """One chat on one phone; its lines are numbered from 1."""

    seen: list[Seen] = field(default_factory=list)
    typing: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def show(self, by: str, kind: str, text: str, at: datetime, **more: Any) -> None:
        """Put a line below the others; ``more`` are the other fields of ``Seen``."""
        if by == "account":
            self.typing = False
        number = self.seen[-1].number + 1 if self.seen else 1
        self.seen.append(Seen(number, by, kind, text, at, **more))
        self.news.set()


class Handset(Protocol):
    """A platform as the people with the phones know it."""

    # As shown above the chat.
    name: str
    # What they can do besides writing: names of ``do``.
    deeds: Collection[str]

    def screen(self, person: str) -> Screen:
        """What ``person`` sees; there from the first time on."""

    def say(self, person: str, text: str, choice: str) -> None:
        """They write, or press the choice with the id ``choice``."""

    def do(self, person: str, deed: str, key: str) -> None:
        """They do one of ``deeds``; ``key``: the scene of a code or link."""

    def send_picture(self, person: str, picture: bytes, media_type: str) -> None:
        """They send a picture."""

    def media(self, media_id: str) -> tuple[bytes, str] | None:
        """The bytes and type of a picture that was sent either way."""

"""`kefu parse`: one Rasa parse result for every line of text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from bot.runtime.bot import Bot
from kernel.errors import KefuError


class BadLine(KefuError):
    """A line of the input that is not a JSON object with a text."""


async def parse_lines(model: Path, lines: Iterable[str], output: TextIO) -> None:
    """Parse ``{"text": ...}`` lines in order; raises BadLine at the first that is not one."""
    bot = Bot(model)
    await bot.start()
    try:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                text = json.loads(line)["text"]
            except (ValueError, KeyError, TypeError):
                raise BadLine(f'line {number} is not {{"text": "..."}}') from None
            output.write(json.dumps(await bot.parse(str(text)), ensure_ascii=False) + "\n")
    finally:
        await bot.stop()

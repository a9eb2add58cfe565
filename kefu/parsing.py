"""`kefu parse`: one Rasa parse result for every line of text."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from bot.runtime.bot import Bot


async def parse_lines(model: Path, lines: Iterable[str], output: TextIO) -> int:
    """Parse ``{"text": ...}`` lines in order; returns 1 at the first line that is not such a one."""
    bot = Bot(model)
    await bot.start()
    try:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                text = json.loads(line)["text"]
            except (ValueError, KeyError, TypeError):
                print(f'kefu: line {number} is not {{"text": "..."}}', file=sys.stderr)
                return 1
            print(json.dumps(await bot.parse(str(text)), ensure_ascii=False), file=output)
    finally:
        await bot.stop()
    return 0

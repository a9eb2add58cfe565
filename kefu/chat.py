"""`kefu chat`: a conversation with the assistant in the terminal, over the real shop."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

from bot.runtime.turn import TurnRequest
from kefu.assistant import make_bot
from kefu.demo import seed_if_empty
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.clock import SystemClock
from kernel.content import Button, Content
from kernel.database import make_engine


async def chat(settings: Settings, model: Path, language: str | None) -> int:
    """Read lines until end of input; a number presses that button of the last reply."""
    await upgrade(settings.database_url)
    if settings.rulebook.shop.has_demo:
        engine, clock = make_engine(settings.database_url), SystemClock()
        await seed_if_empty(engine, clock)
        await engine.dispose()
    bot = make_bot(settings, model)
    await bot.start()
    conversation_id = f"terminal-{uuid.uuid4().hex}"
    buttons: tuple[Button, ...] = ()
    try:
        while True:
            try:
                line = (await asyncio.to_thread(input, "> ")).strip()
            except EOFError:
                return 0
            if not line:
                continue
            pressed = _pressed(line, buttons)
            result = await bot.turn(
                TurnRequest(
                    conversation_id=conversation_id,
                    message_id=uuid.uuid4().hex,
                    text=pressed.title if pressed else line,
                    payload=pressed.payload if pressed else None,
                    language=language,
                    channel="terminal",
                )
            )
            buttons = tuple(button for reply in result.replies for button in reply.buttons)
            for reply in result.replies:
                _show(reply)
            for number, button in enumerate(buttons, start=1):
                _print(f"  [{number}] {button.title}")
            if result.handoff:
                _print(f"  (to a person: {result.handoff.reason})")
    finally:
        await bot.stop()


def _pressed(line: str, buttons: tuple[Button, ...]) -> Button | None:
    if line.isdigit() and 1 <= int(line) <= len(buttons):
        return buttons[int(line) - 1]
    return None


def _show(reply: Content) -> None:
    _print(reply.text or "(a card)")


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 this is the terminal

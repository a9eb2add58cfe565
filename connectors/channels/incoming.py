"""What every channel does with a shopper's words before they are stored: one set of checks.

What nobody needs and somebody could misuse, a card number, a password, goes no further than here.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.channels.ports import Gate, RateLimiter
from connectors.channels.refusals import Refusal, RefusalCode, known_language
from connectors.channels.rendering import choice_id
from desk.errors import BadIncoming, RateLimited
from desk.model import Author, Incoming, Message, Recorded
from desk.reach import Allowance
from desk.service import Desk
from kernel.content import Attachment, Button, Content
from kernel.masking import without_secrets

MAX_CHARACTERS = 4000
_MAX_ID_CHARACTERS = 120
_BUTTON_MEMORY = 50
_NUMBER = re.compile(r"\d{1,2}")

# Overrides and isolates make a text read backwards in the console; joiners stay: emoji need them.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_DIRECTIONS = re.compile(f"[{_BIDI}]")


def clean(text: str) -> str:
    """``text`` without control characters, direction overrides and broken halves of characters.

    Line breaks become ``\\n``; tabs and line breaks stay, spaces around the whole go.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    text = _DIRECTIONS.sub("", text)
    kept = (
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in {"Cc", "Cs"}
    )
    return "".join(kept).strip()


@dataclass(frozen=True)
class Arrival:
    """What one channel received, not yet checked.

    ``message_id`` is the shopper's program's own id of the message; the same again is a repeat.
    ``payload`` is what the shopper's program says a pressed button stands for, ``choice`` the id
    that a platform's menu gave back. ``numbered``: choices were shown with numbers, so a number
    may be meant as one. ``command`` is what the channel itself asks the bot for, by an event;
    ``custom`` and ``allowance`` are kept with the message as they are.
    """

    channel: str
    shopper_id: str
    message_id: str
    text: str = ""
    payload: str = ""
    attachments: tuple[Attachment, ...] = ()
    customer: dict[str, Any] | None = None
    language: str | None = None
    choice: str = ""
    numbered: bool = False
    command: str = ""
    custom: dict[str, Any] | None = None
    allowance: Allowance | None = None


def _external_id(shopper_id: str, message_id: str) -> str:
    # Programs choose their ids alone: one shopper's must never be taken for another's repeat.
    return f"{hashlib.sha256(shopper_id.encode()).hexdigest()[:20]}:{message_id}"


def message_id_of(message: Message) -> str | None:
    """The id that the shopper's program gave ``message``, None for everybody else's messages."""
    if message.author is not Author.SHOPPER or message.external_id is None:
        return None
    return message.external_id.partition(":")[2]


class Intake:
    """Checks what arrives and hands it to the gate."""

    def __init__(
        self, gate: Gate, desk: Desk, limiter: RateLimiter, max_characters: int = MAX_CHARACTERS
    ) -> None:
        self._gate = gate
        self._desk = desk
        self._limiter = limiter
        self._max_characters = max_characters

    async def take(self, arrival: Arrival) -> Recorded | Refusal:
        """Store ``arrival`` through the gate, or say why not; a refused message leaves no trace."""
        too_long = Refusal(RefusalCode.TOO_LONG, limit=self._max_characters)
        if len(arrival.text) > self._max_characters or len(arrival.payload) > self._max_characters:
            return too_long
        if not 0 < len(arrival.message_id) <= _MAX_ID_CHARACTERS:
            return Refusal(RefusalCode.BAD_REQUEST)
        text = without_secrets(clean(arrival.text))
        if not (text or arrival.payload or arrival.attachments):
            return Refusal(RefusalCode.EMPTY)
        if wait := await self._limiter.take(f"{arrival.channel}:{arrival.shopper_id}"):
            return Refusal(RefusalCode.RATE_LIMITED, seconds=wait)
        content = Content(text=text, attachments=arrival.attachments, payload=arrival.command)
        if arrival.choice or (arrival.numbered and _NUMBER.fullmatch(text)):
            button = await self._chosen(arrival, text)
            if button is not None:
                content = Content(text=button.title, payload=button.payload)
        elif arrival.payload:
            button = await self._offered(arrival)
            # A payload that no button of this conversation carries is what somebody typed.
            content = (
                Content(text=button.title, payload=button.payload)
                if button
                else Content(
                    text=text or without_secrets(clean(arrival.payload)),
                    attachments=arrival.attachments,
                )
            )
            if not (content.text or content.attachments):
                return Refusal(RefusalCode.EMPTY)
        if arrival.custom is not None:
            content = msgspec.structs.replace(content, custom=arrival.custom)
        incoming = Incoming(
            channel=arrival.channel,
            shopper_id=arrival.shopper_id,
            external_id=_external_id(arrival.shopper_id, arrival.message_id),
            content=content,
            customer=arrival.customer,
            language=known_language(arrival.language, content.text),
            allowance=arrival.allowance,
        )
        try:
            return await self._gate.receive(incoming)
        except BadIncoming:
            return Refusal(RefusalCode.BAD_REQUEST)
        except RateLimited as error:
            return Refusal(RefusalCode.RATE_LIMITED, seconds=error.retry_after.total_seconds())

    async def _offered(self, arrival: Arrival) -> Button | None:
        offered = [
            button
            for message in await self._recent(arrival)
            for button in message.content.buttons
            if button.payload == arrival.payload
        ]
        return offered[-1] if offered else None

    async def _chosen(self, arrival: Arrival, text: str) -> Button | None:
        """The button that a menu's id or a number stands for.

        A number means the last choices that were shown, and nothing once something else was said.
        """
        recent = await self._recent(arrival)
        if arrival.choice:
            pressed = [
                button
                for message in recent
                for button in message.content.buttons
                if choice_id(button.payload) == arrival.choice
            ]
            return pressed[-1] if pressed else None
        turn = [
            message
            for message in recent
            # Notices come between; but what the desk itself offers is a choice like any other.
            if message.author is not Author.SYSTEM or message.content.buttons
        ]
        buttons = turn[-1].content.buttons if turn else ()
        # A choice may itself be a number: how many, for instance.
        for button in buttons:
            if button.title.strip() == text:
                return button
        number = int(text)
        return buttons[number - 1] if 0 < number <= len(buttons) else None

    async def _recent(self, arrival: Arrival) -> list[Message]:
        """What was last said to the shopper."""
        conversation = await self._desk.conversation_of(arrival.channel, arrival.shopper_id)
        if conversation is None:
            return []
        recent = await self._desk.messages_before(
            conversation.id, conversation.last_seq + 1, _BUTTON_MEMORY
        )
        return [message for message in recent if message.author is not Author.SHOPPER]

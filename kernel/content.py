"""What one message says, the same on every channel and in the database."""

from __future__ import annotations

from typing import Any

import msgspec


class Button(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice offered to the shopper.

    ``payload`` is what comes back when it is pressed: Rasa syntax ``/intent{"entity": "value"}``.
    """

    title: str
    payload: str


class Attachment(msgspec.Struct, frozen=True, omit_defaults=True):
    """A stored upload: ``id`` names the file in the upload store, ``media_type`` was checked."""

    id: str
    media_type: str
    size: int
    name: str = ""


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    """Says which value a reply asks for, so that programs can drive a conversation.

    ``choices`` are the acceptable answers with stable ids; free words work as well.
    """

    flow: str
    slot: str
    choices: tuple[Choice, ...] = ()


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """One acceptable answer: a stable id and its title in the shopper's language."""

    id: str
    title: str


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message: text, choices, pictures, cards; at least one of them is set.

    ``card`` is ``{"type": "order" | "shipment" | "return" | "payment", ...}``, drawn by rich
    channels and said in ``text`` on plain ones. ``payload`` is set on a shopper's message that
    came from a button; ``response`` names the Rasa response that a bot's message was made from.
    """

    text: str = ""
    buttons: tuple[Button, ...] = ()
    image: str = ""
    attachments: tuple[Attachment, ...] = ()
    card: dict[str, Any] | None = None
    ask: Ask | None = None
    payload: str = ""
    response: str = ""
    custom: dict[str, Any] | None = None


def to_builtins(content: Content) -> dict[str, Any]:
    """``content`` as plain JSON types, defaults left out."""
    built: dict[str, Any] = msgspec.to_builtins(content)
    return built


def from_builtins(data: object) -> Content:
    """The inverse of ``to_builtins``; raises ``msgspec.ValidationError`` on anything else."""
    return msgspec.convert(data, Content)

"""Rasa's HTTP channels speak alike: how a request is read, how a reply looks, who may ask."""

from __future__ import annotations

import json
import uuid
from typing import Any

from aiohttp import web

from connectors.channels.incoming import Arrival, clean
from connectors.channels.refusals import known_language
from desk.model import Message
from kernel.content import to_builtins

Reply = dict[str, Any]
_MAX_SENDER_CHARACTERS = 120


class BadRequest(Exception):
    """The request is not what Rasa's REST channel takes; the message says what is wrong."""


async def read_body(request: web.Request) -> dict[str, Any]:
    """The request's JSON object; raises BadRequest."""
    try:
        body = json.loads(await request.text())
    except (ValueError, LookupError, RecursionError) as error:
        # Not JSON, not text in the charset of its header, or nested without end.
        raise BadRequest("the body must be JSON") from error
    if not isinstance(body, dict):
        raise BadRequest('send {"sender": "...", "message": "..."}')
    return body


def read_arrival(body: dict[str, Any], channel: str) -> tuple[str, Arrival]:
    """The sender and what they say on ``channel``; raises BadRequest."""
    sender, message, metadata = body.get("sender"), body.get("message"), body.get("metadata")
    if not isinstance(sender, str) or not clean(sender):
        raise BadRequest('"sender" must be a string that is not empty')
    if len(sender) > _MAX_SENDER_CHARACTERS:
        raise BadRequest(f'"sender" may have at most {_MAX_SENDER_CHARACTERS} characters')
    if clean(sender) != sender:
        raise BadRequest('"sender" may not hold control characters or spaces around it')
    if not isinstance(message, str):
        raise BadRequest('"message" must be a string')
    if metadata is not None and not isinstance(metadata, dict):
        raise BadRequest('"metadata" must be an object')
    metadata = metadata or {}
    message_id = metadata.get("message_id", uuid.uuid4().hex)
    if not isinstance(message_id, str) or not message_id:
        raise BadRequest('"metadata.message_id" must be a string that is not empty')
    return sender, Arrival(
        channel=channel,
        shopper_id=sender,
        message_id=message_id,
        text=message,
        # A pressed button comes back as its payload, in the place of a text.
        payload=message if message.startswith("/") else "",
        language=known_language(metadata.get("language"), message[:200]),
    )


def reply_of(sender: str, message: Message) -> Reply:
    """``message`` as Rasa tells it to ``sender``."""
    content = message.content
    reply: Reply = {"recipient_id": sender}
    if content.text:
        reply["text"] = content.text
    if content.buttons:
        reply["buttons"] = [{"title": one.title, "payload": one.payload} for one in content.buttons]
    if content.image:
        reply["image"] = content.image
    whole = to_builtins(content)
    custom = dict(content.custom or {})
    custom |= {name: whole[name] for name in ("card", "ask", "attachments") if name in whole}
    if custom:
        reply["custom"] = custom
    return reply

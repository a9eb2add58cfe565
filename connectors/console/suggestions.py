"""Suggests replies: from the shop's articles, and from how colleagues solved the same before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from connectors.console.sessions import access_agent
from desk.model import Author
from desk.service import Desk

# What the shop has in writing about a question in a language: [{topic, title, text, score}].
Passages = Callable[[str, str], Awaitable[list[dict[str, Any]]]]

_LOOKED_BACK = 30
_QUESTIONS = 2
_PRECEDENTS = 3


class Suggestions:
    """An agent reads them, changes them, sends them; nothing is sent by itself."""

    def __init__(self, desk: Desk, passages: Passages | None) -> None:
        self._desk = desk
        self._passages = passages

    def add_to(self, app: web.Application) -> None:
        """Mount the request."""
        app.router.add_get("/conversations/{id}/suggestions", self.suggest)

    async def suggest(self, request: web.Request) -> web.Response:
        """What might answer the shopper's last words, the articles in ``language`` first."""
        await access_agent(self._desk, request)
        conversation = await self._desk.conversation(request.match_info["id"])
        language = "en" if request.query.get("language") == "en" else "zh"
        recent = await self._desk.messages_before(conversation.id, None, _LOOKED_BACK)
        asked = [
            message.content.text
            for message in recent
            if message.author is Author.SHOPPER and message.content.text
        ][-_QUESTIONS:]
        found: list[dict[str, Any]] = []
        if asked and self._passages is not None:
            passages: list[dict[str, Any]] = []
            # The newest question first; the one before it only if there is nothing to say to it.
            for question in reversed(asked):
                passages = passages or await self._passages(question, language)
            found += [{"source": "knowledge", **passage} for passage in passages]
        if asked:
            question = "\n".join(asked)
            similar = await self._desk.similar.find(question, conversation.id, _PRECEDENTS)
            found += [
                {
                    "source": "solved",
                    "title": one.asked,
                    "text": one.answered,
                    "conversation": one.conversation_id,
                    "seq": one.seq,
                }
                for one in similar
            ]
        return web.json_response({"suggestions": found})

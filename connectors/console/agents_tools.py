"""What agents do around a conversation: look through lists, search, note, tag, snooze, merge."""

from __future__ import annotations

from aiohttp import web

from connectors.console.ports import Signs
from connectors.console.requests import (
    asked_for,
    bad_request,
    body_of,
    moment_of,
    number_of,
    optional_text_of,
    text_of,
    texts_of,
    whole_of,
)
from connectors.console.sessions import access_agent
from connectors.console.views import HEAD_OF_LINE, Views
from desk.agents import LONGEST_PASSWORD
from desk.model import Agent
from desk.office.canned import LONGEST_REPLY, LONGEST_TITLE
from desk.office.inbox import Wanted
from desk.office.labels import LONGEST_TAG, MOST_TAGS
from desk.office.model import Shelf
from desk.office.notes import LONGEST_NOTE
from desk.service import Desk

_SHELF_PAGE = 100
_MOST_HITS = 50
_LONGEST_QUERY = 200
_LONGEST_ID = 200
_LAST_SEQ = 2**31 - 1


class AgentsTools:
    """Everything here asks for a session; who holds a conversation is checked by the desk."""

    def __init__(self, desk: Desk, views: Views, signs: Signs | None) -> None:
        self._desk = desk
        self._views = views
        self._signs = signs

    def add_to(self, app: web.Application) -> None:
        """Mount the requests."""
        add = app.router
        add.add_get("/shelves/queue", self.line)
        add.add_get("/shelves/{shelf}", self.shelf)
        add.add_get("/search", self.search)
        add.add_get("/tags", self.tags)
        add.add_get("/colleagues", self.colleagues)
        add.add_get("/conversations/{id}/margin", self.margin)
        add.add_post("/conversations/{id}/notes", self.note)
        add.add_post("/conversations/{id}/tags", self.set_tags)
        add.add_post("/conversations/{id}/snooze", self.snooze)
        add.add_post("/conversations/{id}/read", self.read)
        add.add_post("/conversations/{id}/merge", self.merge)
        add.add_get("/canned", self.canned)
        add.add_post("/canned", self.save_canned)
        add.add_post("/canned/{id}/remove", self.remove_canned)
        add.add_post("/me/password", self.change_password)

    async def line(self, request: web.Request) -> web.Response:
        """A page of the line as ``shelf`` gives pages of lists, the first to be served first."""
        await self._agent(request)
        after = None
        if cursor := asked_for(request, "before"):
            at, _, conversation_id = cursor.partition("~")
            after = (moment_of(f"{at}+00:00"), conversation_id)
        limit = min(number_of(request, "limit") or HEAD_OF_LINE, HEAD_OF_LINE)
        entries = await self._views.queue(await self._desk.queue(limit, after))
        cursor = entries[-1]["place"] if len(entries) == limit else None
        return web.json_response({"entries": entries, "next": cursor})

    async def shelf(self, request: web.Request) -> web.Response:
        """A page of a list; ``next`` is the cursor of the page after it."""
        agent = await self._agent(request)
        try:
            shelf = Shelf(request.match_info["shelf"])
        except ValueError as error:
            raise bad_request() from error
        before = None
        if cursor := asked_for(request, "before"):
            at, _, conversation_id = cursor.partition("~")
            before = (moment_of(at), conversation_id)
        wanted = Wanted(
            channel=asked_for(request, "channel"),
            language=asked_for(request, "language"),
            agent_id=asked_for(request, "agent"),
            tag=asked_for(request, "tag"),
        )
        limit = min(number_of(request, "limit") or _SHELF_PAGE, _SHELF_PAGE)
        entries = await self._desk.inbox.shelf(agent.id, shelf, limit, before=before, wanted=wanted)
        cursor = None
        if len(entries) == limit:
            last = entries[-1].conversation
            cursor = f"{last.updated_at.isoformat()}~{last.id}"
        return web.json_response(
            {"entries": [await self._views.entry(entry) for entry in entries], "next": cursor}
        )

    async def search(self, request: web.Request) -> web.Response:
        """Conversations in which the words of ``q`` were said."""
        await self._agent(request)
        query = asked_for(request, "q", _LONGEST_QUERY) or ""
        hits = await self._desk.search.find(query, _MOST_HITS)
        return web.json_response(
            {
                "hits": [
                    {
                        "conversation": await self._views.conversation(hit.conversation),
                        "message": await self._views.message(hit.message),
                        "hits": hit.hits,
                    }
                    for hit in hits
                ]
            }
        )

    async def tags(self, request: web.Request) -> web.Response:
        """Every tag in use, the most used first."""
        await self._agent(request)
        return web.json_response({"tags": await self._desk.labels.known_tags()})

    async def colleagues(self, request: web.Request) -> web.Response:
        """Everybody at the desk and every skill, to call them or to pass a conversation on."""
        await self._agent(request)
        everybody = await self._desk.agents()
        return web.json_response(
            {
                "agents": [self._views.agent(one) for one in everybody],
                "skills": await self._desk.skills(),
            }
        )

    async def margin(self, request: web.Request) -> web.Response:
        """What stands on the margin of a conversation; whoever asks has seen its mentions."""
        agent = await self._agent(request)
        conversation = await self._desk.conversation(request.match_info["id"])
        await self._desk.notes.seen(agent.id, conversation.id)
        entry = (await self._desk.inbox.these(agent.id, [conversation.id]))[conversation.id]
        merged = await self._desk.links.merged_with(conversation.id)
        others = await self._desk.links.of_same_customer(conversation)
        known = {one.id for one in merged}
        views = self._views
        return web.json_response(
            {
                "notes": [
                    await views.note(note) for note in await self._desk.notes.of(conversation.id)
                ],
                "tags": list(entry.tags),
                "snoozed_until": entry.snooze and entry.snooze.until.isoformat(),
                "calls": [
                    await views.call(call) for call in await self._desk.calls.of(conversation.id)
                ],
                "reads": await self._desk.reads.of(conversation.id),
                "merged": [await views.conversation(one) for one in merged],
                "same_customer": [
                    await views.conversation(one) for one in others if one.id not in known
                ],
            }
        )

    async def note(self, request: web.Request) -> web.Response:
        """Write a note; whoever stands after an @ finds it among their mentions."""
        agent, body = await self._agent(request), await body_of(request)
        text = text_of(body, "text", LONGEST_NOTE)
        mentions = await self._desk.notes.colleagues_named(text)
        note = await self._desk.notes.add(request.match_info["id"], agent.id, text, tuple(mentions))
        return web.json_response({"note": await self._views.note(note)})

    async def set_tags(self, request: web.Request) -> web.Response:
        """Make ``tags`` the conversation's tags."""
        agent, body = await self._agent(request), await body_of(request)
        tags = texts_of(body, "tags", LONGEST_TAG, MOST_TAGS)
        kept = await self._desk.labels.set_tags(request.match_info["id"], agent.id, tags)
        return web.json_response({"tags": kept})

    async def snooze(self, request: web.Request) -> web.Response:
        """Put this agent's conversation aside ``until`` a time; null wakes it."""
        agent, body = await self._agent(request), await body_of(request)
        conversation_id = request.match_info["id"]
        until = optional_text_of(body, "until", 64)
        if until is None:
            await self._desk.labels.wake(conversation_id)
        else:
            await self._desk.labels.snooze(conversation_id, agent.id, moment_of(until))
        return web.json_response({})

    async def read(self, request: web.Request) -> web.Response:
        """This agent has read up to message ``seq``."""
        agent, body = await self._agent(request), await body_of(request)
        conversation = await self._desk.conversation(request.match_info["id"])
        seq = min(whole_of(body, "seq", 0, _LAST_SEQ), conversation.last_seq)
        fresh = await self._desk.reads.reached(conversation.id, agent.id, seq)
        if fresh and self._signs is not None and conversation.agent_id == agent.id:
            await self._signs.read(conversation, seq)
        return web.json_response({})

    async def merge(self, request: web.Request) -> web.Response:
        """Close ``other`` and read it together with this conversation."""
        agent, body = await self._agent(request), await body_of(request)
        other = text_of(body, "other", _LONGEST_ID)
        merged = await self._desk.links.merge(request.match_info["id"], other, agent.id)
        return web.json_response({"conversation": await self._views.conversation(merged)})

    async def canned(self, request: web.Request) -> web.Response:
        """The prepared replies that this agent can use."""
        agent = await self._agent(request)
        found = await self._desk.canned.of(agent.id)
        return web.json_response({"canned": [self._views.canned(one) for one in found]})

    async def save_canned(self, request: web.Request) -> web.Response:
        """Write a prepared reply, a new one without ``id``."""
        agent, body = await self._agent(request), await body_of(request)
        saved = await self._desk.canned.save(
            agent.id,
            canned_id=optional_text_of(body, "id", _LONGEST_ID),
            shortcut=text_of(body, "shortcut", 40),
            title=text_of(body, "title", LONGEST_TITLE),
            zh=text_of(body, "zh", LONGEST_REPLY),
            en=text_of(body, "en", LONGEST_REPLY),
            shared=body.get("shared") is True,
        )
        return web.json_response({"canned": self._views.canned(saved)})

    async def remove_canned(self, request: web.Request) -> web.Response:
        """Throw a prepared reply away."""
        agent = await self._agent(request)
        await self._desk.canned.remove(agent.id, request.match_info["id"])
        return web.json_response({})

    async def change_password(self, request: web.Request) -> web.Response:
        """Replace the password; every session of this agent ends, this one too."""
        agent, body = await self._agent(request), await body_of(request)
        present = text_of(body, "present", LONGEST_PASSWORD)
        wanted = text_of(body, "wanted", LONGEST_PASSWORD)
        await self._desk.change_password(agent.id, present, wanted)
        return web.json_response({})

    async def _agent(self, request: web.Request) -> Agent:
        return await access_agent(self._desk, request)

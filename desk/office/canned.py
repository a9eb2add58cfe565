"""Replies prepared in both languages, found by a shortcut."""

from __future__ import annotations

import re
from uuid import uuid4

from sqlalchemy import RowMapping, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from desk.agents import find_agent
from desk.errors import BadIncoming, DeskError, NotAllowed
from desk.model import Role
from desk.office import tables
from desk.office.audit import note_deed
from desk.office.model import Canned, Deed
from desk.work import Transaction, Work

VARIABLES = frozenset({"customer", "agent", "order", "shop"})
LONGEST_REPLY = 4000
LONGEST_TITLE = 200
_SHORTCUT = re.compile(r"[\w-]{1,40}")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_EVERYBODY = ""

_CANNED = tables.canned.c


class NoSuchCanned(DeskError):
    """There is no canned reply with this id, or it is a colleague's own."""


class ShortcutTaken(DeskError):
    """Another canned reply has this shortcut."""


class CannedReplies:
    """Everybody's replies, which supervisors write, and each agent's own."""

    def __init__(self, transaction: Transaction, reading: Transaction) -> None:
        self._transaction = transaction
        self._reading = reading

    async def of(self, agent_id: str) -> list[Canned]:
        """What this agent can use, by shortcut."""
        async with self._reading() as work:
            found = await work.connection.execute(
                select(tables.canned)
                .where(or_(_CANNED.owner == _EVERYBODY, _CANNED.owner == agent_id))
                .order_by(_CANNED.shortcut, _CANNED.owner)
            )
            return [_canned_from(row) for row in found.mappings()]

    async def save(
        self,
        agent_id: str,
        *,
        canned_id: str | None,
        shortcut: str,
        title: str,
        zh: str,
        en: str,
        shared: bool,
    ) -> Canned:
        """Write a reply, a new one if ``canned_id`` is None; ``shared``: for everybody.

        Raises NotAllowed when an agent touches what is everybody's, ShortcutTaken, NoSuchCanned,
        BadIncoming when a language or the title is missing or a variable is unknown.
        """
        shortcut, title = shortcut.strip().casefold(), title.strip()
        zh, en = zh.strip(), en.strip()
        _check(shortcut, title, zh, en)
        values = {"shortcut": shortcut, "title": title, "zh": zh, "en": en}
        try:
            async with self._transaction() as work:
                if shared:
                    await _demand_supervisor(work, agent_id)
                values["owner"] = _EVERYBODY if shared else agent_id
                if canned_id is None:
                    canned_id = uuid4().hex
                    await work.connection.execute(
                        insert(tables.canned).values(id=canned_id, at=work.now, **values)
                    )
                else:
                    await _find(work, canned_id, agent_id)
                    await work.connection.execute(
                        update(tables.canned)
                        .where(_CANNED.id == canned_id)
                        .values(at=work.now, **values)
                    )
                await note_deed(work, agent_id, Deed.CANNED_CHANGED, shortcut, title=title)
        except IntegrityError as error:
            raise ShortcutTaken(shortcut) from error
        return Canned(canned_id, shortcut, title, zh, en, None if shared else agent_id)

    async def remove(self, agent_id: str, canned_id: str) -> None:
        """Throw a reply away; raises NotAllowed, NoSuchCanned."""
        async with self._transaction() as work:
            found = await _find(work, canned_id, agent_id)
            await work.connection.execute(delete(tables.canned).where(_CANNED.id == canned_id))
            await note_deed(work, agent_id, Deed.CANNED_CHANGED, found.shortcut, removed=True)


def _check(shortcut: str, title: str, zh: str, en: str) -> None:
    if not _SHORTCUT.fullmatch(shortcut) or not 0 < len(title) <= LONGEST_TITLE:
        raise BadIncoming("a canned reply needs a shortcut and a title")
    for text in (zh, en):
        unknown = set(_VARIABLE.findall(text)) - VARIABLES
        if not 0 < len(text) <= LONGEST_REPLY or unknown:
            raise BadIncoming(f"a canned reply lacks a language or has variables {unknown}")


async def _find(work: Work, canned_id: str, agent_id: str) -> Canned:
    found = await work.connection.execute(select(tables.canned).where(_CANNED.id == canned_id))
    row = found.mappings().first()
    if row is None or row["owner"] not in {_EVERYBODY, agent_id}:
        raise NoSuchCanned(canned_id)
    if row["owner"] == _EVERYBODY:
        await _demand_supervisor(work, agent_id)
    return _canned_from(row)


async def _demand_supervisor(work: Work, agent_id: str) -> None:
    if (await find_agent(work.connection, agent_id)).role is not Role.SUPERVISOR:
        raise NotAllowed("supervisors write what everybody uses")


def _canned_from(row: RowMapping) -> Canned:
    return Canned(
        row["id"], row["shortcut"], row["title"], row["zh"], row["en"], row["owner"] or None
    )

"""What shoppers allow by a template: a ledger of consents, each good for one message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from kernel.clock import Clock
from kernel.database import insert_into, reading

_CONSENT = tables.consent.c


class ConsentState(StrEnum):
    """What a shopper, or the platform for them, said last of one template."""

    GIVEN = "given"
    REFUSED = "refused"


@dataclass(frozen=True)
class Consent:
    """How a shopper stands to one template; ``messages`` it may still be used for."""

    template_id: str
    state: ConsentState
    messages: int
    updated_at: datetime


class Consents:
    """The consents given to one channel's account."""

    def __init__(self, engine: AsyncEngine, clock: Clock, channel: str) -> None:
        self._engine = engine
        self._clock = clock
        self._channel = channel

    async def left(self, shopper_id: str, template_id: str) -> int:
        """How many messages a shopper still allows by a template."""
        async with reading(self._engine).connect() as connection:
            left = await connection.scalar(
                select(_CONSENT.messages).where(*self._whose(shopper_id, template_id))
            )
        return int(left or 0)

    async def of(self, shopper_id: str) -> tuple[Consent, ...]:
        """Everything that a shopper has said of templates."""
        async with reading(self._engine).connect() as connection:
            found = await connection.execute(
                select(tables.consent).where(
                    _CONSENT.channel == self._channel, _CONSENT.shopper_id == shopper_id
                )
            )
            return tuple(
                Consent(row.template_id, ConsentState(row.state), row.messages, row.updated_at)
                for row in found
            )

    async def given(self, shopper_id: str, template_id: str, event: str) -> None:
        """One more message is allowed; the same ``event`` told again counts once."""
        async with self._engine.begin() as connection:
            values = {
                "channel": self._channel,
                "shopper_id": shopper_id,
                "template_id": template_id,
                "messages": 1,
                "state": ConsentState.GIVEN.value,
                "code": "",
                "event": event,
                "updated_at": self._clock.now(),
            }
            changed = {name: values[name] for name in ("state", "code", "event", "updated_at")} | {
                "messages": _CONSENT.messages + 1
            }
            await connection.execute(
                insert_into(connection, tables.consent)
                .values(values)
                .on_conflict_do_update(
                    index_elements=["channel", "shopper_id", "template_id"],
                    set_=changed,
                    where=_CONSENT.event != event,
                )
            )

    async def take(self, shopper_id: str, template_id: str) -> bool:
        """Use one up; False if there is none."""
        async with self._engine.begin() as connection:
            taken = await connection.execute(
                update(tables.consent)
                .where(*self._whose(shopper_id, template_id), _CONSENT.messages > 0)
                .values(messages=_CONSENT.messages - 1, updated_at=self._clock.now())
            )
        return bool(taken.rowcount)

    async def give_back(self, shopper_id: str, template_id: str) -> None:
        """It was not used after all."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(tables.consent)
                .where(*self._whose(shopper_id, template_id))
                .values(messages=_CONSENT.messages + 1, updated_at=self._clock.now())
            )

    async def refused(self, shopper_id: str, template_id: str, code: str) -> None:
        """Nothing is allowed any more, until it is allowed anew; ``code``: who says so."""
        async with self._engine.begin() as connection:
            changed = {
                "messages": 0,
                "state": ConsentState.REFUSED.value,
                "code": code,
                "updated_at": self._clock.now(),
            }
            whose = {
                "channel": self._channel,
                "shopper_id": shopper_id,
                "template_id": template_id,
            }
            await connection.execute(
                insert_into(connection, tables.consent)
                .values({**whose, **changed, "event": ""})
                .on_conflict_do_update(index_elements=list(whose), set_=changed)
            )

    def _whose(self, shopper_id: str, template_id: str) -> tuple[ColumnElement[bool], ...]:
        return (
            _CONSENT.channel == self._channel,
            _CONSENT.shopper_id == shopper_id,
            _CONSENT.template_id == template_id,
        )

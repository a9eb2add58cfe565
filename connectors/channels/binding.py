"""Who a shopper of a platform is in the shop: bound once by proof, known from then on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.channels import tables
from connectors.channels.tokens import BadToken
from kernel.clock import Clock
from kernel.database import insert_into, reading

_BINDING = tables.binding.c
_ALGORITHM = "HS256"
_AUDIENCE = "kefu-bind"
_LASTS = timedelta(minutes=15)
PROOF = "bound_account"


class Bindings:
    """The bindings of all channels, and the signed links by which they are made."""

    def __init__(self, engine: AsyncEngine, clock: Clock, key: str) -> None:
        self._engine = engine
        self._clock = clock
        self._key = key

    async def customer_of(self, channel: str, shopper_id: str) -> dict[str, str] | None:
        """The customer ``{"id", "name", "proof"}`` bound to a shopper, if anybody is."""
        async with reading(self._engine).connect() as connection:
            found = await connection.execute(
                select(_BINDING.customer_id, _BINDING.name).where(
                    _BINDING.channel == channel, _BINDING.shopper_id == shopper_id
                )
            )
            row = found.first()
        if row is None:
            return None
        return {"id": row.customer_id, "name": row.name, "proof": PROOF}

    async def bind(self, channel: str, shopper_id: str, customer: dict[str, str]) -> None:
        """From now on ``shopper_id`` is ``customer``, whoever it was before."""
        values = {
            "channel": channel,
            "shopper_id": shopper_id,
            "customer_id": customer["id"],
            "name": customer["name"],
            "bound_at": self._clock.now(),
        }
        changed = {name: values[name] for name in ("customer_id", "name", "bound_at")}
        async with self._engine.begin() as connection:
            await connection.execute(
                insert_into(connection, tables.binding)
                .values(values)
                .on_conflict_do_update(index_elements=["channel", "shopper_id"], set_=changed)
            )

    async def unbind(self, channel: str, shopper_id: str) -> None:
        """Forget who ``shopper_id`` is."""
        async with self._engine.begin() as connection:
            await connection.execute(
                delete(tables.binding).where(
                    _BINDING.channel == channel, _BINDING.shopper_id == shopper_id
                )
            )

    def ticket(self, channel: str, step: str, subject: str) -> str:
        """A signed word that ``subject`` has come to ``step``; good for fifteen minutes."""
        expires = self._clock.now() + _LASTS
        claims = {
            "aud": _AUDIENCE,
            "sub": subject,
            "step": f"{channel}:{step}",
            "exp": int(expires.timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def subject_of(self, ticket: str, channel: str, step: str) -> str:
        """Whose ``ticket`` it is; raises BadToken unless it is ours, of this step and in time."""
        try:
            claims = jwt.decode(
                ticket,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"verify_exp": False, "require": ["exp", "sub"]},
            )
            expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError) as error:
            raise BadToken("forged or broken") from error
        if expires <= self._clock.now() or claims.get("step") != f"{channel}:{step}":
            raise BadToken("expired, or of another step")
        return str(claims["sub"])

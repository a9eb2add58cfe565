"""Signed tokens: whose session a browser comes back to, and for whom the shop's page vouches."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt

from kernel.clock import Clock
from kernel.errors import KefuError

_ALGORITHM = "HS256"
_MAX_TOKEN_CHARACTERS = 4096
_MAX_CLAIM_CHARACTERS = 200
CUSTOMER_PROOF = "shop_token"


class BadToken(KefuError):
    """A token that we did not sign, or that has expired; the two are never told apart."""


def _decode(token: object, key: str, clock: Clock, **options: Any) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > _MAX_TOKEN_CHARACTERS:
        raise BadToken("not a token")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            # Our clock says what has expired, so that tests own it.
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "sub"]},
            **options,
        )
        expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError) as error:
        raise BadToken("forged or broken") from error
    if expires <= clock.now():
        raise BadToken("expired")
    return claims


class Sessions:
    """Makes and reads the tokens by which a browser comes back to its conversation."""

    def __init__(
        self, key: str, clock: Clock, audience: str, lifetime: timedelta = timedelta(days=30)
    ) -> None:
        self._key = key
        self._clock = clock
        self._audience = audience
        self._lifetime = lifetime

    def new_shopper(self) -> str:
        """The id of a shopper whom nobody has met, impossible to guess."""
        return secrets.token_urlsafe(18)

    def issue(self, shopper_id: str) -> str:
        """A token for ``shopper_id`` that lasts from now on for the whole lifetime."""
        now = self._clock.now()
        claims = {
            "sub": shopper_id,
            "aud": self._audience,
            "iat": int(now.timestamp()),
            "exp": int((now + self._lifetime).timestamp()),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def open(self, token: object) -> str:
        """The shopper id in ``token``; raises BadToken."""
        return str(_decode(token, self._key, self._clock, audience=self._audience)["sub"])


class CustomerTokens:
    """Reads the tokens with which the shop's page says who is signed in there.

    Claims: ``sub`` is the customer's id in the shop, ``name`` how to call them, ``exp`` when the
    word of the page ends, at most a day from now.
    """

    def __init__(self, key: str, clock: Clock, longest: timedelta = timedelta(days=1)) -> None:
        self._key = key
        self._clock = clock
        self._longest = longest

    def verify(self, token: object) -> dict[str, str]:
        """The customer ``{"id", "name", "proof"}`` for whom the page vouches; raises BadToken."""
        claims = _decode(token, self._key, self._clock)
        expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
        customer_id, name = claims["sub"], claims.get("name", "")
        if expires > self._clock.now() + self._longest:
            raise BadToken("valid for too long")
        if not isinstance(customer_id, str) or not isinstance(name, str):
            raise BadToken("claims of the wrong type")
        if not 0 < len(customer_id) <= _MAX_CLAIM_CHARACTERS or len(name) > _MAX_CLAIM_CHARACTERS:
            raise BadToken("claims of the wrong size")
        return {"id": customer_id, "name": name, "proof": CUSTOMER_PROOF}

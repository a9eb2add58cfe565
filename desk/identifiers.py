"""Which names from outside may enter the tables."""

from __future__ import annotations

from desk.errors import BadIncoming

LONGEST_ID = 200


def is_storable(identifier: str) -> bool:
    """Whether every database can store ``identifier`` as it is, and a person can read it."""
    return 0 < len(identifier) <= LONGEST_ID and identifier.isprintable()


def check_identifier(identifier: str) -> None:
    """Raise BadIncoming unless ``identifier`` is storable."""
    if not is_storable(identifier):
        raise BadIncoming(repr(identifier[:LONGEST_ID]))

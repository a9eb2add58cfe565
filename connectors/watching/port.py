"""Who can be asked about parcels, and how the answers read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from connectors.backends.carriers.reports import CarrierReport


class Way(StrEnum):
    """How we come to know where a parcel is."""

    PUSH = "push"
    """The tracker tells us by itself, once we have subscribed the parcel."""
    POLL = "poll"
    """We ask again and again."""


@dataclass(frozen=True)
class Manner:
    """How parcels of one carrier are watched.

    ``every``: the same parcel is not asked about again sooner. ``wants_phone``: the carrier
    demands the last four digits of the recipient's phone.
    """

    way: Way
    every: timedelta
    wants_phone: bool = False


class Outcome(StrEnum):
    """What came of asking about one parcel."""

    DONE = "done"
    NOTHING_YET = "nothing_yet"
    """It is known there, and nothing is known of it."""
    LATER = "later"
    """Nobody answered, or they are busy."""
    REFUSED = "refused"
    """This parcel is not answered for, and will not be soon."""
    NO_PUSH = "no_push"
    """This parcel cannot be subscribed: it has to be asked about."""
    ACCOUNT = "account"
    """Our own account is refused, whatever we ask about."""


@dataclass(frozen=True)
class Answer:
    """``code`` is the tracker's own; ``report`` is there with DONE, if it was asked for."""

    outcome: Outcome
    code: str = ""
    report: CarrierReport | None = None


class Tracker(Protocol):
    """Somebody who knows where parcels are."""

    def manner_of(self, carrier: str) -> Manner | None:
        """How parcels of a carrier (its code in the shop) are watched; None: not at all."""

    async def subscribe(self, carrier: str, tracking_number: str, phone: str) -> Answer:
        """From now on the tracker tells us; the same again does no harm.

        ``phone``: the last four digits of the recipient's, empty where nobody asks for them.
        """

    async def ask(self, carrier: str, tracking_number: str, phone: str) -> Answer:
        """Where the parcel is now; likewise."""

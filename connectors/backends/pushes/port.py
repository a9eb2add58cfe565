"""How a push is believed and read, whoever sends it; no transport in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from connectors.backends.carriers.reports import CarrierReport, Dispatch
from connectors.backends.refunds.reports import RefundReport
from kernel.errors import KefuError


@dataclass(frozen=True)
class WatchEnded:
    """The other system looks after a parcel no longer, for ``reason``; what it knew last."""

    tracking_number: str
    reason: str
    report: CarrierReport | None = None


Report = CarrierReport | Dispatch | RefundReport | WatchEnded


class BadPush(KefuError):
    """A push that is not believed or not understood; the message says why, without its content.

    ``believed``: it was signed by who it says it is from, but we cannot read it.
    """

    def __init__(self, reason: str, *, believed: bool = False) -> None:
        super().__init__(reason)
        self.believed = believed


@dataclass(frozen=True)
class Push:
    """A push that is believed: ``id`` is the same for a repeat, ``payload`` is JSON to keep.

    ``subject`` is what it is about: pushes about one thing are worked on one after the other.
    """

    id: str
    subject: str
    sent_at: datetime
    payload: dict[str, Any]


class Vendor(Protocol):
    """One format of pushes. ``admit`` looks at the signature, ``read`` at what is said."""

    @property
    def name(self) -> str:
        """Names the door, the log lines and the kept pushes."""

    def admit(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Push:
        """The push in an HTTP request; raises BadPush."""

    def read(self, payload: Mapping[str, Any]) -> Report | None:
        """What an admitted push says, None if that is nothing for us; raises BadPush."""

    def answer(self, *, accepted: bool) -> dict[str, Any]:
        """The JSON that the sender expects."""

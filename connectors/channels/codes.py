"""What a platform's error codes mean for a message; codes nobody knows are unknown and logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog

from connectors.channels.handing_over import Handover, Outcome
from desk.reach import ReachState

log = structlog.get_logger()

_NO_ERROR = 0


@dataclass(frozen=True)
class Codes:
    """One platform's table of return codes.

    ``busy``: to be tried again, after so long if the platform says so. ``states``: why nobody may
    write. ``no_such_kind``: the account cannot send this kind of message, ``broken``: nobody can.
    """

    platform: str
    token_refused: frozenset[int]
    busy: Mapping[int, timedelta | None]
    states: Mapping[int, ReachState]
    no_such_kind: frozenset[int]
    broken: frozenset[int]

    def meaning_of(self, code: int) -> Handover:
        """What became of a message to whose request the platform answered ``code``."""
        if code == _NO_ERROR:
            return Handover(Outcome.SENT)
        if code in self.busy:
            return Handover(Outcome.AGAIN, str(code), wait=self.busy[code])
        if code in self.token_refused:
            return Handover(Outcome.AGAIN, str(code))
        if code in self.states:
            return Handover(Outcome.REFUSED, str(code), self.states[code])
        if code in self.no_such_kind:
            return Handover(Outcome.NO_SUCH_KIND, str(code))
        if code in self.broken:
            return Handover(Outcome.BROKEN, str(code))
        log.warning("platform.unknown_code", platform=self.platform, code=code)
        return Handover(Outcome.REFUSED, str(code), ReachState.UNKNOWN)

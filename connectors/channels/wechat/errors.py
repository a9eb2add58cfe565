"""What WeChat's error codes mean for a message; codes nobody knows are unknown and logged.

Source: the platform's table of return codes and the pages of the send APIs.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from connectors.channels.handing_over import Handover, Outcome
from desk.reach import ReachState

log = structlog.get_logger()

TOKEN_REFUSED = frozenset({40001, 40014, 42001})
_NO_ERROR = 0
_BUSY = {-1: None, 45011: timedelta(minutes=1), 45009: timedelta(minutes=30)}
_STATES = {
    45015: ReachState.WINDOW_CLOSED,
    45047: ReachState.QUOTA_USED,
    43004: ReachState.UNFOLLOWED,
    50005: ReachState.UNFOLLOWED,
    43019: ReachState.BLACKLISTED,
    43101: ReachState.REFUSED,
    48002: ReachState.REFUSED,
    40013: ReachState.NOT_ALLOWED,
    48001: ReachState.NOT_ALLOWED,
    48004: ReachState.NOT_ALLOWED,
    48006: ReachState.NOT_ALLOWED,
    50002: ReachState.NOT_ALLOWED,
}
_NO_SUCH_KIND = frozenset({40200, 45162, 48008})
_BROKEN = frozenset({40003, 40007, 40033, 40037, 41030, 45002, 47003})


def meaning_of(code: int) -> Handover:
    """What became of a message to whose request WeChat answered ``code``; tokens aside."""
    if code == _NO_ERROR:
        return Handover(Outcome.SENT)
    if code in _BUSY:
        return Handover(Outcome.AGAIN, str(code), wait=_BUSY[code])
    if code in TOKEN_REFUSED:
        return Handover(Outcome.AGAIN, str(code))
    if code in _STATES:
        return Handover(Outcome.REFUSED, str(code), _STATES[code])
    if code in _NO_SUCH_KIND:
        return Handover(Outcome.NO_SUCH_KIND, str(code))
    if code in _BROKEN:
        return Handover(Outcome.BROKEN, str(code))
    log.warning("wechat.unknown_code", code=code)
    return Handover(Outcome.REFUSED, str(code), ReachState.UNKNOWN)

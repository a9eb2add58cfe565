"""What WeChat's error codes mean.

Source: the platform's table of return codes and the pages of the send APIs.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.channels.codes import Codes
from desk.reach import ReachState

CODES = Codes(
    platform="wechat",
    token_refused=frozenset({40001, 40014, 42001}),
    busy={-1: None, 45011: timedelta(minutes=1), 45009: timedelta(minutes=30)},
    states={
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
    },
    no_such_kind=frozenset({40200, 45162, 48008}),
    broken=frozenset({40003, 40007, 40033, 40037, 41030, 45002, 47003}),
)

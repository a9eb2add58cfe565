"""What WeCom's codes mean.

Source: developer.work.weixin.qq.com, table of global return codes and "消息发送失败事件".
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from connectors.channels.codes import Codes
from desk.reach import ReachState

log = structlog.get_logger()

CODES = Codes(
    platform="wecom",
    token_refused=frozenset({40014, 42001, 41001}),
    busy={-1: None, 45009: timedelta(minutes=5), 45033: timedelta(minutes=1)},
    states={
        95018: ReachState.SESSION_STATE,
        95000: ReachState.NOT_ALLOWED,
        95004: ReachState.NOT_ALLOWED,
        95011: ReachState.NOT_ALLOWED,
        95012: ReachState.NOT_ALLOWED,
        95017: ReachState.NOT_ALLOWED,
        40001: ReachState.NOT_ALLOWED,
        40013: ReachState.NOT_ALLOWED,
        48002: ReachState.NOT_ALLOWED,
    },
    no_such_kind=frozenset({40008}),
    broken=frozenset({40007, 40058, 44004, 45002, 40063}),
)

_FAILURES = {
    1: ReachState.UNFOLLOWED,
    2: ReachState.NOT_ALLOWED,
    4: ReachState.WINDOW_CLOSED,
    5: ReachState.SESSION_STATE,
    6: ReachState.QUOTA_USED,
    7: ReachState.NOT_ALLOWED,
    8: ReachState.NOT_ALLOWED,
    9: ReachState.NOT_ALLOWED,
    10: ReachState.REFUSED,
}


def state_after_failure(fail_type: int) -> ReachState:
    """Why a message that WeCom had accepted did not reach the phone after all."""
    state = _FAILURES.get(fail_type)
    if state is None:
        log.warning("wecom.unknown_failure", fail_type=fail_type)
        return ReachState.UNKNOWN
    return state

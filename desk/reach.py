"""Whether a shopper can be reached on their channel now, and how many messages may still go out.

Platforms let us speak only after the shopper did something: so many messages for so long. Each such
deed opens an allowance; every message uses one up. Plain arithmetic over a ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# Platforms tell whole seconds: what was sent in the second before a deed may count after it.
_CLOCKS_DIFFER = timedelta(seconds=1)
# More than any allowance holds; older ones have no bearing on a new one.
_SPENDINGS_KEPT = 30


class ReachState(StrEnum):
    """How a channel stands towards one shopper."""

    OPEN = "open"
    QUOTA_USED = "quota_used"
    WINDOW_CLOSED = "window_closed"
    UNFOLLOWED = "unfollowed"
    BLACKLISTED = "blacklisted"
    REFUSED = "refused"
    SESSION_STATE = "session_state"
    NOT_ALLOWED = "not_allowed"
    UNKNOWN = "unknown"


class NextStep(StrEnum):
    """What somebody at the desk can do about it."""

    WRITE = "write"
    WAIT_FOR_SHOPPER = "wait_for_shopper"
    OTHER_CHANNEL = "other_channel"
    ANSWER_IN_PLATFORM = "answer_in_platform"
    ASK_OPERATOR = "ask_operator"


NEXT_STEPS = {
    ReachState.OPEN: NextStep.WRITE,
    ReachState.QUOTA_USED: NextStep.WAIT_FOR_SHOPPER,
    ReachState.WINDOW_CLOSED: NextStep.WAIT_FOR_SHOPPER,
    ReachState.UNFOLLOWED: NextStep.OTHER_CHANNEL,
    ReachState.BLACKLISTED: NextStep.OTHER_CHANNEL,
    ReachState.REFUSED: NextStep.OTHER_CHANNEL,
    ReachState.SESSION_STATE: NextStep.ANSWER_IN_PLATFORM,
    ReachState.NOT_ALLOWED: NextStep.ASK_OPERATOR,
    ReachState.UNKNOWN: NextStep.ASK_OPERATOR,
}


@dataclass(frozen=True)
class Allowance:
    """The right to send ``left`` messages (None: any number) before ``until``.

    ``kind`` names the deed that opened it at ``since``, by the platform's clock.
    """

    kind: str
    left: int | None
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Reach:
    """The ledger of one conversation.

    ``state`` and ``code`` are what the platform last said, OPEN unless it refused; ``spent`` are
    the moments of the newest messages, ``parked`` says how many wait until the shopper writes.
    """

    state: ReachState = ReachState.OPEN
    code: str = ""
    allowances: tuple[Allowance, ...] = ()
    spent: tuple[datetime, ...] = ()
    parked: int = 0

    def state_at(self, now: datetime) -> ReachState:
        """What holds at ``now``: the platform's refusal, else what the ledger says."""
        if self.state is not ReachState.OPEN:
            return self.state
        live = [one for one in self.allowances if now < one.until]
        if any(one.left is None or one.left > 0 for one in live):
            return ReachState.OPEN
        return ReachState.QUOTA_USED if live else ReachState.WINDOW_CLOSED

    def left_at(self, now: datetime) -> int | None:
        """How many messages may go out at ``now``; None: any number."""
        if self.state_at(now) is not ReachState.OPEN:
            return 0
        left = 0
        for one in self.allowances:
            if now < one.until:
                if one.left is None:
                    return None
                left += one.left
        return left

    def until_at(self, now: datetime) -> datetime | None:
        """When the last usable allowance ends, None if there is none."""
        ends = [one.until for one in self.allowances if now < one.until and one.left != 0]
        return max(ends, default=None)

    def opened(self, allowance: Allowance) -> Reach:
        """The shopper did what opens ``allowance``: the same deed's older one ends.

        A deed that is told late changes nothing if a later one is known. What has been sent since
        the deed counts against it: the platform heard of the deed before we did.
        """
        others = tuple(one for one in self.allowances if one.kind != allowance.kind)
        known = [one for one in self.allowances if one.kind == allowance.kind]
        if any(one.since >= allowance.since for one in known):
            return replace(self, state=ReachState.OPEN, code="")
        since = allowance.since - _CLOCKS_DIFFER
        used = sum(moment >= since for moment in self.spent)
        left = None if allowance.left is None else max(0, allowance.left - used)
        return replace(
            self,
            state=ReachState.OPEN,
            code="",
            allowances=(*others, replace(allowance, left=left)),
        )

    def spending(self, now: datetime) -> Reach | None:
        """The ledger after one more message, None if none may go out.

        The allowance that ends first is used first, one without a number before all others.
        """
        if self.state_at(now) is not ReachState.OPEN:
            return None
        usable = [one for one in self.allowances if now < one.until and one.left != 0]
        chosen = min(usable, key=lambda one: (one.left is not None, one.until))
        after = chosen if chosen.left is None else replace(chosen, left=chosen.left - 1)
        kept = tuple(after if one is chosen else one for one in self.allowances if now < one.until)
        return replace(self, allowances=kept, spent=(*self.spent, now)[-_SPENDINGS_KEPT:])

    @property
    def is_newest_paid(self) -> bool:
        """Whether nothing has been opened since the newest message was begun.

        Else sending that one again counts against what has been opened.
        """
        return not any(self._is_after_newest(one) for one in self.allowances)

    def lasting(self, until: datetime) -> Reach:
        """The newest message may have been taken as late as ``until``.

        So it counts against what was opened meanwhile too, and as one of ``until`` from now on.
        """
        counted = tuple(
            replace(one, left=one.left - 1) if one.left and self._is_after_newest(one) else one
            for one in self.allowances
        )
        return replace(self, allowances=counted, spent=(*self.spent[:-1], until))

    def _is_after_newest(self, allowance: Allowance) -> bool:
        return not self.spent or allowance.since - _CLOCKS_DIFFER > self.spent[-1]

    def refused(self, state: ReachState, code: str) -> Reach:
        """The platform says why nothing more may go out: its word counts, not our ledger's."""
        if state in (ReachState.QUOTA_USED, ReachState.WINDOW_CLOSED):
            emptied = tuple(replace(one, left=0) for one in self.allowances)
            ended = () if state is ReachState.WINDOW_CLOSED else emptied
            return replace(self, state=ReachState.OPEN, code=code, allowances=ended)
        return replace(self, state=state, code=code)

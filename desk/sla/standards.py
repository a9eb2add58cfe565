"""The reply standards of large shopping platforms as ready policies.

What the platforms measure (they change it: copy a policy into kefu.yml to adapt it): the share of
shoppers' messages that a person answers within 3 or 5 minutes, in the window 08:00-23:00 of every
day, holidays included; one platform counts 30 seconds from 09:00 to 23:00. A policy is a promise
whose clocks people see; the shares are measured of every case, each in the window of its platform,
whatever policy holds for it (desk.reports.replies).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from desk.sla.calendar import BusinessCalendar, Shift
from desk.sla.policies import Metric, Policy

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_FROM_EIGHT = BusinessCalendar("platform_8_23", _SHANGHAI, [[Shift(8 * 60, 23 * 60)]] * 7)
_FROM_NINE = BusinessCalendar("platform_9_23", _SHANGHAI, [[Shift(9 * 60, 23 * 60)]] * 7)


@dataclass(frozen=True)
class ReplyShare:
    """What a platform measures: of the waits that begin in ``window`` those that end ``within``.

    ``policy`` is the ready policy that promises it; ``asked`` names the count of all such waits.
    """

    policy: str
    window: BusinessCalendar
    within: timedelta
    asked: str = "reply_asked"


REPLY_SHARES = {
    "reply_within_3": ReplyShare("reply_within_3_minutes", _FROM_EIGHT, timedelta(minutes=3)),
    "reply_within_5": ReplyShare("reply_within_5_minutes", _FROM_EIGHT, timedelta(minutes=5)),
    "reply_within_30s": ReplyShare(
        "reply_within_30_seconds", _FROM_NINE, timedelta(seconds=30), "reply_asked_from_9"
    ),
}
REPLY_COUNTS = tuple(dict.fromkeys([*(one.asked for one in REPLY_SHARES.values()), *REPLY_SHARES]))
STANDARD_CALENDARS = {one.name: one for one in (_FROM_EIGHT, _FROM_NINE)}


STANDARDS = {
    share.policy: Policy(
        share.policy,
        share.window.name,
        {Metric.FIRST_RESPONSE: share.within, Metric.NEXT_RESPONSE: share.within},
    )
    for share in REPLY_SHARES.values()
}

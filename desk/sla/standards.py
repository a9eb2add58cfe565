"""The reply standards of large shopping platforms as ready policies.

What the platforms measure (they change it: copy a policy into kefu.yml to adapt it): the share of
shoppers' messages that a person answers within 3 or 5 minutes, in the window 08:00-23:00 of every
day, holidays included; one platform counts 30 seconds from 09:00 to 23:00. A policy is a promise
whose clocks people see; the shares of 3 and 5 minutes are measured of every case, whatever policy
holds for it (desk.reports.replies).
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from desk.sla.calendar import BusinessCalendar, Shift
from desk.sla.policies import Metric, Policy

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_FROM_EIGHT = BusinessCalendar("platform_8_23", _SHANGHAI, [[Shift(8 * 60, 23 * 60)]] * 7)
_FROM_NINE = BusinessCalendar("platform_9_23", _SHANGHAI, [[Shift(9 * 60, 23 * 60)]] * 7)

REPLY_WINDOW = _FROM_EIGHT
REPLY_LIMITS = {
    "reply_within_3": timedelta(minutes=3),
    "reply_within_5": timedelta(minutes=5),
}
STANDARD_CALENDARS = {one.name: one for one in (_FROM_EIGHT, _FROM_NINE)}


def _reply_standard(name: str, calendar: BusinessCalendar, within: timedelta) -> Policy:
    targets = {Metric.FIRST_RESPONSE: within, Metric.NEXT_RESPONSE: within}
    return Policy(name, calendar.name, targets)


STANDARDS = {
    policy.name: policy
    for policy in (
        *(
            _reply_standard(f"{name}_minutes", REPLY_WINDOW, limit)
            for name, limit in REPLY_LIMITS.items()
        ),
        _reply_standard("reply_within_30_seconds", _FROM_NINE, timedelta(seconds=30)),
    )
}

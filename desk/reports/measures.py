"""Numbers that add up: counts, scores, and times in buckets from which percentiles are read."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from desk.sla.standards import REPLY_COUNTS, REPLY_SHARES

# Each bucket ends a tenth above the one before, so a percentile is at most that far off.
_GROWTH = math.log(1.1)
Z95 = 1.959964

Measures = dict[str, Any]
COUNTS = (
    "volume",
    "abandoned",
    "came_back",
    "unsolved",
    "confirmed",
    "handed_off",
    "silent",
    "with_person",
    "csat_count",
    "csat_sum",
    "csat_good",
    "kind",
    "sla_kept",
    "sla_missed",
    "promise_kept",
    "promise_broken",
    "call_asked",
    "call_made",
    *REPLY_COUNTS,
)
TIMES = ("waited", "first_response", "resolution")


def bucket_of(seconds: float) -> int:
    """The bucket of a length of time; 0 holds everything up to a second."""
    return 0 if seconds <= 1 else math.ceil(math.log(seconds) / _GROWTH)


def nothing() -> Measures:
    """Measures of no case."""
    return dict.fromkeys(COUNTS, 0) | {name: {} for name in TIMES}


def add(total: Measures, more: Mapping[str, Any]) -> None:
    """Add ``more``, which may lack what is nothing, to ``total`` in place."""
    for name, value in more.items():
        if name in TIMES:
            buckets = total[name]
            for bucket, count in value.items():
                buckets[bucket] = buckets.get(bucket, 0) + count
        else:
            total[name] += value


def total_of(rows: Iterable[Mapping[str, Any]]) -> Measures:
    """All ``rows`` in one."""
    total = nothing()
    for row in rows:
        add(total, row)
    return total


def percentile(buckets: Mapping[str, int], share: float) -> float | None:
    """Seconds within which ``share`` of the times lie, up to a tenth too much; None without any.

    The upper end of the bucket in which the share is reached.
    """
    wanted = share * sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets, key=int):
        seen += buckets[bucket]
        if seen >= wanted:
            return round(math.exp(int(bucket) * _GROWTH), 1)
    return None


def interval(hits: int, total: int) -> tuple[float, float, float] | None:
    """A share and its 95 % confidence interval by Wilson's score; None without any case.

    Wilson, E. B. (1927), J. Am. Stat. Assoc. 22, 209-212: holds for few cases and shares near 0.
    """
    if total == 0:
        return None
    share = hits / total
    spread = Z95**2 / total
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 / (1 + spread) * math.sqrt(share * (1 - share) / total + spread / (4 * total))
    return share, max(0.0, middle - half), min(1.0, middle + half)


def told(total: Measures) -> dict[str, Any]:
    """``total`` as views show it: counts, shares with intervals, percentiles in seconds."""
    volume = total["volume"]
    outcomes = ("abandoned", "came_back", "unsolved", "confirmed", "handed_off", "silent")
    sla = total["sla_kept"] + total["sla_missed"]
    promises = total["promise_kept"] + total["promise_broken"]
    count = total["csat_count"]
    return {
        **{name: total[name] for name in COUNTS},
        "shares": {name: interval(total[name], volume) for name in outcomes},
        "times": {
            name: {f"p{round(share * 100)}": percentile(total[name], share) for share in _SHARES}
            for name in TIMES
        },
        "csat": round(total["csat_sum"] / count, 2) if count else None,
        "csat_share": interval(total["csat_good"], count),
        "sla_share": interval(total["sla_kept"], sla),
        "promise_share": interval(total["promise_kept"], promises),
        "call_share": interval(total["call_made"], total["call_asked"]),
        "reply_shares": {
            name: interval(total[name], total[share.asked]) for name, share in REPLY_SHARES.items()
        },
    }


_SHARES = (0.5, 0.9, 0.95)

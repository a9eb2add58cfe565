"""How long a line takes: Erlang's formula for its state in the mean, order statistics for a place.

Sources: A. K. Erlang (1917), Erlang C; the wait of the k-th in line while all places are busy is
the time until the k-th place becomes free, a gamma distribution for pooled handling times.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from desk.model import WaitRange

# Of ten shoppers one may be served sooner than told, and one later.
_Z = 1.2815515655446004
# Nobody picks up in less than this, however idle: they read first.
_PICK_UP = timedelta(seconds=45)
# At most this share of the agents' time goes to people who overtake.
_MOST_OVERTAKING = 0.6


@dataclass(frozen=True)
class ErlangC:
    """A line in its mean: ``load`` Erlang on ``servers``, each busy for ``handling`` at a time."""

    load: float
    servers: int
    handling: timedelta
    waits: float

    @property
    def occupancy(self) -> float:
        """The share of the servers' time that is taken."""
        return self.load / self.servers

    @property
    def mean_wait(self) -> timedelta:
        """The average speed of answer, over everybody."""
        return self.waits * self.handling / (self.servers - self.load)

    def answered_within(self, limit: timedelta) -> float:
        """The share of shoppers who wait no longer than ``limit``."""
        return 1 - self.waits * math.exp(-(self.servers - self.load) * (limit / self.handling))

    def quantile(self, share: float) -> timedelta:
        """The wait that ``share`` of the shoppers do not exceed."""
        if self.waits <= 1 - share:
            return timedelta()
        return math.log(self.waits / (1 - share)) * self.handling / (self.servers - self.load)


def erlang_c(arrivals_per_hour: float, handling: timedelta, servers: int) -> ErlangC | None:
    """The line that forms, or None if it grows without end."""
    load = arrivals_per_hour * (handling / timedelta(hours=1))
    if servers < 1 or load >= servers:
        return None
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    waits = servers * blocked / (servers - load * (1 - blocked))
    return ErlangC(load, servers, handling, waits)


@dataclass(frozen=True)
class Measured:
    """What the desk has measured lately; ``urgent_per_hour`` are arrivals who may overtake."""

    handling: timedelta
    arrivals_per_hour: float = 0.0
    urgent_per_hour: float = 0.0


def wait_range(
    ahead: int, *, slots: int, shared_slots: int, free: int, measured: Measured
) -> WaitRange | None:
    """The wait of whoever has ``ahead`` shoppers before them; None if nobody could serve them.

    ``slots`` are the conversations that agents who may serve this shopper can hold together,
    ``free`` of them are empty; ``shared_slots`` are those of all agents who serve anybody before.
    """
    if slots < 1:
        return None
    if ahead < free:
        line = erlang_c(measured.arrivals_per_hour, measured.handling, slots)
        usual = line.quantile(0.9) if line else timedelta()
        return WaitRange(timedelta(), max(_PICK_UP, min(usual, measured.handling)))
    departures = ahead + 1 - free
    rate = slots / measured.handling.total_seconds()
    overtaking = min(measured.urgent_per_hour / 3600, _MOST_OVERTAKING * rate)
    shared_rate = max(slots, shared_slots) / measured.handling.total_seconds()
    low = _gamma_quantile(departures, -_Z) / shared_rate
    high = _gamma_quantile(departures, _Z) / (rate - overtaking)
    return WaitRange(timedelta(seconds=low), timedelta(seconds=high) + _PICK_UP)


def _gamma_quantile(shape: int, z: float) -> float:
    """The quantile at ``z`` standard deviations of a sum of ``shape`` exponential times of mean 1.

    Wilson and Hilferty (1931): within one per cent from shape 2 on, seven at 1.
    """
    spread = 1 / (9 * shape)
    return float(shape * (1 - spread + z * math.sqrt(spread)) ** 3)


def told_minutes(wait: WaitRange) -> tuple[int, int]:
    """``wait`` as it is told: whole minutes, long ones in steps of five, never an empty range."""
    low = math.floor(wait.low / timedelta(minutes=1))
    high = max(math.ceil(wait.high / timedelta(minutes=1)), 1)
    if high > 15:
        low, high = low // 5 * 5, -(-high // 5) * 5
    return (low, high) if low < high else (high - 1, high)

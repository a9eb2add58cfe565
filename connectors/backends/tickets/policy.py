"""By when a complaint is answered, and what the shop owes for a late order: pure functions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.rules import ComplaintRules, LateDeliveryRules
from kernel.money import Money

_SATURDAY = 5
_SHORTEST_TEXT = 2


def says_something(text: str) -> bool:
    """Whether ``text`` holds enough letters for somebody to work on it."""
    return sum(letter.isalnum() for letter in text) >= _SHORTEST_TEXT


def answer_by(created_at: datetime, rules: ComplaintRules) -> datetime:
    """Until when somebody gets in touch; the hours run on Sundays and at night too."""
    return created_at + timedelta(hours=rules.answer_hours)


def resolve_by(created_at: datetime, rules: ComplaintRules, timezone: str) -> datetime:
    """The end of the last working day for a result; the day of filing does not count.

    Working days are Monday to Friday without ``rules.holidays``, and ``rules.extra_working_days``.
    ``timezone`` says whose midnight ends a day. In no case later than ``rules.longest_days``.
    """
    zone = ZoneInfo(timezone)
    start = created_at.astimezone(zone).date()
    last, left = start, rules.result_working_days
    while left and last < start + timedelta(days=rules.longest_days):
        last += timedelta(days=1)
        left -= _is_working_day(last, rules)
    midnight = datetime.combine(last + timedelta(days=1), time(), zone)
    return midnight.astimezone(ZoneInfo("UTC"))


def _is_working_day(day: date, rules: ComplaintRules) -> bool:
    if day in rules.extra_working_days:
        return True
    return day.weekday() < _SATURDAY and day not in rules.holidays


def compensation(order: Order, now: datetime, rules: LateDeliveryRules) -> Money | None:
    """What the shop owes because ``order`` is late, as a coupon; None if it is in time.

    Late is what has not arrived ``grace_hours`` after the promised time, or arrived so.
    """
    amount = rules.compensation_minor.get(order.currency)
    open_or_arrived = order.status not in (OrderStatus.UNPAID, OrderStatus.CANCELLED)
    if not amount or order.promised_by is None or not open_or_arrived:
        return None
    due = order.promised_by + timedelta(hours=rules.grace_hours)
    arrived = [parcel.delivered_at for parcel in order.parcels]
    times = [at for at in arrived if at is not None]
    finished = bool(arrived) and len(times) == len(arrived) and not order.unsent()
    late = max(times) > due if finished else now > due
    return Money(amount, order.currency) if late else None

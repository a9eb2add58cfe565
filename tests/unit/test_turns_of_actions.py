"""What an action reads of the shop more than once is read once in its run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import Turn
from actions.frame import Frame
from connectors.backends.customers.port import Customers


class Counting:
    """Customers of whom only the address book is asked for; counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def addresses_of(self, customer_id: str) -> tuple[Any, ...]:
        """(see Customers)"""
        self.asked.append(customer_id)
        return ()


def _turn() -> Turn:
    tracker = Tracker("c1", {"customer": {"id": "C0001"}}, {}, [], False, None, {}, "action_listen")
    now = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
    zone = ZoneInfo("Asia/Shanghai")
    return Turn(CollectingDispatcher(), tracker, Frame.of(tracker), "zh", now, zone)


async def test_the_address_book_is_read_once_in_a_run_even_if_it_is_empty() -> None:
    counting, turn = Counting(), _turn()
    customers = cast(Customers, counting)
    assert await turn.address_book(customers) == await turn.address_book(customers) == ()
    assert counting.asked == ["C0001"]
    await _turn().address_book(customers)
    assert counting.asked == ["C0001", "C0001"]

"""Rasa's events as plain values and back, each only when somebody looks at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, overload

from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses


class PlainEvents(Sequence[dict[str, Any]]):
    """Events as rasa-sdk's tracker has them; most actions never look at one."""

    def __init__(self, events: Sequence[Event]) -> None:
        """Show ``events`` as they are now."""
        self._events = tuple(events)

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        """(see parent class)"""
        if isinstance(place, slice):
            return [event.as_dict() for event in self._events[place]]
        plain: dict[str, Any] = self._events[place].as_dict()
        return plain

    def __len__(self) -> int:
        """(see parent class)"""
        return len(self._events)


def event_of(plain: Mapping[str, Any]) -> Event:
    """The event that ``as_dict`` made ``plain`` of; raises KeyError for a kind that Rasa lacks."""
    event: Event = _kinds()[plain["event"]]._from_parameters(plain)
    return event


@cache
def _kinds() -> Mapping[str, type[Event]]:
    """Rasa itself goes through every class for every event."""
    return {kind.type_name: kind for kind in all_subclasses(Event)}

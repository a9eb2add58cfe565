"""What a thing of the shop may become: its states and the steps between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from kernel.errors import InvalidTransition

Status = TypeVar("Status", bound=StrEnum)


@dataclass(frozen=True)
class LifeCycle(Generic[Status]):
    """For every state, the states that may follow it; none where the thing has ended."""

    steps: Mapping[Status, frozenset[Status]]

    def move(self, status: Status, to: Status) -> Status:
        """``to``, if it may follow ``status``; raises InvalidTransition if not."""
        if to not in self.steps[status]:
            raise InvalidTransition(f"{status.value} to {to.value}")
        return to

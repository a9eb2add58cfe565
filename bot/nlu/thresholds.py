"""From which chance on the assistant acts on what it understood."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Chances from 0 to 1: the shop's rules of doubt.

    A likeliest meaning below ``threshold`` is not acted upon. Neither is one that leads by less
    than ``margin`` while it is itself below ``sure``, if the message holds one request.
    """

    threshold: float = 0.4
    margin: float = 0.05
    sure: float = 0.6

    def doubt(self, first: float, second: float, several: bool) -> bool:
        """Whether not to act on a meaning with chance ``first``, followed by one with ``second``.

        In a message of ``several`` clauses several meanings may be meant: none has to lead.
        """
        if first < self.threshold:
            return True
        return not several and first < self.sure and first - second < self.margin

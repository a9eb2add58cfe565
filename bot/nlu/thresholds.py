"""From which chance on the assistant acts on what it understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

STRANGE = "out_of_scope"
"""The intent of what no shop's service desk answers."""


@dataclass(frozen=True)
class Thresholds:
    """Chances from 0 to 1: the shop's rules of doubt.

    A likeliest meaning below ``threshold`` is not acted upon. Neither is one that leads by less
    than ``margin`` while it is itself below ``sure``, if the message holds one request, nor one
    that leads what no service desk answers by less than ``strange``. ``certain``, or ``threshold``
    where that is higher, is asked of what else the dialogue acts on: further requests of a message,
    requests for what must not go wrong, any request while a question is open, a yes.
    """

    threshold: float = 0.25
    margin: float = 0.02
    sure: float = 0.6
    strange: float = 0.2
    certain: float = 0.4

    def doubt(self, ranking: Sequence[tuple[str, float]], several: bool) -> bool:
        """Whether not to act on the first of ``ranking``: meanings with their chances, best first.

        In a message of ``several`` clauses several meanings may be meant: none has to lead.
        """
        if not ranking or ranking[0][1] < self.threshold:
            return True
        name, first = ranking[0]
        if name != STRANGE and first - dict(ranking).get(STRANGE, 0.0) < self.strange:
            return True
        second = ranking[1][1] if len(ranking) > 1 else 0.0
        return not several and first < self.sure and first - second < self.margin

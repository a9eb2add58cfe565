"""From which chance on the assistant acts on what it understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True)
class Thresholds:
    """Chances from 0 to 1: the shop's rules of doubt.

    A likeliest meaning below ``threshold`` is not acted upon. Neither is one that leads by less
    than ``margin`` while it is itself below ``sure``, if the message holds one request; nor one
    that leads by less than ``scope_margin`` what no service desk handles.
    """

    threshold: float = 0.3
    margin: float = 0.05
    sure: float = 0.6
    scope_margin: float = 0.25

    def doubt(self, ranking: Sequence[Mapping[str, Any]], several: bool) -> bool:
        """Whether not to act on the first of ``ranking``: ``name`` and ``confidence``, best first.

        In a message of ``several`` clauses several meanings may be meant: none has to lead.
        """
        if not ranking:
            return True
        chances = {one["name"]: float(one["confidence"]) for one in ranking}
        first, second = (*chances.values(), 0.0)[:2]
        if first < self.threshold:
            return True
        strange = chances.get(OUT_OF_SCOPE, 0.0)
        if ranking[0]["name"] != OUT_OF_SCOPE and first - strange < self.scope_margin:
            return True
        return not several and first < self.sure and first - second < self.margin

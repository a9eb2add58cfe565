"""What the program tells the language side at start and while it runs: time, shop, catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.nlu.catalogue import Catalogue, CataloguePhrase
from bot.nlu.thresholds import Thresholds
from kernel.clock import Clock, SystemClock


@dataclass
class Surroundings:
    """Read by our components for every message, so that a change takes effect at once.

    ``order_number_pattern``, ``timezone`` (an IANA name, in which "yesterday" is meant) and
    ``thresholds`` overrule those in config.yml when they are set: they belong to the shop, a
    trained model may serve another. So do ``limits``: when the dialogue gives up and calls a
    person (fields of ``bot.policies.flow_limits.Limits`` by name).
    """

    clock: Clock = field(default_factory=SystemClock)
    order_number_pattern: str | None = None
    timezone: str | None = None
    thresholds: Thresholds | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    catalogue: Catalogue = field(default_factory=Catalogue)

    def set_catalogue(self, phrases: Iterable[CataloguePhrase]) -> None:
        """Match these products from now on; messages being read finish with the old ones."""
        self.catalogue = Catalogue(phrases)


# Rasa builds components from a graph and offers no way to hand them anything at run time.
_surroundings = Surroundings()


def surroundings() -> Surroundings:
    """The surroundings of this process."""
    return _surroundings

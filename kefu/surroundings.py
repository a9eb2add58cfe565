"""Tells the language side what this shop sells and how its order numbers look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from operator import attrgetter

import structlog

from bot.nlu.catalogue import CataloguePhrase
from bot.nlu.option_words import option_phrases
from bot.nlu.surroundings import surroundings
from connectors.backends.catalogue.model import Product
from connectors.backends.catalogue.port import Catalogue
from connectors.backends.orders.model import Option
from desk.rules import DeskRules
from kefu.settings import Rulebook
from kernel.clock import Clock
from kernel.errors import BackendUnavailable

log = structlog.get_logger()

_PAGE = 100
_REFRESH_SECONDS = 300
_RETRY_SECONDS = 10


def tell_rules(rulebook: Rulebook) -> None:
    """Make the language side of this process read numbers and dates, and doubt, as kefu.yml says.

    So does the dialogue when it gives up. To be called before a model is loaded: the dialogue takes
    over the thresholds then.
    """
    around = surroundings()
    around.order_number_pattern = rulebook.shop.order_number_pattern
    around.timezone = rulebook.rules.timezone
    around.thresholds = rulebook.understanding.thresholds
    frustration, handoff = rulebook.assistant.frustration, rulebook.handoff
    around.limits = {
        "frustration": frustration.threshold,
        "patience": frustration.messages,
        "misses": handoff.unclear_messages,
        "risky_misses": handoff.unclear_risky_messages,
        "risky": frozenset(handoff.risky_journeys),
        "risky_from": handoff.risky_from,
        "failures": handoff.unusable_answers,
        "repeats": handoff.repeated_requests,
        "outages": handoff.outages,
        "vip_groups": frozenset(rulebook.queue.vip_groups) if handoff.vip_at_once else frozenset(),
    }


def follow_vip_groups(at_once: bool, rules: DeskRules) -> None:
    """Let the assistant know whom ``rules``, saved at the desk since it started, call valued.

    ``at_once``: whether it gets them a person where others are offered one.
    """
    groups = rules.queue.vip_groups if at_once else frozenset()
    around = surroundings()
    around.limits = {**around.limits, "vip_groups": groups}


class CatalogueWatch:
    """Keeps the words of the catalogue up to date while the program runs."""

    def __init__(self, catalogue: Catalogue, clock: Clock) -> None:
        self._catalogue = catalogue
        self._known = b""
        surroundings().clock = clock

    async def refresh(self) -> None:
        """Read the catalogue and, if its words have changed, use them from the next message on."""
        names: set[CataloguePhrase] = set()
        options: set[Option] = set()
        offset = 0
        while products := await self._catalogue.products(offset, _PAGE):
            for product in products:
                names.update(_names(product))
                options.update(*(variant.options for variant in product.variants))
            offset += len(products)
        # A large catalogue takes a minute to prepare: not on the loop of the sockets.
        await asyncio.to_thread(self._tell, names, options)

    def _tell(self, names: set[CataloguePhrase], options: set[Option]) -> None:
        phrases = names.union(*map(_words_of, options))
        # Sorted: the same catalogue makes the same matcher in every process.
        ordered = sorted(phrases, key=attrgetter("id", "text", "entity", "value"))
        digest = sha256()
        for phrase in ordered:
            digest.update(repr(phrase).encode())
        if digest.digest() != self._known:
            surroundings().set_catalogue(ordered)
            self._known = digest.digest()

    async def refreshed(self) -> bool:
        """Refresh, unless the shop does not answer; whether it did."""
        try:
            await self.refresh()
        except BackendUnavailable as error:
            log.warning("catalogue.refresh.failed", error=str(error))
            return False
        return True

    async def run(self, fresh: bool) -> None:
        """Refresh for as long as the program runs; ``fresh``: it has just been done."""
        while True:
            await asyncio.sleep(_REFRESH_SECONDS if fresh else _RETRY_SECONDS)
            fresh = await self.refreshed()


def _names(product: Product) -> Iterator[CataloguePhrase]:
    for name in {product.name.zh, product.name.en}:
        yield CataloguePhrase(name, product.id)


def _words_of(option: Option) -> Iterator[CataloguePhrase]:
    return option_phrases((option.name.zh, option.name.en), (option.value.zh, option.value.en))

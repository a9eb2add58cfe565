"""`kefu parse`: one Rasa parse result for every line of text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from rasa.core.lock_store import InMemoryLockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from sqlalchemy import make_url

from bot.nlu.batch import parse_texts
from kefu.migrate import pending
from kefu.settings import Rulebook, Settings
from kefu.shop import open_shop
from kefu.surroundings import CatalogueWatch, tell_rules
from kernel.clock import SystemClock
from kernel.database import make_engine
from kernel.errors import BackendUnavailable, KefuError


class BadLine(KefuError):
    """A line of the input that is not a JSON object with a text."""


async def know_catalogue(settings: Settings) -> str | None:
    """Let this process find what the shop of ``settings`` sells; why it cannot, else None.

    Nothing is written: an embedded shop without a database, or with one of an older release, is
    not known.
    """
    clock = SystemClock()
    if settings.rulebook.shop.is_embedded:
        if not _has_database(settings):
            return "there is no database yet: no product of a catalogue is known"
        if await pending(settings.database_url):
            return "the database is older than this release: no product of its catalogue is known"
    engine = make_engine(settings.database_url)
    opened = open_shop(settings, engine, clock)
    try:
        await CatalogueWatch(opened.ports.catalogue, clock).refresh()
    except BackendUnavailable:
        return "the shop does not answer: no product of its catalogue is known"
    finally:
        await opened.close()
        await engine.dispose()
    return None


def _has_database(settings: Settings) -> bool:
    place = make_url(settings.database_url)
    return place.get_backend_name() != "sqlite" or Path(place.database or "").exists()


def parse_lines(model: Path, rulebook: Rulebook, lines: Iterable[str], output: TextIO) -> None:
    """Parse ``{"text": ...}`` lines in order; raises BadLine at the first that is not one."""
    tell_rules(rulebook)
    processor = MessageProcessor(
        model,
        InMemoryTrackerStore(Domain.empty()),
        InMemoryLockStore(),
        TemplatedNaturalLanguageGenerator({}),
    )
    for parsed in parse_texts(processor, _texts(lines)):
        output.write(json.dumps(parsed, ensure_ascii=False) + "\n")


def _texts(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
        except (ValueError, KeyError, TypeError):
            text = None
        if not isinstance(text, str):
            raise BadLine(f'line {number} is not {{"text": "..."}}')
        yield text

"""Publishes the values named in a message, in Rasa's shape."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.extraction import amounts, contacts, numbers, references, times, words
from bot.nlu.extraction.found import Claims, Found
from bot.nlu.normalise import fold, simplify
from bot.nlu.surroundings import surroundings


@lru_cache(maxsize=1)
def _lexicons() -> tuple[words.Lexicon, ...]:
    return (
        words.Lexicon.of("reason", words.REASONS),
        words.Lexicon.of("carrier", words.CARRIERS),
        words.Lexicon.of("payment_method", words.PAYMENT_METHODS),
    )


@lru_cache(maxsize=1)
def _colours() -> words.Lexicon:
    return words.Lexicon.of("colour", words.COLOURS)


@lru_cache(maxsize=8)
def _order_numbers(pattern: str) -> numbers.OrderNumbers:
    return numbers.OrderNumbers(pattern)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent, EntityExtractorMixin):
    """Reads values by rule: what leaves least doubt is read first and keeps its place."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """(see parent class for full docstring)"""
        return {
            # One order number of the shop, unless the program says otherwise.
            "order_number_pattern": r"KF\d{10}",
            # Whose ways of writing phone numbers are understood without a country code.
            "phone_regions": ["US", "CN"],
            # Whose midnight divides yesterday from today.
            "timezone": "Asia/Shanghai",
            # Of a longer message only so many characters are read.
            "max_characters": 4_000,
        }

    def __init__(self, config: dict[str, Any]) -> None:
        """Take the component's settings from config.yml."""
        self._pattern = str(config["order_number_pattern"])
        self._regions = tuple(config["phone_regions"])
        self._timezone = ZoneInfo(config["timezone"])
        self._max_characters = int(config["max_characters"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        """(see parent class for full docstring)"""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what each message names to its entities."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                entities = [*message.get(ENTITIES, []), *self._entities(text)]
                message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def _entities(self, typed: str) -> list[dict[str, Any]]:
        folded = fold(typed[: self._max_characters])
        text = simplify(folded.text)
        result = []
        for found in self._find(text):
            start, end = folded.span(found.start, found.end)
            entity = {
                "entity": found.entity,
                "value": found.value,
                "start": start,
                "end": end,
                "text": typed[start:end],
                **found.more,
                "extractor": self.name,
            }
            if not found.certain:
                entity["certain"] = False
            result.append(entity)
        return result

    def _find(self, text: str) -> list[Found]:
        around = surroundings()
        orders = _order_numbers(around.order_number_pattern or self._pattern)
        zone = ZoneInfo(around.timezone) if around.timezone else self._timezone
        now: datetime = around.clock.now().astimezone(zone).replace(tzinfo=None)
        claims = Claims()
        claims.add(contacts.emails(text))
        claims.block(contacts.links(text))
        if any(character.isdigit() for character in text):
            claims.add(orders.find(text))
            claims.add(numbers.tracking_numbers(text))
            claims.add(contacts.phones(text, claims, self._regions))
            claims.add(contacts.phone_tails(text))
            claims.add(contacts.postcodes(text))
        claims.add(times.dates(text, now))
        claims.add(amounts.amounts(text))
        claims.add(numbers.candidates(text, claims, orders))
        claims.add(references.references(text))
        claims.add(references.ordinals(text))
        products, options = _apart(around.catalogue.find(text))
        claims.add(products)
        claims.add(amounts.counted(text, claims.found()))
        claims.add(words.sizes(text))
        claims.add(amounts.quantities(text))
        claims.add(contacts.person_names(text))
        for lexicon in _lexicons():
            claims.add(lexicon.find(text))
        # "Too small" is a reason even in a shop with a size of that name; "off-white" is not white.
        claims.add(options)
        claims.add(_colours().find(text))
        return claims.found()


def _apart(found: Iterable[Found]) -> tuple[list[Found], list[Found]]:
    """Products, and options of their variants."""
    every = list(found)
    return (
        [one for one in every if one.entity == "product"],
        [one for one in every if one.entity != "product"],
    )

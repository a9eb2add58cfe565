"""What a message was understood to say, in the shape that the flow engine reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FALLBACK = "nlu_fallback"
"""The intent of a message that the language side does not claim to understand."""

# What is named beside the first request with a smaller chance does not make it one of several.
_FAINTEST = 0.1
_PAYLOAD = re.compile(r"^/(?P<intent>\w+)\s*(?P<entities>\{.*\})?$", re.DOTALL)


@dataclass(frozen=True)
class Meaning:
    """One thing a message may ask for; ``clause`` is the part of the message that asks for it.

    Without a clause nobody knows which part it was. ``apart``: that part speaks of something of its
    own.
    """

    intent: str
    confidence: float
    clause: int | None = None
    apart: bool = False


@dataclass(frozen=True)
class Entity:
    """Something named in a message; ``text`` is how the shopper wrote it."""

    name: str
    value: Any
    text: str = ""


@dataclass(frozen=True)
class Understanding:
    """One message of the shopper.

    ``meanings`` are the requests found in it, best first; ``ranking`` is what its best request
    might mean instead. ``pressed`` is the content of a button, empty for written words.
    ``frustration`` and ``urgency`` are the chances that it was written in anger, in a hurry.
    """

    text: str
    meanings: tuple[Meaning, ...] = ()
    ranking: tuple[Meaning, ...] = ()
    entities: tuple[Entity, ...] = ()
    is_button: bool = False
    pressed: Mapping[str, Any] | None = None
    frustration: float = 0.0
    urgency: float = 0.0

    @property
    def intent(self) -> str:
        """The best meaning; empty when there is none."""
        return self.meanings[0].intent if self.meanings else ""

    @property
    def confidence(self) -> float:
        """How sure the best meaning is, from 0 to 1."""
        return self.meanings[0].confidence if self.meanings else 0.0


def understanding_of(parse_data: Mapping[str, Any], text: str) -> Understanding:
    """Rasa's parse result of ``text``, with ``intents`` (all requests found) where it has them.

    ``payload`` is what a pressed button sent. A text in payload syntax is one only where Rasa
    itself read it as such: what a shopper types never is.
    """
    intent = parse_data.get("intent") or {}
    best = _meaning(intent)
    payload = parse_data.get("payload")
    if payload is None and "intents" not in parse_data:
        # Plain Rasa unpacks the text itself and leaves out what our own components publish.
        payload = text
    button = _button(payload, best) if payload else None
    if button is not None:
        entities = tuple(
            Entity(name, value, str(value)) for name, value in button.items() if value is not None
        )
        meanings = (best,) if best else ()
        return Understanding(text, meanings, meanings, entities, True, button)
    if payload is None and _PAYLOAD.match(text.strip()):
        # Typed by hand: not even a yes, whatever the words in it look like.
        return Understanding(text)
    named = tuple(filter(None, map(_meaning, parse_data.get("intents") or ())))
    found = named[:1] + tuple(one for one in named[1:] if one.confidence >= _FAINTEST)
    if best is not None and best.intent == FALLBACK:
        found = (best,)
    elif best is not None and not any(meaning.intent == best.intent for meaning in found):
        found = (best, *found)
    ranked = filter(None, map(_meaning, parse_data.get("intent_ranking") or ()))
    ranking = tuple(meaning for meaning in ranked if meaning.intent != FALLBACK)
    mood = parse_data.get("mood") or {}
    return Understanding(
        text,
        found,
        ranking,
        tuple(_entities(parse_data.get("entities") or ())),
        frustration=float(mood.get("frustration") or 0.0),
        urgency=float(mood.get("urgency") or 0.0),
    )


def _meaning(found: Mapping[str, Any]) -> Meaning | None:
    name = found.get("name")
    if not name:
        return None
    confidence = float(found.get("confidence") or 0.0)
    return Meaning(name, confidence, found.get("clause"), bool(found.get("apart")))


def _button(payload: str, best: Meaning | None) -> Mapping[str, Any] | None:
    match = _PAYLOAD.match(payload.strip())
    if match is None or best is None or match["intent"] != best.intent:
        return None
    try:
        entities = json.loads(match["entities"] or "{}")
    except json.JSONDecodeError:
        return None
    return entities if isinstance(entities, dict) else None


def _entities(found: Iterable[Mapping[str, Any]]) -> Iterable[Entity]:
    for entity in found:
        name, value = entity.get("entity"), entity.get("value")
        if name and value is not None:
            yield Entity(name, value, str(entity.get("text", value)))

"""Turns the events of one turn into what the shopper is told and what the desk must know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from rasa.shared.core.events import BotUttered, Event, SlotSet

from bot.runtime.hiding import heard_in
from bot.runtime.turn import HandoffRequest, TurnResult
from kernel.content import Ask, Button, Content

LANGUAGE_SLOT = "language"
CUSTOMER_SLOT = "customer"
HANDOFF_SLOT = "handoff_request"
AGREED_SLOT = "agreed"
NEWS_SLOT = "news"
# The flow engine's; what is learned here it offers to every journey.
STATE_SLOT = "dialogue_stack"


def result_of(events: Iterable[Event], slots: Mapping[str, Any]) -> TurnResult:
    """What a turn with these ``events`` came to; ``slots`` are the values at its end."""
    events = list(events)
    return TurnResult(
        replies=tuple(content_of(event) for event in events if isinstance(event, BotUttered)),
        handoff=_handoff_in(events),
        language=slots.get(LANGUAGE_SLOT),
        customer=slots.get(CUSTOMER_SLOT),
        heard=heard_in(events),
    )


def content_of(said: BotUttered) -> Content:
    """A message of Rasa's as our content; ``custom.card`` and ``custom.ask`` have fields there."""
    custom = dict(said.data.get("custom") or {})
    card, ask = custom.pop("card", None), custom.pop("ask", None)
    return Content(
        text=said.text or "",
        buttons=tuple(
            Button(title=button["title"], payload=button.get("payload") or button["title"])
            for button in said.data.get("buttons") or ()
        ),
        image=said.data.get("image") or "",
        card=card,
        ask=msgspec.convert(ask, Ask) if ask else None,
        response=said.metadata.get("utter_action") or "",
        custom=custom or None,
    )


def _handoff_in(events: Iterable[Event]) -> HandoffRequest | None:
    requests = [
        event.value
        for event in events
        if isinstance(event, SlotSet) and event.key == HANDOFF_SLOT and event.value
    ]
    if not requests:
        return None
    return HandoffRequest(requests[-1]["reason"], requests[-1].get("summary") or {})

"""What every action that asks the shop has in common: ports, turn, and the way out of trouble."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import order_in_hand, wording
from actions.frame import Frame, report
from actions.service_hours import ServiceHours
from actions.wording import Language, language_of
from connectors.backends.customers.model import StoredAddress
from connectors.backends.customers.port import Customers
from connectors.backends.orders.model import Order
from connectors.backends.orders.port import access_order
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from kernel.clock import Clock
from kernel.errors import BackendUnavailable, ConnectorError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What an action tells the flow engine; see ``actions.frame.report`` for the fields.

    ``customer`` is set by the one action that verifies a shopper. ``secret``: digits in the latest
    message that nobody may read once it is answered.
    """

    word: str
    values: Mapping[str, Any] | None = None
    choices: Sequence[Mapping[str, Any]] | None = None
    learned: Mapping[str, Any] | None = None
    customer: Mapping[str, str] | None = None
    read: bool = False
    secret: str | None = None


@dataclass(frozen=True)
class Turn:
    """One run of one action: who is served, in which language, at what time.

    ``zone`` is the shop's: in it dates are told. ``in_hand``: what the action before has just read.
    """

    dispatcher: CollectingDispatcher
    tracker: Tracker
    frame: Frame
    language: Language
    now: datetime
    zone: ZoneInfo
    in_hand: Order | None = None
    _books: list[tuple[StoredAddress, ...]] = field(default_factory=list, repr=False)

    @property
    def conversation_id(self) -> str:
        """The conversation in which this happens."""
        return str(self.tracker.sender_id)

    @property
    def customer_id(self) -> str:
        """Whose things may be spoken of; flows with ``identity: read`` guarantee that it is set."""
        customer: Mapping[str, str] = self.tracker.get_slot("customer")
        return customer["id"]

    @property
    def is_verified(self) -> bool:
        """Whether it is known who is writing."""
        return bool(self.tracker.get_slot("customer"))

    @property
    def text(self) -> str:
        """The shopper's latest message."""
        return str((self.tracker.latest_message or {}).get("text") or "")

    @property
    def answer(self) -> str:
        """The latest message; empty where it is the one that asked for what is served."""
        said = self.frame.said
        return "" if said and self.text.startswith(said) else self.text

    @property
    def pressed(self) -> bool:
        """Whether the latest message is a button and no words of the shopper's own."""
        return bool((self.tracker.latest_message or {}).get("payload"))

    def entity(self, name: str) -> str | None:
        """The first value of this entity in the latest message, or None."""
        return next(iter(self.entities(name)), None)

    def entities(self, name: str) -> list[str]:
        """All values of this entity in the latest message, in its order."""
        entities = (self.tracker.latest_message or {}).get("entities") or ()
        named = (entity for entity in entities if entity.get("entity") == name)
        return [str(entity["value"]) for entity in named if entity.get("value")]

    def without(self, name: str, text: str) -> str:
        """``text`` without the words of the latest message that are entities of this name."""
        for entity in (self.tracker.latest_message or {}).get("entities") or ():
            words = self.text[entity.get("start") or 0 : entity.get("end") or 0]
            if entity.get("entity") == name and words:
                text = text.replace(words, " ", 1)
        return text

    async def address_book(self, customers: Customers) -> tuple[StoredAddress, ...]:
        """The customer's addresses on file, read once in this run however often they are asked."""
        if not self._books:
            self._books.append(await customers.addresses_of(self.customer_id))
        return self._books[0]

    def day(self, at: datetime) -> str:
        """The day of ``at`` in the shopper's language."""
        return wording.day(at, self.language, self.now, self.zone)

    def moment(self, at: datetime) -> str:
        """Day and time of ``at`` in the shopper's language."""
        return wording.moment(at, self.language, self.now, self.zone)

    def last_day(self, deadline: datetime) -> str:
        """The last day before ``deadline`` in the shopper's language."""
        return wording.last_day(deadline, self.language, self.now, self.zone)

    def say(
        self,
        response: str,
        values: Mapping[str, str] | None = None,
        *,
        card: Mapping[str, Any] | None = None,
        buttons: Sequence[Mapping[str, str]] = (),
    ) -> None:
        """Say a response of the domain; ``values`` fill its placeholders."""
        self.dispatcher.utter_message(
            response=response,
            buttons=[dict(button) for button in buttons],
            json_message={"card": dict(card)} if card else None,
            **(values or {}),
        )


class ShopAction(Action, ABC):
    """An action that asks the shop's ports and reports one outcome.

    What a port may raise is caught here, so that the shopper always gets an answer. A bug still
    raises: the runtime logs it and tells the engine that the action failed.
    """

    def __init__(self, shop: Shop, rules: ShopRules, clock: Clock, hours: ServiceHours) -> None:
        self._shop = shop
        self._rules = rules
        self._clock = clock
        self._hours = hours

    @abstractmethod
    def name(self) -> str:
        """(see parent class for full docstring)"""

    @abstractmethod
    async def serve(self, turn: Turn) -> Outcome:
        """Ask the ports, say what the shopper must know, and say what came of it."""

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """(see parent class for full docstring)"""
        turn = Turn(
            dispatcher,
            tracker,
            Frame.of(tracker),
            language_of(tracker),
            self._clock.now(),
            ZoneInfo(self._rules.timezone),
            order_in_hand.take(),
        )
        try:
            outcome = await self.serve(turn)
        except BackendUnavailable as error:
            _log.warning("action.backend_unavailable", action=self.name(), error=repr(error))
            turn.say("utter_backend_unavailable")
            outcome = Outcome("backend_down")
        except ConnectorError as error:
            _log.error("action.port_refused", action=self.name(), error=repr(error))
            outcome = Outcome("failed")
        events = report(
            self,
            outcome.word,
            values=outcome.values,
            choices=outcome.choices,
            learned=outcome.learned,
            read=outcome.read,
            secret=outcome.secret,
        )
        if outcome.customer is not None:
            events.append(SlotSet("customer", dict(outcome.customer)))
        return events

    async def access(self, turn: Turn, number: str) -> Order:
        """This customer's order of this number; raises NotFound alike for a stranger's and none."""
        known = turn.in_hand
        if known and (known.number, known.customer_id) == (number, turn.customer_id):
            return known
        return await access_order(self._shop.orders, turn.customer_id, number)

    async def order_of(self, turn: Turn) -> Order:
        """The order of the frame; raises NotFound as ``access`` does."""
        return await self.access(turn, turn.frame.values["order_number"])

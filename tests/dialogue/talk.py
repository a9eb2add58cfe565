"""Talks to the flow engine without Rasa: messages as they were understood, actions by table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.policies.flow import FlowBook
from bot.policies.flow_compiler import (
    ENGINE_RESPONSES,
    Response,
    Vocabulary,
    compile_flows,
)
from bot.policies.flow_endings import LISTEN
from bot.policies.flow_engine import FlowEngine
from bot.policies.flow_limits import Limits
from bot.policies.understanding import understanding_of

FLOWS = Path(__file__).parent / "flows"

SERVICE = ("send_back", "track", "invoice", "gifts", "swap", "opening_hours", "human_agent")
SOCIAL = ("greet", "thanks", "goodbye", "affirm", "deny")
STEERING = ("stop", "wait", "repeat", "inform", "leave_queue", "nlu_fallback")

VOCABULARY = Vocabulary(
    intents=frozenset(SERVICE + SOCIAL + STEERING),
    entities=frozenset(
        {"order_number", "tracking_number", "phone", "postcode", "colour", "reference", "ordinal"}
    ),
    actions=frozenset(
        {
            *("action_say", "action_ask", "action_clarify", "action_repeat", "action_hand_off"),
            *("action_verify", "action_list_orders", "action_check_order", "action_list_lines"),
            *("action_draft_return", "action_commit_return", "action_track", "action_next_gift"),
            *("action_draft_swap", "action_hear_swap", "action_commit_swap"),
            *("action_send_invoice", "action_check_postcode", "action_answer_from_knowledge"),
        }
    ),
    responses=dict.fromkeys(
        (
            *ENGINE_RESPONSES,
            "utter_too_late",
            "utter_greet",
            "utter_thanks",
            "utter_goodbye",
            "utter_affirm",
            "utter_deny",
            "utter_ask_identify_order_number",
            "utter_ask_identify_phone",
            "utter_ask_send_back_order_number",
            "utter_ask_send_back_lines",
            "utter_ask_send_back_reason",
            "utter_ask_send_back_sure",
            "utter_ask_track_order_number",
            "utter_ask_invoice_company",
            "utter_ask_invoice_on_paper",
            "utter_ask_address_postcode",
            "utter_ask_gifts_colour",
            "utter_ask_swap_colour",
            "utter_ask_swap_fine",
        ),
        Response("domain.yml:1", ("zh", "en")),
    ),
)

Outcome = Mapping[str, Any] | None
Doing = Callable[[Mapping[str, Any]], Outcome]


def shop_flows() -> FlowBook:
    """The flows of the small shop."""
    return compile_flows(FLOWS, VOCABULARY)


def _orders(frame: Mapping[str, Any]) -> Outcome:
    return {
        "outcome": "ok",
        "choices": [{"id": "W1001", "title": "W1001 · lamp"}, {"id": "W1002", "title": "W1002"}],
    }


def _lines(frame: Mapping[str, Any]) -> Outcome:
    number = frame["values"]["order_number"]
    return {
        "outcome": "ok",
        "choices": [
            {"id": f"{number}-1", "title": {"zh": "台灯", "en": "Lamp"}},
            {"id": f"{number}-2", "title": {"zh": "蓝色台灯", "en": "Blue lamp"}},
            {"id": f"{number}-3", "title": {"zh": "水壶", "en": "Kettle"}},
        ],
    }


def _check_order(frame: Mapping[str, Any]) -> Outcome:
    number = frame["values"]["order_number"]
    if frame["sources"]["order_number"] == "reference":
        number = "W1002"
    if not number.startswith("W"):
        return {"outcome": "invalid"}
    learned = {"order_number": number}
    return {"outcome": "ok", "values": learned, "learned": learned}


def _draft(frame: Mapping[str, Any]) -> Outcome:
    values = frame["values"]
    draft = f"{values['order_number']}/{'+'.join(values['lines'])}/{values['reason']}"
    return {"outcome": "ready", "values": {"draft": draft}}


def _gift(frame: Mapping[str, Any]) -> Outcome:
    wrapped = frame["values"].get("wrapped", [])
    if "colour" in frame["values"]:
        wrapped = [*wrapped, frame["values"]["colour"]]
    outcome = "none" if len(wrapped) == 2 else "more"
    return {"outcome": outcome, "values": {"wrapped": wrapped, "colour": None}}


def working_shop() -> dict[str, Doing]:
    """What every action does while the shop's systems work."""
    return {
        "action_verify": lambda frame: {
            "outcome": "ok",
            "learned": {"order_number": frame["values"]["order_number"]},
            "customer": "ann",
        },
        "action_list_orders": _orders,
        "action_check_order": _check_order,
        "action_list_lines": _lines,
        "action_draft_return": _draft,
        "action_commit_return": lambda frame: {"outcome": "done"},
        "action_track": lambda frame: {
            "outcome": "shown",
            "learned": {"order_number": frame["values"]["order_number"]},
        },
        "action_draft_swap": lambda frame: {"outcome": "ready"},
        "action_hear_swap": lambda frame: {"outcome": "none"},
        "action_commit_swap": lambda frame: {"outcome": "done"},
        "action_send_invoice": lambda frame: {"outcome": "sent"},
        "action_check_postcode": lambda frame: {
            "outcome": "ok" if len(frame["values"]["postcode"]) == 6 else "invalid"
        },
        "action_next_gift": _gift,
        "action_answer_from_knowledge": lambda frame: {"outcome": "answered"},
    }


@dataclass(frozen=True)
class Reply:
    """What one message brought about: the actions in order, with what they said and asked."""

    actions: tuple[str, ...]
    said: tuple[str, ...]
    tasks: tuple[Mapping[str, Any], ...]
    frames: Mapping[str, Mapping[str, Any]]

    @property
    def asks(self) -> str:
        """The slot that the last question is about; empty without a question."""
        asked = [task for task in self.tasks if task["action"] == "action_ask"]
        return str(asked[-1]["slot"]) if asked else ""

    @property
    def choices(self) -> list[str]:
        """The ids of the answers that the last question offers."""
        asked = [task for task in self.tasks if task["action"] == "action_ask"]
        return [str(choice["id"]) for choice in asked[-1]["choices"]] if asked else []

    @property
    def offers(self) -> list[str]:
        """The meanings that are offered."""
        return [offer["intent"] for task in self.tasks for offer in task.get("offers", ())]

    @property
    def handoff(self) -> Mapping[str, Any] | None:
        """The task of a handoff."""
        return next((task for task in self.tasks if task["action"] == "action_hand_off"), None)


@dataclass
class Talk:
    """A conversation with the engine; ``customer`` is who is verified."""

    customer: str | None = "ann"
    limits: Limits = field(default_factory=Limits)
    shop: dict[str, Doing] = field(default_factory=working_shop)
    state: Any = None
    usual_offers: Sequence[str] = ("track", "send_back", "human_agent")
    book: FlowBook = field(default_factory=shop_flows)

    def says(
        self,
        text: str,
        intent: str = "nlu_fallback",
        confidence: float = 0.95,
        *,
        also: Sequence[tuple[str, float]] = (),
        ranking: Sequence[tuple[str, float]] = (),
        entities: Sequence[tuple[str, Any]] = (),
        clauses: Sequence[int] = (),
        frustration: float = 0.0,
        **named: Any,
    ) -> Reply:
        """The shopper writes ``text``, which was understood as given; ``named`` are entities.

        ``clauses`` says which part of the message each of the intents was found in,
        ``frustration`` how angry it sounds.
        """
        best = {"name": intent, "confidence": confidence}
        intents = [best, *({"name": name, "confidence": sure} for name, sure in also)]
        for one, clause in zip(intents, clauses, strict=False):
            one["clause"] = clause
        ranked = [{"name": name, "confidence": sure} for name, sure in ranking] or [best]
        found = [*entities, *named.items()]
        return self._hear(
            text,
            {
                "intent": best,
                "intents": intents,
                "intent_ranking": ranked,
                "mood": {"frustration": frustration, "urgency": 0.0, "signs": []},
                "entities": [
                    {"entity": name, "value": value, "text": str(value)} for name, value in found
                ],
            },
        )

    def presses(self, intent: str, **entities: Any) -> Reply:
        """The shopper presses a button."""
        payload = f"/{intent}{json.dumps(entities)}" if entities else f"/{intent}"
        best = {"name": intent, "confidence": 1.0}
        return self._hear("Title", {"intent": best, "intents": [best], "payload": payload})

    def values(self, flow: str) -> Mapping[str, Any]:
        """What the open frame of ``flow`` knows."""
        frames = [frame for frame in self.frames if frame["flow"] == flow]
        values: Mapping[str, Any] = frames[-1].get("values", {})
        return values

    @property
    def frames(self) -> list[dict[str, Any]]:
        """The stack, the frame served now last."""
        return list((self.state or {}).get("frames", ()))

    @property
    def open(self) -> list[str]:
        """The flows on the stack, the one served now last."""
        return [str(frame["flow"]) for frame in self.frames]

    def _hear(self, text: str, parsed: Mapping[str, Any]) -> Reply:
        engine = FlowEngine(self.book, self.limits, self.usual_offers)
        # The state passes through JSON, as it does in the tracker store.
        self.state = json.loads(json.dumps(self.state))
        decision = engine.hear(self.state, understanding_of(parsed, text), self.customer)
        actions: list[str] = []
        said: list[str] = []
        tasks: list[Mapping[str, Any]] = []
        frames: dict[str, Mapping[str, Any]] = {}
        while decision.action != LISTEN:
            assert len(actions) < 30, f"the turn does not end: {actions}"
            actions.append(decision.action)
            task = decision.state.get("task")
            if task:
                tasks.append(task)
                said += [one["response"] for one in task.get("says", ())]
                said += [task["response"]] if "response" in task else []
            outcome = None
            if decision.action in self.shop:
                frame = decision.state["frames"][-1]
                told = {"values": {}, "sources": {}, **frame}
                frames[decision.action] = told
                outcome = self._run(decision.action, told)
            self.state = json.loads(json.dumps(decision.state))
            decision = engine.proceed(
                self.state, outcome, self.customer, lambda: understanding_of(parsed, text)
            )
        self.state = decision.state
        return Reply(tuple(actions), tuple(said), tuple(tasks), frames)

    def _run(self, action: str, frame: Mapping[str, Any]) -> Outcome:
        outcome = self.shop[action](frame)
        if outcome is None:
            return None
        if "customer" in outcome:
            self.customer = outcome["customer"]
        return {"action": action, **outcome}

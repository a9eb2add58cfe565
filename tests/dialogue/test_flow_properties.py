"""Whatever shoppers and the shop's systems do, in any order: what always holds of the flows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.policies.flow_limits import Limits
from tests.dialogue.talk import SERVICE, SOCIAL, Reply, Talk, shop_flows, working_shop

BOOK = shop_flows()
FLOW_OF = {intent: flow.name for flow in BOOK.flows.values() for intent in flow.intents}
FLOW_DESCRIBED = {flow.description.en: flow.name for flow in BOOK.flows.values()}

# The values that may stand in a frame of each flow: what it collects and what its actions report.
OWN_VALUES = {
    flow.name: {step.slot for step in flow.collects}
    | {"send_back": {"draft"}, "gifts": {"wrapped"}}.get(flow.name, set())
    for flow in BOOK.flows.values()
}
# The action that does what the shopper came for.
DEED = {
    "send_back": "action_commit_return",
    "track": "action_track",
    "invoice": "action_send_invoice",
    "gifts": "action_next_gift",
    "swap": "action_commit_swap",
    "opening_hours": "action_answer_from_knowledge",
}
# Words that are mostly something else than the values named in them.
LONG = "would you please be so kind and look after something for me"
CLOSING = {"utter_person_declined", "utter_customer_changed", "utter_too_late"}

TROUBLE: tuple[Callable[[Mapping[str, Any]], Mapping[str, Any] | None], ...] = (
    lambda frame: None,
    lambda frame: {"outcome": "backend_down"},
    lambda frame: {"outcome": "invalid"},
    lambda frame: {"outcome": "never heard of"},
    lambda frame: {"action": "action_else", "outcome": "ok"},
    lambda frame: {"outcome": "more", "values": {"colour": None}},
    lambda frame: {"outcome": "ok", "choices": []},
)

intents = st.sampled_from(SERVICE)
moves = st.one_of(
    st.tuples(
        st.just("request"), st.lists(intents, min_size=1, max_size=3, unique=True), st.booleans()
    ),
    st.tuples(st.just("answer")),
    st.tuples(st.just("answer")),
    st.tuples(st.just("correct")),
    st.tuples(st.just("number"), st.sampled_from(["inform", "deny", "nlu_fallback"])),
    st.tuples(st.just("say"), st.sampled_from([*SOCIAL, "stop", "wait", "repeat", "leave_queue"])),
    st.tuples(st.just("mumble"), st.lists(st.tuples(intents, st.floats(0, 1)), max_size=3)),
    st.tuples(st.just("press"), st.sampled_from(["lines", "reason", "order_number", "nothing"])),
    st.tuples(st.just("press_intent"), st.sampled_from([*SERVICE, "affirm", "deny"])),
    st.tuples(st.just("it"), intents),
    st.tuples(st.just("customer"), st.sampled_from(["ann", "bob", None])),
    st.tuples(
        st.just("break"),
        st.sampled_from(sorted(working_shop())),
        st.integers(0, len(TROUBLE) - 1),
    ),
    st.tuples(st.just("mend")),
)


@dataclass
class Watched:
    """A talk that checks, after every message, what must always hold."""

    talk: Talk = field(default_factory=lambda: Talk(limits=Limits(actions=12), book=BOOK))
    numbers: int = 1000
    # Which flows each order number was said to.
    meant_for: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    # Numbers of a message that was not clear, until the shopper has said what it was about.
    held: set[str] = field(default_factory=set)

    def move(self, kind: str, *args: Any) -> None:
        """One thing that happens."""
        match kind:
            case "request":
                names, with_number = args
                number = {"order_number": self.number()} if with_number else {}
                also = [(name, 0.9) for name in names[1:]]
                self.hear(
                    names, lambda: self.talk.says(LONG, names[0], also=also, **number), number
                )
            case "answer":
                self.answer()
            case "correct":
                number = {"order_number": self.number()}
                if not self.talk.frames:
                    # With nothing open it is the last request that is asked for again.
                    served = (self.talk.state or {}).get("served") or '[""]'
                    self.meant_for[number["order_number"]].add(json.loads(served)[0])
                self.hear([], lambda: self.talk.says("no, instead", "deny", **number), number)
            case "number":
                number = {"order_number": self.number()}
                self.hear([], lambda: self.talk.says("that", args[0], **number), number)
            case "say":
                self.hear([], lambda: self.talk.says("hm", args[0]), {})
            case "mumble":
                ranking = sorted(args[0], key=lambda one: -one[1])
                self.hear([], lambda: self.talk.says("hm", ranking=ranking), {})
            case "press":
                value = {"reason": "small", "order_number": "W1001"}.get(args[0], "W1001-1")
                self.hear([], lambda: self.talk.presses("inform", **{args[0]: value}), {})
            case "press_intent":
                asked = [args[0]] if args[0] in SERVICE else []
                self.hear(asked, lambda: self.talk.presses(args[0]), {})
            case "it":
                self.hear([args[0]], lambda: self.talk.says(LONG, args[0], reference="that"), {})
            case "customer":
                self.talk.customer = args[0]
            case "break":
                self.talk.shop[args[0]] = TROUBLE[args[1]]
            case "mend":
                self.talk.shop = working_shop()

    def number(self) -> str:
        """An order number that nobody has said before."""
        self.numbers += 1
        return f"W2{self.numbers}"

    def hear(
        self, requests: list[str], say: Callable[[], Reply], entities: Mapping[str, str]
    ) -> Reply:
        """One message, and everything that must hold after it."""
        flows = [FLOW_OF[intent] for intent in requests]
        before = self.requests_open()
        said = set(entities.values())
        top = before[-1:]
        for number in said:
            self.meant_for[number] |= {*flows, *top}
        for number in self.held:
            self.meant_for[number] |= set(flows)
        reply = say()
        self.held = (self.held | said) if reply.offers else set()
        for number in self.held:
            # A message that only one flow can mean needs no question.
            self.meant_for[number] |= {FLOW_OF[intent] for intent in reply.offers}

        assert reply.actions, "the shopper got no answer"
        for flow in dict.fromkeys([*before, *flows]):
            assert self.is_open(flow) or self.was_closed(flow, reply), f"{flow} was lost: {reply}"
        self.check_values()
        return reply

    def requests_open(self) -> list[str]:
        """The flows that the shopper asked for and that have not ended, the top one last."""
        return [frame["flow"] for frame in self.talk.frames if not frame.get("called")]

    def is_open(self, flow: str) -> bool:
        return flow in self.requests_open()

    def was_closed(self, flow: str, reply: Reply) -> bool:
        """Whether the turn did what the flow is for, or told the shopper that it is closed."""
        stopped = {
            FLOW_DESCRIBED[said["args"]["request"]["en"]]
            for task in reply.tasks
            for said in task.get("says", ())
            if said["response"] == "utter_stopped"
        }
        handed = {request["flow"] for request in (reply.handoff or {}).get("requests", ())}
        refused = {"utter_not_confirmed"} & set(reply.said)
        return (
            DEED.get(flow) in reply.actions
            or flow in stopped | handed
            or bool(refused and flow in {"send_back", "swap"})
            or bool(CLOSING & set(reply.said))
        )

    def check_values(self) -> None:
        """No value lies in a frame that it was not meant for."""
        root = ""
        for frame in self.talk.frames:
            root = root if frame.get("called") else frame["flow"]
            values = frame.get("values", {})
            assert set(values) <= OWN_VALUES[frame["flow"]], frame
            number = values.get("order_number")
            if number in self.meant_for and frame["sources"]["order_number"] != "learned":
                assert root in self.meant_for[number], (number, frame)
            for line in values.get("lines", ()):
                assert line.startswith(values["order_number"]), frame

    def answer(self) -> Reply:
        """The right answer to whatever is open."""
        asked = (self.talk.state or {}).get("asked")
        if asked:
            about = asked["about"]
            if about == "meaning":
                intent = self.talk.state["offers"][0]
                return self.hear([intent], lambda: self.talk.presses(intent), {})
            intent = {"stop": "affirm", "person": "deny", "anything_else": "deny"}[about]
            return self.hear([], lambda: self.talk.presses(intent), {})
        frame = self.talk.frames[-1] if self.talk.frames else {}
        slot = frame.get("step") if frame.get("asked") else None
        match slot:
            case "order_number":
                number = {"order_number": self.number()}
                say = lambda: self.talk.says(number["order_number"], "inform", **number)  # noqa: E731
                return self.hear([], say, number)
            case "lines" if slot in frame.get("choices", {}):
                pressed = {slot: frame["choices"][slot][-1]["id"]}
                return self.hear([], lambda: self.talk.presses("inform", **pressed), {})
            case "reason":
                pressed = {slot: "broken"}
                return self.hear([], lambda: self.talk.presses("inform", **pressed), {})
            case "sure" | "on_paper":
                return self.hear([], lambda: self.talk.presses("affirm"), {})
            case "phone" | "colour":
                return self.hear([], lambda: self.talk.says("x", "inform", **{slot: "x"}), {})
            case "postcode":
                given = {"postcode": "200000"}
                return self.hear([], lambda: self.talk.says("200000", "inform", **given), {})
            case _:
                return self.hear([], lambda: self.talk.says("Acme Ltd"), {})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves=st.lists(moves, max_size=25))
def test_nothing_is_lost_misplaced_silent_or_stuck(moves: list[tuple[Any, ...]]) -> None:
    watched = Watched()
    for kind, *args in moves:
        watched.move(kind, *args)
    # However it came to this: when the shop works and the shopper answers, everything ends.
    watched.talk.shop = working_shop()
    for _ in range(80):
        if not watched.talk.open:
            return
        watched.answer()
    raise AssertionError(f"stuck: {watched.talk.state}")


@settings(max_examples=60, deadline=None)
@given(moves=st.lists(moves, max_size=15))
def test_the_same_conversation_always_goes_the_same_way(moves: list[tuple[Any, ...]]) -> None:
    first, second = Watched(), Watched()
    for kind, *args in moves:
        first.move(kind, *args)
        second.move(kind, *args)
        assert first.talk.state == second.talk.state

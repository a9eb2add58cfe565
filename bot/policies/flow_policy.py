"""The Rasa policy that runs journeys as flows: compiles them, then asks the engine what is due."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException

from bot.nlu.surroundings import surroundings
from bot.policies.flow import FlowBook
from bot.policies.flow_compiler import Vocabulary, compile_flows, read_responses
from bot.policies.flow_endings import LISTEN
from bot.policies.flow_engine import Decision, FlowEngine
from bot.policies.flow_limits import Limits
from bot.policies.flow_yaml import FlowError
from bot.policies.understanding import Understanding, understanding_of

STATE_SLOT = "dialogue_stack"
OUTCOME_SLOT = "flow_outcome"
CUSTOMER_SLOT = "customer"

_BOOK = "flows.json"


class InvalidFlows(RasaException, ValueError):
    """The flow files cannot be used; each line of the message is one mistake, with its place."""


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT], is_trainable=True
)
class FlowPolicy(Policy):
    """Predicts what the flow engine decides, with certainty; it learns nothing from stories.

    The tracker is not featurised: a prediction reads the slot `dialogue_stack` and the last few
    events, so that it costs the same after ten thousand messages as after ten.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """(see parent class for full docstring)"""
        limits = Limits()
        return {
            "priority": 7,
            # The folder of the flow files.
            "flows": "data/flows",
            # The domain, with the folder of the same stem beside it: for the wording.
            "domain": "domain.yml",
            # An intent below this confidence is not acted upon.
            "accept": limits.accept,
            # Nor is one below this where it is not the likeliest, or a question is open.
            "certain": limits.certain,
            # Nor is one below this, where the message also answers the open question.
            "interrupt": limits.interrupt,
            # Nor is one below this, where almost anything may be the answer.
            "undoubted": limits.undoubted,
            # Two readings closer than `margin`, both below `sure`: ask which is meant.
            "margin": limits.margin,
            "sure": limits.sure,
            # So many unusable answers to one question call a person.
            "failures": limits.failures,
            # So many messages in a row that are not understood call a person.
            "misses": limits.misses,
            # So many meanings are offered at most.
            "offers": limits.offers,
            # What is offered when a message suggests nothing: intents.
            "usual_offers": [],
            # So many actions of flows in one turn: then a person. Rasa itself stops at ten
            # predictions without a word.
            "actions": limits.actions,
            # A message that is most likely, with at least that chance, meant for one of these flows
            # calls a person after so many.
            "risky": [],
            "risky_misses": limits.risky_misses,
            "risky_from": limits.risky_from,
            # The same request for the third time in a row: a person is offered.
            "repeats": limits.repeats,
            # So often in a row the shop's system did not answer: a person comes, unasked.
            "outages": limits.outages,
            # Groups of customers who get a person where others are offered one.
            "vip_groups": [],
            # A message so likely to be written in anger counts, and so many of the last five bring
            # a person. Under `kefu` kefu.yml overrules this and all that calls a person.
            "frustration": limits.frustration,
            "patience": limits.patience,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Train again when a flow file or a response has changed."""
        config = cls.get_default_config() | config
        domain = Path(config["domain"])
        files = [
            *sorted(Path(config["flows"]).glob("*.yml")),
            *sorted(domain.with_suffix("").glob("*.yml")),
            *filter(Path.is_file, [domain]),
        ]
        digest = hashlib.sha256()
        for path in files:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
        return digest.hexdigest()

    @staticmethod
    def supported_data() -> SupportedData:
        """(see parent class for full docstring)"""
        return SupportedData.ML_DATA

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: TrackerFeaturizer | None = None,
        book: FlowBook | None = None,
    ) -> None:
        """(see parent class for full docstring)"""
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        settings = {name: config[name] for name in Limits.__dataclass_fields__}
        settings |= {name: frozenset(settings[name]) for name in ("risky", "vip_groups")}
        limits = Limits(**settings)
        # The dialogue doubts where the language side does: what the shop's rules say overrules.
        if rules := surroundings().thresholds:
            limits = replace(
                limits,
                accept=rules.threshold,
                certain=max(rules.certain, rules.threshold),
                margin=rules.margin,
                sure=rules.sure,
            )
        self._engine = FlowEngine(book or FlowBook(()), limits, config["usual_offers"])
        self._own_limits = limits

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: Any,
    ) -> Resource:
        """Compile the flows.

        Raises:
            InvalidFlows: A flow file or the domain has a mistake.
        """
        try:
            vocabulary = Vocabulary(
                intents=frozenset(domain.intents),
                entities=frozenset(domain.entities),
                actions=frozenset(domain.action_names_or_texts),
                responses=read_responses(Path(self.config["domain"])),
            )
            book = compile_flows(Path(self.config["flows"]), vocabulary)
        except FlowError as error:
            raise InvalidFlows(str(error)) from error
        unknown = [name for name in self.config["usual_offers"] if book.of_intent(name) is None]
        if unknown:
            raise InvalidFlows(f"config.yml: usual_offers: no flow starts with {unknown}")
        with self._model_storage.write_to(self._resource) as folder:
            (folder / _BOOK).write_bytes(book.to_json())
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FlowPolicy:
        """(see parent class for full docstring)"""
        with model_storage.read_from(resource) as folder:
            book = FlowBook.from_json((folder / _BOOK).read_bytes())
        return cls(config, model_storage, resource, execution_context, book=book)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """(see parent class for full docstring)"""
        decision = self._decide(tracker)
        events: list[Event] = [SlotSet(STATE_SLOT, decision.state)]
        if tracker.get_slot(OUTCOME_SLOT) is not None:
            # What the next action does not report must not be taken from the last one.
            events.append(SlotSet(OUTCOME_SLOT, None))
        probabilities = [0.0] * domain.num_actions
        probabilities[domain.index_for_action(decision.action)] = 1.0
        return self._prediction(probabilities, optional_events=events)

    def _decide(self, tracker: DialogueStateTracker) -> Decision:
        state = tracker.get_slot(STATE_SLOT)
        known = tracker.get_slot(CUSTOMER_SLOT)
        customer, group = _customer_id(known), _group(known)
        message = _unanswered(tracker)
        if message is None:
            outcome = tracker.get_slot(OUTCOME_SLOT)
            return self._engine.proceed(state, outcome, customer, lambda: _latest(tracker), group)
        heard = understanding_of(message.parse_data or {}, message.text or "")
        # Those of config.yml, as far as the program that runs us has none of its own.
        self._engine.go_by(replace(self._own_limits, **surroundings().limits))
        return self._engine.hear(state, heard, customer, group)


def _unanswered(tracker: DialogueStateTracker) -> UserUttered | None:
    """The message to which nothing has been done yet."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return event
        if isinstance(event, ActionExecuted) and event.action_name != LISTEN:
            return None
    return None


def _latest(tracker: DialogueStateTracker) -> Understanding:
    """The message of this turn; an empty one where a conversation began without any."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return understanding_of(event.parse_data or {}, event.text or "")
    return Understanding("")


def _customer_id(customer: object) -> str | None:
    if isinstance(customer, Mapping) and customer.get("id") is not None:
        return str(customer["id"])
    return None


def _group(customer: object) -> str | None:
    group = customer.get("group") if isinstance(customer, Mapping) else None
    return None if group is None else str(group)

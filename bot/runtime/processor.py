"""Rasa's message processor, brought down to what one turn needs."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import structlog
from rasa.core.actions.action import Action, RemoteAction
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LockStore
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.nlg.response import ResponseVariationFilter
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.storage import ModelMetadata
from rasa.exceptions import ModelNotFound
from rasa.model import get_latest_model
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.constants import ACTION_VALIDATE_SLOT_MAPPINGS, SlotMappingType
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_TEXT,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import EndpointConfig

from bot.runtime.actions import (
    UTTER_INTERNAL_ERROR,
    ActionRunner,
    GuardedAction,
    InProcessAction,
    utterance,
)
from bot.runtime.graph import SequentialGraphRunner
from bot.runtime.hiding import hide_secrets
from bot.runtime.replies import (
    AGREED_SLOT,
    CUSTOMER_SLOT,
    HANDOFF_SLOT,
    LANGUAGE_SLOT,
    NEWS_SLOT,
    STATE_SLOT,
    result_of,
)
from bot.runtime.tracker import ConversationTracker
from bot.runtime.tracker_store import SqlTrackerStore
from bot.runtime.turn import TurnRequest, TurnResult

log = structlog.get_logger()

LANGUAGES = frozenset({"zh", "en"})
DEFAULT_LANGUAGE = "zh"
INTENTS_KEY = "intents"
LANGUAGE_KEY = "language"
# The flow engine reads here which choice was pressed: a flow's value need not be an entity.
PAYLOAD_KEY = "payload"
# A tracker keeps the likeliest meanings of a message, not all of them.
_KEPT_RANKING = 5
# What a flow calls a picture that came with a message.
_PHOTO = "photo"
# One message may finish a flow, announce the next and ask its first question.
_MOST_ACTIONS_A_TURN = 40


class SilentChannel(OutputChannel):
    """Sends nothing: the replies of a turn are read from its events."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def name(self) -> str:
        """The shopper's channel, for responses that differ by channel."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """(see parent class for full docstring)"""


class Wording(TemplatedNaturalLanguageGenerator):
    """Rasa's responses; of several that fit, the first: the same input has the same answer."""

    def _random_response_for(
        self, utter_action: str, output_channel: str, filled_slots: dict[str, Any]
    ) -> dict[str, Any] | None:
        """(see parent class for full docstring)"""
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, filled_slots
        )
        return fitting[0] if fitting else None


class TurnProcessor(MessageProcessor):
    """Runs the turns of one loaded model; one turn of a conversation at a time.

    Differences from Rasa's own: text is never read as payload syntax; a message that was answered
    before gets the same answer without acting again; no action can fail in silence; slot
    extraction is left out where the domain extracts nothing; a tracker is saved once a turn.
    """

    tracker_store: SqlTrackerStore

    def __init__(
        self,
        model: Path,
        tracker_store: SqlTrackerStore,
        lock_store: LockStore,
        *,
        actions: ActionRunner | None,
        action_endpoint: EndpointConfig | None,
        action_time_limit: float,
    ) -> None:
        """Load ``model``, a file or a folder whose newest file counts; takes seconds."""
        super().__init__(
            model,
            tracker_store,
            lock_store,
            generator=None,
            action_endpoint=action_endpoint,
            max_number_of_predictions=_MOST_ACTIONS_A_TURN,
        )
        self.nlg = Wording(self.domain.responses)
        tracker_store.domain = self.domain
        self._actions = None if action_endpoint else actions
        self._action_time_limit = action_time_limit
        self._understanding = self._node_before_payload_syntax()
        self._extracts_slots = _extracts_slots(self.domain)

    @staticmethod
    def _load_model(model_path: str | Path) -> tuple[str, ModelMetadata, GraphRunner]:
        """(see parent class for full docstring) Runs the graph without dask."""
        # Asked for the latest, Rasa takes a file for a hint at its folder.
        path = str(model_path) if Path(model_path).is_file() else get_latest_model(model_path)
        if path is None:
            raise ModelNotFound(f"there is no trained model at {model_path}")
        with TemporaryDirectory() as folder:
            try:
                metadata, runner = load_predict_graph_runner(
                    Path(folder), Path(path), LocalModelStorage, SequentialGraphRunner
                )
            except tarfile.ReadError as error:
                raise ModelNotFound(f"{path} is not a trained model") from error
        return Path(path).name, metadata, runner

    async def turn(self, request: TurnRequest) -> TurnResult:
        """Answer one message; the caller holds the conversation's lock.

        Raises:
            TrackerConflict: another process answered the conversation meanwhile; nothing is kept.
        """
        tracker, known = await self._tracker_for(request)
        if known:
            earlier = await self._events_of_earlier_turn(tracker, request.message_id)
            await self.tracker_store.save(tracker)
            return result_of(earlier, tracker.current_slot_values())

        channel = SilentChannel(request.channel)
        await self._update_tracker_session(tracker, channel)
        understood = self.understand(request.text, request.payload)
        self._seed_slots(tracker, request, understood.get(LANGUAGE_KEY))
        tracker.update(_uttered(request, understood), self.domain)
        if self._extracts_slots:
            await self.run_action_extract_slots(channel, tracker)
        await self._run_prediction_loop(channel, tracker)
        await self._never_silent(tracker, channel, request.message_id)
        hide_secrets(tracker, _turn_in(tracker, request.message_id) or [])
        happened = _turn_in(tracker, request.message_id) or []
        if tracker.get_slot(HANDOFF_SLOT) is not None:
            tracker.update(SlotSet(HANDOFF_SLOT, None), self.domain)
        await self.tracker_store.save(tracker)
        return result_of(happened, tracker.current_slot_values())

    def understand(self, text: str, payload: str | None = None) -> dict[str, Any]:
        """Rasa's parse result for ``text``, or for ``payload`` (``/intent{…}``) if there is one."""
        if payload is not None:
            return self._unpacked(text, payload)
        if not text.strip():
            return _nothing_understood(text)
        results = self.graph_runner.run(
            inputs={PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: None},
            targets=[self._understanding],
        )
        parsed = _nothing_understood(text)
        parsed |= results[self._understanding][0].as_dict(only_output_properties=True)
        if parsed[INTENT][INTENT_NAME_KEY] is not None and not parsed[INTENTS_KEY]:
            parsed[INTENTS_KEY] = [parsed[INTENT]]
        return parsed

    def predict_next_with_tracker_if_should(
        self, tracker: DialogueStateTracker
    ) -> tuple[Action, PolicyPrediction]:
        """(see parent class for full docstring)"""
        action, prediction = super().predict_next_with_tracker_if_should(tracker)
        return self._guarded(action), prediction

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        """(see parent class) Without its debug lines, for which it copies every event."""
        happened = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in happened):
            tracker.update_with_events(prediction.events, self.domain)
            tracker.update(action.event_for_successful_execution(prediction))
        tracker.update_with_events(happened, self.domain)

    @staticmethod
    def _log_slots(tracker: DialogueStateTracker) -> None:
        """(see parent class) Left out: it writes every slot down even where nobody listens."""

    def _get_action(self, action_name: str) -> Action:
        return self._guarded(super()._get_action(action_name))

    def _guarded(self, action: Action) -> Action:
        if self._actions is not None and type(action) is RemoteAction:
            action = InProcessAction(action.name(), self._actions)
        return GuardedAction(action, self._action_time_limit)

    def _node_before_payload_syntax(self) -> str:
        """The graph node whose output is understood words, before Rasa looks for ``/intent``."""
        target: str = self.model_metadata.nlu_target
        node = self.model_metadata.predict_schema.nodes[target]
        if node.uses is not RegexMessageHandler:
            return target
        before: str = node.needs["messages"]
        return before

    def _unpacked(self, text: str, payload: str) -> dict[str, Any]:
        message = YAMLStoryReader.unpack_regex_message(Message({TEXT: payload}), self.domain)
        intent = message.get(INTENT)
        if intent is None:
            log.error("payload.not_understood", conversation_payload=payload)
            return _nothing_understood(text or payload)
        return {
            TEXT: text or payload,
            INTENT: intent,
            INTENT_RANKING_KEY: message.get(INTENT_RANKING_KEY),
            ENTITIES: message.get(ENTITIES),
            INTENTS_KEY: [intent],
            PAYLOAD_KEY: payload,
        }

    async def _tracker_for(self, request: TurnRequest) -> tuple[ConversationTracker, bool]:
        """The conversation's tracker, and whether it knows the message already."""
        found, known = await self.tracker_store.retrieve_for(
            request.conversation_id, request.message_id
        )
        tracker = found or self.tracker_store.init_tracker(request.conversation_id)
        tracker.model_id = self.model_metadata.model_id
        tracker.assistant_id = tracker.assistant_id or self.model_metadata.assistant_id
        return tracker, known

    async def _events_of_earlier_turn(
        self, tracker: ConversationTracker, message_id: str
    ) -> list[Event]:
        held = _turn_in(tracker, message_id)
        if held is not None:
            return held
        stored = await self.tracker_store.events_of_turn(tracker.sender_id, message_id)
        return stored or []

    def _seed_slots(
        self, tracker: ConversationTracker, request: TurnRequest, written_in: str | None
    ) -> None:
        """Take over what the desk knows; the language follows the shopper where it shows."""
        language = written_in if written_in in LANGUAGES else request.language
        if language is None and tracker.get_slot(LANGUAGE_SLOT) is None:
            language = DEFAULT_LANGUAGE
        seeds = {LANGUAGE_SLOT: language, CUSTOMER_SLOT: request.customer}
        for name, value in seeds.items():
            if value is not None and name in tracker.slots and tracker.get_slot(name) != value:
                tracker.update(SlotSet(name, msgspec.to_builtins(value)), self.domain)
        for name, told in ((AGREED_SLOT, request.agreed), (NEWS_SLOT, request.news)):
            if told is not None and name in tracker.slots:
                self._learn(tracker, name, dict(told))
        # Judged where the slot is known: the desk may not have heard of the dialogue's last proof.
        if _is_outdated(tracker.get_slot(CUSTOMER_SLOT), request.proven_since):
            tracker.update(SlotSet(CUSTOMER_SLOT, None), self.domain)

    def _learn(self, tracker: ConversationTracker, name: str, told: dict[str, Any]) -> None:
        """What the desk told the shopper is known from now on: its values are not asked for."""
        known = tracker.get_slot(name)
        if known == told:
            return
        tracker.update(SlotSet(name, told), self.domain)
        is_new = known is None or known["at"] != told["at"]
        if is_new and told["facts"]:
            state = dict(tracker.get_slot(STATE_SLOT) or {})
            state["learned"] = {**state.get("learned", {}), **told["facts"]}
            tracker.update(SlotSet(STATE_SLOT, state), self.domain)

    async def _never_silent(
        self, tracker: ConversationTracker, channel: OutputChannel, message_id: str
    ) -> None:
        happened = _turn_in(tracker, message_id) or []
        if any(isinstance(event, BotUttered) for event in happened):
            return
        if tracker.get_slot(HANDOFF_SLOT) is not None:
            return
        log.error("turn.silent", conversation=tracker.sender_id, message=message_id)
        said = await utterance(UTTER_INTERNAL_ERROR, channel, self.nlg, tracker)
        tracker.update_with_events(said, self.domain)


def _is_outdated(customer: Mapping[str, Any] | None, proven_since: datetime | None) -> bool:
    """Whether this customer's proof of identity is older than may be relied on."""
    if customer is None or proven_since is None:
        return False
    proven_at = customer.get("proven_at")
    return proven_at is not None and datetime.fromisoformat(proven_at) <= proven_since


def _uttered(request: TurnRequest, understood: dict[str, Any]) -> UserUttered:
    parse_data = dict(understood)
    parse_data[INTENT_RANKING_KEY] = (parse_data.get(INTENT_RANKING_KEY) or [])[:_KEPT_RANKING]
    parse_data[ENTITIES] = [*(parse_data.get(ENTITIES) or []), *_photos(request)]
    return UserUttered(
        parse_data[TEXT],
        parse_data[INTENT],
        parse_data[ENTITIES],
        parse_data,
        input_channel=request.channel,
        message_id=request.message_id,
        metadata={"attachments": list(msgspec.to_builtins(request.attachments))},
    )


def _photos(request: TurnRequest) -> list[dict[str, Any]]:
    """The pictures of a message, as what they are to a flow that asks for one."""
    return [
        {
            ENTITY_ATTRIBUTE_TYPE: _PHOTO,
            ENTITY_ATTRIBUTE_VALUE: picture.id,
            ENTITY_ATTRIBUTE_TEXT: "",
        }
        for picture in request.attachments
        if picture.media_type.startswith("image/")
    ]


def _turn_in(tracker: DialogueStateTracker, message_id: str) -> list[Event] | None:
    """The events from the message to the next one; None if the tracker does not hold it."""
    turn: list[Event] = []
    for event in reversed(tracker.events):
        turn.append(event)
        if isinstance(event, UserUttered):
            if event.message_id == message_id:
                return turn[::-1]
            turn = []
    return None


def _nothing_understood(text: str) -> dict[str, Any]:
    intent = {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
    return {TEXT: text, INTENT: intent, INTENT_RANKING_KEY: [], ENTITIES: [], INTENTS_KEY: []}


def _extracts_slots(domain: Domain) -> bool:
    """Whether action_extract_slots could do anything for this domain."""
    if ACTION_VALIDATE_SLOT_MAPPINGS in domain.user_actions:
        return True
    return any(
        mapping.get("type") != str(SlotMappingType.CUSTOM) or mapping.get("action")
        for slot in domain.slots
        for mapping in slot.mappings
    )

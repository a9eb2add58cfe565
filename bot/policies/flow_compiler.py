"""Reads `data/flows/*.yml` into flows and refuses every mistake with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.policies.flow import (
    ANY,
    CHOICE,
    IDENTIFY,
    LIKELY,
    REFERENCE,
    TEXT,
    YES_NO,
    Branch,
    Call,
    Choice,
    Collect,
    Confirm,
    Flow,
    FlowBook,
    Handoff,
    Identity,
    Run,
    Say,
    Step,
    Target,
    Way,
)
from bot.policies.flow_endings import ENGINE_ACTIONS
from bot.policies.flow_meanings import DIALOGUE_ONLY
from bot.policies.flow_yaml import LANGUAGES, FlowError, Raw, Reading

ENGINE_RESPONSES = (
    "utter_resume",
    "utter_next_request",
    "utter_not_understood",
    "utter_ask_stop",
    "utter_stopped",
    "utter_nothing_to_stop",
    "utter_not_confirmed",
    "utter_kept",
    "utter_wait",
    "utter_noted",
    "utter_clarify",
    "utter_ask_person",
    "utter_person_declined",
    "utter_sorry_for_trouble",
    "utter_action_failed",
    "utter_anything_else",
    "utter_nothing_else",
    "utter_go_ahead",
    "utter_customer_changed",
)

_FLOW_KEYS = frozenset(
    {"intents", "description", "title", "identity", "takes", "shows", "asks_again", "steps"}
)
_STEP_KEYS = {
    "collect": frozenset(
        {
            "from",
            "ask",
            "choices",
            "many",
            "check",
            "then",
            "depends_on",
            "answered_by",
            "hears",
            "next",
        }
    ),
    "run": frozenset({"then", "next"}),
    "confirm": frozenset({"ask", "yes", "no", "then", "hears", "answered_by"}),
    "say": frozenset({"next"}),
    "branch": frozenset({"then", "next"}),
    "call": frozenset({"next"}),
    "handoff": frozenset[str](),
}
# Rasa puts these into every domain; where one of them starts no flow, it is not understood.
_RASAS_OWN = frozenset({"restart", "back", "session_start", "out_of_scope"})
_CHOICE_KEYS = frozenset({"id", "title", "words"})
_KINDS = frozenset({REFERENCE, TEXT, YES_NO, CHOICE})
_WORDS = {"END": Target(Way.END), "STOP": Target(Way.STOP)}
_REASONED = {"HANDOFF": Way.HANDOFF, "OFFER_PERSON": Way.OFFER_PERSON}


@dataclass(frozen=True)
class Response:
    """Where a response is written, and the language of each of its variations."""

    place: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """What the domain knows."""

    intents: frozenset[str]
    entities: frozenset[str]
    actions: frozenset[str]
    responses: Mapping[str, Response]


def compile_flows(folder: Path, vocabulary: Vocabulary) -> FlowBook:
    """The flows of all YAML files in ``folder``.

    Raises:
        FlowError: There are mistakes; all of them are listed.
    """
    compiler = _Compiler(vocabulary=vocabulary)
    for path in sorted(folder.glob("*.yml")):
        compiler.read(path)
    if compiler.unreadable:
        raise FlowError("\n".join(compiler.unreadable))
    return compiler.finish(folder)


def read_responses(domain: Path) -> dict[str, Response]:
    """The responses of ``domain`` and of the files in the folder of the same stem beside it.

    Read from the files, because Rasa gives a policy a domain without the wording.

    Raises:
        FlowError: A file is not YAML.
    """
    responses: dict[str, Response] = {}
    for path in (domain, *sorted(domain.with_suffix("").glob("*.yml"))):
        reading = Reading()
        root = reading.compose(path) if path.is_file() else None
        if reading.unreadable:
            raise FlowError("\n".join(reading.unreadable))
        found = root.get("responses") if root is not None else None
        for name, raw in (found.value if found is not None else {}).items():
            responses[name] = Response(raw.place, tuple(_languages(raw)))
    return responses


def _languages(response: Raw) -> Iterator[str]:
    for variation in response.value if isinstance(response.value, list) else ():
        conditions = variation.get("condition")
        for condition in conditions.value if conditions is not None else ():
            name, value = condition.get("name"), condition.get("value")
            if name is not None and value is not None and name.value == "language":
                yield str(value.value)


@dataclass
class _Draft:
    """A flow while it is read: its lines are needed until everything is checked."""

    name: str
    place: str
    flow: Flow
    places: dict[str, str]
    targets: dict[str, list[Target]]


@dataclass
class _Compiler(Reading):
    vocabulary: Vocabulary = field(kw_only=True)
    drafts: dict[str, _Draft] = field(default_factory=dict)

    # Reading

    def read(self, path: Path) -> None:
        """Read one file of flows."""
        name = path.as_posix()
        root = self.compose(path)
        if root is None:
            return
        flows = root.get("flows")
        if flows is None or not isinstance(flows.value, dict):
            self.wrong(f"{name}:1", "has no mapping `flows`")
            return
        self.only(root, {"flows", "version"}, "the file")
        for flow_name, raw in flows.value.items():
            if flow_name in self.drafts:
                known = self.drafts[flow_name].place
                self.wrong(raw.place, f'flow "{flow_name}" is already defined at {known}')
            elif not isinstance(raw.value, dict):
                self.wrong(raw.place, f'flow "{flow_name}" is not a mapping')
            else:
                self.drafts[flow_name] = self._flow(flow_name, raw)

    def _flow(self, name: str, raw: Raw) -> _Draft:
        about = f'flow "{name}"'
        self.only(raw, _FLOW_KEYS, about)
        description = self.bilingual(raw.get("description"), raw.place, f"{about}: description")
        title = raw.get("title")
        identity = self.text(raw.get("identity"), about, default=Identity.NONE.value)
        if identity not in set(Identity):
            self.wrong(raw.place, f"{about}: identity is `read` or `none`, not `{identity}`")
            identity = Identity.NONE.value
        draft = _Draft(
            name,
            raw.place,
            Flow(
                name=name,
                description=description,
                title=self.bilingual(title, raw.place, f"{about}: title")
                if title is not None
                else description,
                steps=(),
                intents=self.names(raw.get("intents"), about),
                identity=Identity(identity),
                takes=self.names(raw.get("takes"), about),
                shows=self.names(raw.get("shows"), about),
                asks_again=self.flag(raw.get("asks_again"), about, default=True),
            ),
            {},
            {},
        )
        steps = raw.get("steps")
        if steps is None or not isinstance(steps.value, list) or not steps.value:
            self.wrong(raw.place, f"{about} has no steps")
            return draft
        self._steps(draft, steps.value)
        return draft

    def _steps(self, draft: _Draft, raws: Sequence[Raw]) -> None:
        kept: list[tuple[str, str, Raw]] = []
        for number, raw in enumerate(raws, start=1):
            about = f'flow "{draft.name}", step {number}'
            kinds = [kind for kind in _STEP_KEYS if raw.get(kind) is not None]
            if len(kinds) != 1:
                self.wrong(raw.place, f"{about} needs exactly one of {', '.join(_STEP_KEYS)}")
                continue
            kind = kinds[0]
            self.only(raw, _STEP_KEYS[kind] | {kind, "id"}, about)
            subject = self.text(raw.get(kind), about)
            default = subject if kind == "collect" else f"#{number}"
            step_id = self.text(raw.get("id"), about, default=default)
            if kind == "confirm" and raw.get("id") is None:
                self.wrong(raw.place, f"{about}: a confirm needs an id")
            if step_id in draft.places:
                self.wrong(raw.place, f'{about}: there is already a step "{step_id}"')
                continue
            draft.places[step_id] = raw.place
            kept.append((kind, step_id, raw))
        steps = []
        for number, (kind, step_id, raw) in enumerate(kept):
            below = Target(Way.STEP, kept[number + 1][1]) if number + 1 < len(kept) else None
            steps.append(self._step(draft, kind, step_id, raw, below or _WORDS["END"]))
        draft.flow = Flow(
            **{key: getattr(draft.flow, key) for key in Flow.__struct_fields__ if key != "steps"},
            steps=tuple(steps),
        )

    def _step(self, draft: _Draft, kind: str, step_id: str, raw: Raw, below: Target) -> Step:
        about = f'flow "{draft.name}", step "{step_id}"'
        subject = self.text(raw.get(kind), about)
        after = self._target(raw.get("next"), draft, about, below) or below
        then_raw = raw.get("then")
        then: dict[str, Target] = {}
        if then_raw is not None and isinstance(then_raw.value, dict):
            for word, target in then_raw.value.items():
                then[word] = self._target(target, draft, about, after) or after
        elif then_raw is not None:
            self.wrong(then_raw.place, f"{about}: `then` is a mapping from outcome to target")
        ways = draft.targets.setdefault(step_id, [])
        ways += then.values()
        match kind:
            case "collect":
                ways.append(after)
                return self._collect(draft, step_id, subject, raw, after, then)
            case "run":
                ways.append(after)
                return Run(step_id, self._action(subject, raw, about), after, then)
            case "confirm":
                yes = self._target(raw.get("yes"), draft, about, after) or after
                no = self._target(raw.get("no"), draft, about, after)
                ways += [yes, no or _WORDS["STOP"]]
                ask = self.text(raw.get("ask"), about, default=f"utter_ask_{draft.name}_{step_id}")
                self._response(ask, raw.place, about)
                return Confirm(
                    step_id,
                    self._action(subject, raw, about),
                    ask,
                    yes,
                    no,
                    then,
                    hears=self._hears(raw, about),
                    answered_by=self.names(raw.get("answered_by"), about),
                )
            case "say":
                ways.append(after)
                self._response(subject, raw.place, about)
                return Say(step_id, subject, after)
            case "branch":
                if "ELSE" not in then:
                    ways.append(after)
                return Branch(step_id, subject, after, then)
            case "call":
                ways.append(after)
                return Call(step_id, subject, after)
            case _:
                ways.append(Target(Way.HANDOFF, subject))
                return Handoff(step_id, subject)

    def _collect(
        self,
        draft: _Draft,
        step_id: str,
        slot: str,
        raw: Raw,
        after: Target,
        then: dict[str, Target],
    ) -> Collect:
        about = f'flow "{draft.name}", step "{step_id}"'
        choices_raw = raw.get("choices")
        listed: tuple[Choice, ...] = ()
        action = ""
        if choices_raw is not None and isinstance(choices_raw.value, list):
            listed = tuple(self._choice(one, about) for one in choices_raw.value)
            if len({choice.id for choice in listed}) < len(listed):
                self.wrong(choices_raw.place, f"{about}: two choices have the same id")
        elif choices_raw is not None:
            action = self._action(self.text(choices_raw, about), choices_raw, about)
        sources = self._sources(slot, raw, about, has_choices=choices_raw is not None)
        check_raw = raw.get("check")
        check = ""
        if check_raw is not None:
            check = self._action(self.text(check_raw, about), check_raw, about)
        if then and not check and not action:
            self.wrong(raw.place, f"{about}: `then` needs a `check` or a `choices` action")
        ask = self.text(raw.get("ask"), about, default=f"utter_ask_{draft.name}_{slot}")
        self._response(ask, raw.place, about)
        return Collect(
            id=step_id,
            slot=slot,
            sources=sources,
            ask=ask,
            next=after,
            choices=listed,
            choices_action=action,
            check=check,
            many=self.flag(raw.get("many"), about, default=False),
            then=then,
            depends_on=self.names(raw.get("depends_on"), about),
            answered_by=self.names(raw.get("answered_by"), about),
            hears=self._hears(raw, about),
        )

    def _hears(self, raw: Raw, about: str) -> str | None:
        hears = raw.get("hears")
        return None if hears is None else self._action(self.text(hears, about), hears, about)

    def _sources(self, slot: str, raw: Raw, about: str, *, has_choices: bool) -> tuple[str, ...]:
        given = raw.get("from")
        known = self.vocabulary.entities | _KINDS
        if given is not None:
            sources = self.names(given, about)
            for source in sources:
                if source not in known:
                    self.wrong(given.place, f'{about}: "{source}" is no entity of the domain')
        else:
            sources = (slot,) if slot in known else ()
            if not sources and not has_choices:
                self.wrong(
                    raw.place,
                    f'{about}: nothing can fill "{slot}": it is no entity; say `from` or `choices`',
                )
        if has_choices and CHOICE not in sources:
            sources = (CHOICE, *sources)
        return sources

    def _choice(self, raw: Raw, about: str) -> Choice:
        self.only(raw, _CHOICE_KEYS, f"{about}: choice")
        return Choice(
            self.text(raw.get("id"), f"{about}: choice", place=raw.place),
            self.bilingual(raw.get("title"), raw.place, f"{about}: title of a choice"),
            self.names(raw.get("words"), about),
        )

    def _target(self, raw: Raw | None, draft: _Draft, about: str, below: Target) -> Target | None:
        if raw is None:
            return None
        text = self.text(raw, about)
        word, _, reason = text.partition(" ")
        if text == "NEXT":
            return below
        if text in _WORDS:
            return _WORDS[text]
        if word in _REASONED:
            if not reason.strip():
                self.wrong(raw.place, f"{about}: {word} needs a reason")
            return Target(_REASONED[word], reason.strip())
        if text not in draft.places:
            self.wrong(raw.place, f'{about}: there is no step "{text}"')
            return _WORDS["END"]
        return Target(Way.STEP, text)

    def _action(self, name: str, raw: Raw, about: str) -> str:
        if name not in self.vocabulary.actions:
            self.wrong(raw.place, f'{about}: action "{name}" is not in the domain')
        return name

    def _response(self, name: str, place: str, about: str) -> None:
        if name not in self.vocabulary.responses:
            self.wrong(place, f'{about}: response "{name}" is not in the domain')

    # The whole

    def finish(self, folder: Path) -> FlowBook:
        """Check what needs all files, and give the book or raise."""
        place = folder.as_posix()
        if not self.drafts and not self.errors:
            self.wrong(place, "there are no flows")
        self._check_intents(place)
        for name, response in self.vocabulary.responses.items():
            self._check_languages(name, response)
        for draft in self.drafts.values():
            self._check_flow(draft)
        for name in sorted(ENGINE_ACTIONS - self.vocabulary.actions):
            self.wrong("domain", f'the engine\'s action "{name}" is missing')
        for name in ENGINE_RESPONSES:
            self._response(name, "domain", "the engine")
        if self.errors:
            raise FlowError("\n".join(dict.fromkeys(self.errors)))
        return FlowBook(draft.flow for draft in self.drafts.values())

    def _check_languages(self, name: str, response: Response) -> None:
        for language in sorted(LANGUAGES):
            times = response.languages.count(language)
            if times != 1:
                what = "is missing" if times == 0 else "is given twice"
                self.wrong(response.place, f'response "{name}" {what} in `{language}`')

    def _check_intents(self, place: str) -> None:
        started: dict[str, str] = {}
        for draft in self.drafts.values():
            for intent in draft.flow.intents:
                about = f'flow "{draft.name}"'
                if intent not in self.vocabulary.intents:
                    self.wrong(draft.place, f'{about}: intent "{intent}" is not in the domain')
                if intent in DIALOGUE_ONLY:
                    self.wrong(draft.place, f'{about}: intent "{intent}" cannot start a flow')
                if intent in started:
                    other = started[intent]
                    self.wrong(draft.place, f'{about}: intent "{intent}" already starts "{other}"')
                started[intent] = draft.name
        labels = self.vocabulary.intents - DIALOGUE_ONLY - _RASAS_OWN
        for intent in sorted(labels - started.keys()):
            self.wrong(place, f'intent "{intent}" starts no flow: a shopper would meet a wall')

    def _check_flow(self, draft: _Draft) -> None:
        flow, about = draft.flow, f'flow "{draft.name}"'
        for entity in (*flow.takes, *flow.shows):
            if entity not in self.vocabulary.entities:
                self.wrong(draft.place, f'{about}: "{entity}" is no entity of the domain')
        if flow.identity is Identity.READ and IDENTIFY not in self.drafts:
            self.wrong(draft.place, f'{about} needs a flow "{IDENTIFY}"')
        slots = {step.slot for step in flow.collects}
        for step in flow.steps:
            where = draft.places[step.id]
            if isinstance(step, Call) and step.flow not in self.drafts:
                self.wrong(where, f'{about}, step "{step.id}": there is no flow "{step.flow}"')
            if isinstance(step, Collect):
                for intent in step.answered_by:
                    if intent not in (ANY, LIKELY) and intent not in self.vocabulary.intents:
                        self.wrong(
                            where,
                            f'{about}, step "{step.id}": intent "{intent}" is not in the domain',
                        )
                for slot in step.depends_on:
                    if slot not in slots:
                        self.wrong(where, f'{about}, step "{step.id}": "{slot}" is not collected')
        if flow.identity is Identity.READ and flow.name == IDENTIFY:
            self.wrong(draft.place, f"{about} cannot need itself")
        self._check_ways(draft)

    def _check_ways(self, draft: _Draft) -> None:
        if not draft.flow.steps:
            return
        reached = _closure(draft.flow.steps[0].id, draft.targets)
        for step in draft.flow.steps:
            where = draft.places[step.id]
            about = f'flow "{draft.name}", step "{step.id}"'
            if step.id not in reached:
                self.wrong(where, f"{about}: nothing leads here")
            elif not any(
                target.way is not Way.STEP
                for passed in _closure(step.id, draft.targets)
                for target in draft.targets[passed]
            ):
                self.wrong(where, f"{about}: the flow cannot come to an end from here")


def _closure(start: str, targets: Mapping[str, Sequence[Target]]) -> set[str]:
    """The steps that can be reached from ``start``, itself included."""
    found: set[str] = set()
    ahead = [start]
    while ahead:
        step = ahead.pop()
        if step not in found:
            found.add(step)
            ahead += _steps_after(targets.get(step, ()))
    return found


def _steps_after(targets: Iterable[Target]) -> Iterator[str]:
    return (target.name for target in targets if target.way is Way.STEP)

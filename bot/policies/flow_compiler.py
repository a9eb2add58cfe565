"""Reads `data/flows/*.yml` into flows and refuses every mistake with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.policies.flow import (
    ANY,
    CHOICE,
    IDENTIFY,
    REFERENCE,
    TEXT,
    YES_NO,
    Bilingual,
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
from kernel.errors import KefuError

LANGUAGES = frozenset({"zh", "en"})
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
    {"intents", "description", "title", "identity", "takes", "asks_again", "steps"}
)
_STEP_KEYS = {
    "collect": frozenset(
        {"from", "ask", "choices", "many", "check", "then", "depends_on", "answered_by", "next"}
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


class FlowError(KefuError):
    """The flow files cannot be used; every line of the message is one mistake, with its place."""


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
    compiler = _Compiler(vocabulary)
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
        compiler = _Compiler(Vocabulary(frozenset(), frozenset(), frozenset(), {}))
        root = compiler.compose(path) if path.is_file() else None
        if compiler.unreadable:
            raise FlowError("\n".join(compiler.unreadable))
        found = root.get("responses") if root is not None else None
        for name, raw in (found.value if found is not None else {}).items():
            responses[name] = Response(raw.place, tuple(_languages(raw)))
    return responses


def _languages(response: _Raw) -> Iterator[str]:
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
class _Raw:
    """A YAML node with its place; ``value`` is a str, a list of these or a dict of these."""

    value: Any
    place: str

    def get(self, key: str) -> _Raw | None:
        """The entry ``key`` of a mapping."""
        found: _Raw | None = self.value.get(key) if isinstance(self.value, dict) else None
        return found


@dataclass
class _Compiler:
    vocabulary: Vocabulary
    errors: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    drafts: dict[str, _Draft] = field(default_factory=dict)

    # Reading

    def compose(self, path: Path) -> _Raw | None:
        """One file as nodes with their places; None if it is not YAML."""
        name = path.as_posix()
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.unreadable.append(f"{name}:{line}: is not YAML: {error.problem}")
            return None
        return self._raw(node, name) if node is not None else _Raw({}, f"{name}:1")

    def read(self, path: Path) -> None:
        """Read one file of flows."""
        name = path.as_posix()
        root = self.compose(path)
        if root is None:
            return
        flows = root.get("flows")
        if flows is None or not isinstance(flows.value, dict):
            self._wrong(f"{name}:1", "has no mapping `flows`")
            return
        self._only(root, {"flows", "version"}, "the file")
        for flow_name, raw in flows.value.items():
            if flow_name in self.drafts:
                known = self.drafts[flow_name].place
                self._wrong(raw.place, f'flow "{flow_name}" is already defined at {known}')
            elif not isinstance(raw.value, dict):
                self._wrong(raw.place, f'flow "{flow_name}" is not a mapping')
            else:
                self.drafts[flow_name] = self._flow(flow_name, raw)

    def _raw(self, node: yaml.Node, name: str) -> _Raw:
        place = f"{name}:{node.start_mark.line + 1}"
        if isinstance(node, yaml.MappingNode):
            entries: dict[str, _Raw] = {}
            for key, value in node.value:
                if key.value in entries:
                    self._wrong(
                        f"{name}:{key.start_mark.line + 1}", f'"{key.value}" is given twice'
                    )
                raw = self._raw(value, name)
                # The line of the key is the one a person looks for.
                entries[key.value] = _Raw(raw.value, f"{name}:{key.start_mark.line + 1}")
            return _Raw(entries, place)
        if isinstance(node, yaml.SequenceNode):
            return _Raw([self._raw(child, name) for child in node.value], place)
        return _Raw(str(node.value), place)

    def _flow(self, name: str, raw: _Raw) -> _Draft:
        about = f'flow "{name}"'
        self._only(raw, _FLOW_KEYS, about)
        description = self._bilingual(raw.get("description"), raw.place, f"{about}: description")
        title = raw.get("title")
        identity = self._text(raw.get("identity"), about, default=Identity.NONE.value)
        if identity not in set(Identity):
            self._wrong(raw.place, f"{about}: identity is `read` or `none`, not `{identity}`")
            identity = Identity.NONE.value
        draft = _Draft(
            name,
            raw.place,
            Flow(
                name=name,
                description=description,
                title=self._bilingual(title, raw.place, f"{about}: title")
                if title is not None
                else description,
                steps=(),
                intents=self._names(raw.get("intents"), about),
                identity=Identity(identity),
                takes=self._names(raw.get("takes"), about),
                asks_again=self._flag(raw.get("asks_again"), about, default=True),
            ),
            {},
            {},
        )
        steps = raw.get("steps")
        if steps is None or not isinstance(steps.value, list) or not steps.value:
            self._wrong(raw.place, f"{about} has no steps")
            return draft
        self._steps(draft, steps.value)
        return draft

    def _steps(self, draft: _Draft, raws: Sequence[_Raw]) -> None:
        kept: list[tuple[str, str, _Raw]] = []
        for number, raw in enumerate(raws, start=1):
            about = f'flow "{draft.name}", step {number}'
            kinds = [kind for kind in _STEP_KEYS if raw.get(kind) is not None]
            if len(kinds) != 1:
                self._wrong(raw.place, f"{about} needs exactly one of {', '.join(_STEP_KEYS)}")
                continue
            kind = kinds[0]
            self._only(raw, _STEP_KEYS[kind] | {kind, "id"}, about)
            subject = self._text(raw.get(kind), about)
            default = subject if kind == "collect" else f"#{number}"
            step_id = self._text(raw.get("id"), about, default=default)
            if kind == "confirm" and raw.get("id") is None:
                self._wrong(raw.place, f"{about}: a confirm needs an id")
            if step_id in draft.places:
                self._wrong(raw.place, f'{about}: there is already a step "{step_id}"')
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

    def _step(self, draft: _Draft, kind: str, step_id: str, raw: _Raw, below: Target) -> Step:
        about = f'flow "{draft.name}", step "{step_id}"'
        subject = self._text(raw.get(kind), about)
        after = self._target(raw.get("next"), draft, about, below) or below
        then_raw = raw.get("then")
        then: dict[str, Target] = {}
        if then_raw is not None and isinstance(then_raw.value, dict):
            for word, target in then_raw.value.items():
                then[word] = self._target(target, draft, about, after) or after
        elif then_raw is not None:
            self._wrong(then_raw.place, f"{about}: `then` is a mapping from outcome to target")
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
                ask = self._text(raw.get("ask"), about, default=f"utter_ask_{draft.name}_{step_id}")
                self._response(ask, raw.place, about)
                hears = raw.get("hears")
                return Confirm(
                    step_id,
                    self._action(subject, raw, about),
                    ask,
                    yes,
                    no,
                    then,
                    hears=None
                    if hears is None
                    else self._action(self._text(hears, about), hears, about),
                    answered_by=self._names(raw.get("answered_by"), about),
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
        raw: _Raw,
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
                self._wrong(choices_raw.place, f"{about}: two choices have the same id")
        elif choices_raw is not None:
            action = self._action(self._text(choices_raw, about), choices_raw, about)
        sources = self._sources(slot, raw, about, has_choices=choices_raw is not None)
        check_raw = raw.get("check")
        check = ""
        if check_raw is not None:
            check = self._action(self._text(check_raw, about), check_raw, about)
        if then and not check and not action:
            self._wrong(raw.place, f"{about}: `then` needs a `check` or a `choices` action")
        ask = self._text(raw.get("ask"), about, default=f"utter_ask_{draft.name}_{slot}")
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
            many=self._flag(raw.get("many"), about, default=False),
            then=then,
            depends_on=self._names(raw.get("depends_on"), about),
            answered_by=self._names(raw.get("answered_by"), about),
        )

    def _sources(self, slot: str, raw: _Raw, about: str, *, has_choices: bool) -> tuple[str, ...]:
        given = raw.get("from")
        known = self.vocabulary.entities | _KINDS
        if given is not None:
            sources = self._names(given, about)
            for source in sources:
                if source not in known:
                    self._wrong(given.place, f'{about}: "{source}" is no entity of the domain')
        else:
            sources = (slot,) if slot in known else ()
            if not sources and not has_choices:
                self._wrong(
                    raw.place,
                    f'{about}: nothing can fill "{slot}": it is no entity; say `from` or `choices`',
                )
        if has_choices and CHOICE not in sources:
            sources = (CHOICE, *sources)
        return sources

    def _choice(self, raw: _Raw, about: str) -> Choice:
        self._only(raw, _CHOICE_KEYS, f"{about}: choice")
        return Choice(
            self._text(raw.get("id"), f"{about}: choice", place=raw.place),
            self._bilingual(raw.get("title"), raw.place, f"{about}: title of a choice"),
            self._names(raw.get("words"), about),
        )

    def _target(self, raw: _Raw | None, draft: _Draft, about: str, below: Target) -> Target | None:
        if raw is None:
            return None
        text = self._text(raw, about)
        word, _, reason = text.partition(" ")
        if text == "NEXT":
            return below
        if text in _WORDS:
            return _WORDS[text]
        if word in _REASONED:
            if not reason.strip():
                self._wrong(raw.place, f"{about}: {word} needs a reason")
            return Target(_REASONED[word], reason.strip())
        if text not in draft.places:
            self._wrong(raw.place, f'{about}: there is no step "{text}"')
            return _WORDS["END"]
        return Target(Way.STEP, text)

    # Pieces

    def _text(self, raw: _Raw | None, about: str, *, default: str = "", place: str = "") -> str:
        if raw is None:
            if not default:
                self._wrong(place or "flows", f"{about}: something is missing")
            return default
        if not isinstance(raw.value, str) or not raw.value:
            self._wrong(raw.place, f"{about}: a word is expected here")
            return default
        return raw.value

    def _names(self, raw: _Raw | None, about: str) -> tuple[str, ...]:
        if raw is None:
            return ()
        if not isinstance(raw.value, list):
            self._wrong(raw.place, f"{about}: a list is expected here")
            return ()
        return tuple(self._text(one, about) for one in raw.value)

    def _flag(self, raw: _Raw | None, about: str, *, default: bool) -> bool:
        if raw is None:
            return default
        if raw.value not in {"true", "false"}:
            self._wrong(raw.place, f"{about}: `true` or `false` is expected here")
        return bool(raw.value == "true")

    def _bilingual(self, raw: _Raw | None, place: str, about: str) -> Bilingual:
        wordings = {
            language: found.value
            for language in LANGUAGES
            if raw is not None
            and (found := raw.get(language)) is not None
            and isinstance(found.value, str)
            and found.value.strip()
        }
        for language in sorted(LANGUAGES - wordings.keys()):
            self._wrong(raw.place if raw else place, f"{about} is missing in `{language}`")
        return Bilingual(wordings.get("zh", ""), wordings.get("en", ""))

    def _only(self, raw: _Raw, keys: Iterable[str], about: str) -> None:
        if not isinstance(raw.value, dict):
            self._wrong(raw.place, f"{about} is not a mapping")
            return
        for key, entry in raw.value.items():
            if key not in keys:
                self._wrong(entry.place, f'{about} has no key "{key}"')

    def _action(self, name: str, raw: _Raw, about: str) -> str:
        if name not in self.vocabulary.actions:
            self._wrong(raw.place, f'{about}: action "{name}" is not in the domain')
        return name

    def _response(self, name: str, place: str, about: str) -> None:
        if name not in self.vocabulary.responses:
            self._wrong(place, f'{about}: response "{name}" is not in the domain')

    def _wrong(self, place: str, what: str) -> None:
        self.errors.append(f"{place}: {what}")

    # The whole

    def finish(self, folder: Path) -> FlowBook:
        """Check what needs all files, and give the book or raise."""
        place = folder.as_posix()
        if not self.drafts and not self.errors:
            self._wrong(place, "there are no flows")
        self._check_intents(place)
        for name, response in self.vocabulary.responses.items():
            self._check_languages(name, response)
        for draft in self.drafts.values():
            self._check_flow(draft)
        for name in sorted(ENGINE_ACTIONS - self.vocabulary.actions):
            self._wrong("domain", f'the engine\'s action "{name}" is missing')
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
                self._wrong(response.place, f'response "{name}" {what} in `{language}`')

    def _check_intents(self, place: str) -> None:
        started: dict[str, str] = {}
        for draft in self.drafts.values():
            for intent in draft.flow.intents:
                about = f'flow "{draft.name}"'
                if intent not in self.vocabulary.intents:
                    self._wrong(draft.place, f'{about}: intent "{intent}" is not in the domain')
                if intent in DIALOGUE_ONLY:
                    self._wrong(draft.place, f'{about}: intent "{intent}" cannot start a flow')
                if intent in started:
                    other = started[intent]
                    self._wrong(draft.place, f'{about}: intent "{intent}" already starts "{other}"')
                started[intent] = draft.name
        labels = self.vocabulary.intents - DIALOGUE_ONLY - _RASAS_OWN
        for intent in sorted(labels - started.keys()):
            self._wrong(place, f'intent "{intent}" starts no flow: a shopper would meet a wall')

    def _check_flow(self, draft: _Draft) -> None:
        flow, about = draft.flow, f'flow "{draft.name}"'
        for entity in flow.takes:
            if entity not in self.vocabulary.entities:
                self._wrong(draft.place, f'{about}: "{entity}" is no entity of the domain')
        if flow.identity is Identity.READ and IDENTIFY not in self.drafts:
            self._wrong(draft.place, f'{about} needs a flow "{IDENTIFY}"')
        slots = {step.slot for step in flow.collects}
        for step in flow.steps:
            where = draft.places[step.id]
            if isinstance(step, Call) and step.flow not in self.drafts:
                self._wrong(where, f'{about}, step "{step.id}": there is no flow "{step.flow}"')
            if isinstance(step, Collect):
                for intent in step.answered_by:
                    if intent != ANY and intent not in self.vocabulary.intents:
                        self._wrong(
                            where,
                            f'{about}, step "{step.id}": intent "{intent}" is not in the domain',
                        )
                for slot in step.depends_on:
                    if slot not in slots:
                        self._wrong(where, f'{about}, step "{step.id}": "{slot}" is not collected')
        if flow.identity is Identity.READ and flow.name == IDENTIFY:
            self._wrong(draft.place, f"{about} cannot need itself")
        self._check_ways(draft)

    def _check_ways(self, draft: _Draft) -> None:
        if not draft.flow.steps:
            return
        reached = _closure(draft.flow.steps[0].id, draft.targets)
        for step in draft.flow.steps:
            where = draft.places[step.id]
            about = f'flow "{draft.name}", step "{step.id}"'
            if step.id not in reached:
                self._wrong(where, f"{about}: nothing leads here")
            elif not any(
                target.way is not Way.STEP
                for passed in _closure(step.id, draft.targets)
                for target in draft.targets[passed]
            ):
                self._wrong(where, f"{about}: the flow cannot come to an end from here")


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

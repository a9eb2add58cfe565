"""Reads YAML with the place of everything in it, and collects what is wrong there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.policies.flow import Bilingual
from kernel.errors import KefuError

LANGUAGES = frozenset({"zh", "en"})


class FlowError(KefuError):
    """The flow files cannot be used; every line of the message is one mistake, with its place."""


@dataclass
class Raw:
    """A YAML node with its place; ``value`` is a str, a list of these or a dict of these."""

    value: Any
    place: str

    def get(self, key: str) -> Raw | None:
        """The entry ``key`` of a mapping."""
        found: Raw | None = self.value.get(key) if isinstance(self.value, dict) else None
        return found


@dataclass
class Reading:
    """Several files as they are read.

    Every method takes what it finds at a place; what it finds wrong goes to ``errors``, and files
    that are no YAML to ``unreadable``. ``about`` says in a message what was read.
    """

    errors: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)

    def compose(self, path: Path) -> Raw | None:
        """One file as nodes with their places; None if it is not YAML."""
        name = path.as_posix()
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.unreadable.append(f"{name}:{line}: is not YAML: {error.problem}")
            return None
        return self._raw(node, name) if node is not None else Raw({}, f"{name}:1")

    def _raw(self, node: yaml.Node, name: str) -> Raw:
        place = f"{name}:{node.start_mark.line + 1}"
        if isinstance(node, yaml.MappingNode):
            entries: dict[str, Raw] = {}
            for key, value in node.value:
                if key.value in entries:
                    self.wrong(f"{name}:{key.start_mark.line + 1}", f'"{key.value}" is given twice')
                raw = self._raw(value, name)
                # The line of the key is the one a person looks for.
                entries[key.value] = Raw(raw.value, f"{name}:{key.start_mark.line + 1}")
            return Raw(entries, place)
        if isinstance(node, yaml.SequenceNode):
            return Raw([self._raw(child, name) for child in node.value], place)
        return Raw(str(node.value), place)

    def text(self, raw: Raw | None, about: str, *, default: str = "", place: str = "") -> str:
        """A word; ``default`` where nothing is given, which is wrong where there is none."""
        if raw is None:
            if not default:
                self.wrong(place or "flows", f"{about}: something is missing")
            return default
        if not isinstance(raw.value, str) or not raw.value:
            self.wrong(raw.place, f"{about}: a word is expected here")
            return default
        return raw.value

    def names(self, raw: Raw | None, about: str) -> tuple[str, ...]:
        """A list of words; none where nothing is given."""
        if raw is None:
            return ()
        if not isinstance(raw.value, list):
            self.wrong(raw.place, f"{about}: a list is expected here")
            return ()
        return tuple(self.text(one, about) for one in raw.value)

    def flag(self, raw: Raw | None, about: str, *, default: bool) -> bool:
        """`true` or `false`."""
        if raw is None:
            return default
        if raw.value not in {"true", "false"}:
            self.wrong(raw.place, f"{about}: `true` or `false` is expected here")
        return bool(raw.value == "true")

    def bilingual(self, raw: Raw | None, place: str, about: str) -> Bilingual:
        """A text in each of our languages."""
        wordings = {
            language: found.value
            for language in LANGUAGES
            if raw is not None
            and (found := raw.get(language)) is not None
            and isinstance(found.value, str)
            and found.value.strip()
        }
        for language in sorted(LANGUAGES - wordings.keys()):
            self.wrong(raw.place if raw else place, f"{about} is missing in `{language}`")
        return Bilingual(wordings.get("zh", ""), wordings.get("en", ""))

    def only(self, raw: Raw, keys: Iterable[str], about: str) -> None:
        """Refuse keys other than ``keys``."""
        if not isinstance(raw.value, dict):
            self.wrong(raw.place, f"{about} is not a mapping")
            return
        for key, entry in raw.value.items():
            if key not in keys:
                self.wrong(entry.place, f'{about} has no key "{key}"')

    def wrong(self, place: str, what: str) -> None:
        """Note a mistake at ``place``, which is `file:line`."""
        self.errors.append(f"{place}: {what}")

"""Reads a domain out of many files five times as fast as Rasa, and leaves mistakes to Rasa.

Rasa reads every file three times, in pure Python, and the schema it checks them against anew for
each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pykwalify.core import Core
from pykwalify.errors import PyKwalifyException
from rasa.shared.constants import (
    DOMAIN_SCHEMA_FILE,
    LATEST_TRAINING_DATA_FORMAT_VERSION,
    RESPONSES_SCHEMA_FILE,
    SCHEMA_EXTENSIONS_FILE,
)
from rasa.shared.core.domain import Domain

# Rasa fills in the environment's variables.
_VARIABLE = "${"
_BOOLEAN = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")


class _Loader(yaml.CSafeLoader):
    """YAML 1.2, as Rasa reads it: `yes` and `on` are words, `1:30` is no number."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if not pair[0].endswith((":bool", ":int"))]
    for first, pairs in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _BOOLEAN, list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INTEGER, list("-+0123456789"))


def read_plain_domain(folders: Sequence[Sequence[Path]]) -> Domain | None:
    """The domain of all files, those of a folder put together first; None where Rasa must read.

    That is where a file holds a mistake, which Rasa words and places better, or more than YAML.
    """
    domain = Domain.empty()
    for folder in folders:
        together: dict[str, Any] = {}
        for file in folder:
            content = _content(file)
            if content is None:
                return None
            together = Domain.merge_domain_dicts(content, together)
        domain = domain.merge(Domain.from_dict(together))
    return domain


def _content(file: Path) -> dict[str, Any] | None:
    text = file.read_text(encoding="utf-8")
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 a safe loader
    except yaml.YAMLError:
        return None
    if _VARIABLE in text or not isinstance(content, dict):
        return None
    if content.get("version") != LATEST_TRAINING_DATA_FORMAT_VERSION:
        return None
    extensions = str(files("rasa") / SCHEMA_EXTENSIONS_FILE)
    check = Core(source_data=content, schema_data=_schema(), extensions=[extensions])
    try:
        check.validate(raise_exception=True)
    except PyKwalifyException:
        return None
    return content


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for name in (DOMAIN_SCHEMA_FILE, RESPONSES_SCHEMA_FILE):
        text = (files("rasa") / name).read_text(encoding="utf-8")
        schema |= yaml.load(text, Loader=_Loader)  # noqa: S506 a safe loader
    return schema

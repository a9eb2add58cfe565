"""The environment holds what pyproject.toml promises: each replaced release imports."""

from __future__ import annotations

import importlib
import importlib.metadata
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

_UV = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["tool"]["uv"]
_OVERRIDES = [Requirement(line) for line in _UV["override-dependencies"]]

# What a replaced package is for: the parts of it, and of Rasa, that would notice a wrong release.
_TOUCHES = {
    "sqlalchemy": ["sqlalchemy.ext.asyncio", "rasa.core.tracker_store"],
    "websockets": ["websockets", "sanic.server.websockets.impl"],
    "aiohttp": ["aiohttp.web", "rasa.utils.endpoints"],
    "redis": ["redis.asyncio", "rasa.core.lock_store"],
    "cryptography": ["cryptography.hazmat.primitives.hashes"],
    "requests": ["requests", "rasa.telemetry"],
    "urllib3": ["urllib3"],
    "matplotlib": ["matplotlib.pyplot", "rasa.utils.plotting"],
    "sanic": ["sanic", "rasa.server", "rasa_sdk.endpoint"],
    "protobuf": ["google.protobuf"],
    "pydantic": ["pydantic", "spacy"],
    "scikit-learn": ["sklearn.svm", "sklearn.linear_model"],
    "numpy": ["numpy", "rasa.shared.nlu.training_data.features"],
    "setuptools": ["pkg_resources", "rasa.engine.training.fingerprinting"],
    "structlog": ["structlog", "rasa.core.processor"],
    "python-socketio": ["socketio.async_server", "rasa.core.channels.socketio"],
    "python-engineio": ["engineio"],
    "pyjwt": ["jwt", "rasa.core.channels.channel"],
    "jsonpickle": ["jsonpickle", "rasa.shared.core.events"],
}


@pytest.mark.parametrize("override", _OVERRIDES, ids=lambda override: override.name)
def test_a_replaced_release_is_installed_and_what_relies_on_it_imports(
    override: Requirement,
) -> None:
    name = override.name.lower()
    if override.marker is not None and not override.marker.evaluate():
        pytest.skip("not for this machine")
    if name in {excluded.lower() for excluded in _UV["exclude-dependencies"]}:
        pytest.skip("left out altogether")
    assert importlib.metadata.version(name) in override.specifier
    assert name in _TOUCHES, f"say in this file what would notice a wrong {name}"
    for module in _TOUCHES[name]:
        importlib.import_module(module)


@pytest.mark.parametrize("excluded", _UV["exclude-dependencies"])
def test_what_is_left_out_is_not_installed(excluded: str) -> None:
    with pytest.raises(importlib.metadata.PackageNotFoundError):
        importlib.metadata.version(excluded)


def test_every_module_of_rasas_command_line_imports() -> None:
    importlib.import_module("rasa.__main__")
    for command in ("train", "data", "shell", "run", "test"):
        importlib.import_module(f"rasa.cli.{command}")

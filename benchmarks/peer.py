"""Stock Rasa 3.6.21 in an environment and a project of its own, on our training data."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import yaml

RASA = "rasa==3.6.21"
# Rasa imports pkg_resources, which later releases of setuptools no longer have.
SETUPTOOLS = "setuptools<81"
BUILD_SECONDS = 1800

_SDK_ACTION = '''"""The peer's one action: looks something up and answers."""

from rasa_sdk import Action
from rasa_sdk.events import SlotSet


class ActionAnswer(Action):
    def name(self):
        return "action_answer"

    def run(self, dispatcher, tracker, domain):
        found = tracker.latest_message.get("entities") or []
        dispatcher.utter_message(text=f"We have looked it up ({len(found)} details).")
        return [SlotSet("looked_up", len(tracker.events))]
'''


class PeerUnavailable(Exception):
    """The peer's environment cannot be built here; the message says why."""


def python_of_peer(folder: Path) -> Path:
    """The interpreter of the peer's environment, built on the first call.

    Python 3.10 is the newest that Rasa 3.6.21 supports with its own pins. Raises PeerUnavailable.
    """
    environment = folder / "stock"
    python = environment / "bin" / "python"
    if (environment / "complete").exists():
        return python
    base = _python_3_10()
    print(f"building the peer's environment with {base} (2.6 GB, some minutes) ...", flush=True)
    shutil.rmtree(environment, ignore_errors=True)
    # Outside our project: uv would apply its overrides to the peer too.
    _uv(folder, "venv", "-q", "-p", str(base), str(environment))
    _uv(folder, "pip", "install", "-q", "--python", str(python), RASA, SETUPTOOLS)
    _run([str(python), "-c", "import tensorflow, rasa"], folder, 300)
    (environment / "complete").touch()
    return python


def _python_3_10() -> Path:
    candidates = [
        *sorted(Path.home().glob(".pyenv/versions/3.10.*/bin/python"), reverse=True),
        *(Path(found) for found in [shutil.which("python3.10")] if found),
    ]
    for candidate in candidates:
        works = subprocess.run(
            [str(candidate), "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 10))"],
            capture_output=True,
            check=False,
            timeout=30,
        )
        if works.returncode == 0:
            return candidate
    raise PeerUnavailable("stock Rasa needs Python 3.10, and there is none here")


def _uv(folder: Path, *arguments: str) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise PeerUnavailable("uv is not installed")
    _run([uv, "--no-config", *arguments], folder, BUILD_SECONDS)


def _run(command: list[str], folder: Path, seconds: float) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise PeerUnavailable(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-400:]}")


def write_project(folder: Path, nlu: Path, action_port: int, examples: int | None) -> list[str]:
    """A `rasa init` project on the examples under ``nlu``; returns its intents.

    ``examples`` keeps only so many of each intent, for a machine or an afternoon too small for all.

    The pipeline and the policies are Rasa's defaults (DIET, TED, UnexpecTED, Memoization, Rule).
    Every other intent is answered by an action on the action server, the rest by a response.
    """
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data" / "nlu").mkdir(parents=True)
    (folder / "actions").mkdir()
    (folder / "actions" / "__init__.py").touch()
    (folder / "actions" / "actions.py").write_text(_SDK_ACTION)
    for file in nlu.glob("*.yml"):
        _copy_examples(file, folder / "data" / "nlu" / file.name, examples)
    intents = sorted({intent for file in nlu.glob("*.yml") for intent in intents_in(file)})
    entities = sorted(_entities_in(nlu))
    actions = {
        intent: "action_answer" if number % 2 else f"utter_{intent}"
        for number, intent in enumerate(intents)
    }
    _write(
        folder / "config.yml", {"recipe": "default.v1", "assistant_id": "peer", "language": "en"}
    )
    _write(
        folder / "domain.yml",
        {
            "version": "3.1",
            "intents": intents,
            "entities": entities,
            "actions": ["action_answer"],
            "slots": {"looked_up": {"type": "any", "mappings": [{"type": "custom"}]}},
            "responses": {
                action: [{"text": f"This is about {action}."}]
                for action in actions.values()
                if action.startswith("utter_")
            },
            "session_config": {
                "session_expiration_time": 60,
                "carry_over_slots_to_new_session": True,
            },
        },
    )
    _write(folder / "data" / "stories.yml", {"version": "3.1", "stories": list(_stories(actions))})
    rules = [
        {"rule": f"{intent}", "steps": [{"intent": intent}, {"action": action}]}
        for intent, action in actions.items()
    ]
    _write(folder / "data" / "rules.yml", {"version": "3.1", "rules": rules})
    _write(folder / "credentials.yml", {"rest": None})
    _write(
        folder / "endpoints.yml",
        {
            "action_endpoint": {"url": f"http://127.0.0.1:{action_port}/webhook"},
            "tracker_store": {"type": "SQL", "dialect": "sqlite", "db": "rasa.db"},
        },
    )
    return intents


def _copy_examples(source: Path, target: Path, examples: int | None) -> None:
    if examples is None:
        shutil.copy(source, target)
        return
    content = yaml.safe_load(source.read_text(encoding="utf-8"))
    for entry in content.get("nlu") or ():
        if "intent" in entry:
            lines = entry["examples"].splitlines(keepends=True)
            entry["examples"] = "".join(lines[:: max(1, len(lines) // examples)][:examples])
    _write(target, content)


def intents_in(file: Path) -> Iterator[str]:
    """The intents that one file of examples has examples for."""
    for entry in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu") or ():
        if "intent" in entry:
            yield entry["intent"].split("/")[0]


def _entities_in(nlu: Path) -> Iterator[str]:
    names = {
        line.split("](", 1)[1].split(")", 1)[0]
        for file in nlu.glob("*.yml")
        for line in file.read_text(encoding="utf-8").splitlines()
        if "](" in line and line.lstrip().startswith("- ")
    }
    yield from (name for name in names if name.isidentifier())


def _stories(actions: dict[str, str]) -> Iterator[dict[str, object]]:
    """Two turns after each other, for every intent: what TED learns from."""
    intents = list(actions)
    for first, second in zip(intents, intents[1:] + intents[:1], strict=True):
        steps = [
            step
            for intent in (first, second)
            for step in ({"intent": intent}, {"action": actions[intent]})
        ]
        yield {"story": f"{first} then {second}", "steps": steps}


def _write(file: Path, content: object) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def train_command(python: Path) -> list[str]:
    """`rasa train` of the peer."""
    return [str(python), "-m", "rasa", "train", "--quiet", "--force"]


def serve_commands(python: Path, port: int, action_port: int) -> list[list[str]]:
    """The peer's two servers: actions, and Rasa itself."""
    server = ["--enable-api", "--interface", "127.0.0.1"]
    return [
        [str(python), "-m", "rasa", "run", "actions", "--port", str(action_port), "--quiet"],
        [str(python), "-m", "rasa", "run", "--port", str(port), "--quiet", *server],
    ]

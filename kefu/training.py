"""Trains the model when the data it would learn from has changed, and finds the one that fits."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from kernel.errors import KefuError

# Everything that decides what a trained model answers; documents and actions are not among it.
_SOURCES = (
    "config.yml",
    "domain.yml",
    "domain/*.yml",
    "data/nlu/*.yml",
    "data/mood/*.yml",
    "data/flows/*.yml",
    "data/rules/*.yml",
    "data/stories/*.yml",
    "bot/nlu/*.py",
    "bot/policies/*.py",
    "bot/runtime/importer.py",
    "requirements.txt",
)
_KEPT_MODELS = 5
# Rasa would tell its makers that a model is being trained, and wait for them where there is no net.
_QUIET = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}


class TrainingFailed(KefuError):
    """Rasa refused the data; the message ends with what it said."""


def fingerprint(root: Path) -> str:
    """A digest of all files under ``root`` that a model is made from."""
    digest = hashlib.sha256()
    for path in _source_files(root):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _source_files(root: Path) -> Iterable[Path]:
    for pattern in _SOURCES:
        yield from sorted(root.glob(pattern))


def model_path(root: Path, models: Path) -> Path:
    """Where the model for the present data lies, or would lie."""
    return models / f"kefu-{fingerprint(root)}.tar.gz"


def ensure_model(root: Path, models: Path, say: Callable[[str], None]) -> Path:
    """The model for the present data, trained now if there is none; raises TrainingFailed.

    Training runs in a process of its own: its memory goes back to the system when it ends. The
    model appears under its final name only when it is complete.
    """
    model = model_path(root, models)
    if model.exists():
        return model
    models.mkdir(parents=True, exist_ok=True)
    say("training the assistant (the data has no model yet) ...")
    began = time.monotonic()
    staging = f".training-{os.getpid()}"
    command = [
        *(sys.executable, "-W", "ignore", "-m", "rasa", "train", "--quiet"),
        *("--out", str(models), "--fixed-model-name", staging),
    ]
    with _ticking(say, began):
        finished = subprocess.run(  # noqa: S603 our own command line
            command, cwd=root, env=_QUIET, capture_output=True, text=True, check=False
        )
    trained = models / f"{staging}.tar.gz"
    if finished.returncode or not trained.exists():
        tail = "\n".join((finished.stdout + finished.stderr).strip().splitlines()[-15:])
        raise TrainingFailed(f"training failed; Rasa's last words:\n{tail}")
    trained.replace(model)
    say(f"trained in {time.monotonic() - began:.0f} s")
    _forget_old(models, keep=model)
    return model


def _forget_old(models: Path, keep: Path) -> None:
    trained = sorted(models.glob("kefu-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    for old in [path for path in trained if path != keep][: -(_KEPT_MODELS - 1)]:
        old.unlink()


class _ticking:  # noqa: N801 a context manager that reads as a word
    """Says how long something has been going on, every five seconds, until it ends."""

    def __init__(self, say: Callable[[str], None], began: float) -> None:
        self._say = say
        self._began = began
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def _tick(self) -> None:
        while not self._ended.wait(5):
            self._say(f"  still training, {time.monotonic() - self._began:.0f} s")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

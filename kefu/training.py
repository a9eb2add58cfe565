"""Trains the model when its data has changed, unless that makes it worse than the one in use."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from bot.nlu.language import Language
from kefu.models import Record, kept_models, remove, write_record
from kefu.regression import (
    GOLDEN,
    GoldenScore,
    Unreadable,
    golden_score,
    read_golden,
    worse_than,
)
from kefu.settings import load_rulebook
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
    "bot/runtime/plain_domain.py",
    "bot/runtime/plain_examples.py",
    "requirements.txt",
)
_KEPT_MODELS = 5
# Before the name of a model that is trained and not accepted, yet or at all.
_SET_ASIDE = "refused-"
# So many sentences that a refused model lost are named.
_TOLD = 8
# Rasa would tell its makers that a model is being trained, and wait for them where there is no net.
_QUIET = {**os.environ, "RASA_TELEMETRY_ENABLED": "false"}


class TrainingFailed(KefuError):
    """Rasa refused the data; the message ends with what it said."""


class ModelRefused(KefuError):
    """A new model is worse than the one in use; the message says by how much, and where."""


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


def ensure_model(
    root: Path,
    models: Path,
    say: Callable[[str], None],
    *,
    in_use: Path | None = None,
    force: bool = False,
) -> Path:
    """The model for the present data, trained now if there is none.

    A newly trained one has to read the golden sentences as well as the one in use (the newest if
    ``in_use`` names none), unless ``force`` waives that. It appears under its final name only when
    it is complete and accepted.

    Raises:
        TrainingFailed: the data cannot be learnt from.
        ModelRefused: the new model is worse. It is set aside: ``force`` takes it without training.
    """
    model = model_path(root, models)
    if model.exists():
        return model
    models.mkdir(parents=True, exist_ok=True)
    kept = kept_models(models)
    in_use = in_use or (kept[0].path if kept else None)
    set_aside = model.with_name(_SET_ASIDE + model.name)
    if not set_aside.exists():
        _train(root, set_aside, say)
    score = _golden_score(root, set_aside)
    if score and in_use and (worse := _why_worse(root, score, in_use, say)):
        if not force:
            raise ModelRefused(worse)
        say(f"taken all the same: {worse}")
    set_aside.replace(model)
    if score:
        languages = (Language.ZH, Language.EN)
        write_record(model, Record({one.value: score.share(one) for one in languages}))
    _forget_old(models, {model, in_use})
    return model


def _train(root: Path, model: Path, say: Callable[[str], None]) -> None:
    """Training runs in a process of its own: its memory goes back to the system when it ends."""
    say("training the assistant (the data has no model yet) ...")
    began = time.monotonic()
    staging = f".training-{os.getpid()}"
    command = [
        *(sys.executable, "-W", "ignore", "-m", "rasa", "train", "--quiet"),
        *("--out", str(model.parent), "--fixed-model-name", staging),
    ]
    with _ticking(say, began):
        finished = subprocess.run(  # noqa: S603 our own command line
            command, cwd=root, env=_QUIET, capture_output=True, text=True, check=False
        )
    trained = model.parent / f"{staging}.tar.gz"
    if finished.returncode or not trained.exists():
        tail = "\n".join((finished.stdout + finished.stderr).strip().splitlines()[-15:])
        raise TrainingFailed(f"training failed; Rasa's last words:\n{tail}")
    trained.replace(model)
    for other in model.parent.glob(f"{_SET_ASIDE}*"):
        if other != model:
            other.unlink()
    say(f"trained in {time.monotonic() - began:.0f} s")


def _why_worse(
    root: Path, new: GoldenScore, in_use: Path, say: Callable[[str], None]
) -> str | None:
    """Why a model with the score ``new`` should not take the place of ``in_use``, in words."""
    try:
        old = _golden_score(root, in_use)
    except Unreadable as error:
        say(f"{error}: nothing to compare the new model with")
        return None
    if old is None or not worse_than(new, old):
        return None
    lost = [f'"{one.text}"' for one in new.wrong if one in set(old.right)]
    return (
        f"the new model reads the golden sentences worse ({new}) than the one in use ({old}); "
        f"lost: {', '.join(lost[:_TOLD])}{' ...' if len(lost) > _TOLD else ''}. "
        "Mend the examples in data/nlu, or take it all the same: kefu train --force"
    )


def _golden_score(root: Path, model: Path) -> GoldenScore | None:
    """How ``model`` reads the golden sentences; None where an installation has none."""
    golden = root / GOLDEN
    if not golden.exists():
        return None
    rules = load_rulebook(root / "kefu.yml").understanding
    return golden_score(model, read_golden(golden), rules.thresholds)


def _forget_old(models: Path, keep: Collection[Path | None]) -> None:
    for old in kept_models(models)[_KEPT_MODELS:]:
        if old.path not in keep:
            remove(old.path)


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

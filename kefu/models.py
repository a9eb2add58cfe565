"""The trained models that are kept, which of them is in use, and going back to an earlier one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kernel.errors import KefuError

LATEST = "latest"
"""What `kefu models use` takes for: whatever model the present data has."""

_CHOICE = "model"
_ENDING = ".tar.gz"


class NoSuchModel(KefuError):
    """A model was named that is not there, or not the only one that begins so."""


class Record(msgspec.Struct, frozen=True):
    """What is noted beside a model: how many golden sentences it read right, from 0 to 1."""

    golden: dict[str, float]


@dataclass(frozen=True)
class KeptModel:
    """One trained model."""

    path: Path
    trained_at: datetime
    golden: dict[str, float]

    @property
    def name(self) -> str:
        """Its name at the command line."""
        return self.path.name.removesuffix(_ENDING)


def kept_models(models: Path) -> list[KeptModel]:
    """The models under ``models``, the newest first."""
    kept = [
        KeptModel(path, datetime.fromtimestamp(path.stat().st_mtime, UTC), read_record(path).golden)
        for path in models.glob(f"kefu-*{_ENDING}")
    ]
    return sorted(kept, key=lambda model: model.trained_at, reverse=True)


def read_record(model: Path) -> Record:
    """What is noted beside ``model``; nothing where there is no note or it is damaged."""
    try:
        return msgspec.json.decode(_record_of(model).read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.DecodeError):
        return Record({})


def write_record(model: Path, record: Record) -> None:
    """Note ``record`` beside ``model``."""
    _record_of(model).write_bytes(msgspec.json.encode(record))


def remove(model: Path) -> None:
    """Remove a model and what is noted beside it."""
    model.unlink(missing_ok=True)
    _record_of(model).unlink(missing_ok=True)


def _record_of(model: Path) -> Path:
    return model.with_name(model.name.removesuffix(_ENDING) + ".json")


def chosen_model(models: Path, data: Path) -> Path | None:
    """The model that an operator chose for the runs on ``data``; None for the latest.

    Raises NoSuchModel if it is gone.
    """
    try:
        name = (data / _CHOICE).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    if name == LATEST:
        return None
    path = models / f"{name}{_ENDING}"
    if not path.is_file():
        raise NoSuchModel(
            f"the model in use, {name}, is gone; take another: kefu models use {LATEST}"
        )
    return path


def choose(models: Path, data: Path, name: str) -> str:
    """Use the model called ``name``, or the one whose name so begins, from now on; its full name.

    A run on ``data`` loads it at once.
    """
    if name != LATEST:
        names = [model.name for model in kept_models(models)]
        starts = (name, f"kefu-{name}")
        found = [one for one in names if one in starts] or [
            one for one in names if one.startswith(starts)
        ]
        if len(found) != 1:
            known = ", ".join(names) or "none"
            raise NoSuchModel(f"there is no single model called {name}; kept are: {known}")
        name = found[0]
    data.mkdir(parents=True, exist_ok=True)
    staging = data / f".{_CHOICE}-{os.getpid()}"
    staging.write_text(name + "\n", encoding="utf-8")
    staging.replace(data / _CHOICE)
    return name


def choice_state(data: Path) -> tuple[int, int]:
    """Something that is another after every ``choose`` for ``data``."""
    try:
        state = (data / _CHOICE).stat()
    except FileNotFoundError:
        return 0, 0
    return state.st_mtime_ns, state.st_ino

"""Reads the training data of a project whose domain is one shared file and one file a journey."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data import loading
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.runtime.plain_domain import read_plain_domain
from bot.runtime.plain_examples import read_plain_examples


class JourneyImporter(RasaFileImporter):
    """Merges ``domain.yml`` with every file of the folder ``domain/`` beside it.

    Named under ``importers:`` in config.yml, so that ``rasa train`` and ``rasa data validate``
    see the whole domain without further arguments.
    """

    def get_domain(self) -> Domain:
        """The merged domain; empty without a path.

        Raises:
            InvalidDomain: a file cannot be used. Rasa's own importer would go on with an empty
                domain and train an assistant that says nothing.
        """
        if self._domain_path is None:
            return Domain.empty()
        shared = Path(self._domain_path)
        journeys = shared.with_suffix("")
        together = shared.is_file() and journeys.is_dir()
        paths = (shared, journeys) if together else (shared,)
        files = [file for path in paths for file in (path, *sorted(path.rglob("*")))]
        return _domain(paths, tuple(_state(file) for file in files))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The examples of all files; what is more than plain examples, Rasa reads."""
        examples, others = [], []
        for file in self._nlu_files:
            plain = read_plain_examples(Path(file))
            if plain is None:
                others.append(loading.load_data(file, language or "en"))
            else:
                examples.extend(plain)
        plain_data = TrainingData(examples)
        return plain_data.merge(*others) if others else plain_data


def _state(file: Path) -> tuple[str, int, int]:
    if not file.exists():
        return str(file), 0, 0  # Rasa says what is missing
    status = file.stat()
    return str(file), status.st_mtime_ns, status.st_size


# A training asks four times for a domain.
@lru_cache(maxsize=1)
def _domain(paths: tuple[Path, ...], _files: tuple[tuple[str, int, int], ...]) -> Domain:
    shared = [path for path in paths if path.is_file()]
    journeys = [file for path in paths for file in sorted(path.rglob("*.y*ml"))]
    plain = read_plain_domain([shared, journeys]) if shared else None
    return plain or Domain.load([str(path) for path in paths])

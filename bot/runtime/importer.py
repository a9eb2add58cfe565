"""Reads the training data of a project whose domain is one shared file and one file a journey."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter


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
        if shared.is_file() and journeys.is_dir():
            return Domain.load([str(shared), str(journeys)])
        return Domain.load(str(shared))

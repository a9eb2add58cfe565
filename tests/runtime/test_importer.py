"""One domain out of the shared file and one file a journey."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter

PROJECT = Path(__file__).parent / "project"


def loaded(config: Path, domain: Path) -> TrainingDataImporter:
    """The importer as `rasa train` makes it."""
    return TrainingDataImporter.load_from_config(str(config), str(domain), [])


def test_journeys_are_merged_into_the_shared_domain() -> None:
    domain = loaded(PROJECT / "config.yml", PROJECT / "domain.yml").get_domain()
    assert {"utter_greet", "utter_order", "utter_internal_error"} <= set(domain.responses)
    assert "action_order" in domain.user_actions
    assert "greet" in domain.intents


def test_a_domain_without_journeys_is_only_itself(tmp_path: Path) -> None:
    domain_file = tmp_path / "domain.yml"
    domain_file.write_text('version: "3.1"\nintents: [greet]\n')
    domain = loaded(PROJECT / "config.yml", domain_file).get_domain()
    assert "greet" in domain.intents
    assert "order_status" not in domain.intents


def test_a_broken_journey_stops_the_training_instead_of_emptying_the_domain(
    tmp_path: Path,
) -> None:
    (tmp_path / "domain.yml").write_text('version: "3.1"\nintents: [greet]\n')
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "bad.yml").write_text(
        'version: "3.1"\nslots:\n  x: {type: no_such_type, mappings: [{type: custom}]}\n'
    )
    with pytest.raises(RasaException, match="no_such_type"):
        loaded(PROJECT / "config.yml", tmp_path / "domain.yml").get_domain()

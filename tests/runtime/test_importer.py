"""One domain out of the shared file and one file a journey."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

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


def test_a_domain_is_read_as_rasa_itself_reads_it(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text(
        'version: "3.1"\nintents: [greet, {stop: {use_entities: false}}]\n'
        "responses:\n  utter_hours:\n  - {text: 9:30, buttons: [{title: yes, payload: /affirm}]}\n",
        encoding="utf-8",
    )
    (tmp_path / "domain").mkdir()
    (tmp_path / "domain" / "order.yml").write_text(
        'version: "3.1"\nintents: [order]\nactions: [action_order]\n'
        "slots:\n  order: {type: text, mappings: [{type: custom}]}\n"
        "responses:\n  utter_order:\n  - text: |\n      两行\n      of text\n",
        encoding="utf-8",
    )
    read = loaded(PROJECT / "config.yml", tmp_path / "domain.yml").get_domain()
    theirs = Domain.load([tmp_path / "domain.yml", tmp_path / "domain"])
    for name in ("intents", "responses", "slots"):
        assert read.as_dict()[name] == theirs.as_dict()[name]
    assert set(theirs.user_actions) <= set(read.user_actions)


def training_data(folder: Path, content: str) -> TrainingData:
    """What `rasa train` would learn from a file of examples with ``content``."""
    (folder / "domain.yml").write_text('version: "3.1"\nintents: [greet]\n')
    (folder / "nlu.yml").write_text(content, encoding="utf-8")
    importer = TrainingDataImporter.load_from_config(
        str(PROJECT / "config.yml"), str(folder / "domain.yml"), [str(folder / "nlu.yml")]
    )
    return importer.get_nlu_data()


PLAIN = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - 你好
    - hi: there
    - hi: there
"""
ANNOTATED = 'version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hi [Ann](person_name)\n'


@pytest.mark.parametrize("content", [PLAIN, ANNOTATED])
def test_examples_are_read_as_rasa_reads_them(tmp_path: Path, content: str) -> None:
    read = training_data(tmp_path, content)
    rasas = RasaYAMLReader().reads(content)
    assert [(e.get("text"), e.get("intent"), e.get("entities")) for e in read.intent_examples] == [
        (e.get("text"), e.get("intent"), e.get("entities")) for e in rasas.intent_examples
    ]


def test_an_example_that_changed_is_another_training(tmp_path: Path) -> None:
    once, again = (training_data(tmp_path, PLAIN).fingerprint() for _ in range(2))
    changed = training_data(tmp_path, PLAIN.replace("你好", "您好")).fingerprint()
    assert once == again != changed


@pytest.mark.parametrize(
    "broken",
    [
        'version: "3.1"\nnlu:\n- intent: [greet\n',
        'version: "3.1"\nnlu:\n- intent: greet\n  exmples: |\n    - hi\n',
    ],
)
def test_a_broken_file_of_examples_stops_the_training(tmp_path: Path, broken: str) -> None:
    with pytest.raises(RasaException, match=r"nlu\.yml"):
        training_data(tmp_path, broken)

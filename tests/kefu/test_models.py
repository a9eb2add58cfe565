"""A worse model does not take the place of a better one, and an earlier one is back at once."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from kefu.models import Record, kept_models, write_record
from kefu.training import ensure_model
from tests.kefu.test_serving import kefu, token_of
from tests.nlu.test_intents import TEACHING
from tests.serving import ROOT, Served

Command = Callable[..., subprocess.Popen[str]]

CONFIG = """recipe: default.v1
assistant_id: tests
language: zh
pipeline:
- name: bot.nlu.normaliser.MessageNormaliser
- name: bot.nlu.request_splitter.RequestSplitter
- name: bot.nlu.intent_classifier.IntentClassifier
  min_texts: 1
- name: bot.nlu.doubt.DoubtClassifier
policies: []
"""
GOLDEN = [
    ("我的快递现在走到哪了", "track_shipment"),
    ("where did my parcel go", "track_shipment"),
    ("我想退货", "return_request"),
    ("i want to return it", "return_request"),
    ("帮忙开一张发票", "invoice"),
    ("please send me the invoice", "invoice"),
]


def write_examples(root: Path, by_intent: dict[str, list[str]]) -> None:
    for intent, texts in by_intent.items():
        lines = "".join(f"    - {text}\n" for text in texts)
        (root / "data" / "nlu" / f"{intent}.yml").write_text(
            f'version: "3.1"\nnlu:\n- intent: {intent}\n  examples: |\n{lines}', encoding="utf-8"
        )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project small enough to be trained in a test, with golden sentences of its own."""
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "tests" / "nlu").mkdir(parents=True)
    (tmp_path / "config.yml").write_text(CONFIG)
    (tmp_path / "domain.yml").write_text(
        f'version: "3.1"\nintents: [{", ".join(TEACHING)}]\n', encoding="utf-8"
    )
    (tmp_path / "kefu.yml").write_text(
        "shop: {name: {zh: 店, en: Shop}}\nunderstanding: {threshold: 0.1}\n", encoding="utf-8"
    )
    (tmp_path / "tests" / "nlu" / "golden_intents.jsonl").write_text(
        "".join(json.dumps({"text": text, "intent": intent}) + "\n" for text, intent in GOLDEN)
    )
    write_examples(tmp_path, TEACHING)
    return tmp_path


@pytest.fixture
def command(project: Path) -> Command:
    """Starts `kefu` as it would be installed in ``project``."""
    shutil.copytree(ROOT / "kefu", project / "kefu", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)

    def start(*arguments: str) -> subprocess.Popen[str]:
        program = "import sys; from kefu.cli import main; sys.exit(main())"
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments, "--data", str(project / "var")],
            cwd=project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def keep_old(models: Path, model: Path, count: int) -> list[Path]:
    """Copies of ``model`` beside it, as if they were older, the oldest first."""
    kept = [models / f"kefu-old-{number}.tar.gz" for number in range(count)]
    for age, path in enumerate(kept, start=1):
        shutil.copyfile(model, path)
        write_record(path, Record({"zh": 0.5, "en": 0.5}))
        os.utime(path, (age, age))
    return kept


def test_a_worse_model_is_refused_until_it_is_forced_and_the_better_one_is_kept(
    project: Path, command: Command
) -> None:
    models, said = project / "models", list[str]()
    models.mkdir()
    damaged = models / "kefu-damaged.tar.gz"
    damaged.write_bytes(b"half a model")
    good = ensure_model(project, models, said.append)
    assert any("kefu-damaged.tar.gz cannot be read by this release" in line for line in said)
    damaged.unlink()
    (record,) = kept_models(models)
    assert record.golden == {"zh": 1.0, "en": 1.0}

    confused = {**TEACHING, "invoice": TEACHING["track_shipment"], "track_shipment": ["发票"]}
    write_examples(project, confused)
    refused = command("train")
    told, _ = refused.communicate(timeout=300)
    assert refused.returncode == 1
    assert "trained in" in told
    assert "kefu train --force" in told
    assert "我的快递现在走到哪了" in told
    assert "Traceback" not in told
    assert [model.path for model in kept_models(models)] == [good]

    # What was refused is not trained again; a server goes on with the old model.
    serving = command("serve", "--port", "0")
    try:
        assert serving.stdout is not None
        told = ""
        for line in serving.stdout:
            told += line
            if f"going on with {good.name}" in line:
                break
    finally:
        serving.kill()
        serving.communicate()
    assert told.endswith(f"kefu: going on with {good.name}\n")
    assert "kefu train --force" in told
    assert "trained in" not in told

    oldest, used, *younger = keep_old(models, good, 5)
    worse = ensure_model(project, models, said.append, in_use=used, force=True)
    assert sum("trained in" in line for line in said) == 1
    # Five are kept, and an older one that is in use; with a model goes what was noted of it.
    kept = [model.path for model in kept_models(models)]
    assert kept == [worse, good, *reversed(younger), used]
    assert not oldest.exists()
    assert not oldest.with_name("kefu-old-0.json").exists()


@pytest.fixture
def swapped(model: Path) -> Iterator[Path]:
    """A model that takes parcels for invoices and the other way round, kept beside ``model``."""
    other = model.with_name("kefu-0000-parcels-for-invoices.tar.gz")
    with tarfile.open(model) as source, tarfile.open(other, "w:gz") as target:
        for member in source:
            content = source.extractfile(member)
            data = content.read() if content else b""
            if member.name.endswith("intent_model.json"):
                known = json.loads(data)
                exchanged = {"track_shipment": "invoice", "invoice": "track_shipment"}
                known["labels"] = [exchanged.get(label, label) for label in known["labels"]]
                data = json.dumps(known).encode()
                member.size = len(data)
            target.addfile(member, io.BytesIO(data) if content else None)
    # As old as can be: no other test takes it for the model in use.
    os.utime(other, (1, 1))
    yield other
    other.unlink()


def understood(served: Served) -> object:
    """The intent of a question about a parcel; None while the machine is too busy to say."""
    status, parsed = served.post(
        f"/model/parse?token={token_of(served)}", {"text": "我的快递现在到哪了"}
    )
    assert isinstance(parsed, dict)
    return parsed["intent"]["name"] if status == 200 else None


def use(served: Served, name: str) -> subprocess.CompletedProcess[str]:
    return kefu("models", "use", name, "--data", str(served.data))


def wait_until_understood(served: Served, intent: str) -> None:
    deadline = time.monotonic() + 120
    while understood(served) != intent:
        assert time.monotonic() < deadline, (served.data / "kefu.log").read_text()[-3000:]
        time.sleep(0.1)


def test_another_model_answers_without_a_restart_and_the_first_is_back_as_soon(
    served: Served, swapped: Path
) -> None:
    wait_until_understood(served, "track_shipment")
    pid = served.pid

    assert use(served, "0000").returncode == 0
    wait_until_understood(served, "invoice")
    listed = kefu("models", "list", "--data", str(served.data)).stdout
    (line,) = [line for line in listed.splitlines() if "in use" in line]
    assert line.startswith("kefu-0000-parcels-for-invoices")

    assert use(served, "latest").returncode == 0
    wait_until_understood(served, "track_shipment")
    assert served.pid == pid
    assert served.say("after-rollback", "你好")


@pytest.fixture
def unreadable(model: Path) -> Iterator[Path]:
    """Half a model, kept beside ``model``."""
    other = model.with_name("kefu-0001-half-a-model.tar.gz")
    other.write_bytes(model.read_bytes()[:10_000])
    os.utime(other, (1, 1))
    yield other
    other.unlink()


def test_a_model_that_cannot_be_read_leaves_the_one_before_in_use(
    served: Served, unreadable: Path
) -> None:
    log = served.data / "kefu.log"
    before = log.read_text().count("model.not_loaded")

    assert use(served, unreadable.name.removesuffix(".tar.gz")).returncode == 0
    deadline = time.monotonic() + 120
    while log.read_text().count("model.not_loaded") == before:
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)

    wait_until_understood(served, "track_shipment")
    assert served.say("half-a-model", "你好")
    assert use(served, "latest").returncode == 0


def test_a_model_that_is_not_kept_cannot_be_used(served: Served) -> None:
    refused = use(served, "kefu-of-last-year")

    assert refused.returncode == 1
    assert "kefu-of-last-year" in refused.stderr
    assert "Traceback" not in refused.stderr
    wait_until_understood(served, "track_shipment")


def test_the_golden_sentences_are_ours_many_and_in_both_languages() -> None:
    lines = (ROOT / "tests" / "nlu" / "golden_intents.jsonl").read_text("utf-8").splitlines()
    sentences = [json.loads(line) for line in lines]
    assert len(sentences) >= 300
    assert len({one["text"] for one in sentences}) == len(sentences)
    chinese = sum(
        any("\u4e00" <= letter <= "\u9fff" for letter in one["text"]) for one in sentences
    )
    assert min(chinese, len(sentences) - chinese) >= 140
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    intents = set(domain["intents"])
    assert {one["intent"] for one in sentences} <= intents

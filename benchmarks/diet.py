"""Stock Rasa's own classifier (DIET) on our training data, for `make eval` to compare with."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import yaml

from benchmarks.peer import python_of_peer
from bot.runtime.plain_examples import read_plain_examples

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "diet"
TRAINING_SECONDS = 3 * 3600
PARSING_SECONDS = 1800

# Rasa's own advice for Chinese, and its default for everything behind the tokenizer.
_PIPELINE = [
    {"name": "JiebaTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
_PARSE = """
import json, sys
from rasa.core.agent import Agent
import asyncio
agent = Agent.load(sys.argv[1])
async def main():
    for line in sys.stdin:
        print(json.dumps(await agent.parse_message(json.loads(line)["text"])), flush=True)
asyncio.run(main())
"""


def sample(per_intent: int | None, seed: int = 7) -> dict[str, list[str]]:
    """Our examples by intent; of each so many at most, drawn with ``seed``."""
    by_intent: dict[str, list[str]] = {}
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for example in read_plain_examples(file) or ():
            by_intent.setdefault(example.get("intent"), []).append(example.get("text"))
    chance = random.Random(seed)
    drawn = {}
    for intent, texts in by_intent.items():
        unique = sorted(set(texts))
        chance.shuffle(unique)
        drawn[intent] = unique[:per_intent]
    return drawn


def learnt(folder: Path = FOLDER) -> dict[str, list[str]]:
    """The examples by intent that the peer in ``folder`` has learnt from, whatever ours are now."""
    by_intent: dict[str, list[str]] = {}
    for file in sorted((folder / "data").glob("*.yml")):
        for example in read_plain_examples(file) or ():
            by_intent.setdefault(example.get("intent"), []).append(example.get("text"))
    return by_intent


def train(by_intent: dict[str, list[str]], epochs: int, folder: Path = FOLDER) -> Path:
    """Train the peer's language side alone; the model's path. Raises PeerUnavailable."""
    python = python_of_peer(ROOT / "var" / "bench")
    shutil.rmtree(folder / "data", ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    for intent, texts in by_intent.items():
        examples = "".join(f"- {text}\n" for text in texts)
        content = {"version": "3.1", "nlu": [{"intent": intent, "examples": examples}]}
        _write(folder / "data" / f"{intent}.yml", content)
    _write(folder / "domain.yml", {"version": "3.1", "intents": sorted(by_intent)})
    classifier = {
        "name": "DIETClassifier",
        "epochs": epochs,
        "entity_recognition": False,
        "constrain_similarities": True,
    }
    config = {
        "recipe": "default.v1",
        "assistant_id": "peer",
        "language": "zh",
        "pipeline": [*_PIPELINE, classifier],
        "policies": [],
    }
    _write(folder / "config.yml", config)
    command = [str(python), "-W", "ignore", "-m", "rasa", "train", "nlu", "--nlu", "data"]
    command += ["--domain", "domain.yml", "--fixed-model-name", "diet", "--out", "models"]
    subprocess.run(
        command, cwd=folder, env=_environment(folder), check=True, timeout=TRAINING_SECONDS
    )
    return folder / "models" / "diet.tar.gz"


def parse(model: Path, texts: Sequence[str], folder: Path = FOLDER) -> list[dict[str, object]]:
    """The peer's parse result of each text, in order."""
    python = python_of_peer(ROOT / "var" / "bench")
    done = subprocess.run(
        [str(python), "-W", "ignore", "-c", _PARSE, str(model)],
        cwd=folder,
        env=_environment(folder),
        input="".join(json.dumps({"text": text}) + "\n" for text in texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=PARSING_SECONDS,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _environment(folder: Path) -> dict[str, str]:
    """The peer's own, with the tokenizer for Chinese, which is pure Python, lent from ours."""
    import jieba

    lent = folder / "lent"
    lent.mkdir(parents=True, exist_ok=True)
    package = Path(jieba.__file__).parent
    for path in (package, *package.parent.glob("jieba-*.dist-info")):
        link = lent / path.name
        link.unlink(missing_ok=True)
        link.symlink_to(path)
    return {**os.environ, "PYTHONPATH": str(lent), "RASA_TELEMETRY_ENABLED": "false"}


def _write(file: Path, content: object) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the peer, to be compared with by the next `make eval`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, help="so many of each intent; default: all")
    parser.add_argument("--epochs", type=int, default=100)
    given = parser.parse_args(arguments)
    by_intent = sample(given.examples)
    train(by_intent, given.epochs)
    setting = {"examples": given.examples, "epochs": given.epochs}
    (FOLDER / "setting.json").write_text(json.dumps(setting))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`make eval`: how well the assistant understands labelled lines, as a report and two pictures."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from benchmarks.labelled import Labelled, read_labelled, slices
from benchmarks.scores import Outcome, Scores, mapped, outcome, per_label, scores
from benchmarks.understanding_report import Report, Slice, draw, table, write_report

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "nlu" / "golden_intents.jsonl"
LABELS = ROOT / "data" / "nlu" / "labels.json"
_TIMED = 300


class Reader:
    """The language side of a trained model, as `kefu parse --jsonl` runs it."""

    def __init__(self, model: Path) -> None:
        """Load ``model``; what it adds to the resident memory is measured."""
        from rasa.core.lock_store import InMemoryLockStore
        from rasa.core.nlg import TemplatedNaturalLanguageGenerator
        from rasa.core.processor import MessageProcessor
        from rasa.core.tracker_store import InMemoryTrackerStore
        from rasa.shared.core.domain import Domain

        from bot.nlu.batch import parse_texts
        from kefu.settings import load_rulebook
        from kefu.surroundings import tell_rules

        tell_rules(load_rulebook(ROOT / "kefu.yml"))
        before = psutil.Process().memory_info().rss
        self._processor = MessageProcessor(
            model,
            InMemoryTrackerStore(Domain.empty()),
            InMemoryLockStore(),
            TemplatedNaturalLanguageGenerator({}),
        )
        self._parse = parse_texts
        self.read(["你好", "hello"])
        self.megabytes = (psutil.Process().memory_info().rss - before) / 1e6

    def read(self, texts: Iterable[str]) -> list[dict[str, Any]]:
        """The parse result of each text."""
        return list(self._parse(self._processor, texts))

    def milliseconds(self, texts: Sequence[str]) -> float:
        """The median time that one message takes, each read alone."""
        spent = []
        for text in texts[:_TIMED]:
            began = time.perf_counter()
            list(self._parse(self._processor, [text], 1))
            spent.append((time.perf_counter() - began) * 1000)
        return statistics.median(spent)


def judged(reader: Reader, lines: Sequence[Labelled], names: Mapping[str, str]) -> list[Outcome]:
    """What ``reader`` makes of each line."""
    results = reader.read(line.text for line in lines)
    return [outcome(line, parsed, names) for line, parsed in zip(lines, results, strict=True)]


def sliced(
    reader: Reader, lines: Sequence[Labelled], plain: Sequence[Outcome], names: Mapping[str, str]
) -> list[Slice]:
    """Scores on copies of the lines with shoppers' slips, beside those of the lines themselves."""
    found = []
    for name, copies, beside in slices(lines):
        places = [
            i
            for i, copy in enumerate(copies)
            if copy.text.strip() and not (beside and copy.text == lines[i].text)
        ]
        if not places:
            continue
        outcomes = judged(reader, [copies[i] for i in places], names)
        as_written = scores([plain[i] for i in places]) if beside else None
        found.append(Slice(name, scores(outcomes), as_written))
    return found


def kinds_of(outcomes: Sequence[Outcome]) -> dict[str, Scores]:
    """Scores by the source of the lines, where the set names any."""
    kinds = sorted({one.line.kind for one in outcomes} - {""})
    return {kind: scores([one for one in outcomes if one.line.kind == kind]) for kind in kinds}


def peer_scores(
    files: Sequence[Path], names: Mapping[str, str]
) -> tuple[dict[str, dict[str, Scores]], str]:
    """Scores of stock Rasa and of our classifier on the very examples that the peer learnt from.

    Empty where `python -m benchmarks.diet` has left no model.
    """
    from benchmarks.diet import FOLDER, learnt, parse
    from bot.nlu.normalise import for_features
    from bot.nlu.reading import parsed_like_rasa
    from bot.nlu.thresholds import Thresholds
    from bot.nlu.training import train

    if not (FOLDER / "setting.json").exists():
        return {}, ""
    setting = json.loads((FOLDER / "setting.json").read_text())
    examples = [
        (for_features(text), intent) for intent, texts in learnt().items() for text in texts
    ]
    readable = [(text, intent) for text, intent in examples if text]
    ours = train([text for text, _ in readable], [intent for _, intent in readable])
    found: dict[str, dict[str, Scores]] = {}
    for file in files:
        lines = read_labelled(file)
        texts, finer = [line.text for line in lines], mapped(lines, names)
        sides = {
            "DIET": parse(FOLDER / "models" / "diet.tar.gz", texts),
            "Kefu": list(parsed_like_rasa(ours, texts, Thresholds())),
        }
        found[file.stem] = {
            side: scores([outcome(*both, finer) for both in zip(lines, results, strict=True)])
            for side, results in sides.items()
        }
    told = (
        f"{len(examples):,} of our examples for both sides, at most"
        f" {setting['examples'] or 'all'} an intent, {setting['epochs']} epochs for the peer"
    )
    return found, told


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the sets, write the report, say the headlines."""
    from kefu.training import ensure_model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", type=Path, help="labelled lines, or folders of them")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "understanding-report.md")
    parser.add_argument("--without-peer", action="store_true", help="do not compare with DIET")
    given = parser.parse_args(arguments)
    files = [
        file
        for path in given.sets or [GOLDEN]
        for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])
    ]
    names = json.loads(LABELS.read_text("utf-8")) if LABELS.exists() else {}
    reader = Reader(ensure_model(ROOT, ROOT / "models", print, force=True))
    reports = []
    for file in files:
        lines = read_labelled(file)
        finer = mapped(lines, names)
        outcomes = judged(reader, lines, finer)
        slices_found = sliced(reader, lines, outcomes, finer)
        reports.append(
            Report(
                file.stem,
                scores(outcomes),
                kinds_of(outcomes),
                per_label(outcomes),
                slices_found,
                outcomes,
            )
        )
    cost = {
        "parse p50, ms": reader.milliseconds([line.text for line in read_labelled(files[0])]),
        "model and encoder, MB resident": reader.megabytes,
    }
    kept = given.report.with_suffix(".json")
    before = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    peer, told = ({}, "") if given.without_peer else peer_scores(files, names)
    given.report.parent.mkdir(parents=True, exist_ok=True)
    pictures = draw(reports, given.report.parent / "pictures")
    write_report(given.report, reports, cost, before, peer, told, pictures)
    figures = before.get("sets", {}) | {one.name: asdict(one.overall) for one in reports}
    kept.write_text(
        json.dumps(
            {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M}", "sets": figures, "cost": cost}, indent=1
        )
    )
    print(table({report.name: report.overall for report in reports}, before.get("sets", {})))
    print(f"written to {given.report}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

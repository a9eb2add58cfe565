"""What `make eval` counts, on results made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.labelled import Labelled, read_labelled, slices
from benchmarks.scores import mapped, outcome, per_label, reliability, scores
from benchmarks.understanding_report import Report, Slice, draw, write_report

LINES = [
    Labelled("我的快递到哪了，怎么还没到", "track_shipment"),
    Labelled("衣服小了，想换大一码，另外要发票", "exchange_request", ("invoice",)),
    Labelled("Where is my refund? It has been a week.", "refund_status"),
    Labelled("who won the match yesterday", "out_of_scope"),
]


def parsed(name: str, confidence: float, *requests: str) -> dict[str, Any]:
    likeliest = {"name": name, "confidence": confidence}
    return {
        "intent": likeliest,
        "intent_ranking": [likeliest],
        "intents": [{"name": one} for one in (requests or (name,))],
    }


def doubted(name: str, confidence: float) -> dict[str, Any]:
    fallback = {"name": "nlu_fallback", "confidence": 1 - confidence}
    return {
        "intent": fallback,
        "intent_ranking": [fallback, {"name": name, "confidence": confidence}],
        "intents": [{"name": name}],
    }


RESULTS = [
    parsed("track_shipment", 0.95),
    parsed("invoice", 0.65, "invoice", "exchange_request"),
    doubted("refund_status", 0.35),
    parsed("chitchat", 0.55),
]


def test_scores_count_as_the_development_sets_script_does() -> None:
    found = scores([outcome(*both) for both in zip(LINES, RESULTS, strict=True)])

    assert (found.strict, found.lenient, found.without_doubt) == (0.25, 0.5, 0.75)
    assert (found.abstained, found.right_when_answering) == (0.25, pytest.approx(2 / 3))
    assert found.found == 1.0
    assert (found.wrongly_answered, found.out_of_scope) == (1, 1)
    assert found.calibration == pytest.approx((0.05 + 0.35 + 0.55) / 3)


def test_finer_intents_count_as_the_label_they_are_mapped_onto() -> None:
    fine = outcome(LINES[0], parsed("parcel_lost", 0.9), {"parcel_lost": "track_shipment"})

    assert fine.right
    assert fine.requests == {"track_shipment"}


def test_an_intent_that_the_lines_name_themselves_is_not_mapped() -> None:
    names = {"news_stop": "account_login", "stop": "deny"}
    lines = [*LINES, Labelled("别再给我发活动短信", "news_stop")]

    assert mapped(LINES, names) == names
    assert mapped(lines, names) == {"stop": "deny"}
    assert outcome(lines[-1], parsed("news_stop", 0.9), mapped(lines, names)).right


def test_the_same_seed_makes_the_same_slips_and_leaves_the_labels_alone() -> None:
    once, again = (list(slices(LINES)) for _ in range(2))

    assert once == again
    by_name = {name: copies for name, copies, _ in once}
    assert "怎麼還沒到" in by_name["traditional"][0].text
    assert "?" not in by_name["no punctuation"][2].text
    assert by_name["typos"][0].text != LINES[0].text
    assert [copy.intent for copy in by_name["typos"]] == [line.intent for line in LINES]
    (joined,) = by_name["several requests"]
    assert joined.labels == {"refund_status", "out_of_scope"}


def test_a_report_has_its_figures_and_none_of_the_lines(tmp_path: Path) -> None:
    outcomes = [outcome(*both) for both in zip(LINES, RESULTS, strict=True)]
    overall = scores(outcomes)
    report = Report(
        "lines", overall, {}, per_label(outcomes), [Slice("typos", overall, overall)], outcomes
    )
    file = tmp_path / "report.md"
    pictures = draw([report], tmp_path / "pictures")
    before = {"at": "2026-11-20 08:00", "sets": {"lines": {"lenient": 0.25}}}

    write_report(
        file,
        [report],
        {"parse p50, ms": 4.0},
        before,
        {"lines": {"DIET": overall, "Kefu": overall}},
        "on the same examples",
        pictures,
    )

    written = file.read_text("utf-8")
    assert "0.500 (+0.250)" in written
    assert "| refund_status | 0 | 1 | 0.00 | (doubt) 1 |" in written
    assert not any(line.text in written for line in LINES)
    assert all(picture.stat().st_size > 1000 for picture in pictures)
    assert reliability(outcomes)[-1] == (0.95, 1.0, 1)


def test_labelled_lines_are_read_from_the_project_s_own_format(tmp_path: Path) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text(json.dumps({"text": "hi", "intent": "greet", "kind": "real"}) + "\n\n")

    assert read_labelled(file) == [Labelled("hi", "greet", (), "real")]

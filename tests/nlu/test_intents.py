"""From a message to its requests: trained, saved, loaded, asked, doubted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.doubt import DoubtClassifier
from bot.nlu.intent_classifier import IntentClassifier
from bot.nlu.normaliser import MessageNormaliser
from bot.nlu.request_splitter import RequestSplitter
from bot.nlu.requests import MergeSettings, merge
from bot.nlu.surroundings import surroundings
from bot.nlu.thresholds import Thresholds
from tests.nlu.pipeline import examples, load, make, read

TEACHING = {
    "track_shipment": [
        "我的快递到哪了",
        "包裹现在在哪里",
        "查一下物流",
        "物流好几天没更新了",
        "快递走到什么地方了",
        "where is my parcel",
        "track my package",
        "tracking has not moved",
        "where did the courier go",
        "can you locate my shipment",
    ],
    "return_request": [
        "我要退货",
        "这个想退掉",
        "怎么申请退货",
        "东西不喜欢想退",
        "帮我办退货",
        "i want to return this",
        "send it back please",
        "how do i start a return",
        "i'd like to give these shoes back",
        "return my order",
    ],
    "invoice": [
        "帮我开发票",
        "要一张电子发票",
        "发票抬头开公司",
        "什么时候能开票",
        "发票没收到",
        "i need an invoice",
        "send me the invoice",
        "can you issue a company invoice",
        "invoice with tax number",
        "where do i get my invoice",
    ],
    "greet": [
        "你好",
        "在吗",
        "您好",
        "亲在不在",
        "早上好",
        "hello",
        "hi",
        "hi there",
        "good morning",
        "hey",
    ],
    "thanks": [
        "谢谢",
        "多谢",
        "感谢",
        "谢谢亲",
        "辛苦了",
        "thanks",
        "thank you",
        "many thanks",
        "cheers",
        "thx",
    ],
}


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was trained and saved."""
    folder = tmp_path_factory.mktemp("model")
    normaliser = make(MessageNormaliser, folder)
    classifier = make(IntentClassifier, folder, min_texts=1)
    classifier.train(normaliser.process_training_data(examples(TEACHING)))
    return folder


@pytest.fixture(scope="module")
def pipeline(model_folder: Path) -> list[Any]:
    """The components that read intents, the classifier from its saved model."""
    return [
        make(MessageNormaliser, model_folder),
        make(RequestSplitter, model_folder),
        load(IntentClassifier, model_folder),
        make(DoubtClassifier, model_folder),
    ]


@pytest.fixture(autouse=True)
def no_shops_rules() -> Iterator[None]:
    """Whatever ran before in this process may have read a kefu.yml."""
    kept, surroundings().thresholds = surroundings().thresholds, None
    yield
    surroundings().thresholds = kept


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我的包裹到什么地方了", "track_shipment"),
        ("請問快遞到哪了", "track_shipment"),
        ("could you track my parcel", "track_shipment"),
        ("我想退貨", "return_request"),
        ("i would like to return it", "return_request"),
        ("我要开一张发票", "invoice"),
        ("您好", "greet"),
    ],
)
def test_a_request_is_recognised_in_both_languages(
    pipeline: list[Any], text: str, intent: str
) -> None:
    parsed = read(text, *pipeline)
    assert parsed["intent"]["name"] == intent
    assert parsed["intent"] == parsed["intent_ranking"][0]
    assert parsed["intents"][0]["name"] == intent


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("你好,我要退货,另外帮我开发票,谢谢", {"return_request", "invoice"}),
        ("hi, where is my parcel? also send me the invoice. thanks", {"track_shipment", "invoice"}),
    ],
)
def test_every_request_is_found_and_courtesies_are_none(
    pipeline: list[Any], text: str, intents: set[str]
) -> None:
    assert {request["name"] for request in read(text, *pipeline)["intents"]} == intents


def test_a_greeting_before_a_request_does_not_win(pipeline: list[Any]) -> None:
    assert read("在吗,我的快递到哪了", *pipeline)["intents"][0]["name"] == "track_shipment"


@pytest.mark.parametrize("text", ["🙂🙂", "。。。", "\u202e\u200b"])
def test_a_message_without_words_is_not_understood(pipeline: list[Any], text: str) -> None:
    parsed = read(text, *pipeline)
    assert parsed["intent"]["name"] == "nlu_fallback"


def test_the_ranking_survives_doubt(model_folder: Path, pipeline: list[Any]) -> None:
    never_sure = make(DoubtClassifier, model_folder, threshold=1.1)
    sure = read("我要退货", *pipeline)["intent_ranking"]
    doubtful = read("我要退货", *pipeline[:3], never_sure)
    assert doubtful["intent"]["name"] == "nlu_fallback"
    assert doubtful["intent_ranking"][1:] == sure


def test_the_shops_rules_of_doubt_count_from_the_next_message_on(pipeline: list[Any]) -> None:
    around = surroundings()
    assert around.thresholds is None
    try:
        around.thresholds = Thresholds(threshold=1.1)
        assert read("我要退货", *pipeline)["intent"]["name"] == "nlu_fallback"
    finally:
        around.thresholds = None
    assert read("我要退货", *pipeline)["intent"]["name"] == "return_request"


def test_two_likely_intents_close_together_are_doubted(model_folder: Path) -> None:
    doubt = make(DoubtClassifier, model_folder, threshold=0.3, margin=0.1, sure=0.6)
    ranking = [{"name": "invoice", "confidence": 0.45}, {"name": "greet", "confidence": 0.4}]
    message = Message({"text": "x", "intent": ranking[0], "intent_ranking": ranking})
    assert doubt.process([message])[0].get("intent")["name"] == "nlu_fallback"
    ranking[1]["confidence"] = 0.2
    message = Message({"text": "x", "intent": ranking[0], "intent_ranking": ranking})
    assert doubt.process([message])[0].get("intent")["name"] == "invoice"


def test_what_may_be_no_business_of_the_shops_is_doubted(model_folder: Path) -> None:
    doubt = make(DoubtClassifier, model_folder, threshold=0.3, strange=0.2)
    for stranger, understood in ((0.35, "nlu_fallback"), (0.25, "invoice")):
        ranking = [
            {"name": "invoice", "confidence": 0.5},
            {"name": "out_of_scope", "confidence": stranger},
        ]
        message = Message({"text": "x", "intent": ranking[0], "intent_ranking": ranking})
        assert doubt.process([message])[0].get("intent")["name"] == understood


def test_many_messages_at_once_are_read_like_one_by_one(pipeline: list[Any]) -> None:
    texts = ["我要退货,另外帮我开发票", "", "hello", "where is my parcel"]
    together = [Message({"text": text}) for text in texts]
    for component in pipeline:
        together = component.process(together)
    for text, message in zip(texts, together, strict=True):
        alone = read(text, *pipeline)
        assert message.get("intent")["name"] == alone["intent"]["name"]
        assert message.get("intent")["confidence"] == pytest.approx(
            alone["intent"]["confidence"], abs=1e-4
        )


def test_chances_of_one_clause_add_up_to_one(model_folder: Path) -> None:
    pipeline = [
        make(MessageNormaliser, model_folder),
        load(IntentClassifier, model_folder, ranking_length=len(TEACHING)),
    ]
    ranking = read("我要退货", *pipeline)["intent_ranking"]
    assert sum(entry["confidence"] for entry in ranking) == pytest.approx(1, abs=1e-4)


@given(st.lists(st.lists(st.floats(0.01, 1), min_size=4, max_size=4), min_size=1, max_size=5))
def test_requests_are_ordered_likely_and_never_courtesies_beside_a_request(
    rows: list[list[float]],
) -> None:
    labels = ("greet", "invoice", "return_request", "urge")
    chances = np.asarray([[value / sum(row) for value in row] for row in rows], dtype=np.float32)
    merged, requests = merge(labels, chances[0], chances[1:], MergeSettings())
    assert ((merged >= 0) & (merged <= 1)).all()
    assert requests[0].name == labels[int(merged.argmax())]
    confidences = [request.confidence for request in requests]
    assert confidences == sorted(confidences, reverse=True)
    assert "greet" not in [request.name for request in requests[1:]]
    assert len({request.name for request in requests}) == len(requests)


def test_a_clause_that_only_tells_a_story_is_no_request_of_its_own() -> None:
    labels = ("invoice", "return_request", "track_shipment")
    whole, tells = [0.02, 0.96, 0.02], [0.1, 0.15, 0.75]
    asks, both = [0.01, 0.98, 0.01], [0.02, 0.6, 0.38]
    for heard, named in ((whole, 1), (both, 2)):
        chances = np.asarray([heard, tells, asks], dtype=np.float32)
        settings = MergeSettings(also_confidence=0.2)
        _, requests = merge(labels, chances[0], chances[1:], settings)
        assert len(requests) == named


def test_what_is_said_of_another_order_is_a_request_of_its_own() -> None:
    labels = ("cancel_order", "track_shipment")
    chances = np.asarray([[0.98, 0.02], [0.99, 0.01], [0.1, 0.9]], dtype=np.float32)
    _, together = merge(labels, chances[0], chances[1:], MergeSettings())
    _, apart = merge(labels, chances[0], chances[1:], MergeSettings(), apart=(0, 1))
    assert together[1].confidence < 0.4 < apart[1].confidence


def test_an_intent_alone_cannot_be_learnt(tmp_path: Path) -> None:
    normaliser = make(MessageNormaliser, tmp_path)
    classifier = make(IntentClassifier, tmp_path)
    data = normaliser.process_training_data(examples({"greet": ["hi", "hello"]}))
    with pytest.raises(ValueError, match="at least two"):
        classifier.train(data)

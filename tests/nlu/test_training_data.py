"""The examples of what shoppers write are bilingual, unambiguous and free of real people's data."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

NLU = Path(__file__).parents[2] / "data" / "nlu"
# The parser in C reads the twenty thousand lines ten times faster, where it is there.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

SERVICE = [
    "order_status",
    "track_shipment",
    "delivery_time",
    "shipping_options",
    "change_address",
    "cancel_order",
    "modify_order",
    "place_order",
    "payment_failed",
    "payment_methods",
    "return_request",
    "exchange_request",
    "refund_request",
    "refund_status",
    "return_policy",
    "damaged_or_wrong_item",
    "invoice",
    "coupon_promotion",
    "product_question",
    "recommend_product",
    "account_login",
    "complaint",
    "feedback_review",
    "human_agent",
    "urge",
]
NEWS = ["news_request", "news_stop"]
HOURS = ["opening_hours"]
SMALL_TALK = ["greet", "goodbye", "thanks", "affirm", "deny", "chitchat"]
DIALOGUE_ONLY = ["stop", "wait", "repeat", "inform", "leave_queue"]

MINIMUM = {
    **dict.fromkeys(SERVICE, 90),
    **dict.fromkeys(NEWS + HOURS, 80),
    **dict.fromkeys(SMALL_TALK, 60),
    **dict.fromkeys(DIALOGUE_ONLY, 40),
    "out_of_scope": 250,
}
LONGEST_LINE = 600

HAN = re.compile(r"[\u3400-\u9fff]")
EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
CHINESE_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
AMERICAN_PHONE = re.compile(r"(?<![\d-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)")
FICTITIOUS_AMERICAN = re.compile(r"\(?\d{3}\)?[ .-]555[ .-]01\d\d")
FICTITIOUS_CHINESE = re.compile(r"1[3-9]0{9}")


class Example(NamedTuple):
    """One line of training data and where it stands."""

    intent: str
    text: str
    file: str


def _examples() -> list[Example]:
    found = []
    for path in sorted(NLU.glob("*.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)
        for entry in document["nlu"]:
            if "intent" not in entry:
                continue
            for line in entry["examples"].splitlines():
                text = line.strip().removeprefix("- ")
                found.append(Example(entry["intent"], text, path.name))
    return found


EXAMPLES = _examples()


def _key(text: str) -> str:
    """Two lines that differ in case, width, spaces or punctuation alone are the same line."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded) or folded


def test_every_intent_has_examples_and_no_other_name_is_used() -> None:
    assert {example.intent for example in EXAMPLES} == set(MINIMUM)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_intent_has_enough_examples_in_each_language(language: str) -> None:
    counts = Counter(
        example.intent
        for example in EXAMPLES
        if (HAN.search(example.text) is not None) == (language == "zh")
    )
    short = {intent: counts[intent] for intent, least in MINIMUM.items() if counts[intent] < least}
    assert short == {}


def test_no_line_stands_under_two_intents() -> None:
    intents: dict[str, set[str]] = defaultdict(set)
    for example in EXAMPLES:
        intents[_key(example.text)].add(example.intent)
    assert {text: names for text, names in intents.items() if len(names) > 1} == {}


def test_no_line_is_written_twice() -> None:
    counts = Counter(_key(example.text) for example in EXAMPLES)
    assert [text for text, times in counts.items() if times > 1] == []


def test_no_line_is_empty_or_longer_than_a_shopper_writes() -> None:
    odd = [e for e in EXAMPLES if not e.text or len(e.text) > LONGEST_LINE]
    assert odd == []


def test_every_e_mail_address_is_of_an_example_domain() -> None:
    domains = {domain for e in EXAMPLES for domain in EMAIL.findall(e.text)}
    assert domains <= {"example.com", "example.org", "example.net"}


def test_no_phone_number_could_be_somebodys() -> None:
    chinese = {n for e in EXAMPLES for n in CHINESE_MOBILE.findall(e.text)}
    american = {n for e in EXAMPLES for n in AMERICAN_PHONE.findall(e.text)}
    assert {n for n in chinese if not FICTITIOUS_CHINESE.fullmatch(n)} == set()
    assert {n for n in american if not FICTITIOUS_AMERICAN.fullmatch(n)} == set()


def test_every_intent_that_is_no_label_of_a_service_desk_is_mapped_onto_one() -> None:
    labels = json.loads((NLU / "labels.json").read_text(encoding="utf-8"))
    assert set(labels) == {*NEWS, *HOURS, *DIALOGUE_ONLY}
    assert set(labels.values()) <= {*SERVICE, *SMALL_TALK, "out_of_scope"}

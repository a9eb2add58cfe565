"""Domain, flows, actions and ports agree: whatever is named is there, and nobody meets a wall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import vocabulary
from actions.base import ShopAction
from actions.other_product import Whereabouts
from actions.pack_reading import Way
from actions.registry import action_classes, make_executor
from actions.return_lines import SAID_OF_EXCHANGES
from actions.return_policy import ReturnTerms
from connectors.backends.accounts.model import AccountRefusal, AccountStep, Login
from connectors.backends.carriers.intercepting import InterceptRefusal
from connectors.backends.carriers.model import Diagnosis, InterceptKind, Signature
from connectors.backends.customers.model import Proof
from connectors.backends.drafts.model import Verb
from connectors.backends.invoices.model import InvoiceKind, InvoiceRefusal
from connectors.backends.news.model import NewsKind
from connectors.backends.offers.model import CouponRefusal, PriceRefusal
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.cancelling import CancelRefusal
from connectors.backends.orders.model import NoteKind, OrderStatus, Tender
from connectors.backends.orders.modifying import ModifyRefusal
from connectors.backends.orders.packing import PackRefusal
from connectors.backends.orders.urging import UrgeRefusal
from connectors.backends.payments.model import MoneyPlace, PaymentCause
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import (
    FreightPayer,
    Handover,
    RefundStatus,
    ReturnReason,
    ReturnRefusal,
    ReturnStatus,
)
from connectors.backends.rules import ShopRules
from connectors.backends.tickets.model import TicketRefusal, TicketTopic
from desk.model import HandoffReason
from kernel.clock import SetClock
from tests.conversations.down import make_down_hours, make_down_shop

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
DIALOGUE_ONLY = {"stop", "wait", "repeat", "inform", "leave_queue", "nlu_fallback"}
RESPONSE = re.compile(r"\butter_[a-z0-9_]+\b")
# One response a member: the name is made from the member's value.
SPOKEN: dict[str, Iterable[StrEnum]] = {
    "utter_order_{}": OrderStatus,
    "utter_shipment_{}": Diagnosis,
    "utter_payment_{}": PaymentCause,
    "utter_money_{}": MoneyPlace,
    "utter_return_refused_{}": ReturnRefusal,
    "utter_exchange_refused_{}": SAID_OF_EXCHANGES,
    "utter_refund_{}": RefundStatus,
    "utter_cancel_refused_{}": CancelRefusal,
    "utter_intercept_refused_{}": InterceptRefusal,
    "utter_address_refused_{}": AddressRefusal,
    "utter_other_product_{}": Whereabouts,
    "utter_return_policy_{}": ReturnTerms,
    "utter_intercept_preview_{}": InterceptKind,
    "utter_intercept_asked_{}": InterceptKind,
    "utter_return_{}_state": ReturnStatus,
    "utter_exchange_{}_state": ExchangeStatus,
    "utter_invoice_refused_{}": InvoiceRefusal,
    "utter_price_refused_{}": PriceRefusal,
    "utter_complaint_refused_{}": TicketRefusal,
    "utter_account_refused_{}": AccountRefusal,
    "utter_account_preview_{}": AccountStep,
    "utter_account_done_{}": AccountStep,
    "utter_modify_refused_{}": ModifyRefusal,
    "utter_urge_refused_{}": UrgeRefusal,
    "utter_pack_refused_{}": PackRefusal,
    "utter_pack_done_{}": Way,
    "utter_urge_noted_{}": (NoteKind.EXPEDITE, NoteKind.ESCALATION),
}
# Responses that say no, and name a rule or a fact.
REFUSAL = re.compile(
    r"_refused_|_(?:none|gone|sold_out|no_tender|nothing_left|not_paid|asked_already)$"
)
# Why no conversation comes upon it: another shop may still answer so over HTTP.
WITHOUT_CONVERSATION = {
    "utter_cancel_refused_nothing_chosen": "the assistant names lines of the order, or all",
    "utter_return_refused_nothing_chosen": "the assistant names lines of the order",
    "utter_return_refused_photo_missing": "a picture is asked for before anything is prepared",
    "utter_exchange_refused_other_product": "variants of the line's own product are offered",
    "utter_modify_refused_nothing_chosen": "what is to change is asked until something is said",
    "utter_modify_refused_other_product": "variants of the line's own product are offered",
    "utter_modify_refused_slot_unknown": "hours are read as one of the shop's own slots",
    "utter_address_refused_incomplete": "what is missing is asked for before",
    "utter_invoice_refused_not_issued_yet": "told with the day it is due, before it is prepared",
    "utter_invoice_refused_bad_email": "nothing else is taken for an address",
}
# What a frame may hold when an action runs in it.
VALUES = {
    "order_number": "KF2601018001",
    "parcel": "YT0000000000000",
    "lines": ["L1"],
    "line": "L1",
    "quantity": 1,
    "due": [500, "CNY"],
    "reason": "no_longer_wanted",
    "draft_id": "D1",
    "orders": ["KF2601018001"],
    "drafts": {"KF2601018001": "D1"},
    "back": "¥1.00",
    "handover": "pick_up",
    "refund_to": "original",
    "cancel_reason": "other",
    "new_address": {
        "name": "A",
        "phone": "1",
        "country": "C",
        "province": "",
        "city": "T",
        "district": "",
        "street": "S 1",
        "postcode": "",
    },
    "parts": {"street": "S 1", "chinese": False},
    "rest_of_address": "T, AB1 2CD",
    "invoice_part": "mailbox",
    "told": {"order_number": "KF2601018001", "phone_tail": "1024"},
    "invoice_step": "issue",
    "invoice_title": "木禾有限公司",
    "tax_number": "91330100799655058B",
    "topic": "other",
    "story": "没人理我",
    "score": "5",
    "account_step": "delete",
    "login_method": "phone",
    "wanted_product": "mug",
    "product_id": "mug",
    "variant": "mug-1",
    "items": [["mug", 1]],
    "cart": [["mug-1", 1]],
    "news_kinds": ["shipped"],
    "way": "together",
    "with_order": "KF2601018002",
}
NEEDS_NO_PORT = {
    "action_check_handoff_topic",
    "action_check_photos",
    "action_check_refund_to",
    "action_check_urge",
    "action_show_destination",
    "action_hear_complaint",
    "action_choices_identity",
    "action_next_return",
    "action_next_address",
    "action_sort_return",
    "action_choices_slot_hours",
    "action_choices_invoice_part",
    "action_check_invoice_part",
    "action_choices_rest_of_address",
    "action_sort_exchange",
    "action_check_way",
    "action_hear_packing",
    "action_scope_packing",
    "action_sort_cancellation",
    "action_sort_refund",
    "action_sort_change",
    "action_sort_status",
    "action_sort_tracking",
    "action_sort_urge",
    "action_sort_addresses",
    "action_sort_changed_orders",
    "action_sort_invoiced_orders",
    "action_next_changed_order",
    "action_next_invoiced_order",
    "action_leave_for_person",
    "action_check_known",
    "action_check_proof",
    "action_read_invoice",
    "action_check_invoice_title",
    "action_check_tax_number",
    "action_read_offer",
    "action_sort_complaint",
    "action_read_complaint",
    "action_read_feedback",
    "action_read_account",
    "action_show_sign_in",
    "action_check_address",
    "action_check_addresses",
    "action_scope_address",
    "action_read_news_request",
}


def _yaml(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _domain_files() -> list[Path]:
    return [ROOT / "domain.yml", *sorted((ROOT / "domain").glob("*.yml"))]


def _responses() -> dict[str, list[dict[str, Any]]]:
    responses: dict[str, list[dict[str, Any]]] = {}
    for path in _domain_files():
        for name, variations in (_yaml(path).get("responses") or {}).items():
            assert name not in responses, f"{name} is given twice"
            responses[name] = variations
    return responses


def _flows() -> dict[str, dict[str, Any]]:
    flows: dict[str, dict[str, Any]] = {}
    for path in sorted((ROOT / "data" / "flows").glob("*.yml")):
        flows.update(_yaml(path)["flows"])
    return flows


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def test_every_response_is_there_once_in_each_language() -> None:
    for name, variations in _responses().items():
        languages = [
            condition["value"]
            for variation in variations
            for condition in variation.get("condition", ())
            if condition["name"] == "language"
        ]
        assert sorted(languages) == ["en", "zh"], name


def test_both_languages_of_a_response_say_the_same_values() -> None:
    for name, variations in _responses().items():
        held = [set(re.findall(r"{(\w+)}", variation["text"])) for variation in variations]
        assert held[0] == held[1], name


def test_chinese_responses_are_chinese_and_english_ones_are_not() -> None:
    for name, variations in _responses().items():
        for variation in variations:
            text = re.sub(r"{\w+}", "", variation["text"])
            chinese = bool(re.search(r"[\u4e00-\u9fff]", text))
            if text:
                assert chinese == (variation["condition"][0]["value"] == "zh"), name


@pytest.mark.parametrize("pattern", SPOKEN)
def test_every_member_that_is_spoken_has_a_response(pattern: str) -> None:
    responses = _responses()
    missing = [
        member for member in SPOKEN[pattern] if pattern.format(member.value) not in responses
    ]
    assert not missing


@pytest.mark.parametrize(
    ("words", "members"),
    [
        (vocabulary.TENDERS, Tender),
        (vocabulary.PROOFS, Proof),
        (vocabulary.SIGNATURES, Signature),
        (vocabulary.RETURN_REASONS, ReturnReason),
        (vocabulary.FREIGHT, FreightPayer),
        (vocabulary.HANDOVERS, Handover),
        (vocabulary.INVOICE_KINDS, InvoiceKind),
        (vocabulary.LOGINS, Login),
        (vocabulary.TICKET_TOPICS, TicketTopic),
        (vocabulary.COUPON_REFUSALS, CouponRefusal),
        (vocabulary.NEWS_KINDS, NewsKind),
    ],
)
def test_every_member_of_a_vocabulary_has_words(
    words: Mapping[StrEnum, object], members: type[StrEnum]
) -> None:
    assert set(words) == set(members)


def test_every_reason_for_a_return_can_be_chosen() -> None:
    steps = _flows()["return_request"]["steps"]
    reasons = next(step for step in steps if step.get("collect") == "reason")
    assert {choice["id"] for choice in reasons["choices"]} == {
        reason.value for reason in ReturnReason
    }


def test_every_response_that_is_named_exists_and_every_one_is_used() -> None:
    responses = set(_responses())
    sources = [path.read_text() for path in (ROOT / "actions").glob("*.py")]
    sources += [path.read_text() for path in (ROOT / "data" / "flows").glob("*.yml")]
    sources += [path.read_text() for path in (ROOT / "bot").glob("**/*.py")]
    named = {name for source in sources for name in RESPONSE.findall(source)}
    # A prefix ends in an underscore: the rest is the value of an enum.
    whole = {name for name in named if not name.endswith("_")}
    made = {
        pattern.format(member.value) for pattern, members in SPOKEN.items() for member in members
    }
    asked = {
        step.get("ask") or f"utter_ask_{flow}_{step.get('collect') or step.get('id')}"
        for flow, content in _flows().items()
        for step in content["steps"]
        if "collect" in step or "confirm" in step
    }
    suffixed = {name for name in responses if any(name.startswith(one) for one in made)}
    unsent = {name for name in responses if name.startswith("utter_shipment_none_")}
    assert whole - responses - {"utter_action", "utter_message"} == set()
    assert asked - responses == set()
    assert responses - whole - asked - suffixed - unsent == set()


def test_every_refusal_is_met_in_a_golden_conversation() -> None:
    said = {
        name
        for path in (ROOT / "tests" / "conversations").glob("*/*.yml")
        for turn in _yaml(path)["turns"]
        for name in turn["bot"]
    }
    refusals = {name for name in _responses() if REFUSAL.search(name)}
    assert refusals - said == set(WITHOUT_CONVERSATION)


def test_the_domain_and_the_package_have_the_same_actions() -> None:
    counted = Counter(
        name for path in _domain_files() for name in (_yaml(path).get("actions") or ())
    )
    written = make_executor(make_down_shop(), ShopRules(), SetClock(NOW), make_down_hours()).actions
    assert set(counted) == set(written)
    assert set(counted.values()) == {1}


def test_every_action_of_a_flow_exists() -> None:
    written = make_executor(make_down_shop(), ShopRules(), SetClock(NOW), make_down_hours()).actions
    named = {text for text in _texts(_flows()) if text.startswith("action_")}
    assert named - set(written) == set()


def test_every_intent_starts_a_flow() -> None:
    intents = set(_yaml(ROOT / "domain.yml")["intents"])
    started = [intent for flow in _flows().values() for intent in flow.get("intents", ())]
    assert set(started) == intents - DIALOGUE_ONLY
    assert len(started) == len(set(started))


def test_every_intent_has_examples() -> None:
    examples = {
        block["intent"]
        for path in (ROOT / "data" / "nlu").glob("*.yml")
        for block in _yaml(path)["nlu"]
        if "intent" in block
    }
    assert set(_yaml(ROOT / "domain.yml")["intents"]) - examples == set()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "kind",
    [kind for kind in action_classes() if issubclass(kind, ShopAction)],
    ids=lambda kind: kind.__name__,
)
async def test_an_action_whose_ports_are_down_says_so(
    kind: type[ShopAction], language: str
) -> None:
    action = kind(make_down_shop(), ShopRules(), SetClock(NOW), make_down_hours())
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, _tracker(language), {})
    [outcome] = [event["value"]["outcome"] for event in events if event["name"] == "flow_outcome"]
    if action.name() in NEEDS_NO_PORT:
        assert outcome not in ("backend_down", "failed")
    else:
        assert outcome == "backend_down"
        assert dispatcher.messages[-1]["response"] == "utter_backend_unavailable"


def _tracker(language: str) -> Tracker:
    frame = {
        "flow": "return_request",
        "intent": "return_policy",
        "said": "退货",
        "values": VALUES,
        "sources": {"order_number": "order_number"},
    }
    slots = {
        "language": language,
        "customer": {"id": "C0001", "name": "林小满", "proof": "token"},
        "dialogue_stack": {"frames": [frame]},
    }
    message = {"text": "KF2601018001 1024", "entities": []}
    return Tracker("c1", slots, message, [], False, None, {}, "action_listen")


def test_every_reason_for_a_person_has_its_threshold_and_its_test_in_the_documents() -> None:
    text = (ROOT / "docs/desk.md").read_text(encoding="utf-8")
    rows = text.split("## Why people come")[1].split("\n## ")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", rows, re.M) for name in row.split(", ")}
    assert named == {f"`{reason.value}`" for reason in HandoffReason}
    handoff = yaml.safe_load((ROOT / "kefu.yml").read_text(encoding="utf-8"))["handoff"]
    assert [name for name in handoff if name not in rows] == []


def test_every_deed_asks_for_the_proof_that_the_documents_say() -> None:
    rows = re.findall(
        r"^\| (`.+?) \| (.+?) \| (.+?) \| .+ \|$",
        (ROOT / "docs/identity.md").read_text(encoding="utf-8"),
        re.M,
    )
    assert sorted(name for deeds, _, _ in rows for name in re.findall(r"`(\w+)`", deeds)) == sorted(
        Verb
    )
    proofs = {
        action: proof for _, actions, proof in rows for action in re.findall(r"`(\w+)`", actions)
    }
    met = set()
    for path in sorted((ROOT / "data/flows").glob("*.yml")):
        for name, flow in yaml.safe_load(path.read_text(encoding="utf-8"))["flows"].items():
            steps = flow.get("steps") or []
            runs = [step.get("run") for step in steps]
            for place, step in enumerate(steps):
                action = str(step.get("run"))
                assert action in proofs or not action.startswith("action_commit_"), (name, action)
                proof = proofs.get(action)
                if proof is None:
                    continue
                met.add(action)
                identified = flow.get("identity") == "read" or any(
                    one.get("call") == "identify" for one in steps
                )
                assert identified or proof == "none", (name, action)
                # The check stands before the deed, and what is too weak is proved anew.
                checks = [at for at in range(place) if runs[at] == "action_check_proof"]
                assert bool(checks) == proof.startswith("strongest"), (name, action)
                ways = {one["id"]: one for one in steps if "id" in one}
                for at in checks:
                    assert ways[steps[at]["then"]["weak"]]["call"] == "prove", (name, action)
    assert met == set(proofs)


def test_every_test_that_the_documents_name_is_there() -> None:
    missing = []
    for document in sorted((ROOT / "docs").rglob("*.md")):
        named = re.findall(
            r"`(tests/[\w/]+\.(?:py|yml))(?:::(\w+))?`", document.read_text(encoding="utf-8")
        )
        for path, name in named:
            file = ROOT / path
            there = file.is_file() and (not name or f"def {name}(" in file.read_text("utf-8"))
            missing += [] if there else [f"{document.name}: {path} {name}"]
    assert missing == []


def test_what_the_documents_call_proven_has_a_test_in_each_language() -> None:
    faults = []
    for document in sorted((ROOT / "docs").glob("*-proven.md")):
        rows = re.findall(r"^\|(.+)\|$", document.read_text(encoding="utf-8"), re.M)
        assert rows, document.name
        for row in rows:
            cells = [cell.strip() for cell in row.split("|")]
            if set(cells[0]) <= set("- ") or "`" not in row:
                continue
            for language, cell in zip(("zh", "en"), cells[-2:], strict=True):
                named = re.findall(r"`(tests/[^`]+)`", cell)
                told = [one for one in named if one.endswith(f"_{language}.yml") or ".py::" in one]
                faults += [] if told and told == named else [f"{document.name}: {row}"]
    assert faults == []

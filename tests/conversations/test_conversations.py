"""Plays every golden conversation and compares responses, values, handoffs and the shop's state.

A conversation is one file, ``<phenomenon>/<what the shopper does>.yml``:

* ``given``: ``customer`` (signed in on the shop's page), their ``group`` as the desk knows it,
  ``down`` (ports that do not answer, ``codes``: nobody sends those, ``hours``: the desk does not),
  ``rules`` (in which the shop's differ from those delivered), ``hours`` (the calendar of kefu.yml
  in which people are there, ``office`` unless given; null: around the clock), ``shop``
  (``harbour``: the second shop, of tests/harbour, instead of the demo shop);
* ``turns``: what the shopper does: ``shopper`` (words; ``{code}`` in them is the one-time code that
  was sent last, ``{wrong}`` another), ``press`` (a button, by place or a part of its title) or
  ``again: true`` (the same message arrives a second time), ``later`` than the turn before by so
  many minutes, with so many ``photos``. Then what must hold:
  ``bot`` (response names, in order), ``asks`` (the slot asked for), ``values`` (of the request
  being served), ``customer`` (verified), ``handoff`` (reason, or null), ``never`` (words that no
  reply may hold), ``together`` (facts that one of the replies must hold, all of them);
  ``told``: before it the shopper was told news of this order by itself;
* ``then``: ``wishes`` (what a customer wants to be told: kind, order); ``returns`` (order number:
  how many more returns than before); ``shop``: everything that differs in the shop's whole export
  (``shop_changes``). Where it is given, nothing else may
  have changed; ``{}`` says that nothing has. ``meanwhile`` of a turn does something to the shop
  before it (an SQL statement, or several): somebody else was quicker.

Wording is never compared, so that it can be improved without touching these files.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.runtime.turn import TurnResult
from tests.conversations.changes import shop_changes
from tests.conversations.stage import OFFICE, Stage, Talk

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*/*.yml"))
_ANSWERS = ("/inform", "/affirm", "/deny")
# One of each journey: the wire must carry every port's values, not every turn of a talk.
OVER_HTTP = (
    "accounts/deleted_with_its_consequences_en",
    "carts/one_variant_zh",
    "complaints/late_order_brings_a_coupon_zh",
    "happy_path/a_whole_order_is_cancelled_zh",
    "happy_path/an_exchange_that_costs_more_is_charged_en",
    "happy_path/an_order_goes_to_the_office_zh",
    "happy_path/an_order_leaves_in_parts_zh",
    "happy_path/an_order_number_with_its_proof_alone_zh",
    "happy_path/charged_twice_is_returning_en",
    "happy_path/hurrying_an_unsent_order_leaves_a_note_zh",
    "happy_path/one_of_several_parcels_en",
    "happy_path/refund_in_time_en",
    "happy_path/return_from_question_to_authorisation_zh",
    "invoices/person_en",
    "offers/price_fell_zh",
    "products/which_are_in_stock_en",
    "races/sold_out_before_the_yes_to_a_change_zh",
    "recommendations/by_budget_en",
    "refusals/a_sent_parcel_is_redirected_en",
    "repeats/the_same_yes_twice_changes_an_order_once_zh",
    "security/missing_order_gets_the_same_answer_en",
)


@pytest.mark.timeout(60, func_only=True)
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_conversation_goes_as_written(stage: Stage, path: Path) -> None:
    await _goes_as_written(stage, path)


@pytest.mark.timeout(60, func_only=True)
@pytest.mark.parametrize("name", OVER_HTTP)
async def test_a_conversation_goes_alike_where_the_shop_is_asked_over_http(
    stage: Stage, name: str
) -> None:
    await _goes_as_written(stage, FOLDER / f"{name}.yml", over_http=True)


async def _goes_as_written(stage: Stage, path: Path, *, over_http: bool = False) -> None:
    conversation = _read(path)
    assert conversation["conversation"] == path.stem
    given = conversation.get("given") or {}
    then = conversation.get("then") or {}
    seeded = await stage.harbour() if given.get("shop") == "harbour" else None
    talk = stage.open(
        given.get("down") or (),
        given.get("customer"),
        given.get("group"),
        seeded,
        rules=given.get("rules"),
        hours=given.get("hours", OFFICE),
    )
    server = await talk.behind_http() if over_http else None
    try:
        before = await _returns(talk, conversation)
        exported = await stage.seeded_export(seeded) if "shop" in then else {}
        text = ""
        for number, turn in enumerate(conversation["turns"], start=1):
            text = turn.get("shopper", text)
            result = await _play(talk, turn, text)
            await _compare(talk, turn, result, f"turn {number}, {turn}")
        assert await talk.left_of_codes() == []
        after = await _returns(talk, conversation)
        expected = then.get("returns") or {}
        assert {number: after[number] - before[number] for number in expected} == expected
        for customer, expected_wishes in (then.get("wishes") or {}).items():
            assert await _wishes(talk, customer) == expected_wishes
        if "shop" in then:
            assert shop_changes(exported, await talk.export()) == then["shop"]
    finally:
        if server is not None:
            await server.close()
        talk.close()


def _read(path: Path) -> dict[str, Any]:
    conversation: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return conversation


async def _play(talk: Talk, turn: Mapping[str, Any], text: str) -> TurnResult:
    talk.clock.advance(timedelta(minutes=turn.get("later", 0)))
    if "told" in turn:
        talk.told(turn["told"])
    if "meanwhile" in turn:
        done = turn["meanwhile"]
        await talk.meanwhile(*([done] if isinstance(done, str) else done))
    if "press" in turn:
        return await talk.press(turn["press"])
    return await talk.say(text, again=turn.get("again", False), photos=turn.get("photos", 0))


async def _compare(talk: Talk, turn: Mapping[str, Any], result: TurnResult, where: str) -> None:
    assert talk.responses == turn["bot"], where
    asked = [reply.ask.slot for reply in result.replies if reply.ask is not None]
    assert asked[-1:] == ([turn["asks"]] if turn.get("asks") else []), where
    reason = result.handoff.reason if result.handoff is not None else None
    assert reason == turn.get("handoff"), where
    assert all(reply.text for reply in result.replies), where
    _assert_a_program_could_answer(result, where)
    for word in turn.get("never", ()):
        assert not any(word in reply.text for reply in result.replies), where
    together = turn.get("together", ())
    assert any(all(fact in reply.text for fact in together) for reply in result.replies), where
    if "customer" in turn:
        assert (result.customer or {}).get("id") == turn["customer"], where
    if "values" in turn:
        frame = await talk.frame()
        assert {name: frame.get(name) for name in turn["values"]} == turn["values"], where


def _assert_a_program_could_answer(result: TurnResult, where: str) -> None:
    """What answers a question says which, and has an id of its own; other buttons are requests."""
    for reply in result.replies:
        answers = [one for one in reply.buttons if one.payload.startswith(_ANSWERS)]
        if reply.ask is None:
            assert not answers, where
            continue
        ids = [choice.id for choice in reply.ask.choices]
        assert reply.ask.slot, where
        assert all(ids), where
        assert len(set(ids)) == len(ids), where
        assert len(reply.buttons) == len(ids), where


async def _returns(talk: Talk, conversation: Mapping[str, Any]) -> dict[str, int]:
    """How many returns the orders have that the conversation makes a statement about."""
    numbers = (conversation.get("then") or {}).get("returns") or {}
    counts = {}
    async with talk.shop() as shop:
        for number in numbers:
            order = await shop.orders.get(number)
            counts[number] = len(await shop.refunds.returns_of(order.customer_id, number))
    return counts


async def _wishes(talk: Talk, customer: str) -> list[str]:
    async with talk.shop() as shop:
        wishes = await shop.wishes.wishes_of(customer)
    return sorted(f"{one.kind.value} {one.order_number or ''}".strip() for one in wishes)


def test_half_of_the_conversations_are_chinese_and_most_compare_the_whole_shop() -> None:
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    whole = [text for text, path in zip(texts, FILES, strict=True) if "shop" in _then(path)]
    for compared, least in ((texts, 390), (whole, 250)):
        chinese = sum(any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in compared)
        assert len(compared) >= least
        assert chinese * 2 >= len(compared)


def _then(path: Path) -> Mapping[str, Any]:
    return _read(path).get("then") or {}

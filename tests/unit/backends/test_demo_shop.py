"""The demo shop: the same every time, big enough, in every state that hurts."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.demo.known import make_known_orders
from connectors.backends.embedded.demo.people import KNOWN_PEOPLE
from connectors.backends.embedded.demo.scenarios import make_scenarios
from connectors.backends.embedded.document import ShopFile
from connectors.backends.embedded.references import misfits
from connectors.backends.orders.model import OrderStatus, Tender
from connectors.backends.payments.codes import Failure
from connectors.backends.payments.model import AttemptStatus
from connectors.backends.text import is_chinese
from tests.unit.backends.factories import NOW

DOCS = Path("docs/demo-shop.md")


@pytest.fixture(scope="module")
def demo() -> ShopFile:
    """The whole demo shop."""
    return make_demo_shop(NOW)


def test_the_same_seed_and_moment_make_the_same_shop(demo: ShopFile) -> None:
    assert msgspec.json.encode(make_demo_shop(NOW)) == msgspec.json.encode(demo)
    assert msgspec.json.encode(make_demo_shop(NOW, seed=7)) != msgspec.json.encode(demo)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 1, 2, 5, 0, tzinfo=UTC),
        datetime(2031, 7, 4, 12, 30, tzinfo=UTC),
    ],
)
def test_it_fits_itself_at_any_moment(now: datetime) -> None:
    assert list(misfits(make_demo_shop(now))) == []


def test_it_is_big_enough(demo: ShopFile) -> None:
    assert len(demo.products) >= 60
    assert sum(len(product.variants) for product in demo.products) >= 200
    assert len(demo.customers) == 300
    assert len(demo.orders) == 1500


def test_nothing_lies_in_the_future(demo: ShopFile) -> None:
    for order in demo.orders:
        assert order.placed_at <= NOW
        moments = [attempt.at for attempt in order.attempts]
        moments += [payment.paid_at for payment in order.payments]
        for fulfilment in order.fulfilments:
            for parcel in fulfilment.parcels:
                moments += [parcel.shipped_at, *(event.at for event in parcel.events)]
                assert parcel.shipped_at > order.placed_at
                times = [event.at for event in parcel.events]
                assert times == sorted(times, reverse=True)
        assert all(order.placed_at <= moment <= NOW for moment in moments)


def test_every_state_of_an_order_tender_and_failure_is_there(demo: ShopFile) -> None:
    attempts = [attempt for order in demo.orders for attempt in order.attempts]
    assert {order.status for order in demo.orders} == set(OrderStatus)
    assert {attempt.status for attempt in attempts} == set(AttemptStatus)
    assert {attempt.failure for attempt in attempts} == {None, *Failure}
    assert {payment.tender for order in demo.orders for payment in order.payments} == set(Tender)
    assert sum(len(order.payments) > 1 for order in demo.orders) >= 10
    assert sum(len(order.fulfilments) > 1 for order in demo.orders) >= 10
    assert sum(bool(order.returns) for order in demo.orders) >= 20
    assert len(make_scenarios()) >= 50


def test_carriers_write_in_their_own_language(demo: ShopFile) -> None:
    languages = {carrier.code: carrier.language for carrier in demo.carriers}
    seen: Counter[str] = Counter()
    for order in demo.orders:
        for fulfilment in order.fulfilments:
            for parcel in fulfilment.parcels:
                chinese = languages[parcel.carrier] == "zh"
                assert all(is_chinese(event.description) == chinese for event in parcel.events)
                seen[languages[parcel.carrier]] += 1
    assert min(seen["zh"], seen["en"]) > 300


def test_everything_is_named_in_both_languages(demo: ShopFile) -> None:
    for product in demo.products:
        assert is_chinese(product.name.zh)
        assert not is_chinese(product.name.en)
        assert not is_chinese(product.description.en)
        for variant in product.variants:
            assert not any(is_chinese(option.value.en) for option in variant.options)


def test_nobody_real_can_be_reached(demo: ShopFile) -> None:
    for customer in demo.customers:
        assert re.fullmatch(r"1380000\d{4}|1390000\d{4}|\+44 7700 900\d{3}", customer.phone)
        assert customer.email.endswith("@example.com")


def test_known_customers_have_their_known_orders_only(demo: ShopFile) -> None:
    known = {person.id for person in KNOWN_PEOPLE}
    theirs = {order.number for order in demo.orders if order.customer in known}
    assert theirs == {order.number for order in make_known_orders()}


def test_the_docs_tell_of_every_known_customer_and_order() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for person in KNOWN_PEOPLE:
        row = f"| {person.name} | {person.id} | {person.last4} | {person.email} |"
        assert row in text
    told = set(re.findall(r"\| (KF\d{10}) \| (\w+) \| (C\d{4}) \|", text))
    assert told == {(one.number, one.scenario, one.customer) for one in make_known_orders()}

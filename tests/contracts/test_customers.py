"""What every adapter of the port Customers promises: proofs, and not too many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.customers.model import Proof, Verification
from connectors.backends.embedded import tables
from connectors.backends.orders.model import Tender
from connectors.backends.rules import IdentityRules, ShopRules
from connectors.backends.shop import Shop
from kernel.clock import SetClock
from kernel.errors import BackendUnavailable, NotFound
from kernel.money import Money
from tests.contracts.conftest import NOW, MakeShop

LIN = ("lin.xiaoman@example.com", "林小满")
LINS = "KF2601018002"


async def test_a_customer_is_got_by_id(shop: Shop) -> None:
    lin = await shop.customers.get("C0001")
    assert (lin.name, lin.language) == ("林小满", "zh")
    with pytest.raises(NotFound):
        await shop.customers.get("C9999")


@pytest.mark.parametrize("last4", ["1024", " 1024 ", "138-0000-1024"])
async def test_order_and_phone_prove_who_somebody_is(shop: Shop, last4: str) -> None:
    found = await shop.customers.by_order_and_phone("talk", f" {LINS.lower()} ", last4)
    assert found.customer is not None
    assert found.customer.id == "C0001"
    assert found.locked_until is None


@pytest.mark.parametrize("last4", ["", "9999", "024", "１０２４", "林小满"])
async def test_a_wrong_phone_proves_nothing(shop: Shop, last4: str) -> None:
    found = await shop.customers.by_order_and_phone("talk", LINS, last4)
    assert found == Verification(attempts_left=4)


async def test_the_phone_of_a_gifts_recipient_does_not_prove_to_be_the_buyer(
    shop: Shop, engine: AsyncEngine
) -> None:
    orders = tables.orders
    async with engine.begin() as connection:
        address = await connection.scalar(select(orders.c.address).where(orders.c.number == LINS))
        assert address is not None
        await connection.execute(
            update(orders)
            .where(orders.c.number == LINS)
            .values(address={**address, "name": "周宁", "phone": "13800007777"})
        )
    recipient = await shop.customers.by_order_and_phone("talk", LINS, "7777")
    assert recipient == Verification(attempts_left=4)
    buyer = await shop.customers.by_order_and_phone("talk", LINS, "1024")
    assert buyer.customer is not None


async def test_email_and_name_prove_who_somebody_is(shop: Shop) -> None:
    found = await shop.customers.by_email_and_name("t", " Emma.Clark@EXAMPLE.com", "emma  clark")
    assert found.customer is not None
    assert found.customer.id == "C0002"
    wrong = await shop.customers.by_email_and_name("t", "emma.clark@example.com", "Emma Stone")
    assert wrong.customer is None


async def test_name_and_postcode_prove_who_somebody_is(shop: Shop) -> None:
    found = await shop.customers.by_name_and_postcode("t", "Emma Clark", "sw1a9zz")
    assert found.customer is not None
    assert found.customer.id == "C0002"
    wrong = await shop.customers.by_name_and_postcode("t", "Emma Clark", "SW1A 1AA")
    assert wrong.customer is None


async def test_a_missing_order_answers_exactly_like_a_wrong_phone(
    shop: Shop, engine: AsyncEngine
) -> None:
    answers = []
    for number in (LINS, "KF9999999999"):
        with _statements(engine) as statements:
            answer = await shop.customers.by_order_and_phone(f"talk about {number}", number, "0000")
        answers.append((answer, statements))
    assert answers[0] == answers[1]


@contextmanager
def _statements(engine: AsyncEngine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def test_a_conversation_may_try_five_times(shop: Shop, clock: SetClock) -> None:
    left = []
    for number in range(5):
        tried = await shop.customers.by_order_and_phone("talk", f"KF000000000{number}", "1234")
        left.append(tried.attempts_left)
    assert left == [4, 3, 2, 1, 0]
    locked = await shop.customers.by_order_and_phone("talk", LINS, "1024")
    assert locked == Verification(locked_until=NOW + timedelta(minutes=60))
    clock.advance(timedelta(minutes=60))
    assert (await shop.customers.by_order_and_phone("talk", LINS, "1024")).customer is not None


async def test_an_order_may_be_claimed_five_times_from_however_many_conversations(
    shop: Shop,
) -> None:
    for number in range(5):
        await shop.customers.by_order_and_phone(f"talk {number}", LINS, f"000{number}")
    locked = await shop.customers.by_order_and_phone("another talk", LINS, "1024")
    assert locked.customer is None
    assert locked.locked_until == NOW + timedelta(minutes=60)


@pytest.fixture
async def few_failures(make_shop: MakeShop) -> Shop:
    """A shop that bears three failed proofs from everybody together."""
    rules = ShopRules(identity=IdentityRules(attempts_overall=3))
    return await make_shop(rules)


async def _fails(shop: Shop, number: int) -> Verification:
    """A wrong guess at an order of its own, in a conversation of its own."""
    return await shop.customers.by_order_and_phone(f"talk {number}", f"KF{number:010d}", "0000")


async def test_failures_across_orders_and_conversations_lock_every_proof_for_the_window(
    few_failures: Shop, clock: SetClock
) -> None:
    customers = few_failures.customers
    failed = [await _fails(few_failures, number) for number in range(3)]
    assert [one.attempts_left for one in failed] == [4, 4, 4]
    locked = Verification(locked_until=NOW + timedelta(minutes=60))
    assert await customers.by_order_and_phone("new talk", LINS, "1024") == locked
    assert (
        await customers.by_email_and_name("new talk", "emma.clark@example.com", "Emma Clark")
    ) == locked
    assert await customers.by_name_and_postcode("new talk", "Emma Clark", "SW1A 9ZZ") == locked
    clock.advance(timedelta(minutes=60))
    assert (await customers.by_order_and_phone("new talk", LINS, "1024")).customer is not None


async def test_a_success_does_not_count_as_a_failure_of_the_installation(
    few_failures: Shop,
) -> None:
    customers = few_failures.customers
    for number in range(4):
        found = await customers.by_order_and_phone(f"lin {number}", LINS, "1024")
        assert found.customer is not None
    failed = [await _fails(few_failures, number) for number in range(4)]
    assert [one.locked_until is None for one in failed] == [True, True, True, False]


async def test_a_locked_conversation_cannot_lock_out_everybody_else(make_shop: MakeShop) -> None:
    rules = ShopRules(identity=IdentityRules(attempts_per_conversation=1, attempts_overall=3))
    shop = await make_shop(rules)
    for number in range(8):
        await shop.customers.by_order_and_phone("talk", f"KF{number:010d}", "0000")
    assert (await shop.customers.by_order_and_phone("lin", LINS, "1024")).customer is not None


async def test_about_one_customer_only_so_many_may_fail_by_whatever_proof(
    make_shop: MakeShop, clock: SetClock
) -> None:
    """Nothing says so: a lock would tell that these orders are one customer's."""
    shop = await make_shop(ShopRules(identity=IdentityRules(attempts_per_customer=4)))
    customers = shop.customers
    for number in range(3):
        await customers.by_order_and_phone(f"talk {number}", f"KF260101800{number + 1}", "0000")
    await customers.by_email_and_name("talk 4", "lin.xiaoman@example.com", "Somebody Else")
    told = [
        await customers.by_order_and_phone("lin", "KF2601018004", "1024"),
        await customers.by_order_and_phone("nobody", "KF9999999999", "1024"),
    ]
    assert told == [Verification(attempts_left=4)] * 2
    found = await customers.by_email_and_name("emma", "emma.clark@example.com", "Emma Clark")
    assert found.customer is not None
    clock.advance(timedelta(minutes=60))
    for number in range(6):
        # Success is no failure, however often.
        found = await customers.by_email_and_name(f"lin {number}", *LIN)
        assert (found.customer is not None) == (number < 5)


async def test_failures_on_one_channel_close_that_channel_alone(
    make_shop: MakeShop, clock: SetClock
) -> None:
    shop = await make_shop(ShopRules(identity=IdentityRules(attempts_per_channel=2)))
    for number in range(3):
        order = f"KF{number:010d}"
        await shop.customers.by_order_and_phone(f"talk {number}", order, "0000", "web")
    locked = Verification(locked_until=NOW + timedelta(minutes=60))
    assert await shop.customers.by_email_and_name("lin", *LIN, "web") == locked
    assert (await shop.customers.by_email_and_name("lin", *LIN, "wechat")).customer is not None
    clock.advance(timedelta(minutes=60))
    assert (await shop.customers.by_email_and_name("lin", *LIN, "web")).customer is not None


async def test_a_proof_that_the_shop_does_not_accept_proves_nothing(make_shop: MakeShop) -> None:
    rules = ShopRules(identity=IdentityRules(proofs=(Proof.EMAIL_AND_NAME,)))
    customers = (await make_shop(rules)).customers
    assert await customers.by_order_and_phone("a", LINS, "1024") == Verification(attempts_left=4)
    told = await customers.by_name_and_postcode("b", LIN[1], "310012")
    assert told == Verification(attempts_left=4)
    assert (await customers.by_email_and_name("c", *LIN)).customer is not None


async def test_failures_at_the_same_moment_are_all_counted_for_the_installation(
    few_failures: Shop,
) -> None:
    tried = await asyncio.gather(*(_fails(few_failures, number) for number in range(8)))
    assert len([one for one in tried if one.locked_until is None]) == 3


async def test_attempts_of_every_kind_count_together(shop: Shop) -> None:
    await shop.customers.by_order_and_phone("talk", "KF0000000001", "1234")
    await shop.customers.by_email_and_name("talk", "a@example.com", "A")
    third = await shop.customers.by_name_and_postcode("talk", "A", "1")
    assert third.attempts_left == 2


async def test_attempts_at_the_same_moment_are_all_counted(shop: Shop, rules: ShopRules) -> None:
    tried = await asyncio.gather(
        *(shop.customers.by_order_and_phone("talk", f"KF000000{n:04d}", "0000") for n in range(12))
    )
    allowed = [one for one in tried if one.locked_until is None]
    assert len(allowed) == rules.identity.attempts_per_conversation


async def test_success_gives_the_conversation_its_attempts_back(shop: Shop) -> None:
    await shop.customers.by_order_and_phone("talk", "KF0000000001", "1234")
    assert (await shop.customers.by_order_and_phone("talk", LINS, "1024")).customer is not None
    again = await shop.customers.by_order_and_phone("talk", "KF0000000002", "1234")
    assert again.attempts_left == 4


async def test_a_customer_has_several_addresses_the_default_one_first(shop: Shop) -> None:
    book = await shop.customers.addresses_of("C0001")
    assert [(one.label, one.is_default) for one in book] == [("家", True), ("公司", False)]
    assert book[0].address == (await shop.orders.get(LINS)).address
    assert await shop.customers.addresses_of("C9999") == ()


async def test_a_customer_has_tenders_on_file_and_money_on_some(shop: Shop) -> None:
    stored = await shop.customers.tenders_of("C0001")
    assert [(one.tender, one.hint) for one in stored] == [
        (Tender.WECHAT_PAY, ""),
        (Tender.ALIPAY, ""),
        (Tender.BANK_CARD, "4242"),
        (Tender.BANK_CARD, "1881"),
        (Tender.GIFT_CARD, "8800"),
        (Tender.BALANCE, ""),
    ]
    amount = Money(10_000, "CNY")
    good = [one.hint or one.tender for one in stored if one.covers(amount, NOW.date())]
    assert good == ["wechat_pay", "alipay", "4242", "8800"]
    assert not stored[4].covers(Money(1, "USD"), NOW.date())
    assert await shop.customers.tenders_of("C9999") == ()


async def test_what_was_claimed_is_not_kept(shop: Shop, engine: AsyncEngine) -> None:
    await shop.customers.by_email_and_name("talk", "emma.clark@example.com", "Emma Clark X")
    async with engine.connect() as connection:
        keys = (await connection.scalars(select(tables.identity_limits.c.key))).all()
    # Of the conversation, the e-mail address, the customer, the channel and the installation.
    assert len(keys) == 5
    assert all(len(key) == 64 and "emma" not in key for key in keys)


async def test_without_a_database_customers_are_unavailable(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.customers.by_order_and_phone("talk", LINS, "1024")

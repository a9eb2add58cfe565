"""What every adapter of the port Customers promises of one-time codes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.customers.model import CodeSent, Proof, Verification
from connectors.backends.customers.port import Customers
from connectors.backends.embedded import tables
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.rules import IdentityRules, ShopRules
from kernel.clock import SetClock
from tests.codes import CodeOutbox
from tests.contracts.conftest import NOW, Through

PHONE, EMAIL = "13800001024", "lin.xiaoman@example.com"
STRANGER = "13911112222"
RULES = IdentityRules(proofs=tuple(Proof))
IN_TIME = CodeSent(expires_at=NOW + timedelta(minutes=5))

MakeCustomers = Callable[[IdentityRules], Awaitable[Customers]]


@pytest.fixture
def outbox() -> CodeOutbox:
    """Where the shop's codes go."""
    return CodeOutbox()


@pytest.fixture
def make_customers(
    engine: AsyncEngine, clock: SetClock, through: Through, tmp_path: Path, outbox: CodeOutbox
) -> MakeCustomers:
    """The customers of a shop that sends codes and has these rules."""

    async def make(rules: IdentityRules) -> Customers:
        shop = make_embedded_shop(
            engine, clock, ShopRules(identity=rules), tmp_path, codes=outbox.codes
        )
        return (await through(shop)).customers

    return make


@pytest.fixture
async def customers(make_customers: MakeCustomers) -> Customers:
    """Those of a shop that accepts every proof."""
    return await make_customers(RULES)


@pytest.mark.parametrize(
    ("contact", "to"),
    [
        (PHONE, PHONE),
        ("+86 138-0000-1024", PHONE),
        (" Lin.Xiaoman@EXAMPLE.com ", EMAIL),
        ("07700 900117", "+44 7700 900117"),
        ("447700900117", "+44 7700 900117"),
    ],
)
async def test_a_code_goes_to_the_contact_as_the_shop_has_it_and_proves_who_it_is(
    customers: Customers, outbox: CodeOutbox, contact: str, to: str
) -> None:
    assert await customers.send_code("talk", contact) == IN_TIME
    [sent] = outbox.sent
    assert (sent.contact, sent.expires_at) == (to, IN_TIME.expires_at)
    assert len(sent.code) == 6
    assert sent.code.isdecimal()
    found = await customers.by_code("talk", contact, sent.code)
    assert found.customer is not None
    assert to in (found.customer.phone, found.customer.email)
    assert sent.language == found.customer.language


async def test_a_code_counts_once(customers: Customers, outbox: CodeOutbox) -> None:
    await customers.send_code("talk", PHONE)
    code = outbox.sent[0].code
    assert (await customers.by_code("talk", PHONE, code)).customer is not None
    again = await customers.by_code("talk", PHONE, code)
    assert again == Verification(attempts_left=4, needs_new_code=True)


async def test_a_code_counts_for_its_own_conversation_and_contact_only(
    customers: Customers, outbox: CodeOutbox
) -> None:
    await customers.send_code("talk", PHONE)
    code = outbox.sent[0].code
    for talk, contact in (("another", PHONE), ("talk", EMAIL), ("talk", STRANGER)):
        assert (await customers.by_code(talk, contact, code)).customer is None
    assert (await customers.by_code("talk", PHONE, code)).customer is not None


async def test_a_code_is_over_after_five_minutes(
    customers: Customers, outbox: CodeOutbox, clock: SetClock
) -> None:
    await customers.send_code("talk", PHONE)
    clock.advance(timedelta(minutes=5))
    late = await customers.by_code("talk", PHONE, outbox.sent[0].code)
    assert late == Verification(attempts_left=3, needs_new_code=True)


@pytest.mark.parametrize("contact", [PHONE, STRANGER])
async def test_three_wrong_tries_use_a_code_up_whosever_the_contact_is(
    customers: Customers, outbox: CodeOutbox, contact: str
) -> None:
    await customers.send_code("talk", contact)
    told = [await customers.by_code("talk", contact, outbox.wrong) for _ in range(3)]
    assert [(one.attempts_left, one.needs_new_code) for one in told] == [
        (3, False),
        (2, False),
        (1, True),
    ]
    if outbox.sent:
        right = await customers.by_code("talk", contact, outbox.sent[0].code)
        assert right == Verification(attempts_left=0, needs_new_code=True)


async def test_tries_at_the_same_moment_are_all_counted_on_a_code(
    make_customers: MakeCustomers, outbox: CodeOutbox
) -> None:
    many = replace(RULES, attempts_per_conversation=50, attempts_per_subject=50)
    customers = await make_customers(many)
    await customers.send_code("talk", PHONE)
    code = outbox.sent[0].code
    wrong = [f"{(int(code) + 1 + n) % 1_000_000:06d}" for n in range(9)]
    told = await asyncio.gather(*(customers.by_code("talk", PHONE, one) for one in wrong))
    assert len([one for one in told if not one.needs_new_code]) == 2
    assert (await customers.by_code("talk", PHONE, code)).customer is None


async def test_a_new_code_takes_the_place_of_the_one_before(
    customers: Customers, outbox: CodeOutbox, clock: SetClock
) -> None:
    await customers.send_code("talk", PHONE)
    soon = await customers.send_code("talk", PHONE)
    assert soon == CodeSent(again_at=NOW + timedelta(seconds=60))
    assert len(outbox.sent) == 1
    clock.advance(timedelta(seconds=60))
    assert (await customers.send_code("talk", PHONE)).expires_at == NOW + timedelta(minutes=6)
    first, second = outbox.sent
    if first.code != second.code:
        assert (await customers.by_code("talk", PHONE, first.code)).customer is None
    assert (await customers.by_code("talk", PHONE, second.code)).customer is not None


@pytest.mark.parametrize("contact", [PHONE, STRANGER])
async def test_a_contact_is_sent_three_codes_an_hour_from_however_many_conversations(
    customers: Customers, outbox: CodeOutbox, clock: SetClock, contact: str
) -> None:
    for number in range(3):
        assert await customers.send_code(f"talk {number}", contact) == IN_TIME
    held = await customers.send_code("another talk", contact)
    assert held == CodeSent(again_at=NOW + timedelta(minutes=60))
    assert len(outbox.sent) == (3 if contact == PHONE else 0)
    clock.advance(timedelta(minutes=60))
    assert (await customers.send_code("another talk", contact)).expires_at is not None


async def test_a_strangers_contact_is_answered_by_the_same_statements(
    customers: Customers, outbox: CodeOutbox, engine: AsyncEngine
) -> None:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    told = []
    for contact in (PHONE, STRANGER, EMAIL, "nobody@example.com"):
        begun = len(seen)
        sent = await customers.send_code(f"to {contact}", contact)
        wrong = await customers.by_code(f"to {contact}", contact, outbox.wrong)
        statements = [one.replace("email_key", "phone_key") for one in seen[begun:]]
        told.append((sent, wrong, statements))
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert told[0] == told[1] == told[2] == told[3]
    assert len(told[0][2]) > 10
    # Whatever may be seen of the sender's being busy or down is the same for both.
    assert (len(outbox.sent), outbox.checks) == (2, 2)


async def test_two_customers_with_one_phone_are_sent_nothing(
    customers: Customers, outbox: CodeOutbox, engine: AsyncEngine
) -> None:
    shared = tables.customers
    async with engine.begin() as connection:
        await connection.execute(
            update(shared).where(shared.c.id == "C0002").values(phone_key="3800001024")
        )
    assert await customers.send_code("talk", PHONE) == IN_TIME
    assert outbox.sent == []


@pytest.mark.parametrize("contact", ["", "没有", "-", "@"])
async def test_what_is_no_contact_is_nobodys(
    customers: Customers, outbox: CodeOutbox, contact: str
) -> None:
    assert await customers.send_code("talk", contact) == IN_TIME
    assert outbox.sent == []


async def test_asking_for_codes_counts_as_attempts_of_the_conversation(
    customers: Customers, outbox: CodeOutbox
) -> None:
    for number in range(4):
        assert await customers.send_code("talk", f"139000000{number:02d}") == IN_TIME
    locked = CodeSent(locked_until=NOW + timedelta(minutes=60))
    assert await customers.send_code("talk", PHONE) == locked
    assert outbox.sent == []
    tried = await customers.by_order_and_phone("talk", "KF2601018002", "1024")
    assert tried == Verification(locked_until=NOW + timedelta(minutes=60))


async def test_asking_for_codes_counts_on_the_channel_until_they_are_given(
    make_customers: MakeCustomers, outbox: CodeOutbox
) -> None:
    customers = await make_customers(replace(RULES, attempts_per_channel=2, codes_per_contact=9))
    for number in range(4):
        await customers.send_code(f"talk {number}", PHONE, "web")
        code = outbox.sent[-1].code
        assert (await customers.by_code(f"talk {number}", PHONE, code, "web")).customer is not None
    for number in range(2):
        await customers.send_code(f"a talk {number}", STRANGER, "web")
    locked = await customers.send_code("a talk", PHONE, "web")
    assert locked == CodeSent(locked_until=NOW + timedelta(minutes=60))
    assert await customers.send_code("a talk", PHONE, "wechat") == IN_TIME


async def test_about_a_customer_with_too_many_failures_nothing_is_sent_and_nothing_says_so(
    make_customers: MakeCustomers, outbox: CodeOutbox
) -> None:
    customers = await make_customers(replace(RULES, attempts_per_customer=2))
    for number in range(2):
        await customers.by_order_and_phone(f"talk {number}", "KF2601018002", "0000")
    assert await customers.send_code("talk", PHONE) == IN_TIME
    assert outbox.sent == []


async def test_where_codes_are_no_proof_none_is_sent(
    make_customers: MakeCustomers, outbox: CodeOutbox
) -> None:
    customers = await make_customers(IdentityRules())
    assert await customers.send_code("talk", PHONE) == IN_TIME
    assert outbox.sent == []


async def test_while_the_sender_is_down_everybody_hears_so_and_it_is_looked_for(
    customers: Customers, outbox: CodeOutbox
) -> None:
    outbox.is_down = True
    for contact in (PHONE, STRANGER) * 4:
        assert await customers.send_code("talk", contact) == CodeSent()
    assert (outbox.sent, outbox.checks) == ([], 8)
    outbox.is_down = False
    assert await customers.send_code("talk", PHONE) == IN_TIME


async def test_neither_code_nor_contact_nor_conversation_is_kept(
    customers: Customers, outbox: CodeOutbox, engine: AsyncEngine
) -> None:
    await customers.send_code("talk", PHONE)
    async with engine.connect() as connection:
        [row] = (await connection.execute(select(tables.identity_codes))).mappings()
    kept = " ".join(str(value) for value in row.values())
    assert outbox.sent[0].code not in (row["place"], row["code"])
    assert (len(row["place"]), len(row["code"])) == (64, 64)
    assert PHONE not in kept
    assert "talk" not in kept
    assert outbox.sent[0].code not in repr(outbox.sent[0])

"""Orders from the side panel over the embedded shop: previewed, confirmed, checked, noted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.orders.model import OrderStatus
from connectors.backends.rules import ShopRules
from connectors.backends.shop import Shop
from desk.model import Incoming, Role
from kefu.order_deeds import OrderDeeds
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine
from tests.conftest import Databases
from tests.console.conftest import PASSWORDS, Console
from tests.console.test_api import error_of
from tests.desk.conftest import NOON, TestDesk

LI, PAID, SENT = "C0011", "KF2601018101", "KF2601018105"


@pytest.fixture
async def with_shop(databases: Databases, tmp_path: Path) -> AsyncIterator[tuple[Console, Shop]]:
    """A console before the demo shop's orders."""
    url = databases.make("sqlite")
    engine = make_engine(url)
    clock = SetClock(NOON)
    await store_shop(engine, make_demo_shop(NOON, orders=0, each=0))
    shop = make_embedded_shop(engine, clock, ShopRules(), tmp_path)
    desk = TestDesk(engine, clock)
    for login, password in PASSWORDS.items():
        role = Role.SUPERVISOR if login == "chief" else Role.AGENT
        await desk.add_agent(login, login.title(), password, role)
    running = Console(desk, OrderDeeds(shop))
    await running.server.start_server()
    yield running, shop
    for browser in running.browsers:
        await browser.session.close()
    await running.server.close()
    await engine.dispose()
    databases.drop(url)


async def of_li(console: Console, customer: str | None = LI) -> str:
    """A conversation of a verified customer."""
    known = {"id": customer, "name": "Li"} if customer else None
    said = Incoming("web", "li", "1", Content(text="hi"), customer=known)
    return (await console.desk.record(said)).conversation.id


async def test_an_agent_cancels_an_order_once_after_a_preview(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{PAID}"
    verbs = {one["verb"]: one for one in (await (await lin.get(order)).json())["verbs"]}
    assert verbs["cancel"]["refusal"] is None
    assert verbs["intercept"]["refusal"] == "not_sent"
    wanted = {
        "verb": "cancel",
        "reason": "ordered_by_mistake",
        "units": {line["id"]: line["units"] for line in verbs["cancel"]["lines"]},
    }
    preview = (await (await lin.post(f"{order}/prepare", wanted)).json())["preview"]
    assert [row["name"] for row in preview["rows"]] == [
        line["name"] for line in verbs["cancel"]["lines"]
    ]
    assert preview["total"]
    assert (await shop.orders.get(PAID)).status is OrderStatus.PAID
    confirm = {"verb": "cancel", "draft": preview["draft"]}
    first = await (await lin.post(f"{order}/commit", confirm)).json()
    again = await (await lin.post(f"{order}/commit", confirm)).json()
    assert first == again
    assert (await shop.orders.get(PAID)).status is OrderStatus.CANCELLED
    chief = await console.browser().log_in("chief")
    lines = (await (await chief.get("/audit?deed=order_changed")).json())["lines"]
    assert {(line["agent"]["name"], line["subject"]) for line in lines} == {("Lin", PAID)}


async def test_what_the_rules_forbid_is_refused_with_the_reason(
    with_shop: tuple[Console, Shop],
) -> None:
    console, _ = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console)}"
    await lin.post(f"{path}/take")
    wanted = {"verb": "cancel", "reason": "other", "units": {}}
    error = await error_of(await lin.post(f"{path}/orders/{SENT}/prepare", wanted), 409)
    assert (error["code"], error["why"]) == ("refused", "shipped")
    strangers = await lin.post(f"{path}/orders/KF2601018002/prepare", wanted)
    assert (await error_of(strangers, 404))["code"] == "no_such_order"
    for wrong in ({**wanted, "verb": "steal"}, {**wanted, "reason": "why"}, {**wanted, "units": 3}):
        answer = await lin.post(f"{path}/orders/{PAID}/prepare", wrong)
        assert (await error_of(answer, 400))["code"] == "bad_request"


async def test_only_who_holds_the_conversation_acts_and_only_for_a_verified_customer(
    with_shop: tuple[Console, Shop],
) -> None:
    console, _ = with_shop
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    path = f"/conversations/{await of_li(console, None)}"
    await lin.post(f"{path}/take")
    wanted = {"verb": "cancel", "reason": "other", "units": {}}
    answer = await kim.post(f"{path}/orders/{PAID}/prepare", wanted)
    assert (await error_of(answer, 409))["code"] == "moved"
    answer = await lin.post(f"{path}/orders/{PAID}/prepare", wanted)
    assert (await error_of(answer, 409))["code"] == "not_verified"

"""Actions tell dates in the zone of the shop that kefu.yml names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from actions.registry import make_executor
from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.exchange import store_shop
from connectors.backends.embedded.shop import make_embedded_shop
from connectors.backends.rules import ShopRules
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.conftest import Databases
from tests.conversations.down import make_down_hours

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
UNPAID = "KF2601018003"


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
async def test_when_an_order_must_be_paid_is_told_in_the_shops_zone(
    databases: Databases, tmp_path: Path, zone: str
) -> None:
    clock, rules = SetClock(NOW), ShopRules(timezone=zone)
    engine = make_engine(databases.make("sqlite"))
    await store_shop(engine, make_demo_shop(NOW, orders=0, each=0))
    shop = make_embedded_shop(engine, clock, rules, tmp_path)
    order = await shop.orders.get(UNPAID)
    assert order.pay_by is not None
    stack = {"frames": [{"flow": "order_status", "values": {"order_number": UNPAID}}]}
    slots = {"language": "en", "customer": {"id": "C0001"}, "dialogue_stack": stack}
    tracker = {"sender_id": "s", "slots": slots, "latest_message": {}, "events": []}

    done = await make_executor(shop, rules, clock, make_down_hours()).run(
        {"next_action": "action_show_order", "tracker": tracker, "domain": {}}
    )
    await engine.dispose()

    local = order.pay_by.astimezone(ZoneInfo(zone))
    assert done["responses"][0]["pay_by"].endswith(f"{local:%b, %H:%M}")

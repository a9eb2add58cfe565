"""What a supervisor saves among the rules reaches everybody who goes by them, without a restart."""

from __future__ import annotations

from functools import partial

from bot.nlu.surroundings import surroundings
from desk.model import Role
from kefu.keeper import Keeper
from kefu.surroundings import follow_vip_groups
from kernel.clock import SetClock
from kernel.database import make_engine
from tests.conftest import Databases
from tests.desk.conftest import NOON, TestDesk


async def test_groups_a_supervisor_calls_valued_are_the_assistants_at_once(
    databases: Databases,
) -> None:
    before = surroundings().limits
    url = databases.make("sqlite")
    engine = make_engine(url)
    desk = TestDesk(engine, SetClock(NOON))
    chief = await desk.add_agent("chief", "Chief", "a long password 1", Role.SUPERVISOR)
    keeper = Keeper(desk, desk.clock, "one", {}, followed=partial(follow_vip_groups, True))
    await desk.save_rules({"queue": {"vip_groups": ["platinum"]}}, chief.id)
    try:
        await keeper.keep()
        assert desk.rules.queue.vip_groups == {"platinum"}
        assert surroundings().limits["vip_groups"] == {"platinum"}
    finally:
        surroundings().limits = before
    await engine.dispose()
    databases.drop(url)

"""Agents prove who they are, and guessing does not pay."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import argon2
import pytest
from argon2 import extract_parameters
from sqlalchemy import text

from desk.errors import BadCredentials, LoginTaken, NoSession, NoSuchAgent, TooManyAttempts
from desk.model import Agent, Role
from desk.service import Desk
from kernel.clock import SystemClock
from kernel.database import make_engine
from tests.desk.conftest import TestDesk


async def test_the_right_password_opens(desk: TestDesk, lin: Agent) -> None:
    assert await desk.authenticate("lin", "correct horse") == lin
    assert await desk.authenticate("  LIN ", "correct horse") == lin
    assert await desk.agent(lin.id) == lin
    assert await desk.agents() == [lin]
    assert lin.role is Role.AGENT


@pytest.mark.parametrize("password", ["", "Correct horse", "x" * 5000])
async def test_a_wrong_password_and_an_unknown_login_look_the_same(
    desk: TestDesk, lin: Agent, password: str
) -> None:
    with pytest.raises(BadCredentials):
        await desk.authenticate("lin", password)
    with pytest.raises(BadCredentials):
        await desk.authenticate("nobody\x00\ud800", password)


async def test_passwords_are_dear_to_guess_unless_told_otherwise(database_url: str) -> None:
    engine = make_engine(database_url)
    desk = Desk(engine, SystemClock())
    await desk.add_agent("lin", "小林", "correct horse", Role.AGENT)
    async with engine.connect() as connection:
        stored = (await connection.execute(text("SELECT password_hash FROM desk_agent"))).scalar()
    await engine.dispose()
    assert extract_parameters(str(stored)) == argon2.profiles.RFC_9106_LOW_MEMORY


async def test_a_login_is_given_once(desk: TestDesk, lin: Agent) -> None:
    with pytest.raises(LoginTaken):
        await desk.add_agent("Lin", "Another", "something", Role.SUPERVISOR)
    with pytest.raises(NoSuchAgent):
        await desk.agent("nobody")


async def test_after_five_wrong_tries_each_costs_a_longer_wait(
    desk: TestDesk, lin: Agent, kim: Agent
) -> None:
    tries = [desk.authenticate("lin", f"guess {number}") for number in range(8)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(o) for o in outcomes].count(BadCredentials) == 5
    assert [type(o) for o in outcomes].count(TooManyAttempts) == 3
    with pytest.raises(TooManyAttempts) as refused:
        await desk.authenticate("lin", "correct horse")
    assert refused.value.retry_after == timedelta(seconds=30)
    # Nobody else is hindered.
    assert await desk.authenticate("kim", "battery staple") == kim
    desk.clock.advance(timedelta(seconds=30))
    with pytest.raises(BadCredentials):
        await desk.authenticate("lin", "guess again")
    with pytest.raises(TooManyAttempts) as refused:
        await desk.authenticate("lin", "correct horse")
    assert refused.value.retry_after == timedelta(seconds=60)
    desk.clock.advance(timedelta(seconds=60))
    assert await desk.authenticate("lin", "correct horse") == lin
    # Success clears the slate.
    with pytest.raises(BadCredentials):
        await desk.authenticate("lin", "typo")
    assert await desk.authenticate("lin", "correct horse") == lin


async def test_a_session_stands_for_its_agent_until_it_ends(desk: TestDesk, lin: Agent) -> None:
    token = await desk.open_session(lin.id)
    other = await desk.open_session(lin.id)
    assert token != other
    assert await desk.session(token) == lin
    await desk.end_session(token)
    with pytest.raises(NoSession):
        await desk.session(token)
    assert await desk.session(other) == lin
    desk.clock.advance(timedelta(hours=12))
    with pytest.raises(NoSession):
        await desk.session(other)
    with pytest.raises(NoSession):
        await desk.session("forged\ud800")

"""The page behind a rating link: for whoever has the link, once, while it lasts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from connectors.channels.rating import RatingPage
from desk.model import Incoming, Role
from desk.reports.surveys import LIFETIME
from kernel.clock import SetClock
from kernel.content import Content
from kernel.database import make_engine
from tests.conftest import Databases
from tests.desk.conftest import NOON, TestDesk

KEY = "a key that is long enough for the algorithm"


class Rated:
    """A desk, the page, and a visitor."""

    def __init__(self, desk: TestDesk, public_url: str | None) -> None:
        self.desk = desk
        app = web.Application()
        page = RatingPage(desk.surveys, KEY, public_url)
        page.add_to(app)
        desk.surveys.link = page.link
        self.server = TestServer(app)

    async def closed(self, shopper: str = "ann") -> str:
        """What the shopper of a closed conversation read last, where there are no menus."""
        said = Incoming("miniprogram", shopper, "1", Content(text="hi"), language="en")
        conversation_id = (await self.desk.record(said)).conversation.id
        agent = (await self.desk.agents())[0]
        await self.desk.take(conversation_id, agent.id)
        await self.desk.close(conversation_id, agent.id)
        await self.desk.surveys.ask_due()
        return (await self.desk.messages_before(conversation_id, None, 1))[0].content.text

    async def path(self) -> str:
        """The path in the link that a shopper got."""
        return "/rate/" + (await self.closed()).rsplit("/rate/", 1)[1]


@pytest.fixture
async def rated(databases: Databases) -> AsyncIterator[Rated]:
    url = databases.make("sqlite")
    engine = make_engine(url)
    desk = TestDesk(engine, SetClock(NOON))
    await desk.add_agent("lin", "Lin", "correct horse", Role.AGENT)
    running = Rated(desk, "https://shop.example/")
    await running.server.start_server()
    yield running
    await running.server.close()
    await engine.dispose()
    databases.drop(url)


@pytest.fixture
async def visitor(rated: Rated) -> AsyncIterator[ClientSession]:
    headers = {"Accept-Language": "en-GB,en;q=0.9"}
    async with ClientSession(rated.server.make_url("/"), headers=headers) as session:
        yield session


async def test_a_shopper_rates_once_by_the_link(rated: Rated, visitor: ClientSession) -> None:
    path = await rated.path()
    shown = await visitor.get(path)
    text = await shown.text()
    assert shown.status == 200
    assert 'lang="en"' in text
    assert "How content are you" in text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    chinese = await visitor.get(path, headers={"Accept-Language": "zh-CN"})
    assert "您对本次服务满意吗" in await chinese.text()
    answer = {"score": "4", "solved": "yes", "reason_kind": "1", "comment": "<b>thanks</b>"}
    assert "Thank you" in await (await visitor.post(path, data=answer)).text()
    again = await visitor.post(path, data={"score": "1"})
    assert again.status == 410
    conversation = await rated.desk.conversation_of("miniprogram", "ann")
    assert conversation
    asked = [m.content.custom for m in await rated.desk.messages_after(conversation.id, 0, 99)]
    survey_id = next(one["survey"] for one in asked if one and one.get("event") == "survey")
    survey = await rated.desk.surveys.survey(survey_id)
    assert (survey.score, survey.solved, survey.reasons) == (4, True, ("kind",))
    assert survey.comment == "<b>thanks</b>"


async def test_whoever_has_pressed_a_score_is_asked_only_why(
    rated: Rated, visitor: ClientSession
) -> None:
    path = await rated.path()
    conversation = await rated.desk.conversation_of("miniprogram", "ann")
    assert conversation
    [asked] = [
        m.content.custom
        for m in await rated.desk.messages_after(conversation.id, 0, 99)
        if (m.content.custom or {}).get("event") == "survey"
    ]
    survey_id = (asked or {})["survey"]
    await rated.desk.surveys.answer(survey_id, 4)
    text = await (await visitor.get(path)).text()
    assert 'value="4" required checked' in text
    assert 'value="5"' not in text
    answer = {"score": "4", "reason_fast": "1", "comment": "很快"}
    assert "Thank you" in await (await visitor.post(path, data=answer)).text()
    survey = await rated.desk.surveys.survey(survey_id)
    assert (survey.score, survey.reasons, survey.comment) == (4, ("fast",), "很快")
    assert "Thank you" in await (await visitor.get(path)).text()


async def test_a_link_expires(rated: Rated, visitor: ClientSession) -> None:
    path = await rated.path()
    rated.desk.clock.advance(LIFETIME + timedelta(seconds=1))
    assert (await visitor.post(path, data={"score": "5"})).status == 410


@pytest.mark.parametrize("data", [{}, {"score": "6"}, {"score": "many"}])
async def test_no_score_is_no_answer(
    rated: Rated, visitor: ClientSession, data: dict[str, str]
) -> None:
    path = await rated.path()
    assert (await visitor.post(path, data=data)).status == 400
    assert (await visitor.post(path, data={"score": "5"})).status == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 2000])
async def test_a_forged_link_opens_nothing(visitor: ClientSession, token: str) -> None:
    assert (await visitor.get(f"/rate/{token}")).status == 410


async def test_without_a_public_address_nobody_is_sent_anywhere(databases: Databases) -> None:
    url = databases.make("sqlite")
    engine = make_engine(url)
    desk = TestDesk(engine, SetClock(NOON))
    await desk.add_agent("lin", "Lin", "correct horse", Role.AGENT)
    last = await Rated(desk, None).closed()
    assert "closed" in last
    await engine.dispose()
    databases.drop(url)

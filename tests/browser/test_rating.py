"""A shopper rates in the widget, reads what an agent reads, under axe-core, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from desk.model import Role
from desk.office.model import Shelf
from kernel.content import Content
from tests.browser.axe import barriers
from tests.browser.chromium import open_browser, open_page
from tests.browser.test_widget import ORDER, add_demo_data
from tests.channels.serving import ServedChannels, says, serve_channels
from tests.conftest import Databases


@pytest.fixture
async def served(databases: Databases, tmp_path: Path) -> AsyncIterator[ServedChannels]:
    async with serve_channels(databases.make("sqlite"), tmp_path, demo=add_demo_data) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


# What the widget says: of the conversation, of the survey, and on its buttons.
WORDS = {
    "en-GB": (
        ("Order KF2611200042 Shipped", "Lin is helping you", "Read"),
        ("Rate our service", "How was our service?", "Anything else? (optional)"),
        ("5 stars", "Yes", "Kind"),
        ("Send", "Thank you for your rating!"),
    ),
    "zh-CN": (
        ("订单 KF2611200042 已发货", "Lin 正在为您服务", "已读"),
        ("服务评价", "请为本次服务打分", "还想告诉我们什么？（选填）"),
        ("5 星", "解决了", "态度亲切"),
        ("发送", "谢谢您的评价！"),
    ),
}


@pytest.mark.parametrize("locale", WORDS)
async def test_a_shopper_rates_a_closed_conversation_once(
    served: ServedChannels, browser: Browser, locale: str
) -> None:
    (order, helping, read), (survey_name, question, more), chosen, (send, thanks) = WORDS[locale]
    desk = served.desk
    lin = await desk.add_agent("lin", "Lin", "correct horse", Role.AGENT)
    served.assistant.answer = lambda _request: says(Content(text="Here it is", card=ORDER))
    async with open_page(browser, locale=locale) as page:
        await page.goto(served.url)
        await page.locator(".launcher").click()
        await page.locator("textarea").fill("order")
        await page.locator("textarea").press("Enter")
        await expect(page.get_by_role("region", name=order)).to_be_visible()
        found = {"open": await barriers(page)}
        [conversation] = [one.conversation for one in await desk.inbox.shelf(lin.id, Shelf.ALL, 5)]
        await desk.take(conversation.id, lin.id)
        await expect(page.get_by_text(helping)).to_be_visible()
        await served.web.read(conversation, conversation.last_seq)
        await expect(page.locator(".item.own").get_by_text(read, exact=True)).to_be_visible()
        await desk.close(conversation.id, lin.id)
        assert await desk.surveys.ask_due() == 1
        rating = page.get_by_role("region", name=survey_name)
        await expect(rating).to_contain_text(question)
        found["survey"] = await barriers(page)
        for name in chosen:
            await rating.get_by_role("button", name=name, exact=True).click()
        found["reasons"] = await barriers(page)
        await rating.get_by_label(more).fill("thank you")
        await rating.get_by_role("button", name=send).click()
        await expect(rating).to_contain_text(thanks)
        await page.reload()
        await expect(rating).to_contain_text(thanks)
        assert {name: one for name, one in found.items() if one} == {}
    messages = await desk.messages_after(conversation.id, 0, 100)
    asked = next(
        m.content.custom
        for m in messages
        if m.content.custom and m.content.custom.get("event") == "survey"
    )
    survey = await desk.surveys.survey(asked["survey"])
    assert (survey.score, survey.solved, survey.reasons) == (5, True, ("kind",))
    assert survey.comment == "thank you"

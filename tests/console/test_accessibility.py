"""The console's pages under axe-core, light and dark, and the tools of an agent by keyboard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Route, expect

from desk.model import Incoming
from kernel.content import Content
from tests.browser.axe import barriers
from tests.browser.chromium import open_browser, open_page
from tests.console.conftest import Console
from tests.console.test_page import agent_named, sign_in
from tests.console.test_supervision import closed


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_of_the_console_keeps_anybody_out(
    console: Console, browser: Browser, scheme: str
) -> None:
    desk = console.desk
    await closed(console, "lin", "old")
    lin = await agent_named(console, "lin")
    customer = {"id": "c1", "name": "Ann"}
    said = Incoming("web", "ann", "1", Content(text="lamp"), customer=customer, language="en")
    conversation_id = (await desk.record(said)).conversation.id
    chief = await agent_named(console, "chief")
    await desk.take(conversation_id, chief.id)
    await desk.reply(conversation_id, chief.id, Content(text="Which lamp?"), "c")
    await desk.notes.add(conversation_id, lin.id, "@Chief the red one", (chief.id,))
    await desk.labels.set_tags(conversation_id, lin.id, ["lamp"])
    await desk.waiting("bob")
    async with open_page(
        browser, color_scheme=scheme, viewport={"width": 1360, "height": 800}
    ) as page:
        await page.goto(str(console.server.make_url("/console")))
        await expect(page.get_by_label("Login")).to_be_visible()
        found = {"login": await barriers(page)}
        await sign_in(page, console, "chief")
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        await expect(page.get_by_role("note")).to_contain_text("the red one")
        await expect(page.get_by_text("KF2611220001").first).to_be_visible()
        await page.keyboard.press("c")
        await expect(page.get_by_role("listbox")).to_be_visible()
        found["desk"] = await barriers(page)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        for name in ("Replies", "Live", "Reports", "Quality", "Team", "Rules", "Audit log"):
            await page.get_by_role("button", name=name, exact=True).click()
            await expect(page.get_by_role("main", name=name).locator("h1")).to_have_text(name)
            found[name] = await barriers(page)
    assert {name: one for name, one in found.items() if one} == {}


async def test_an_agent_uses_every_tool_by_keyboard(console: Console, browser: Browser) -> None:
    desk = console.desk
    conversation_id = await desk.waiting()
    async with open_page(browser, viewport={"width": 1360, "height": 800}) as page:
        await sign_in(page, console, "lin")
        await expect(page.get_by_role("button", name="a person please")).to_be_visible()
        await page.keyboard.press("n")
        reply = page.get_by_label("Reply to the shopper")
        await expect(reply).to_be_focused()
        # A prepared reply, its variables filled in.
        await page.keyboard.type("/hel")
        await expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text(
            "/hello"
        )
        await page.keyboard.press("Enter")
        await expect(reply).to_have_value(re.compile("^您好，我是客服Lin，很高兴为您服务"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("log")).to_contain_text("我是客服Lin")
        # A note, a tag.
        await page.keyboard.press("Escape")
        await page.keyboard.press("m")
        await page.keyboard.type("@Kim please look")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("note")).to_contain_text("@Kim please look")
        await page.keyboard.press("Escape")
        await page.keyboard.press("y")
        await page.keyboard.type("lamp")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Remove the tag lamp")).to_be_visible()
        # What was said is found again.
        await desk.search.index()
        await page.get_by_role("searchbox").fill("person")
        await expect(page.get_by_role("heading", name="1 conversations found")).to_be_visible()
        await page.keyboard.press("Escape")
        # Put aside, and back when the shopper writes.
        await page.locator("h1").first.click()
        await page.keyboard.press("s")
        await page.get_by_role("button", name="In 1 hour").click()
        await expect(page.get_by_role("tab", name="Later")).to_contain_text("1")
        await expect(page.get_by_role("region", name="Mine").get_by_role("button")).to_have_count(0)
        await desk.hear("are you there?", "9")
        await expect(page.get_by_role("region", name="Mine").get_by_role("button")).to_have_count(1)
    assert await desk.inbox.these("nobody", [conversation_id])


async def test_a_reply_to_a_conversation_that_moved_on_is_kept_as_a_draft(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    conversation_id = await desk.waiting()
    lin, chief = await agent_named(console, "lin"), await agent_named(console, "chief")
    await desk.take(conversation_id, lin.id)
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        reply = page.get_by_label("Reply to the shopper")

        async def pull(route: Route) -> None:
            await desk.take(conversation_id, chief.id, force=True)
            await route.continue_()

        await page.route("**/reply", pull)
        await reply.fill("It is on its way.")
        await reply.press("Enter")
        kept = page.get_by_role("region", name="Your unsent reply is kept")
        await expect(kept).to_contain_text("It is on its way.")
        await expect(page.get_by_text("Chief is helping")).to_be_visible()
        await kept.get_by_role("button", name="Keep as note").click()
        await expect(page.get_by_role("note")).to_contain_text("It is on its way.")
        await expect(kept).to_have_count(0)


async def test_two_agents_in_one_conversation_see_each_other_in_their_windows(
    console: Console, browser: Browser
) -> None:
    conversation_id = await console.desk.waiting()
    async with open_page(browser) as lin, open_page(browser) as kim:
        for page, login in ((lin, "lin"), (kim, "kim")):
            await sign_in(page, console, login)
            await page.locator(f'[data-conversation="{conversation_id}"]').click()
        await expect(lin.get_by_text("Kim is looking at this too")).to_be_visible()
        await expect(kim.get_by_text("Lin is looking at this too")).to_be_visible()
        await lin.keyboard.press("t")
        await lin.get_by_label("Reply to the shopper").press_sequentially("Hel")
        await expect(kim.get_by_text("Lin is writing in this conversation")).to_be_visible()
        await lin.close()
        await expect(kim.get_by_text("Lin is")).to_have_count(1)


async def test_a_long_history_and_a_long_list_stay_small_in_the_page(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    lin = await agent_named(console, "lin")
    for number in range(200):
        recorded = await desk.hear("hello", "1", f"shopper {number:03}")
        await desk.take(recorded.conversation.id, lin.id)
    conversation_id = recorded.conversation.id
    desk.clock.advance(timedelta(minutes=1))
    for number in range(600):
        await desk.hear(f"line {number}", f"m{number}", "shopper 199")
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        region = page.get_by_role("region", name="Mine")
        await expect(region).to_contain_text("200")
        assert await region.get_by_role("button").count() < 40
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        log = page.get_by_role("log")
        await expect(log).to_contain_text("line 599")
        for _ in range(9):
            before = await log.get_by_role("article").first.inner_text()
            await log.get_by_role("button", name="Load earlier messages").click()
            await expect(log.get_by_role("article").first).not_to_have_text(before)
        assert await log.get_by_role("article").count() <= 400
        await log.get_by_role("button", name="To the newest messages").click()
        await expect(log).to_contain_text("line 599")

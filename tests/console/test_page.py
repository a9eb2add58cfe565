"""The console in a real browser: agents at work, in both languages, on a bad connection."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, FilePayload, Page, Route, expect

from desk.model import Agent, Author
from kernel.content import Content
from tests.browser.chromium import open_browser, open_page
from tests.console.conftest import PASSWORDS, Console


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def sign_in(page: Page, console: Console, login: str) -> None:
    await page.goto(str(console.server.make_url("/console")))
    await page.get_by_label("Login").fill(login)
    await page.get_by_label("Password").fill(PASSWORDS[login])
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Conversations")).to_be_visible()
    await expect(page.get_by_text("Connected")).to_be_visible()


async def agent_named(console: Console, login: str) -> Agent:
    return next(agent for agent in await console.desk.agents() if agent.login == login)


async def test_two_agents_in_two_windows_and_a_shopper(console: Console, browser: Browser) -> None:
    async with open_page(browser) as lin, open_page(browser) as kim:
        await sign_in(lin, console, "lin")
        await sign_in(kim, console, "kim")
        conversation_id = await console.desk.waiting()
        # Both see the shopper at once, without loading anything again.
        for page in (lin, kim):
            entry = page.get_by_role("button", name="a person please")
            await expect(entry).to_contain_text("Asked for a person")
            await entry.click()
        transcript = lin.get_by_role("log", name="Transcript")
        await expect(transcript).to_contain_text("a person please")
        await expect(lin.get_by_text("Not verified yet")).to_be_visible()
        await lin.get_by_role("button", name="Take", exact=True).click()
        # The other sees that somebody has it, and cannot take it.
        await expect(kim.get_by_text("Lin is helping")).to_be_visible()
        await expect(kim.get_by_role("button", name="Take", exact=True)).to_have_count(0)
        # A notice is no answer, and the list goes on saying what the shopper wants.
        mine = lin.get_by_role("region", name="Mine").get_by_role("button")
        await expect(mine).to_contain_text("a person please")
        await expect(mine).to_contain_text("Needs reply")

        reply = lin.get_by_label("Reply to the shopper")
        await reply.fill("Hello, how can I help?")
        await reply.press("Enter")
        await expect(transcript).to_contain_text("Hello, how can I help?")
        await expect(reply).to_have_value("")
        await expect(mine).to_contain_text("Hello, how can I help?")
        await expect(mine).not_to_contain_text("Needs reply")
        await console.desk.hear("<b>my lamp</b> <script>fail()</script> is broken", "2")
        await expect(transcript).to_contain_text("<b>my lamp</b> <script>fail()</script>")
        await expect(kim.get_by_role("log")).to_contain_text("Hello, how can I help?")

        # What an article says goes out with a picture.
        await reply.press("Escape")
        await lin.keyboard.press("g")
        await lin.get_by_role("button", name="Help article").click()
        await expect(reply).to_have_value(re.compile("is broken"))
        await reply.fill("This is the one that we send")
        picture = FilePayload(name="lamp.png", mimeType="image/png", buffer=b"PNG of a lamp")
        await lin.locator(".composer input[type=file]").set_input_files(picture)
        await expect(lin.get_by_role("img", name="lamp.png")).to_be_visible()
        await expect(lin.get_by_text("Uploading")).to_have_count(0)
        await reply.press("Enter")
        await expect(kim.get_by_role("log")).to_contain_text("This is the one that we send")
        told = (await console.desk.messages_after(conversation_id, 0, 100))[-1]
        assert [one.media_type for one in told.content.attachments] == ["image/png"]

        # A colleague goes on, called by a word that only people see.
        await lin.get_by_role("button", name="Transfer").click()
        dialog = lin.get_by_role("dialog")
        await dialog.get_by_role("combobox").select_option(label="Kim")
        await dialog.get_by_label("A word for your colleague").fill("please finish this")
        await dialog.get_by_role("button", name="Transfer").click()
        await expect(lin.get_by_text("Kim is helping")).to_be_visible()
        await expect(kim.get_by_label("Reply to the shopper")).to_be_visible()
        await expect(kim.get_by_role("note")).to_contain_text("please finish this")

        await kim.get_by_role("button", name="Back to assistant").click()
        dialog = kim.get_by_role("dialog")
        await dialog.get_by_label("What was agreed").fill("a new lamp by Friday")
        await dialog.get_by_label("A note for colleagues").fill("solved by phone")
        await dialog.get_by_role("button", name="Back to assistant").click()
        await expect(lin.get_by_text("The assistant is talking")).to_be_visible()
        await expect(kim.get_by_role("note").last).to_contain_text("solved by phone")
        given = await console.desk.conversation(conversation_id)
        assert given.owner == "bot"
        assert given.agreed is not None
        assert given.agreed.text == "a new lamp by Friday"
        await expect(transcript).to_contain_text("a new lamp by Friday")


async def test_the_one_who_comes_second_is_told_who_was_first(
    console: Console, browser: Browser
) -> None:
    conversation_id = await console.desk.waiting()
    kim = await agent_named(console, "kim")
    async with open_page(browser) as lin:
        await sign_in(lin, console, "lin")
        await lin.get_by_role("button", name="a person please").click()

        async def let_kim_be_first(route: Route) -> None:
            await console.desk.take(conversation_id, kim.id)
            await route.continue_()

        await lin.route("**/take", let_kim_be_first)
        await lin.get_by_role("button", name="Take", exact=True).click()
        await expect(lin.locator("#toasts")).to_contain_text("Kim was first and has it now")
        await expect(lin.get_by_text("Kim is helping")).to_be_visible()


async def test_a_reply_on_a_dead_connection_is_kept_and_said_once_when_it_is_back(
    console: Console, browser: Browser
) -> None:
    conversation_id = await console.desk.waiting()
    lin = await agent_named(console, "lin")
    await console.desk.take(conversation_id, lin.id)
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        reply = page.get_by_label("Reply to the shopper")
        transcript = page.get_by_role("log")

        # The server hears the reply, but its answer gets lost: the socket tells that it was said.
        async def lose_the_answer(route: Route) -> None:
            await route.fetch()
            await route.abort()

        await page.route("**/reply", lose_the_answer)
        await reply.fill("We have found your parcel.")
        await reply.press("Enter")
        await expect(transcript.get_by_text("We have found your parcel.")).to_have_count(1)
        await expect(transcript.get_by_text("Sending")).to_have_count(0)
        await expect(transcript.get_by_role("button", name="Retry")).to_have_count(0)
        await page.unroute("**/reply")

        await page.context.set_offline(True)
        await reply.fill("Anything else?")
        await reply.press("Enter")
        await expect(transcript.get_by_text("The network is down.")).to_be_visible()
        await console.desk.hear("are you there?", "2")
        await page.context.set_offline(False)
        await transcript.get_by_role("button", name="Retry").click()
        await expect(transcript.get_by_text("Anything else?")).to_have_count(1)
        await expect(transcript).to_contain_text("are you there?")
        await expect(transcript.get_by_role("button", name="Retry")).to_have_count(0)
    messages = await console.desk.messages_after(conversation_id, 0, 100)
    said = [m.content.text for m in messages if m.author is Author.AGENT]
    assert said == ["We have found your parcel.", "Anything else?"]


async def test_lists_that_could_not_be_fetched_are_fetched_again(
    console: Console, browser: Browser
) -> None:
    lin = await agent_named(console, "lin")
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        lost = asyncio.Event()

        async def lose(route: Route) -> None:
            lost.set()
            await route.abort()

        await page.route("**/overview*", lose, times=1)
        conversation_id = await console.desk.waiting()
        await console.desk.take(conversation_id, lin.id)
        mine = page.get_by_role("region", name="Mine")
        await expect(mine.get_by_role("button")).to_have_count(1)
    assert lost.is_set()


async def test_an_agent_works_by_keyboard_in_chinese_in_the_dark(
    console: Console, browser: Browser
) -> None:
    await console.desk.waiting()
    async with open_page(browser, locale="zh-CN", color_scheme="dark") as page:
        await page.goto(str(console.server.make_url("/console")))
        await expect(page.get_by_label("账号")).to_be_focused()
        await page.keyboard.type("lin")
        await page.keyboard.press("Tab")
        await page.keyboard.type("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
        await expect(page.get_by_label("密码")).to_be_focused()
        await page.keyboard.type(PASSWORDS["lin"])
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="排队中")).to_be_visible()
        await expect(page.get_by_role("button", name="a person please")).to_be_visible()
        dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert dark == "rgb(16, 20, 19)"

        await page.keyboard.press("?")
        await expect(page.get_by_role("dialog")).to_contain_text("接入排队第一位")
        await page.keyboard.press("Escape")
        await page.keyboard.press("n")
        reply = page.get_by_label("回复顾客")
        await expect(reply).to_be_focused()
        await page.keyboard.type("您好")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("我是客服")
        # Half a sentence survives a change of language.
        await page.get_by_role("button", name="Switch to English").click()
        english = page.get_by_label("Reply to the shopper")
        await expect(english).to_have_value("您好\n我是客服")
        answered, signed_out = asyncio.Event(), asyncio.Event()

        async def answer_late(route: Route) -> None:
            answer = await route.fetch()
            answered.set()
            await signed_out.wait()
            await route.fulfill(response=answer)

        await page.route("**/overview*", answer_late)
        await page.reload()
        await expect(page.get_by_role("heading", name="Waiting")).to_be_visible()
        await answered.wait()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_label("Password")).to_be_visible()
        # What comes after the agent has left is drawn by nobody.
        async with page.expect_request_finished(lambda asked: "/overview" in asked.url):
            signed_out.set()
        await expect(page.get_by_label("Password")).to_be_visible()


async def test_a_supervisor_takes_over_from_a_colleague(console: Console, browser: Browser) -> None:
    conversation_id = await console.desk.waiting()
    lin = await agent_named(console, "lin")
    await console.desk.take(conversation_id, lin.id)
    await console.desk.reply(conversation_id, lin.id, Content(text="one moment"), "c-1")
    async with open_page(browser) as page:
        await sign_in(page, console, "chief")
        await page.get_by_role("button", name="one moment").click()
        await page.get_by_role("button", name="Take over").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Take over from Lin?")
        await dialog.get_by_role("button", name="Take over").click()
        await expect(page.get_by_label("Reply to the shopper")).to_be_visible()
    chief = await agent_named(console, "chief")
    assert (await console.desk.conversation(conversation_id)).agent_id == chief.id

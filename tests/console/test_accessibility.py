"""The console's pages and dialogs under axe-core, and the tools of an agent by keyboard."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, Route, expect

from connectors.backends.shop import Shop
from desk.model import Incoming, Owner
from desk.reports.quality import CRITERIA
from desk.rulebook import read_rules
from kernel.clock import SystemClock
from kernel.content import Content
from tests.browser.axe import barriers
from tests.browser.chromium import open_browser, open_page
from tests.console.conftest import PASSWORDS, Console
from tests.console.test_orders import (
    DELIVERED,
    LI,
    PAID,
    PRICE_FELL,
    SENT,
    WU,
    XIE,
    claim_that_waits,
    of_li,
    of_order,
    verbs_of,
)
from tests.console.test_page import agent_named, sign_in
from tests.console.test_supervision import closed


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


LANGUAGES = {
    "en-GB": ("Login", "Password", "Merge"),
    "zh-CN": ("账号", "密码", "合并"),
}


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_no_page_and_no_dialog_of_the_console_keeps_anybody_out(
    console: Console, browser: Browser, locale: str
) -> None:
    """Each page and each dialog is looked at in both languages, there in both themes."""
    desk = console.desk
    desk.clock.advance(SystemClock().now() - desk.now())
    await closed(console, "lin", "old")
    lin, chief = await agent_named(console, "lin"), await agent_named(console, "chief")
    policy = {"name": "all", "first_response_minutes": 1}
    desk.use_rules(read_rules({"sla": {"policies": [policy]}}, {}))
    waiting, lins = await desk.waiting("bob"), await desk.waiting("cat")
    desk.clock.advance(timedelta(minutes=2))
    await desk.keep_order()
    await desk.take(lins, lin.id)
    customer = {"id": "c1", "name": "Ann"}
    ids = []
    for channel in ("web", "wechat"):
        said = Incoming(channel, "ann", "1", Content(text="lamp"), customer=customer, language="en")
        ids.append((await desk.record(said)).conversation.id)
        await desk.take(ids[-1], chief.id)
    conversation_id = ids[0]
    await desk.reply(conversation_id, chief.id, Content(text="Which lamp?"), "c")
    await desk.notes.add(conversation_id, lin.id, "@Chief the red one", (chief.id,))
    await desk.labels.set_tags(conversation_id, lin.id, ["lamp"])
    login, password, merge = LANGUAGES[locale]
    found: dict[str, list[str]] = {}
    async with open_page(browser, locale=locale, viewport={"width": 1360, "height": 800}) as page:

        async def look(name: str, within: str = "html") -> None:
            found[name] = await barriers(page, within)

        async def look_at_dialog(name: str) -> None:
            dialog = page.locator("dialog[open]")
            await expect(dialog).to_have_count(1)
            await look(name, "dialog[open]")
            await page.keyboard.press("Escape")
            await expect(dialog).to_have_count(0)

        await page.goto(str(console.server.make_url("/console")))
        await page.get_by_label(login).fill("chief")
        await look("login")
        await page.get_by_label(password).fill(PASSWORDS["chief"])
        await page.keyboard.press("Enter")
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        await expect(page.get_by_role("note")).to_contain_text("the red one")
        await expect(page.get_by_text("KF2611220001").first).to_be_visible()
        await expect(page.locator(".call.alarm")).to_have_count(2)
        await page.keyboard.press("c")
        await expect(page.get_by_role("listbox")).to_be_visible()
        await look("desk")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        for key in "?,pqbxs":
            await page.keyboard.press(key)
            await look_at_dialog(key)
        await page.keyboard.press("s")
        await page.locator("dialog[open] .choice").last.click()
        await expect(page.locator("dialog[open] input")).to_be_visible()
        await look_at_dialog("at a time")
        await page.keyboard.press(",")
        await page.locator("dialog[open] .form .button").first.click()
        await expect(page.locator("dialog[open] input[type=password]")).to_have_count(2)
        await look_at_dialog("password")
        await page.locator(".facts").get_by_role("button", name=merge).click()
        await look_at_dialog("merge")
        # A conversation of the line, then one that a colleague has.
        await page.locator(f'[data-conversation="{waiting}"]').click()
        await expect(page.locator(".composer .instead")).to_be_visible()
        await page.keyboard.press("m")
        await look_at_dialog("note")
        await page.locator(f'[data-conversation="{lins}"]').click()
        await expect(page.locator(".composer .instead")).to_contain_text("Lin")
        await page.keyboard.press("t")
        await look_at_dialog("pull")
        names = ("canned", "wall", "reports", "quality", "team", "rules", "audit")
        for number, name in enumerate(names, start=2):
            await page.keyboard.press(f"Alt+{number}")
            await expect(page.locator(f'[data-page="{name}"]')).to_have_attribute(
                "aria-current", "page"
            )
            await expect(page.get_by_role("main").locator("h1")).to_be_visible()
            if name == "canned":
                await page.locator(".canned-line").first.click()
                await page.locator("form.panel .dialog-row .button").first.click()
                await look_at_dialog("remove a reply")
            elif name == "quality":
                await page.locator(".canned-line").click()
                await expect(page.locator(".criterion")).to_have_count(len(CRITERIA))
            elif name == "team":
                await page.locator(".page-head .button").click()
                await look_at_dialog("add an agent")
            await look(name)
        await page.keyboard.press("Alt+1")
        await expect(page.locator('[data-page="desk"]')).to_have_attribute("aria-current", "page")
    assert {name: one for name, one in found.items() if one} == {}


# Orders in which every verb of the side panel can be chosen, by their customer.
ORDERS = {XIE: (PRICE_FELL,), LI: (PAID, SENT), WU: (DELIVERED,)}
# What their preview shows: what would happen, or why it cannot.
PREVIEWED = {"cancel": ".for-good", "return": ".for-good", "redirect": "[role=alert]"}
# Copies of dialogs, each under a name, to be looked at all at once: that takes no longer than one.
KEEP = """(name) => {
  const copy = document.querySelector("dialog[open]").cloneNode(true);
  for (const one of copy.querySelectorAll("[id]")) one.id = `${name}-${one.id}`;
  copy.setAttribute("aria-labelledby", `${name}-${copy.getAttribute("aria-labelledby")}`);
  copy.id = name;
  copy.style.position = "static";
  (window.kept ??= []).push(copy);
}"""
SHOW_KEPT = """() => {
  const main = document.createElement("main");
  main.append(...window.kept);
  document.body.replaceChildren(main);
  document.body.style.cssText = "display: block; overflow: auto; height: auto";
}"""
DO = {"en-GB": ("Do for the order", "Preview"), "zh-CN": ("订单操作", "预览")}


@pytest.mark.parametrize("locale", LANGUAGES)
async def test_no_verb_of_an_order_keeps_anybody_out(
    with_shop: tuple[Console, Shop], browser: Browser, locale: str
) -> None:
    """What is asked of each, two previews and a refusal, looked at together in both themes."""
    console, shop = with_shop
    await claim_that_waits(shop)
    seen: set[str] = set()
    known: set[str] = set()
    kept: list[str] = []
    lin = await console.browser().log_in("lin")
    login, password, _ = LANGUAGES[locale]
    do, preview = DO[locale]
    async with open_page(browser, locale=locale, viewport={"width": 1360, "height": 900}) as page:
        dialog = page.locator("dialog[open]")

        async def keep(name: str) -> None:
            await page.evaluate(KEEP, name)
            kept.append(name)

        await page.goto(str(console.server.make_url("/console")))
        await page.get_by_label(login).fill("lin")
        await page.get_by_label(password).fill(PASSWORDS["lin"])
        await page.keyboard.press("Enter")
        for customer, numbers in ORDERS.items():
            conversation_id = await of_li(console, customer)
            await lin.post(f"/conversations/{conversation_id}/take")
            path = f"/conversations/{conversation_id}/orders"
            await page.locator(f'[data-conversation="{conversation_id}"]').click()
            for number in numbers:
                order = of_order(page, number)
                await order.locator("summary").click()
                offers = await verbs_of(lin, f"{path}/{number}")
                known |= set(offers)
                possible = [verb for verb, offer in offers.items() if offer["refusal"] is None]
                for place, verb in enumerate(possible):
                    if verb in seen:
                        continue
                    seen.add(verb)
                    await order.get_by_role("button", name=do).click()
                    await expect(dialog.locator(".choice")).to_have_count(len(possible))
                    if place == 0:
                        await keep(f"choice-{number}")
                    await dialog.locator(".choice").nth(place).click()
                    await expect(dialog.locator(".choice")).to_have_count(0)
                    await expect(dialog.locator(".dialog-row .primary")).to_be_visible()
                    await keep(verb)
                    if verb in PREVIEWED:
                        await dialog.get_by_role("button", name=preview).click()
                        await expect(dialog.locator(PREVIEWED[verb])).to_be_visible()
                        await keep(f"{verb}-previewed")
                    await page.keyboard.press("Escape")
                    await expect(dialog).to_have_count(0)
        await page.evaluate(SHOW_KEPT)
        await expect(dialog).to_have_count(len(kept))
        assert await barriers(page) == []
    assert seen == known


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
        await expect(page.get_by_role("heading", name="1 conversation found")).to_be_visible()
        await page.keyboard.press("Escape")
        # Put aside, and back when the shopper writes.
        await page.locator("h1").first.click()
        await page.keyboard.press("s")
        await page.get_by_role("button", name="In 1 hour").click()
        await expect(page.get_by_role("tab", name="Later")).to_contain_text("1")
        await expect(page.get_by_role("region", name="Mine").get_by_role("button")).to_have_count(0)
        await desk.hear("are you there?", "9")
        await expect(page.get_by_role("region", name="Mine").get_by_role("button")).to_have_count(1)
        await the_other_keys(page, console, conversation_id)
    closed_now = await desk.conversation(conversation_id)
    assert closed_now.owner is Owner.CLOSED


async def the_other_keys(page: Page, console: Console, conversation_id: str) -> None:
    """Every key of the list of keys that an agent has not pressed yet; this ends the conversation.

    The page shows it, and the agent holds it.
    """
    desk, keyboard = console.desk, page.keyboard
    # From now on, or the first one might be missed.
    page.on("filechooser", lambda _: None)
    bob = await desk.waiting("bob")
    for number in range(60):
        await desk.hear(f"line {number}", f"line-{number}")
    await page.reload()
    chosen = page.locator('[aria-current="true"]')
    await expect(page.locator(f'[data-conversation="{bob}"]')).to_be_visible()
    for key, conversation in (
        ("j", bob),
        ("j", conversation_id),
        ("k", bob),
        ("k", conversation_id),
    ):
        await keyboard.press(key)
        await expect(chosen).to_have_attribute("data-conversation", conversation)
    # What was said before.
    log = page.get_by_role("log")
    await expect(log).to_contain_text("line 59")
    await expect(log).not_to_contain_text("a person please")
    await keyboard.press("e")
    await expect(log).to_contain_text("a person please")
    # Words: to the shopper, in which language, from where.
    await keyboard.press("r")
    reply = page.get_by_label("Reply to the shopper")
    await expect(reply).to_be_focused()
    await keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Reply in Chinese")).to_be_visible()
    await keyboard.press("l")
    await expect(page.get_by_role("button", name="Reply in English")).to_be_visible()
    await keyboard.press("g")
    suggested = page.get_by_role("region", name="Suggestions")
    await expect(suggested.get_by_role("button")).to_contain_text(["Help article"])
    # Whoever wants none goes on where they were.
    await keyboard.press("Escape")
    await expect(suggested).to_be_hidden()
    await expect(reply).to_be_focused()
    await keyboard.press("Escape")
    await keyboard.press("g")
    await expect(suggested.get_by_role("button").first).to_be_focused()
    await keyboard.press("Enter")
    await expect(reply).to_have_value("en: line 59")
    await reply.fill("")
    await keyboard.press("Escape")
    async with page.expect_file_chooser() as chooser:
        await keyboard.press("a")
    await (await chooser.value).set_files(
        {"name": "lamp.png", "mimeType": "image/png", "buffer": b"PNG lamp"}
    )
    # Once it is there, the words for it may follow.
    await expect(reply).to_be_focused()
    await expect(page.get_by_role("button", name="Remove the picture")).to_be_visible()
    await keyboard.press("Escape")
    # The lists, by their number.
    for number, name in enumerate(("Desk", "All", "Later", "Mentions", "Done", "Line", "Calls"), 1):
        await keyboard.press(str(number))
        tab = page.get_by_role("tab", name=re.compile(f"^{name}"))
        await expect(tab).to_have_attribute("aria-selected", "true")
    # The pages.
    for number, name in ((2, "Replies"), (1, "Desk")):
        await keyboard.press(f"Alt+{number}")
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
    # What ends it asks before.
    for key, title in (("p", "Transfer this"), ("b", "Give it back"), ("x", "Close this")):
        await keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_contain_text(title)
        await keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await keyboard.press("x")
    await keyboard.press("Enter")
    await expect(page.get_by_text("Closed; the assistant answers")).to_be_visible()


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

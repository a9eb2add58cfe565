"""The desk in a real browser: what a handoff brings, offers, promises that count down, channels."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from desk.model import AgentState, Handoff, HandoffReason, Incoming, Owner
from desk.reach import Allowance, ReachState
from desk.reports.quality import CRITERIA
from desk.rule_fields import rule_forms
from desk.rulebook import read_rules
from kernel.clock import SystemClock
from kernel.content import Content
from tests.browser.chromium import open_browser, open_page
from tests.console.conftest import PASSWORDS, Console
from tests.console.test_page import agent_named, sign_in

SUMMARY = {
    "requests": [
        {
            "flow": "track_shipment",
            "description": "your parcel",
            "said": "where is it",
            "values": {},
        }
    ],
    "missing": ["parcel"],
    "orders": ["KF2611220001"],
    "tried": [{"action": "action_show_shipment", "outcome": "late"}],
    "found": [
        {
            "type": "shipment",
            "order": "KF2611220001",
            "number": "SF1",
            "status": "stuck",
            "amount": None,
        }
    ],
    "because": "shipment_overdue",
    "last_words": "this takes far too long",
    "mood": "frustrated",
    "language": "en",
    "agreed": {
        "text": "a new one by Friday",
        "facts": {"order_number": "KF2611220001"},
        "at": "2026-11-21T09:00:00+00:00",
    },
    "next_step": {"step": "ask_carrier", "order": "KF2611220001", "verb": None},
}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def handed_off(console: Console, shopper: str = "ann", **summary: object) -> str:
    """The id of a conversation that waits for a person who is to know ``summary``."""
    conversation = (await console.desk.hear("this takes far too long", "1", shopper)).conversation
    handoff = Handoff(HandoffReason.VIP, summary, console.desk.now())
    await console.desk.hand_off(conversation.id, conversation.epoch, handoff)
    return conversation.id


async def test_an_agent_reads_what_to_do_next_calls_back_and_passes_on_in_both_languages(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    desk.use_rules(read_rules({"queue": {"skills": {"payment_failed": "payments"}}}, {}))
    conversation_id = await handed_off(console, **SUMMARY)
    await desk.keep_place(conversation_id, "138 0013 8000")
    async with open_page(browser, viewport={"width": 1360, "height": 900}) as page:
        await sign_in(page, console, "lin")
        entry = page.locator(f'[data-conversation="{conversation_id}"]')
        await expect(entry).to_contain_text("Call back")
        await entry.click()
        facts = page.get_by_role("complementary", name="Shopper and orders")
        await expect(facts.get_by_role("link", name="13800138000")).to_be_visible()
        for words in (
            "Agreed beforea new one by Friday · KF2611220001",
            "Next step: Ask the carrier, then tell the shopper what it says and by when",
            "Important customer",
            "Parcel overdue",
            "Frustrated",
            "this takes far too long",
            "Which parcel",
            "What was found",
            "Parcel SF1",
            "No scans",
        ):
            await expect(facts).to_contain_text(words)
        await page.get_by_role("button", name="切换到中文").click()
        facts = page.get_by_role("complementary", name="顾客与订单")
        for words in ("下一步: 联系快递查件", "重要客户", "不满", "查到什么", "物流停滞", "英语"):
            await expect(facts).to_contain_text(words)
        await page.keyboard.press("t")
        await expect(facts.get_by_role("button", name="已回电")).to_be_visible()
        await expect(page.get_by_label("回复顾客")).to_be_focused()
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        for words in ("退回排队", "标记已回电"):
            await expect(page.get_by_role("dialog")).to_contain_text(words)
        await page.keyboard.press("Escape")
        await page.keyboard.press("d")
        await expect(facts).to_contain_text("Lin 已于")
        await expect(page.get_by_role("note", name="回电")).to_contain_text(
            "回电 13800138000 · Lin 已于"
        )
        await expect(entry.get_by_text("回电")).to_have_count(0)
        await entry.focus()
        await page.keyboard.press("q")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("需要的技能").select_option(label="支付")
        await dialog.get_by_label("给同事的说明").fill("查一下重复扣款")
        await dialog.get_by_role("button", name="退回排队").click()
        await expect(page.get_by_role("button", name="接入", exact=True)).to_be_visible()
        await expect(page.get_by_role("log")).to_contain_text("查一下重复扣款")
    passed = await desk.conversation(conversation_id)
    assert (passed.owner, passed.skill) == (Owner.QUEUE, "payments")
    assert passed.callback
    assert not passed.callback.is_due


async def test_who_let_offers_pass_reads_it_until_they_are_back(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    rules = {"assignment": "offer", "offer_seconds": 5, "missed_offers": 1}
    desk.use_rules(read_rules({"queue": rules}, {}))
    desk.clock.advance(SystemClock().now() - desk.now())
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        await handed_off(console, "ann")
        await desk.keep_order()
        await expect(page.get_by_role("button", name="Accept")).to_have_count(1)
        desk.clock.advance(timedelta(seconds=6))
        await desk.keep_order()
        away = page.get_by_role("alert").filter(has_text="You are away")
        await expect(away).to_contain_text("You let an offer pass")
        await page.reload()
        await expect(away).to_be_visible()
        await page.keyboard.press("v")
        await expect(away).to_have_count(0)
        await expect(page.get_by_role("combobox", name="Presence")).to_have_value("online")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_a_long_wait_and_a_broken_promise_fit_into_their_line(
    console: Console, browser: Browser, locale: str
) -> None:
    desk = console.desk
    policy = {"name": "all", "first_response_minutes": 1}
    desk.use_rules(read_rules({"sla": {"policies": [policy]}}, {}))
    conversation_id = await handed_off(console, "ann")
    async with open_page(browser, locale=locale, viewport={"width": 1366, "height": 768}) as page:
        await page.goto(str(console.server.make_url("/console")))
        await page.locator("input").first.fill("lin")
        await page.locator("input[type=password]").fill(PASSWORDS["lin"])
        await page.keyboard.press("Enter")
        entry = page.locator(f'[data-conversation="{conversation_id}"]')
        await expect(entry.locator(".due.late")).to_be_visible()
        line, due = await entry.bounding_box(), await entry.locator(".due").bounding_box()
        because = await entry.locator(".because").bounding_box()
        assert line
        assert due
        assert because
        assert due["x"] + due["width"] <= line["x"] + line["width"]
        # Why they wait can still be read.
        assert because["width"] >= 40


async def test_an_offer_is_held_out_with_its_time_and_let_pass_or_taken(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    desk.use_rules(read_rules({"queue": {"assignment": "offer", "offer_seconds": 60}}, {}))
    desk.clock.advance(SystemClock().now() - desk.now())
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        offer = page.get_by_role("alert").filter(has=page.get_by_role("button", name="Accept"))
        first = await handed_off(console, "ann")
        await desk.keep_order()
        await expect(offer.locator("[data-due]")).to_have_text(re.compile(r"\b[1-5]?\d s|1 min"))
        # It takes its own room: no line of the list lies under it.
        held, lists = await offer.bounding_box(), await page.locator(".lists").bounding_box()
        assert held
        assert lists
        assert lists["y"] + lists["height"] <= held["y"]
        await page.keyboard.press("w")
        await expect(offer).to_have_count(0)
        assert (await desk.conversation(first)).offer is None
        await desk.leave_queue(first)
        second = await handed_off(console, "bob")
        await desk.keep_order()
        await offer.get_by_role("button", name="Accept").click()
        await expect(page.get_by_label("Reply to the shopper")).to_be_visible()
        lin = await agent_named(console, "lin")
        taken = await desk.conversation(second)
        assert (taken.owner, taken.agent_id) == (Owner.AGENT, lin.id)

        # What is taken from the list is held out no longer.
        third = await handed_off(console, "dora")
        await desk.keep_order()
        await expect(offer).to_have_count(1)
        await page.locator(f'[data-conversation="{third}"]').click()
        await page.get_by_role("button", name="Take", exact=True).click()
        await expect(offer).to_have_count(0)

        # Whoever goes away is asked no more; the page and the database agree.
        async with page.expect_response("**/duty"):
            await page.get_by_role("combobox", name="Presence").select_option("away")
        states = {one.agent.login: one.state for one in await desk.presences()}
        assert states["lin"] is AgentState.AWAY
        await handed_off(console, "eve")
        await desk.keep_order()
        assert await desk.offers_to(lin.id) == []


# Lets a test see what the desktop shows and how many notes sound, which then do as ever.
OVERHEAR = """
window.told = [];
window.sounds = 0;
const Shown = window.Notification;
window.Notification = class extends Shown {
  constructor(title, options) {
    super(title, options);
    window.told.push({ title, body: options.body, shown: this });
  }
};
const sound = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  window.sounds += 1;
  return sound.call(this, at);
};
"""


@asynccontextmanager
async def looking_elsewhere(console: Console, browser: Browser, login: str) -> AsyncIterator[Page]:
    """The page of somebody who wants notifications of the desktop and works in another window."""
    async with open_page(browser, permissions=["notifications"]) as page:
        await page.add_init_script(OVERHEAR)
        await sign_in(page, console, login)
        await page.keyboard.press(",")
        settings = page.get_by_role("dialog", name="Settings")
        await settings.get_by_label("Desktop notifications").check()
        await settings.get_by_role("button", name="Save").click()
        await expect(settings).to_have_count(0)
        await page.evaluate("document.hasFocus = () => false")
        yield page


async def is_told(page: Page, title: str, body: str, notes: int = 2) -> None:
    """Wait until the desktop shows it and the notes have sounded, then come by way of it."""
    found = "told.at(-1)?.title === title && told.at(-1).body === body && sounds === notes"
    arg = [title, body, notes]
    await page.wait_for_function(f"([title, body, notes]) => {found}", arg=arg)
    await page.evaluate("sounds = 0; told.pop().shown.dispatchEvent(new Event('click'))")


async def test_promises_count_down_and_call_a_supervisor_when_they_are_broken(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    policy = {"name": "all", "first_response_minutes": 3}
    rules = {"queue": {"assignment": "manual"}, "sla": {"policies": [policy]}}
    desk.use_rules(read_rules(rules, {}))
    # Pages go by the time of the server that they ask.
    desk.clock.advance(SystemClock().now() - desk.now() - timedelta(minutes=4))
    waiting = {"late": await handed_off(console, "ann")}
    desk.clock.advance(timedelta(minutes=2, seconds=30))
    waiting["soon"] = await handed_off(console, "bob")
    desk.clock.advance(timedelta(minutes=1, seconds=30))
    waiting[""] = await handed_off(console, "eve")
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        for look, conversation_id in waiting.items():
            await page.locator(f'[data-conversation="{conversation_id}"]').click()
            countdown = page.locator(".clock [data-due]")
            await expect(countdown).to_have_class(f"due {look}".strip())
        await expect(countdown).to_contain_text(re.compile("[12] min"))
        before = await countdown.inner_text()
        await expect(countdown).not_to_have_text(before)
    async with looking_elsewhere(console, browser, "chief") as page:
        await desk.keep_order()
        call = page.get_by_role("alert", name="SLA alarm")
        await expect(call).to_contain_text(
            re.compile("First response.*late by.*Visitor ann · Waiting")
        )
        told = "First response · Visitor ann"
        await expect(page.locator("#toasts")).to_contain_text(f"SLA alarm: {told}")
        await is_told(page, "SLA alarm", told)
        # Whoever comes by way of it sees the conversation, and has seen the alarm.
        chosen = page.locator(f'[data-conversation="{waiting["late"]}"]')
        await expect(chosen).to_have_attribute("aria-current", "true")
        await expect(call).to_have_count(0)
        chief = await agent_named(console, "chief")
        assert await desk.alarms.unseen(chief.id, 10) == []


# Boxes by selector: [left, top, right, bottom], null for what is not shown.
BOXES = """(selectors) => selectors.map((selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return box.width && box.height ? [box.left, box.top, box.right, box.bottom] : null;
})"""
Box = tuple[float, float, float, float]


async def boxes_of(page: Page, *selectors: str) -> list[Box | None]:
    """Where these parts of the page are."""
    return [box and tuple(box) for box in await page.evaluate(BOXES, selectors)]


async def shown_apart(page: Page, *selectors: str) -> list[Box]:
    """Where these parts are: all shown within the window, none over another."""
    boxes = [box for box in await boxes_of(page, *selectors) if box is not None]
    assert len(boxes) == len(selectors)
    size = page.viewport_size
    assert size is not None
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= size["width"] + 1
        assert bottom <= size["height"] + 1
    for one, other in combinations(boxes, 2):
        apart = one[2] <= other[0] + 1 or other[2] <= one[0] + 1
        assert apart or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
    return boxes


async def test_alarms_leave_room_for_the_lists_in_a_narrow_window(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    desk.clock.advance(SystemClock().now() - desk.now())
    policy = {"name": "all", "first_response_minutes": 1}
    rules = {"queue": {"assignment": "manual"}, "sla": {"policies": [policy]}}
    desk.use_rules(read_rules(rules, {}))
    first, *_ = [await handed_off(console, name) for name in ("ann", "bob", "eve", "dan")]
    desk.clock.advance(timedelta(minutes=2))
    await desk.keep_order()
    async with open_page(browser, viewport={"width": 800, "height": 640}) as page:
        await sign_in(page, console, "chief")
        await expect(page.locator(".call.alarm")).to_have_count(4)
        line = page.locator(f'[data-conversation="{first}"]')
        for language in ("en", "zh"):
            if language == "zh":
                await page.get_by_role("button", name="切换到中文").click()
                await expect(page.get_by_role("button", name="返回列表")).to_have_count(0)
            await page.set_viewport_size({"width": 800, "height": 640})
            lists, _, _ = await shown_apart(page, ".lists", ".talk", ".calls")
            assert lists[3] - lists[1] >= 200
            await page.set_viewport_size({"width": 400, "height": 800})
            lists, _ = await shown_apart(page, ".lists", ".calls")
            assert lists[3] - lists[1] >= 320
            await expect(page.locator(".talk")).to_be_hidden()
            # Whoever opens one reads it in the whole window, and comes back to where they were.
            await line.click()
            await expect(page.get_by_role("log")).to_be_visible()
            *_, calls = await shown_apart(page, ".head", ".log", ".composer", ".calls")
            [rail] = await shown_apart(page, ".rail")
            assert abs(rail[1] - calls[3]) <= 1
            assert rail[3] - rail[1] <= 70
            assert await boxes_of(page, ".lists") == [None]
            back = page.get_by_role(
                "button", name={"en": "To the list", "zh": "返回列表"}[language]
            )
            await back.click()
            await expect(line).to_be_focused()
        # The first that is still untold, by keyboard.
        await page.keyboard.press("v")
        await expect(page.get_by_role("log")).to_be_visible()
        await expect(page.locator(".call.alarm")).to_have_count(2)
        await page.keyboard.press("w")
        await expect(page.locator(".call.alarm")).to_have_count(1)


async def test_an_agent_who_looks_elsewhere_is_called(console: Console, browser: Browser) -> None:
    desk = console.desk
    lin = await agent_named(console, "lin")
    async with looking_elsewhere(console, browser, "lin") as page:
        waiting = await handed_off(console)
        chosen = page.locator(f'[data-conversation="{waiting}"]')
        await is_told(page, "A shopper is waiting", "Visitor ann: this takes far too long")
        await expect(chosen).to_have_attribute("aria-current", "true")
        desk.clock.advance(timedelta(seconds=1))
        held = await handed_off(console, "bob")
        await is_told(page, "A shopper is waiting", "Visitor bob: this takes far too long")
        followed = page.locator(f'[data-conversation="{held}"]')
        await expect(followed).to_have_attribute("aria-current", "true")
        await desk.take(held, lin.id)
        await chosen.click()
        await expect(chosen).to_have_attribute("aria-current", "true")
        await desk.hear("are you there?", "2", "bob")
        await is_told(page, "Visitor bob wrote", "are you there?")
        await expect(followed).to_have_attribute("aria-current", "true")
        await desk.notes.add(waiting, lin.id, "@Lin look", (lin.id,))
        await is_told(page, "A colleague mentioned you", "")
        await expect(chosen).to_have_attribute("aria-current", "true")
        # What one has before one's eyes makes no sound.
        await desk.take(waiting, lin.id)
        await desk.hear("hello?", "3")
        await is_told(page, "Visitor ann wrote", "hello?", notes=0)
        # Without sound and notifications nothing calls any more, but the line is still shown.
        await page.keyboard.press(",")
        settings = page.get_by_role("dialog", name="Settings")
        await settings.get_by_label("Desktop notifications").uncheck()
        await settings.get_by_label("Sound").uncheck()
        await settings.get_by_role("button", name="Save").click()
        await handed_off(console, "eve")
        await expect(page.get_by_role("region", name="Waiting")).to_contain_text("Visitor eve")
        assert await page.evaluate("[told.length, sounds]") == [0, 0]


async def test_the_channel_is_told_before_anybody_types(console: Console, browser: Browser) -> None:
    desk = console.desk
    now = desk.now()
    allowance = Allowance("message", 5, now, now + timedelta(hours=48))
    said = Incoming("wechat", "o1", "m1", Content(text="在吗"), allowance=allowance)
    conversation_id = (await desk.record(said)).conversation.id
    lin = await agent_named(console, "lin")
    await desk.take(conversation_id, lin.id)
    async with open_page(browser, locale="zh-CN") as page:
        await page.goto(str(console.server.make_url("/console")))
        await page.get_by_label("账号").fill("lin")
        await page.get_by_label("密码").fill(PASSWORDS["lin"])
        await page.get_by_role("button", name="登录").click()
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        await expect(page.get_by_text("可以发送，还能发 5 条。")).to_be_visible()
        await desk.reach_changed(conversation_id, ReachState.UNFOLLOWED, "unsubscribe")
        await page.reload()
        await page.locator(f'[data-conversation="{conversation_id}"]').click()
        await expect(page.get_by_text("顾客已取消关注，消息送不到。")).to_be_visible()
        await page.get_by_role("button", name="Switch to English").click()
        await expect(page.get_by_text("The shopper has unfollowed us")).to_be_visible()


async def test_a_burst_of_messages_costs_few_fetches_of_the_lists(
    console: Console, browser: Browser
) -> None:
    conversation_id = await handed_off(console)
    async with open_page(browser) as page:
        await sign_in(page, console, "lin")
        fetched: list[str] = []
        page.on("request", lambda one: fetched.append(one.url) if "overview" in one.url else None)
        for number in range(30):
            await console.desk.hear(f"message {number}", f"burst-{number}")
        entry = page.locator(f'[data-conversation="{conversation_id}"]')
        await expect(entry).to_contain_text("message 29")
    # None for the messages: the server tells them; the page may still be opening its lists.
    assert len(fetched) <= 10


async def test_a_supervisor_puts_a_holiday_and_rules_in_by_forms(
    console: Console, browser: Browser
) -> None:
    async with open_page(browser, viewport={"width": 1360, "height": 900}) as page:
        await sign_in(page, console, "chief")
        await page.get_by_role("button", name="Rules", exact=True).click()
        form = page.get_by_role("form", name="Days that differ")
        await form.get_by_label("Date").fill("2026-12-24")
        await form.get_by_label("Until").fill("2026-12-27")
        await form.get_by_label("Weekend days worked instead").fill("2026-12-20, 2027-01-02")
        await form.get_by_label("Open hours (none: closed)").fill("09:00-12:00")
        await form.get_by_role("button", name="Put it in").click()
        rules = page.get_by_role("textbox", name="Rules")
        days = "office 2026-12-24 to 2026-12-27: 09:00-12:00, worked: 2026-12-20, 2027-01-02"
        await expect(rules).to_have_value(re.compile(days))
        form = page.get_by_role("form", name="Rules of the queue")
        # Every rule has a name of its own in both languages, and only what changes is put in.
        labels = form.locator("label.field > span")
        await expect(labels).to_have_count(len(rule_forms({}).queue))
        await form.get_by_label("Levels that important customers gain").fill("2")
        least = form.get_by_label("Least level of whoever is in a hurry or angry")
        await least.fill("0")
        await form.get_by_label("How many a conversation").fill("wecom: 2\nweb = 1")
        await form.get_by_role("button", name="Put it in").click()
        changed = {"weights": {"wecom": 2, "web": 1}, "vip_priority": 2, "mood_priority": 0}
        await expect(rules).to_have_value(re.compile(re.escape(json.dumps(changed)) + "$"))

        form = page.get_by_role("form", name="Promises about time (SLA)")
        gold = form.get_by_role("group", name="Promise 1")
        await expect(gold.get_by_label("Only these customer levels")).to_have_value("gold")
        await gold.get_by_label("First response (minutes)").fill("1.5")
        await form.get_by_role("button", name="Add a promise").click()
        web = form.get_by_role("group", name="Promise 2")
        await expect(web.get_by_label("Name")).to_be_focused()
        await page.keyboard.type("web")
        await web.get_by_label("Next response (minutes)").fill("3")
        await web.get_by_label("Only these channels").fill("web, rest")
        await web.get_by_label("The resolution clock rests").uncheck()
        await web.get_by_role("button", name="Move up").click()
        await expect(gold.get_by_label("Name")).to_have_value("web")
        await form.get_by_label("Ready promises of platforms").select_option(
            label="A reply within three minutes"
        )
        await form.get_by_label("Share of the time after which priority rises").fill("0.7")
        await form.get_by_role("button", name="Put it in").click()
        promised = {
            "standards": ["reply_within_3_minutes"],
            "policies": [
                {
                    "name": "web",
                    "next_response_minutes": 3,
                    "channels": ["web", "rest"],
                    "pause_while_waiting_for_shopper": False,
                },
                {
                    "name": "gold",
                    "first_response_minutes": 1.5,
                    "resolution_minutes": 60,
                    "customer_groups": ["gold"],
                },
            ],
            "escalation": {"raise_priority": 0.7},
        }
        await expect(rules).to_have_value(
            re.compile(re.escape("sla " + json.dumps(promised)) + "$")
        )
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Version 1")).to_be_visible()
        names = {*await labels.all_inner_texts()}
        await page.get_by_role("button", name="切换到中文").click()
        form = page.get_by_role("form", name="排队规则")
        labels = form.locator("label.field > span")
        await expect(labels).to_have_count(len(rule_forms({}).queue))
        names |= {*await labels.all_inner_texts()}
        assert len(names) == 2 * len(rule_forms({}).queue)
        forms = page.locator("form.day-form, form.promises").locator("label.field > span")
        assert [one for one in await forms.all_inner_texts() if re.match("Rule |规则 ", one)] == []


async def test_a_supervisor_reads_reports_takes_them_out_and_scores_a_case(
    console: Console, browser: Browser
) -> None:
    desk = console.desk
    # Pages ask for the days until today; at noon platforms count replies.
    today = SystemClock().now().date()
    desk.clock.advance(datetime.combine(today, time(12), UTC) - desk.now())
    lin = await agent_named(console, "lin")
    conversation_id = await handed_off(console)
    await desk.keep_place(conversation_id, "13800138000")
    await desk.take(conversation_id, lin.id)
    await desk.calls.made(conversation_id, lin.id)
    desk.clock.advance(timedelta(minutes=2))
    await desk.reply(conversation_id, lin.id, Content(text="We send a new one."), "c1")
    await desk.close(conversation_id, lin.id)
    desk.clock.advance(timedelta(seconds=5))
    while await desk.cases.fold():
        desk.clock.advance(timedelta(seconds=5))
    await desk.days.fold()
    options: dict[str, Any] = {"timezone_id": "UTC", "viewport": {"width": 1600, "height": 1000}}
    async with open_page(browser, **options) as page:
        await sign_in(page, console, "chief")
        for pages, by, column, slowest, replied, soon, called, export in (
            (
                *("Reports", "By", "Agent", "90 % within", "Replied within 3 min"),
                *("Replied within 30 s", "Called back", "Export CSV"),
            ),
            (
                *("报表", "按", "客服", "90% 以内", "3 分钟回复率"),
                *("30 秒应答率", "已回拨", "导出 CSV"),
            ),
        ):
            await page.get_by_role("button", name=pages, exact=True).click()
            await page.get_by_label(by, exact=True).select_option("agent")
            row = page.get_by_role("row", name="Lin")
            # One case of one: all of them, and yet hardly anything is known.
            await expect(row.get_by_role("cell").nth(2)).to_contain_text("100.0%21–100%")
            await expect(row).to_contain_text(slowest)
            tile = page.locator(".tile")
            await expect(tile.filter(has_text=replied)).to_contain_text("100.0%")
            await expect(tile.filter(has_text=soon)).to_contain_text("0.0%")
            await expect(tile.filter(has_text=called)).to_contain_text("1 / 1")
            await expect(page.get_by_role("columnheader", name=column, exact=True)).to_be_visible()
            async with page.expect_download() as download:
                await page.get_by_role("link", name=export).click()
            table = await (await download.value).path()
            with table.open(encoding="utf-8-sig", newline="") as file:
                lines = {line["agent"]: line for line in csv.DictReader(file)}
            assert set(lines) == {"total", "Lin"}
            counts = ("handed_off", "reply_within_3", "reply_within_30s", "call_asked", "call_made")
            assert [lines["Lin"][name] for name in counts] == ["1", "1", "0", "1", "1"]
            if pages == "Reports":
                await page.get_by_role("button", name="切换到中文").click()

        await page.get_by_role("button", name="质检", exact=True).click()
        await page.get_by_role("main").get_by_role("button", name="访客 ann").click()
        # What was said stands beside the sheet; a sheet that is not filled in is not taken.
        await expect(page.get_by_role("log")).to_contain_text("We send a new one.")
        save = page.get_by_role("button", name="提交评分")
        await save.click()
        assert await desk.quality.scores(10) == []
        for mark in await page.get_by_role("radio", name="做到了", exact=True).all():
            await mark.check()
        tone = page.get_by_role("group", name="语气友好")
        await tone.get_by_role("radio", name="部分做到").check()
        await page.get_by_label("评语").fill("干脆利落")
        await save.click()
        scores = page.locator(".panel")
        most = 2 * len(CRITERIA)
        await expect(scores.filter(has_text="干脆利落")).to_contain_text(f"{most - 1} / {most} 分")
    [score] = await desk.quality.scores(10, lin.id)
    assert score.marks == {**dict.fromkeys(CRITERIA, 2), "tone": 1}
    assert (score.conversation_id, score.comment) == (conversation_id, "干脆利落")

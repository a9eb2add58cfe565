"""The widget in a real browser, over real sockets, with an assistant that says what we want."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser, Locator, Page, expect

from connectors.backends.carriers.model import Diagnosis
from connectors.backends.orders.model import OrderStatus, Tender
from connectors.backends.payments.model import MoneyPlace, PaymentCause
from connectors.backends.refunds.model import FreightPayer, RefundStatus, ReturnStatus
from desk.model import Role
from kernel.content import Button, Content
from tests.browser.chromium import open_browser, open_page
from tests.channels.serving import ServedChannels, customer_token, says, serve_channels
from tests.conftest import Databases
from tests.serving import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = {
    "type": "order",
    "number": "KF2611200042",
    "status": "shipped",
    "placed_at": "2026-11-20T03:12:00+00:00",
    "total": "¥528.00",
    "lines": [
        {"name": "Lamp", "options": "Cream", "quantity": 1, "amount": "¥299.00", "image": ""},
        {"name": "Scarf", "options": "Camel", "quantity": 2, "amount": "¥229.00", "image": ""},
    ],
    "tracking": ["SF1234567890123"],
}
SHIPMENT = {
    "type": "shipment",
    "order_number": "KF2611200042",
    "tracking_number": "SF1234567890123",
    "carrier": "SF Express",
    "status": "stuck",
    "expected_by": "2026-11-23T16:30:00+00:00",
    "events": [
        {"at": "2026-11-22T01:20:00+00:00", "where": "杭州", "description": "快件已发往上海"},
        {"at": "2026-11-21T14:05:00+00:00", "where": "义乌", "description": "已揽收"},
    ],
}


def add_demo_data(app: web.Application) -> None:
    """What the demo page asks the shop for."""

    async def products(_request: web.Request) -> web.Response:
        names = {"zh": "暖光台灯", "en": "Warm lamp"}
        kind = {"zh": "灯具", "en": "Lighting"}
        one = {"id": "P1", "name": names, "category": "lighting", "category_name": kind}
        return web.json_response([{**one, "price": "¥299.00", "in_stock": True}])

    async def customers(_request: web.Request) -> web.Response:
        return web.json_response([{"id": "C1", "name": "林晓"}, {"id": "C2", "name": "Ann"}])

    async def token(request: web.Request) -> web.Response:
        return web.json_response({"token": customer_token(request.query["customer"])})

    async def elsewhere(request: web.Request) -> web.Response:
        # Asked for as localhost, this page has another origin than the script in it.
        script = f"http://127.0.0.1:{request.url.port}/widget.js"
        tag = f"<script src={script} data-language=en></script>"
        text = f"<!doctype html><html lang=zh><p>shop</p>{tag}"
        return web.Response(text=text, content_type="text/html")

    app.router.add_get("/elsewhere", elsewhere)
    app.router.add_get("/demo/products.json", products)
    app.router.add_get("/demo/customers.json", customers)
    app.router.add_get("/demo/customer-token", token)


@pytest_asyncio.fixture(loop_scope="module")
async def served(databases: Databases, tmp_path: Path) -> AsyncIterator[ServedChannels]:
    """The shop's page, the widget and all channels over an empty database."""
    url = databases.make("sqlite")
    async with serve_channels(url, tmp_path, demo=add_demo_data) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser; every test opens pages that share nothing."""
    async with open_browser() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def page(served: ServedChannels, browser: Browser) -> AsyncIterator[Page]:
    """The shop's page with the widget open, in English."""
    async with open_page(browser) as opened:
        await opened.goto(served.url)
        await opened.locator(".launcher").click()
        await expect(opened.locator("textarea")).to_be_focused()
        yield opened


async def write(page: Page, text: str) -> None:
    """Type ``text`` and send it."""
    await page.locator("textarea").fill(text)
    await page.locator("textarea").press("Enter")


def item(page: Page, text: str) -> Locator:
    """The message with exactly this text."""
    return page.locator(".item").filter(
        has=page.locator(".bubble", has_text=re.compile(f"^{re.escape(text)}$"))
    )


async def bubbles(page: Page) -> list[str]:
    """All messages' texts, in the order in which they stand."""
    return await page.locator(".list .bubble").all_inner_texts()


@pytest.mark.parametrize(
    ("locale", "heading", "text", "delivered", "speaker"),
    [
        pytest.param("zh-CN", "您好，有什么可以帮您？", "你好", "已发送", "智能助手", id="zh"),
        pytest.param("en-GB", "Hello, how can we help?", "Hi", "Sent", "Assistant", id="en"),
    ],
)
async def test_a_shopper_chats_in_their_language(
    served: ServedChannels,
    browser: Browser,
    locale: str,
    heading: str,
    text: str,
    delivered: str,
    speaker: str,
) -> None:
    async with open_page(browser, locale=locale) as page:
        await page.goto(served.url)
        await page.locator(".launcher").click()
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()
        await write(page, text)
        await expect(item(page, text)).to_contain_text(delivered)
        await expect(item(page, f"You said: {text}").locator(".name")).to_have_text(speaker)
        await expect(page.get_by_role("heading", name=heading)).to_be_hidden()
        assert served.assistant.asked[-1].language == locale[:2]


async def test_a_message_shows_at_once_and_the_assistant_is_seen_typing(
    served: ServedChannels, page: Page
) -> None:
    served.assistant.delay = 3.0
    await write(page, "hi")
    await expect(item(page, "hi")).to_be_visible()
    await expect(page.locator(".dots")).to_be_visible()
    await expect(page.get_by_text("Assistant is typing…")).to_be_attached()
    await expect(item(page, "You said: hi")).to_be_visible()
    await expect(page.locator(".dots")).to_be_hidden()


async def test_orders_and_parcels_are_drawn_as_cards(served: ServedChannels, page: Page) -> None:
    served.assistant.answer = lambda request: says(
        Content(text="Your order:", card=ORDER), Content(text="Your parcel:", card=SHIPMENT)
    )
    await write(page, "where is it")
    order = page.get_by_role("region", name="Order KF2611200042 Shipped")
    await expect(order.get_by_role("listitem")).to_have_text(
        [re.compile("Lamp.*Cream.*¥299.00"), re.compile("Scarf.*Camel.*¥229.00.*× 2")]
    )
    await expect(order).to_contain_text("¥528.00")
    parcel = page.get_by_role("region", name="Parcel KF2611200042 Not moving")
    await expect(parcel.locator("ol li")).to_have_text(
        [re.compile("22 Nov.* 09:20.*快件已发往上海"), re.compile("21 Nov.* 22:05.*已揽收")]
    )
    await expect(parcel.locator("dl")).to_contain_text("24 Nov, 00:30")
    await page.get_by_role("button", name="切换到中文").click()
    await expect(page.get_by_role("region", name="订单 KF2611200042 已发货")).to_be_visible()
    await expect(page.get_by_role("region", name="包裹 KF2611200042 物流停滞")).to_be_visible()


async def test_every_value_of_a_card_has_words_in_both_languages(page: Page) -> None:
    vocabularies = {
        "order": OrderStatus,
        "shipment": Diagnosis,
        "payment": PaymentCause,
        "place": MoneyPlace,
        "return": ReturnStatus,
        "refund": RefundStatus,
        "freight": FreightPayer,
        "tender": Tender,
    }
    words: dict[str, dict[str, list[str]]] = await page.evaluate(
        "import('/widget/static/widget/words.js').then((words) => words.VALUES)"
    )
    for kind, vocabulary in vocabularies.items():
        for code in vocabulary:
            chinese, english, *_ = words[kind][code.value]
            assert chinese
            assert english


async def test_a_choice_can_be_made_once_and_stays_visible_after_a_reload(
    served: ServedChannels, page: Page
) -> None:
    served.assistant.answer = lambda request: says(
        Content(text="Sure?", buttons=(Button("Yes", "/affirm"), Button("No", "/deny")))
        if request.payload is None
        else "Done."
    )
    await write(page, "cancel")
    await page.get_by_role("button", name="Yes").click()
    await expect(item(page, "Done.")).to_be_visible()
    assert served.assistant.asked[-1].payload == "/affirm"
    for _ in range(2):
        await expect(page.get_by_role("button", name="Yes")).to_be_disabled()
        await expect(page.get_by_role("button", name="No")).to_be_disabled()
        await expect(page.locator(".choices .chosen")).to_have_text("Yes")
        await page.reload()
        await expect(item(page, "Done.")).to_be_visible()


async def test_a_title_of_several_parts_is_read_as_one(served: ServedChannels, page: Page) -> None:
    order = Button("KF2611200042 · Lamp · 20 Nov", '/inform{"order": "KF2611200042"}')
    served.assistant.answer = lambda request: says(Content(text="Which?", buttons=(order,)))
    await write(page, "my order")
    choice = page.get_by_role("button", name="KF2611200042 · Lamp · 20 Nov")
    await expect(choice.locator("b")).to_have_text("KF2611200042")
    await choice.click()
    await expect(item(page, "KF2611200042 · Lamp · 20 Nov")).to_contain_text("Sent")


async def test_what_is_written_while_the_connection_is_cut_arrives_once_and_in_order(
    served: ServedChannels, page: Page
) -> None:
    served.assistant.delay = 1.0
    await write(page, "before")
    await expect(item(page, "before")).to_contain_text("Sent")
    await page.context.set_offline(True)
    await expect(page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
    await write(page, "during 1")
    await write(page, "during 2")
    await expect(item(page, "during 2")).to_contain_text("Sending")
    await asyncio.sleep(1.2)
    served.assistant.delay = 0.0
    await page.context.set_offline(False)
    await expect(item(page, "You said: during 2")).to_be_visible()
    await expect(page.get_by_text("Connection lost. Reconnecting…")).to_be_hidden()
    assert [request.text for request in served.assistant.asked] == [
        "before",
        "during 1",
        "during 2",
    ]
    shown = await bubbles(page)
    assert sorted(shown) == sorted(set(shown))
    assert shown[:2] == ["before", "You said: before"]
    assert shown.index("during 1") < shown.index("during 2")


async def test_a_server_that_restarts_loses_nothing(
    databases: Databases, tmp_path: Path, browser: Browser
) -> None:
    url, port = databases.make("sqlite"), free_port()
    async with open_page(browser) as page:
        async with serve_channels(url, tmp_path, port=port) as served:
            await page.goto(served.url)
            await page.locator(".launcher").click()
            await write(page, "before")
            await expect(item(page, "You said: before")).to_be_visible()
        await expect(page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
        await write(page, "while it was down")
        async with serve_channels(url, tmp_path, port=port) as served:
            await expect(item(page, "You said: while it was down")).to_be_visible(timeout=20_000)
            assert [request.text for request in served.assistant.asked] == ["while it was down"]
        shown = await bubbles(page)
        assert shown == [
            "before",
            "You said: before",
            "while it was down",
            "You said: while it was down",
        ]


async def test_a_page_reloaded_before_the_answer_shows_everything_once(
    served: ServedChannels, page: Page
) -> None:
    served.assistant.delay = 1.0
    await write(page, "where is my parcel")
    await expect(item(page, "where is my parcel")).to_contain_text("Sent")
    await page.reload()
    await expect(item(page, "You said: where is my parcel")).to_be_visible()
    assert await bubbles(page) == ["where is my parcel", "You said: where is my parcel"]


async def test_a_page_reloaded_before_a_message_was_sent_sends_it_once(
    served: ServedChannels, page: Page
) -> None:
    await write(page, "first")
    await expect(item(page, "You said: first")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
    await write(page, "not yet sent")
    await page.context.set_offline(False)
    await page.reload()
    await expect(item(page, "You said: not yet sent")).to_be_visible()
    await page.reload()
    await expect(item(page, "You said: not yet sent")).to_be_visible()
    assert [request.text for request in served.assistant.asked] == ["first", "not yet sent"]


async def test_a_refused_message_says_why_and_can_be_sent_again(
    databases: Databases, tmp_path: Path, browser: Browser
) -> None:
    url = databases.make("sqlite")
    async with (
        serve_channels(url, tmp_path, burst=1, per_minute=40) as served,
        open_page(browser) as page,
    ):
        await page.goto(served.url)
        await page.locator(".launcher").click()
        await write(page, "one")
        await write(page, "two")
        refused = item(page, "two")
        await expect(refused).to_contain_text("That was a little fast")
        await expect(item(page, "You said: one")).to_be_visible()
        await asyncio.sleep(1.6)
        await refused.get_by_role("button", name="Retry").click()
        await expect(item(page, "You said: two")).to_be_visible()
        await expect(refused).not_to_contain_text("a little fast")
        assert [request.text for request in served.assistant.asked] == ["one", "two"]


async def test_without_a_connection_for_long_a_message_is_said_to_be_unsent(
    served: ServedChannels, page: Page
) -> None:
    await write(page, "first")
    await expect(item(page, "You said: first")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_text("Connection lost. Reconnecting…")).to_be_visible()
    await write(page, "anybody?")
    await expect(item(page, "anybody?")).to_contain_text("Not sent", timeout=20_000)
    await page.context.set_offline(False)
    await expect(item(page, "You said: anybody?")).to_be_visible()
    assert [request.text for request in served.assistant.asked] == ["first", "anybody?"]


async def test_content_is_never_read_as_html(served: ServedChannels, page: Page) -> None:
    attack = "<img src=x onerror=\"document.title='owned'\"><b>bold</b> javascript:alert(1)"
    served.assistant.answer = lambda request: says(
        Content(
            text=attack,
            image="javascript:document.title='owned'",
            buttons=(Button(attack, "/x"),),
            card={"type": "order", "number": attack, "status": attack, "lines": [{"name": attack}]},
        )
    )
    await write(page, attack)
    await expect(page.locator(".card")).to_be_visible()
    assert await bubbles(page) == [attack, attack]
    assert await page.locator(".list img, .list b >> text=bold").count() == 0
    assert "owned" not in await page.title()


async def test_web_addresses_become_safe_links(served: ServedChannels, page: Page) -> None:
    served.assistant.answer = lambda request: says(
        "见 https://shop.example/a?b=1。Or (http://x.example/c)."
    )
    await write(page, "link?")
    links = page.locator(".bubble a")
    await expect(links).to_have_text(["https://shop.example/a?b=1", "http://x.example/c"])
    for link in await links.all():
        assert await link.get_attribute("rel") == "noopener noreferrer nofollow"


async def test_a_picture_is_previewed_sent_and_seen_again_after_a_reload(
    served: ServedChannels, page: Page, tmp_path: Path
) -> None:
    Image.new("RGB", (300, 200), "teal").save(tmp_path / "broken.png")
    chooser = page.locator("input[type=file]")
    await chooser.set_input_files(tmp_path / "broken.png")
    await expect(page.locator(".preview")).to_contain_text("broken.png")
    await page.get_by_role("button", name="Remove picture").click()
    await expect(page.locator(".preview")).to_be_hidden()
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()
    await chooser.set_input_files(tmp_path / "broken.png")
    await expect(page.locator(".preview")).to_contain_text("broken.png")
    await page.get_by_role("button", name="Send", exact=True).click()
    for _ in range(2):
        picture = page.locator(".own .picture img")
        await expect(picture).to_have_attribute("alt", "broken.png")
        await page.wait_for_function(
            "() => document.querySelector('kefu-widget').shadowRoot"
            ".querySelector('.own .picture img')?.naturalWidth === 300"
        )
        await page.reload()
    await page.locator(".own .picture").click()
    await expect(page.locator("dialog img")).to_be_visible()
    assert served.assistant.asked[0].attachments[0].name == "broken.png"


async def test_a_file_that_is_no_picture_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "b.png").write_bytes(b"<svg onload=alert(1)>")
    await page.locator("input[type=file]").set_input_files(tmp_path / "a.pdf")
    await expect(page.get_by_role("alert")).to_contain_text("Only pictures can be sent")
    await page.locator("input[type=file]").set_input_files(tmp_path / "b.png")
    await expect(page.get_by_role("alert")).to_contain_text("Only pictures can be sent")
    await expect(page.locator(".preview")).to_be_hidden()


async def test_the_shopper_sees_the_queue_the_agent_and_the_end(
    served: ServedChannels, page: Page
) -> None:
    agent = await served.desk.add_agent("lin", "Lin Yue", "a long password 1", Role.AGENT)
    served.assistant.answer = lambda request: says("One moment.", handoff="asked")
    status = page.locator(".head p")
    await write(page, "a person please")
    await expect(page.get_by_text("In line: you are next")).to_be_visible()
    await page.get_by_role("button", name="Leave the line").click()
    await expect(status).to_have_text("Assistant, or a person if you ask")
    await write(page, "a person after all")
    await expect(page.get_by_text("In line: you are next")).to_be_visible()
    await page.get_by_role("button", name="Call me back").click()
    await expect(page.get_by_role("textbox", name="When it is your turn")).to_be_focused()
    await page.keyboard.type("12345")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("We cannot call that number")).to_be_visible()
    await page.get_by_role("textbox", name="When it is your turn").fill("+44 7700 900123")
    await page.get_by_role("button", name="Please call me").click()
    await expect(page.get_by_text("we call +44****0123 when it is your turn")).to_be_visible()
    (entry,) = await served.desk.queue()
    assert entry.conversation.callback
    assert entry.conversation.callback.contact == "+447700900123"
    await page.reload()
    await expect(page.get_by_text("we call +44****0123 when it is your turn")).to_be_visible()
    await served.desk.take(entry.conversation.id, agent.id)
    await served.desk.reply(entry.conversation.id, agent.id, Content(text="Lin here."), "1")
    await expect(status).to_have_text("Lin Yue is helping you")
    await expect(item(page, "Lin here.").locator(".name")).to_have_text("Lin Yue")
    await expect(page.get_by_role("button", name="Leave the line")).to_be_hidden()
    conversation = await served.desk.conversation(entry.conversation.id)
    await served.web.typing(conversation, on=True)
    await expect(page.get_by_text("Lin Yue is typing…")).to_be_attached()
    await page.reload()
    await expect(status).to_have_text("Lin Yue is helping you")
    await served.desk.close(entry.conversation.id, agent.id)
    await expect(status).to_have_text("Closed. Write to start again")


async def test_unread_messages_are_counted_on_the_launcher(
    served: ServedChannels, page: Page
) -> None:
    served.assistant.delay = 0.5
    await write(page, "hi")
    await expect(item(page, "hi")).to_contain_text("Sent")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Open chat, 1 unread message")).to_be_focused()
    await expect(page.locator(".unread")).to_have_text("1")
    await page.reload()
    await expect(page.locator(".unread")).to_have_text("1")
    await page.keyboard.press("Tab")
    await page.locator(".launcher").click()
    await expect(page.locator(".unread")).to_be_hidden()


async def test_the_keyboard_is_enough_and_a_screen_reader_hears_what_matters(
    served: ServedChannels, browser: Browser
) -> None:
    async with open_page(browser) as page:
        await page.goto(served.url)
        await page.locator(".launcher").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Help")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Your message")).to_be_focused()
        await page.keyboard.type("line one")
        await page.keyboard.press("Shift+Enter")
        await page.keyboard.type("line two")
        await page.keyboard.press("Enter")
        await expect(item(page, "You said: line one\nline two")).to_be_visible()
        log = page.get_by_role("log", name="Conversation")
        await expect(log).to_have_attribute("aria-live", "polite")
        for button in await page.locator("kefu-widget button").all():
            name = await button.get_attribute("aria-label") or await button.text_content()
            assert name
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(page.locator(".launcher")).to_be_focused()


async def test_enter_that_ends_a_word_of_an_input_method_does_not_send(
    served: ServedChannels, page: Page
) -> None:
    await page.locator("textarea").fill("ni hao")
    await page.locator("textarea").dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(page.locator("textarea")).to_have_value("ni hao")
    await page.locator("textarea").press("Enter")
    await expect(item(page, "You said: ni hao")).to_be_visible()
    assert len(served.assistant.asked) == 1


async def test_too_long_a_message_cannot_be_sent_and_says_by_how_much(page: Page) -> None:
    await page.locator("textarea").fill("x" * 4001)
    await expect(page.get_by_text("1 characters too many")).to_be_visible()
    await expect(page.get_by_role("button", name="Send", exact=True)).to_be_disabled()


async def test_the_language_switches_without_losing_the_conversation(
    served: ServedChannels, page: Page
) -> None:
    await write(page, "hi")
    await expect(item(page, "You said: hi")).to_be_visible()
    await page.get_by_role("button", name="切换到中文").click()
    await expect(page.get_by_role("dialog", name="在线客服")).to_be_visible()
    await expect(item(page, "You said: hi").locator(".name")).to_have_text("智能助手")
    await page.reload()
    await expect(page.get_by_role("dialog", name="在线客服")).to_be_visible()
    await write(page, "1")
    await expect(item(page, "You said: 1")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_the_panel_fills_the_screen_in_either_scheme(
    served: ServedChannels, browser: Browser, scheme: str
) -> None:
    options: dict[str, Any] = {
        "viewport": {"width": 375, "height": 667},
        "has_touch": True,
        "is_mobile": True,
        "color_scheme": scheme,
    }
    served.assistant.answer = lambda request: says(Content(text="Here:", card=ORDER))
    async with open_page(browser, **options) as page:
        await page.goto(served.url)
        assert await page.evaluate("document.documentElement.scrollWidth") == 375
        await page.locator(".launcher").tap()
        await write(page, "order")
        await expect(page.locator(".card")).to_be_visible()
        box = await page.locator(".panel").bounding_box()
        assert box == {"x": 0, "y": 0, "width": 375, "height": 667}
        log = page.locator(".log")
        assert await log.evaluate("(log) => log.scrollWidth === log.clientWidth")
        ground = await page.locator(".panel").evaluate("(panel) => getComputedStyle(panel).color")
        lightness = sum(int(part) for part in re.findall(r"\d+", ground)[:3]) / 3
        assert (lightness > 128) == (scheme == "dark")
        await page.get_by_role("button", name="Minimise").first.tap()
        await expect(page.locator(".panel")).to_be_hidden()


async def test_who_signs_in_on_the_page_is_known_and_the_next_one_starts_anew(
    served: ServedChannels, browser: Browser
) -> None:
    async with open_page(browser) as page:
        await page.goto(served.url)
        await page.get_by_label("Signed in as").select_option("林晓")
        await page.locator(".launcher").click()
        await write(page, "my order")
        await expect(item(page, "You said: my order")).to_be_visible()
        customer = served.assistant.asked[-1].customer
        assert customer is not None
        assert customer["id"] == "C1"
        await page.get_by_label("Signed in as").select_option("Ann")
        await expect(item(page, "my order")).to_have_count(0)
        await write(page, "and mine")
        await expect(item(page, "You said: and mine")).to_be_visible()
        customer = served.assistant.asked[-1].customer
        assert customer is not None
        assert customer["id"] == "C2"
        await page.get_by_label("Signed in as").select_option("Nobody")
        await expect(item(page, "and mine")).to_have_count(0)
        await write(page, "who am I")
        await expect(item(page, "You said: who am I")).to_be_visible()
        assert served.assistant.asked[-1].customer is None
        assert len({request.conversation_id for request in served.assistant.asked}) == 3


async def test_the_demo_page_shows_articles_and_asks_about_them(
    served: ServedChannels, browser: Browser
) -> None:
    async with open_page(browser) as page:
        await page.goto(served.url)
        await expect(page.get_by_role("heading", name="Warm lamp")).to_be_visible()
        await page.get_by_role("button", name="中文").first.click()
        await expect(page.get_by_role("heading", name="暖光台灯")).to_be_visible()
        await page.get_by_role("button", name="咨询: 暖光台灯").click()
        await expect(page.locator("textarea")).to_have_value("想了解一下“暖光台灯”")
        await expect(page.get_by_role("dialog", name="在线客服")).to_be_visible()


async def test_one_script_tag_brings_the_widget_to_a_page_of_another_origin(
    served: ServedChannels, browser: Browser, tmp_path: Path
) -> None:
    async with open_page(browser) as page:
        await page.goto(f"{served.url.replace('127.0.0.1', 'localhost')}/elsewhere")
        await page.get_by_role("button", name="Open chat").click()
        Image.new("RGB", (30, 20), "teal").save(tmp_path / "a.png")
        await page.locator("input[type=file]").set_input_files(tmp_path / "a.png")
        await expect(page.locator(".preview")).to_contain_text("a.png")
        await write(page, "from afar")
        await expect(item(page, "You said: from afar")).to_be_visible()
        assert served.assistant.asked[-1].attachments


async def test_two_windows_of_one_shopper_show_the_same(served: ServedChannels, page: Page) -> None:
    await write(page, "one")
    await expect(item(page, "You said: one")).to_be_visible()
    other = await page.context.new_page()
    await other.goto(served.url)
    await expect(item(other, "You said: one")).to_be_visible()
    await write(other, "two")
    await expect(item(page, "You said: two")).to_be_visible()
    assert await bubbles(page) == await bubbles(other)


async def test_a_long_past_is_fetched_page_by_page(served: ServedChannels, page: Page) -> None:
    for number in range(30):
        await write(page, str(number))
    await expect(item(page, "You said: 29")).to_be_visible()
    await page.reload()
    await expect(item(page, "You said: 29")).to_be_visible()
    await expect(page.locator(".list .bubble")).to_have_count(50)
    await page.get_by_role("button", name="Show earlier messages").click()
    await expect(page.locator(".list .bubble")).to_have_count(60)
    await expect(page.get_by_role("button", name="Show earlier messages")).to_be_hidden()
    assert (await bubbles(page))[0] == "0"

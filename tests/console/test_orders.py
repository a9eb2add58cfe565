"""Orders from the side panel over the embedded shop: previewed, confirmed, checked, noted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from sqlalchemy import update

from connectors.backends.carriers.intercepting import InterceptRefusal
from connectors.backends.embedded import tables
from connectors.backends.embedded.offers import EmbeddedOffers
from connectors.backends.embedded.orders import EmbeddedOrders
from connectors.backends.invoices.model import InvoiceRefusal
from connectors.backends.news.model import NewsKind, Wish
from connectors.backends.offers.model import ClaimGround, ClaimStatus, PriceClaim, PriceRefusal
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.cancelling import CancelRefusal
from connectors.backends.orders.model import OrderStatus
from connectors.backends.orders.modifying import ModifyRefusal
from connectors.backends.orders.packing import PackRefusal
from connectors.backends.orders.urging import UrgeRefusal
from connectors.backends.refunds.exchanges import ExchangeRefusal
from connectors.backends.refunds.model import Handover, RefundTo, ReturnRefusal, ReturnStatus
from connectors.backends.rules import PriceProtectionRules, ShopRules
from connectors.backends.shop import Shop
from connectors.backends.tickets.model import TicketRefusal, TicketTopic
from connectors.channels.wechat.payloads import fields_of, read_push
from desk.model import Incoming, Owner
from kernel.content import Content
from tests.browser.chromium import open_browser, open_page
from tests.console.conftest import MINI, Browser, Console
from tests.console.test_api import error_of
from tests.console.test_page import sign_in

LI, PAID, SENT = "C0011", "KF2601018101", "KF2601018105"
WU, DELIVERED = "C0021", "KF2601018201"
XIE, PRICE_FELL = "C0013", "KF2601018121"


async def of_li(console: Console, customer: str | None = LI, browser: str = "") -> str:
    """A conversation of a verified customer, one for each browser they write from."""
    known = {"id": customer, "name": "Li"} if customer else None
    said = Incoming("web", f"of {customer}{browser}", "1", Content(text="hi"), customer=known)
    return (await console.desk.record(said)).conversation.id


async def test_an_agent_cancels_an_order_once_after_a_preview(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{PAID}"
    verbs = {one["verb"]: one for one in (await (await lin.get(order)).json())["verbs"]}
    assert verbs["cancel"]["refusal"] is None
    assert verbs["intercept"]["refusal"] == "not_sent"
    wanted = {
        "verb": "cancel",
        "reason": "ordered_by_mistake",
        "units": {line["id"]: line["units"] for line in verbs["cancel"]["lines"]},
    }
    preview = await previewed(lin, order, wanted)
    assert [row["name"] for row in preview["rows"]] == [
        line["name"] for line in verbs["cancel"]["lines"]
    ]
    assert preview["total"]
    assert (await shop.orders.get(PAID)).status is OrderStatus.PAID
    await confirmed(lin, order, "cancel", preview)
    assert (await shop.orders.get(PAID)).status is OrderStatus.CANCELLED
    chief = await console.browser().log_in("chief")
    lines = (await (await chief.get("/audit?deed=order_changed")).json())["lines"]
    assert {(line["agent"]["name"], line["subject"]) for line in lines} == {("Lin", PAID)}


async def test_the_facts_say_what_the_customer_wants_to_be_told(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    known = await of_li(console)
    await shop.wishes.wish(
        [
            Wish(known, LI, NewsKind.SHIPPED, PAID),
            Wish(known, LI, NewsKind.REFUND_ARRIVED, None),
            Wish(known, LI, NewsKind.REFUND_ARRIVED, SENT),
        ]
    )
    facts = await (await lin.get(f"/conversations/{known}/facts")).json()
    assert sorted((one["kind"], one["orders"]) for one in facts["customer"]["news"]) == [
        ("refund_arrived", []),
        ("shipped", [PAID]),
    ]


async def answers_popup(console: Console, openid: str, **answers: str) -> None:
    """WeChat tells what the shopper has said of templates."""
    told = [
        {"TemplateId": f"S-{name.upper()}", "SubscribeStatusString": said}
        for name, said in answers.items()
    ]
    event = {
        "ToUserName": "gh",
        "FromUserName": openid,
        "CreateTime": int(console.desk.now().timestamp()),
        "MsgType": "event",
        "Event": "subscribe_msg_popup_event",
        "List": told,
    }
    assert console.templates is not None
    await console.templates.answered(read_push(fields_of(json.dumps(event).encode())))
    console.desk.clock.advance(timedelta(seconds=1))


async def of_phone(console: Console, openid: str) -> str:
    """A conversation in the mini program with nobody whom the shop knows."""
    said = Incoming(MINI, openid, "1", Content(text="hi"))
    return (await console.desk.record(said)).conversation.id


async def test_the_facts_say_which_messages_a_shopper_allows(
    with_shop: tuple[Console, Shop],
) -> None:
    console, _ = with_shop
    lin = await console.browser().log_in("lin")
    phone, other = await of_phone(console, "o1"), await of_phone(console, "o2")

    async def told(conversation_id: str) -> list[tuple[list[str], str, int]]:
        facts = await (await lin.get(f"/conversations/{conversation_id}/facts")).json()
        return [(one["kinds"], one["state"], one["left"]) for one in facts["consents"]]

    await answers_popup(console, "o1", money="reject")
    await answers_popup(console, "o1", parcel="accept")
    await answers_popup(console, "o1", parcel="accept", other="accept")
    parcel, money = ["delivered", "out_for_delivery"], ["refund_arrived"]
    assert await told(phone) == [(parcel, "given", 2), (money, "refused", 0)]
    await answers_popup(console, "o1", money="accept")
    await answers_popup(console, "o1", parcel="reject")
    assert await told(phone) == [(parcel, "refused", 0), (money, "given", 1)]
    assert await told(other) == await told(await of_li(console)) == []


async def test_what_the_rules_forbid_is_refused_with_the_reason(
    with_shop: tuple[Console, Shop],
) -> None:
    console, _ = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console)}"
    await lin.post(f"{path}/take")
    wanted = {"verb": "cancel", "reason": "other", "units": {}}
    error = await error_of(await lin.post(f"{path}/orders/{SENT}/prepare", wanted), 409)
    assert (error["code"], error["why"]) == ("refused", "shipped")
    strangers = await lin.post(f"{path}/orders/KF2601018002/prepare", wanted)
    assert (await error_of(strangers, 404))["code"] == "no_such_order"
    for wrong in ({**wanted, "verb": "steal"}, {**wanted, "reason": "why"}, {**wanted, "units": 3}):
        answer = await lin.post(f"{path}/orders/{PAID}/prepare", wrong)
        assert (await error_of(answer, 400))["code"] == "bad_request"


async def test_only_who_holds_the_conversation_acts_and_only_for_a_verified_customer(
    with_shop: tuple[Console, Shop],
) -> None:
    console, _ = with_shop
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    path = f"/conversations/{await of_li(console, None)}"
    await lin.post(f"{path}/take")
    wanted = {"verb": "cancel", "reason": "other", "units": {}}
    answer = await kim.post(f"{path}/orders/{PAID}/prepare", wanted)
    assert (await error_of(answer, 409))["code"] == "moved"
    answer = await lin.post(f"{path}/orders/{PAID}/prepare", wanted)
    assert (await error_of(answer, 409))["code"] == "not_verified"


async def dearer(shop: Shop, variant_id: str) -> None:
    """The variant costs more than anything did."""
    assert isinstance(shop.orders, EmbeddedOrders)
    async with shop.orders.engine.begin() as connection:
        await connection.execute(
            update(tables.variants)
            .where(tables.variants.c.id == variant_id)
            .values(price_minor=100_000)
        )


async def verbs_of(browser: Browser, order: str) -> dict[str, dict[str, Any]]:
    """What the panel offers for an order, by verb."""
    return {one["verb"]: one for one in (await (await browser.get(order)).json())["verbs"]}


async def done(browser: Browser, order: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Prepare and confirm, the confirmation twice; what was previewed and what came of it."""
    preview = await previewed(browser, order, wanted)
    return {"preview": preview, **await confirmed(browser, order, wanted["verb"], preview)}


async def previewed(browser: Browser, order: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """What would happen."""
    told: dict[str, Any] = await (await browser.post(f"{order}/prepare", wanted)).json()
    preview: dict[str, Any] = told["preview"]
    return preview


async def confirmed(
    browser: Browser, order: str, verb: str, preview: dict[str, Any]
) -> dict[str, Any]:
    """What came of it; the confirmation arrives twice and is answered alike."""
    confirm = {"verb": verb, "draft": preview["draft"]}
    first = await (await browser.post(f"{order}/commit", confirm)).json()
    assert first == await (await browser.post(f"{order}/commit", confirm)).json()
    made: dict[str, Any] = first["done"]
    return made


async def test_an_agent_sends_an_order_elsewhere(with_shop: tuple[Console, Shop]) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{PAID}"
    address = (await verbs_of(lin, order))["address"]
    assert address["refusal"] is None
    details = {one["name"]: one["value"] for one in address["fields"]} | {"street": "新街 8 号"}
    wanted = {"verb": "address", "details": details}
    told = await done(lin, order, wanted)
    assert "新街 8 号" in told["preview"]["change"]["after"]
    assert told["preview"]["change"]["before"] != told["preview"]["change"]["after"]
    assert (await shop.orders.get(PAID)).address.street == "新街 8 号"
    error = await error_of(await lin.post(f"{order}/prepare", wanted), 409)
    assert (error["code"], error["why"]) == ("refused", "same_address")
    sent = await verbs_of(lin, f"{path}/orders/{SENT}")
    assert sent["address"]["refusal"] == "shipped"


async def test_an_agent_has_an_invoice_issued_and_the_tax_number_checked(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{PAID}"
    invoice = (await verbs_of(lin, order))["invoice"]
    assert (invoice["reasons"], invoice["refusal"]) == (["issue"], None)
    details = {
        "kind": "company",
        "title": "杭州示例有限公司",
        "tax_number": "91330106MA2EXAMPL0",
        "email": "a@b.cn",
    }
    wanted = {"verb": "invoice", "reason": "issue", "details": details}
    error = await error_of(await lin.post(f"{order}/prepare", wanted), 409)
    assert error["why"] == "bad_tax_number"
    told = await done(lin, order, {**wanted, "details": {**details, "kind": "personal"}})
    (made,) = await shop.invoices.invoices_of(LI, PAID)
    assert told["numbers"] == [made.number]
    assert (made.details.title, told["preview"]["total"]) == ("杭州示例有限公司", str(made.amount))
    assert (await verbs_of(lin, order))["invoice"]["reasons"] != ["issue"]


async def test_an_agent_exchanges_goods_for_another_variant(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console, WU)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{DELIVERED}"
    exchange = (await verbs_of(lin, order))["exchange"]
    line = next(
        one
        for one in exchange["lines"]
        if any(other["id"] != one["variant"] for other in one["variants"])
    )
    other = next(one["id"] for one in line["variants"] if one["id"] != line["variant"])
    wanted = {"verb": "exchange", "reason": "wrong_size", "units": {line["id"]: 1}}
    same = {**wanted, "details": {line["id"]: line["variant"]}}
    assert (await error_of(await lin.post(f"{order}/prepare", same), 409))["why"] == "same_variant"
    await dearer(shop, other)
    by_choice = {one["name"]: one["choices"] for one in exchange["fields"]}
    nothing, *stored = by_choice["difference"]
    assert nothing == {"id": ""}
    wallet = next(one for one in stored if one["tender"] == "alipay")
    details = {line["id"]: other, "difference": wallet["id"], "handover": "pick_up"}
    strange = {**wanted, "details": {**details, "difference": "somebody else's"}}
    error = await error_of(await lin.post(f"{order}/prepare", strange), 409)
    assert error["why"] == "tender_unknown"
    told = await done(lin, order, {**wanted, "details": details})
    assert told["preview"]["charge"]["amount"] == told["preview"]["total"]
    assert told["preview"]["charge"]["tender"] == "alipay"
    assert told["preview"]["back"]["way"] == "pick_up"
    assert told["preview"]["goes_to"] == (await shop.orders.get(DELIVERED)).address.one_line()
    assert "→" in told["preview"]["rows"][0]["name"]["zh"]
    (made,) = await shop.refunds.exchanges_of(WU, DELIVERED)
    assert told["numbers"] == [made.number]
    assert [one.variant_id for one in made.lines] == [other]
    assert (made.wish.handover, made.wish.tender_id) == (Handover.PICK_UP, wallet["id"])
    chief = await console.browser().log_in("chief")
    audited = (await (await chief.get("/audit?deed=order_changed")).json())["lines"]
    assert {one["subject"] for one in audited} == {DELIVERED}
    wrong = {**wanted, "details": [1]}
    assert (await error_of(await lin.post(f"{order}/prepare", wrong), 400))["code"] == "bad_request"


WAITING = "KF2601018207"


@pytest.mark.parametrize(
    ("decision", "status"),
    [("grant", ReturnStatus.AUTHORISED), ("refuse", ReturnStatus.REJECTED)],
)
async def test_an_agent_decides_once_on_what_waits_for_a_person(
    with_shop: tuple[Console, Shop], decision: str, status: ReturnStatus
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console, WU)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{WAITING}"
    (waiting,) = await shop.refunds.returns_of(WU, WAITING)
    offer = (await verbs_of(lin, order))["decide"]
    (choice,) = offer["fields"][0]["choices"]
    assert (choice["id"], waiting.number in choice["title"]["en"]) == (waiting.number, True)
    details = {"case": waiting.number, "why": "worn for weeks"}
    wanted = {"verb": "decide", "reason": decision, "details": details}
    told = await done(lin, order, wanted)
    assert told["preview"]["total"] == str(waiting.total)
    (decided,) = await shop.refunds.returns_of(WU, WAITING)
    assert (decided.status, decided.decided_by.split(":")[0]) == (status, "agent")
    assert (await verbs_of(lin, order))["decide"]["refusal"] == "nothing_waits"
    other = {"grant": "refuse", "refuse": "grant"}[decision]
    against = {"verb": "decide", "draft": f"{waiting.number}:{other}"}
    error = await error_of(await lin.post(f"{order}/commit", against), 409)
    assert error["why"] == "decided_already"
    wrong = await lin.post(f"{order}/prepare", {**wanted, "reason": "perhaps"})
    assert (await error_of(wrong, 400))["code"] == "bad_request"


async def claim_that_waits(shop: Shop) -> PriceClaim:
    """A fallen price is claimed of a shop that has a person look at every claim."""
    assert isinstance(shop.offers, EmbeddedOffers)
    strict = replace(
        shop.offers,
        rules=replace(ShopRules(), price_protection=PriceProtectionRules(limit_minor={})),
    )
    due = [one for one in await strict.price_lines(XIE, PRICE_FELL) if one.back is not None]
    draft = await strict.prepare_claim(XIE, PRICE_FELL, [due[0].line_id])
    return await strict.commit_claim(XIE, draft.id)


@pytest.mark.parametrize(
    ("decision", "status"), [("grant", ClaimStatus.GRANTED), ("refuse", ClaimStatus.REFUSED)]
)
async def test_an_agent_decides_on_a_claim_that_waits_and_says_why_it_is_refused(
    with_shop: tuple[Console, Shop], decision: str, status: ClaimStatus
) -> None:
    console, shop = with_shop
    waiting = await claim_that_waits(shop)
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    path = f"/conversations/{await of_li(console, XIE)}"
    await lin.post(f"{path}/take")
    order = f"{path}/orders/{PRICE_FELL}"
    offer = (await verbs_of(lin, order))["decide"]
    assert [one["id"] for one in offer["fields"][0]["choices"]] == [waiting.number]
    wanted = {"verb": "decide", "reason": decision, "details": {"case": waiting.number}}
    why = {"why": "another shop's price" * 20}
    if decision == "refuse":
        for nothing in ({}, why, {"ground": "other_seller"}):
            details = {"case": waiting.number, **nothing}
            untold = await lin.post(f"{order}/prepare", {**wanted, "details": details})
            assert (await error_of(untold, 409))["why"] == "says_nothing"
    wanted["details"] = {"case": waiting.number, "ground": "other_seller", **why}
    preview = await previewed(lin, order, wanted)
    assert bool(preview["told"]) == (decision == "refuse")
    assert preview["rows"][0]["amount"] == preview["total"] == str(waiting.total)
    assert bool(preview["tenders"]) == (decision == "grant")
    confirm = {"verb": "decide", "draft": preview["draft"], "why": preview["why"]}
    error = await error_of(await kim.post(f"{order}/commit", confirm), 409)
    assert error["code"] == "moved"
    (claim,) = await shop.offers.claims_of(XIE, PRICE_FELL)
    assert claim.status is ClaimStatus.REQUESTED
    for _ in range(2):
        made = (await (await lin.post(f"{order}/commit", confirm)).json())["done"]
        assert made == {"order": PRICE_FELL, "numbers": [waiting.number]}
    (claim,) = await shop.offers.claims_of(XIE, PRICE_FELL)
    assert (claim.status, claim.decided_by.split(":")[0]) == (status, "agent")
    assert claim.ground == (ClaimGround.OTHER_SELLER if decision == "refuse" else None)
    refunds = await shop.refunds.refunds_of(XIE, PRICE_FELL)
    assert len(refunds) == (1 if decision == "grant" else 0)
    chief = await console.browser().log_in("chief")
    line, *_ = (await (await chief.get("/audit?deed=order_changed")).json())["lines"]
    assert (line["subject"], line["detail"]["why"]) == (PRICE_FELL, preview["why"])
    [note] = (await (await kim.get(f"{path}/margin")).json())["notes"]
    assert note["text"] == f"{waiting.number} {preview['why']}"


REFUSALS = (
    AddressRefusal,
    CancelRefusal,
    ExchangeRefusal,
    InterceptRefusal,
    InvoiceRefusal,
    ModifyRefusal,
    PackRefusal,
    PriceRefusal,
    ReturnRefusal,
    TicketRefusal,
    UrgeRefusal,
)
# The words of a code in both languages; a code without words of its own reads as it is written.
WORDS = """async (codes) => {
  const { refusal } = await import("/console/static/words_orders.js");
  return codes.map((code) => [code, refusal(code, "zh")[0], refusal(code, "en")[0]]);
}"""


async def assert_words_for_refusals(page: Page) -> None:
    """Whatever the shop refuses, agents read why in their language."""
    codes = sorted({code.value for refusals in REFUSALS for code in refusals})
    for code, chinese, english in await page.evaluate(WORDS, codes):
        assert not chinese.isascii(), code
        assert english[0].isupper(), code


def of_order(page: Page, number: str) -> Locator:
    """An order in the side panel."""
    return page.locator("details.order").filter(has_text=number)


async def test_from_the_side_panel_an_order_is_cancelled_and_goods_are_taken_back(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin = await console.browser().log_in("lin")
    conversations = {customer: await of_li(console, customer) for customer in (LI, WU)}
    for conversation_id in conversations.values():
        await lin.post(f"/conversations/{conversation_id}/take")
    twice = await of_li(console, browser=" elsewhere")
    phone = await of_phone(console, "o1")
    await lin.post(f"/conversations/{phone}/take")
    await answers_popup(console, "o1", parcel="accept", money="reject")
    before = await shop.orders.get(PAID)
    async with (
        open_browser() as browser,
        open_page(browser, viewport={"width": 1360, "height": 900}) as page,
    ):
        dialog = page.get_by_role("dialog")
        await sign_in(page, console, "lin")
        await page.locator(f'[data-conversation="{conversations[LI]}"]').click()
        await assert_words_for_refusals(page)
        order = of_order(page, PAID)
        await order.locator("summary").click()
        await order.get_by_role("button", name="Do for the order").click()
        await expect(dialog.locator(".refused")).to_contain_text("Open a returnNot delivered yet")
        # The arrows lead through what can be done.
        await expect(dialog.get_by_role("button", name="Cancel").first).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await expect(dialog.get_by_role("button", name="Change the order")).to_be_focused()
        await page.keyboard.press("Enter")
        await dialog.get_by_label("Crew socks").first.fill("1")
        await dialog.get_by_label("Handmade ceramic mug").first.fill("9")
        await dialog.get_by_role("button", name="Preview").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("A way to charge")
        await dialog.get_by_label("Handmade ceramic mug").first.fill("2")
        await dialog.get_by_role("button", name="Preview").click()
        await expect(dialog.locator(".sum s")).to_have_text(str(before.total))
        await expect(dialog).to_contain_text("Money moves at once")
        assert (await shop.orders.get(PAID)).total == before.total
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(page.locator(".toast").filter(has_text="Done")).to_be_visible()
        # Whoever works by keyboard is where they began.
        await expect(order.get_by_role("button", name="Do for the order")).to_be_focused()
        changed = await shop.orders.get(PAID)
        assert changed.total < before.total
        await page.keyboard.press("o")
        await dialog.get_by_role("button", name="Cancel", exact=True).first.click()
        await dialog.get_by_label("Reason").select_option(label="Ordered by mistake")
        await dialog.get_by_role("button", name="Preview").click()
        await expect(dialog.locator(".sum")).to_contain_text(str(changed.total))
        assert (await shop.orders.get(PAID)).status is OrderStatus.PAID
        await dialog.get_by_role("button", name="Confirm").click()
        await expect(dialog).to_have_count(0)
        await expect(order.locator("summary")).to_contain_text("Cancelled")
        assert (await shop.orders.get(PAID)).status is OrderStatus.CANCELLED
        # The same customer wrote from elsewhere, too: one of the two conversations goes on.
        await page.get_by_role("button", name="Merge").click()
        await dialog.get_by_role("button", name="Merge").click()
        await expect(page.get_by_role("heading", name="Merged conversations")).to_be_visible()
        assert (await console.desk.conversation(twice)).owner is Owner.CLOSED
        await page.locator(f'[data-conversation="{phone}"]').click()
        facts = page.locator("dl.pairs")
        await expect(facts).to_contain_text(
            "arrival, delivery under way (1 left); refund (refused)"
        )
        await page.get_by_role("button", name="切换到中文").click()
        await expect(facts).to_contain_text("签收、派送（还可发 1 条）；退款到账（已拒绝）")
        await page.locator(f'[data-conversation="{conversations[WU]}"]').click()
        order = of_order(page, DELIVERED)
        await order.locator("summary").click()
        await order.get_by_role("button", name="订单操作").click()
        await dialog.get_by_role("button", name="办理退货").click()
        way = dialog.get_by_label("怎么寄回")
        await dialog.get_by_label("原因").select_option(label="商品破损")
        await way.select_option(label="商品不用寄回")
        # What goes with another reason alone is out of reach again.
        await dialog.get_by_label("原因").select_option(label="不想要了")
        await expect(way).to_have_value("pick_up")
        await way.select_option(label="顾客自己寄回")
        await dialog.get_by_label("退款退到哪里").select_option(label="退到礼品卡")
        await dialog.get_by_role("button", name="预览").click()
        await expect(dialog.locator(".sum")).to_be_visible()
        for words in ("退到礼品卡", "顾客自行寄回：", "退货运费由顾客承担", "过期作废"):
            await expect(dialog).to_contain_text(words)
        assert not await shop.refunds.returns_of(WU, DELIVERED)
        await dialog.get_by_role("button", name="确认执行").click()
        await expect(page.locator(".toast").filter(has_text="已执行")).to_be_visible()
        await order.get_by_role("button", name="订单操作").click()
        await dialog.get_by_role("button", name="登记投诉").click()
        await dialog.get_by_label("关于什么").select_option(label="商品")
        await dialog.get_by_label("投诉内容").fill("台灯到货就是坏的")
        await dialog.get_by_role("button", name="预览").click()
        await expect(dialog).to_contain_text("之前给出结果")
        await dialog.get_by_role("button", name="确认执行").click()
        await expect(page.locator(".toast").filter(has_text="TS")).to_be_visible()
    (ticket,) = await shop.tickets.tickets_of(WU)
    assert ticket.complaint.text == "台灯到货就是坏的"
    assert ticket.complaint.topic is TicketTopic.PRODUCT
    (made,) = await shop.refunds.returns_of(WU, DELIVERED)
    assert made.status is ReturnStatus.AUTHORISED
    assert (made.wish.handover, made.wish.refund_to) == (Handover.DROP_OFF, RefundTo.GIFT_CARD)

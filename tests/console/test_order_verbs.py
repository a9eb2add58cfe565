"""The side panel's verbs for orders that wait, travel or disappoint, over the embedded shop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.backends.carriers.model import InterceptKind
from connectors.backends.orders.model import NoteKind
from connectors.backends.refunds.model import Handover, RefundTo, ReturnStatus
from connectors.backends.shop import Shop
from connectors.backends.tickets.model import TicketTopic
from tests.console.conftest import Browser, Console
from tests.console.test_api import error_of
from tests.console.test_orders import (
    LI,
    PAID,
    PRICE_FELL,
    SENT,
    WU,
    XIE,
    dearer,
    done,
    of_li,
    previewed,
    verbs_of,
)
from tests.desk.conftest import NOON

PREPARING, LATE, UNPAID, ARRIVING = (
    "KF2601018103",
    "KF2601018107",
    "KF2601018106",
    "KF2601018108",
)
CLEARANCE = "KF2601018127"
LATE_PARCEL = "KF2601018124"
MANY, SEALED, SEALED_OF = "KF2601018202", "KF2601018095", "C0010"


async def holding(console: Console, customer: str) -> tuple[Browser, str]:
    """Lin, and the orders of the customer whose conversation they hold."""
    lin = await console.browser().log_in("lin")
    path = f"/conversations/{await of_li(console, customer)}"
    await lin.post(f"{path}/take")
    return lin, f"{path}/orders"


async def refused(lin: Browser, order: str, wanted: dict[str, Any]) -> tuple[str, str]:
    """Why it is not done, and about what."""
    error = await error_of(await lin.post(f"{order}/prepare", wanted), 409)
    return error["why"], error["line"]


async def audited(console: Console) -> list[tuple[str, str, str]]:
    """Who did what to which order, the newest first."""
    chief = await console.browser().log_in("chief")
    lines = (await (await chief.get("/audit?deed=order_changed")).json())["lines"]
    return [(one["agent"]["name"], one["detail"]["verb"], one["subject"]) for one in lines]


async def test_an_agent_changes_what_is_sent_when_and_what_pays_for_it(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin, orders = await holding(console, LI)
    order, before = f"{orders}/{PAID}", await shop.orders.get(PAID)
    offer = (await verbs_of(lin, order))["modify"]
    hoodie, socks, mugs = offer["lines"]
    assert [one["units"] for one in offer["lines"]] == [1, 3, 2]
    assert hoodie["variant"] not in {one["id"] for one in hoodie["variants"]}
    other = hoodie["variants"][0]["id"]
    await dearer(shop, other)
    wanted = {
        "verb": "modify",
        "units": {hoodie["id"]: 0, socks["id"]: 1, mugs["id"]: 3},
        "details": {hoodie["id"]: other},
    }
    assert await refused(lin, order, wanted) == ("tender_missing", "")
    tenders = {one["tender"]: one["id"] for one in field_of(offer, "tender") if one["id"]}
    day = (NOON + timedelta(days=7)).date().isoformat()
    details = {
        hoodie["id"]: other,
        "tender": tenders["alipay"],
        "slot_day": day,
        "slot_hours": "9-12",
    }
    told = await done(lin, order, {**wanted, "details": details})
    preview, after = told["preview"], await shop.orders.get(PAID)
    assert preview["sum"] == {"before": str(before.total), "after": str(after.total)}
    charge = {"tender": "alipay", "amount": str(after.total - before.total)}
    assert {key: preview["charge"][key] for key in charge} == charge
    assert [one["note"] for one in preview["rows"]] == [None, "taken_out", "added"]
    assert {line.variant_id: line.kept for line in after.lines}[other] == 1
    assert sum(line.kept for line in after.lines) == 1 + 1 + 3
    assert after.slot is not None
    assert preview["slot"] == {"day": after.slot.day.isoformat(), "hours": "9-12"}
    assert await refused(lin, order, {**wanted, "units": {}, "details": {"slot_day": day}}) == (
        "slot_unknown",
        "",
    )
    assert (await verbs_of(lin, f"{orders}/{SENT}"))["modify"]["refusal"] == "shipped"
    unpaid = (await verbs_of(lin, f"{orders}/{UNPAID}"))["modify"]
    assert {one["name"] for one in unpaid["fields"]} == {"slot_day", "slot_hours"}
    assert await audited(console) == [("Lin", "modify", PAID)] * 2


async def test_an_agent_hurries_an_order_and_has_its_goods_packed_otherwise(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin, orders = await holding(console, LI)
    late = await done(lin, f"{orders}/{LATE}", {"verb": "urge"})
    assert late["preview"]["notes"] == ["escalation"]
    (note,) = await shop.urging.notes_of(LI, LATE)
    assert (note.kind, note.actor.split(":")[0]) == (NoteKind.ESCALATION, "agent")
    assert note.due_at is not None
    assert late["preview"]["answer_by"] == note.due_at.isoformat()
    assert await refused(lin, f"{orders}/{LATE}", {"verb": "urge"}) == ("asked_already", "")
    order = f"{orders}/{PAID}"
    offer = (await verbs_of(lin, order))["pack"]
    (companions, parcels, first) = offer["fields"]
    assert (parcels["value"], companions["of"], first["of"]) == ("2", "together", "apart")
    assert SENT not in {one["id"] for one in companions["choices"]}
    apart = {"verb": "pack", "reason": "apart", "details": {"parcels": "9"}}
    assert await refused(lin, order, apart) == ("too_many_parcels", PAID)
    sooner = first["choices"][1]
    parts = {"parcels": "2", "first": sooner["id"]}
    told = await done(lin, order, {**apart, "details": parts})
    assert (told["preview"]["parcels"], told["preview"]["first"]) == (2, [sooner["title"]])
    together = {"verb": "pack", "reason": "together", "details": {"with_orders": PREPARING}}
    assert await refused(lin, order, together) == ("being_packed", PREPARING)
    other = companions["choices"][0]["id"]
    both = {**together, "details": {"with_orders": other}}
    told = await done(lin, order, both)
    assert len(told["preview"]["rows"]) == 2
    noted = [one.kind for one in await shop.urging.notes_of(LI, PAID)]
    assert sorted(noted) == [NoteKind.PACK_APART, NoteKind.PACK_TOGETHER]
    assert [one.kind for one in await shop.urging.notes_of(LI, other)] == [NoteKind.PACK_TOGETHER]
    wrong = {**apart, "details": {"parcels": "two"}}
    assert (await error_of(await lin.post(f"{order}/prepare", wrong), 400))["code"] == "bad_request"
    assert {verb for _, verb, _ in await audited(console)} == {"urge", "pack"}


async def test_an_agent_says_how_goods_come_back_and_where_the_money_goes(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin, orders = await holding(console, WU)
    order = f"{orders}/{MANY}"
    offer = (await verbs_of(lin, order))["return"]
    ways = [one["id"] for one in field_of(offer, "refund_to")]
    assert ways == ["original", "gift_card", "balance"]
    ways = {one["id"]: one.get("of") for one in field_of(offer, "handover")}
    assert list(ways) == ["pick_up", "drop_off", "keep"]
    assert ways["keep"] == [
        "damaged",
        "faulty",
        "wrong_item",
        "missing_parts",
        "not_as_described",
    ]
    cheap, collected, sent, _ = offer["lines"]
    keep = {"verb": "return", "units": {cheap["id"]: 1}, "details": {"handover": "keep"}}
    assert await refused(lin, order, {**keep, "reason": "wrong_size"}) == ("not_at_fault", "")
    told = await done(lin, order, {**keep, "reason": "damaged"})
    assert told["preview"]["back"] == {"way": "keep"}
    card = {"handover": "pick_up", "refund_to": "gift_card"}
    told = await done(
        lin,
        order,
        {"verb": "return", "units": {collected["id"]: 1}, "reason": "faulty", "details": card},
    )
    assert {one["tender"] for one in told["preview"]["tenders"]} == {"gift_card"}
    back = told["preview"]["back"]
    assert (back["way"], back["days"], back["freight"]) == ("pick_up", 2, "shop")
    assert back["at"] == (await shop.orders.get(MANY)).address.one_line()
    wanted = {"verb": "return", "units": {sent["id"]: 2}, "reason": "no_longer_wanted"}
    told = await done(lin, order, {**wanted, "details": {"handover": "drop_off"}})
    assert told["preview"]["back"]["freight"] == "shopper"
    assert told["preview"]["back"]["to"]["zh"]
    made = {one.lines[0].line_id: one for one in await shop.refunds.returns_of(WU, MANY)}
    assert made[cheap["id"]].status is ReturnStatus.REFUNDED
    assert made[collected["id"]].wish.refund_to is RefundTo.GIFT_CARD
    assert made[collected["id"]].wish.handover is Handover.PICK_UP
    # Before midnight of the shop: the day before is the last one.
    last = made[sent["id"]].send_by.astimezone(ZoneInfo("Asia/Shanghai")) - timedelta(seconds=1)
    assert told["preview"]["back"]["send_by"] == last.date().isoformat()
    wrong = {**wanted, "details": {"handover": "by pigeon"}}
    assert (await error_of(await lin.post(f"{order}/prepare", wrong), 400))["code"] == "bad_request"

    _, sealed_orders = await holding(console, SEALED_OF)
    order = f"{sealed_orders}/{SEALED}"
    [software] = field_of((await verbs_of(lin, order))["return"], "unsealed")
    wanted = {"verb": "return", "units": {software["id"]: 1}, "reason": "no_longer_wanted"}
    opened = {**wanted, "details": {"unsealed": software["id"]}}
    assert await refused(lin, order, opened) == ("digital_unsealed", software["id"])
    assert (await previewed(lin, order, wanted))["total"]

    _, orders = await holding(console, LI)
    waiting = await verbs_of(lin, f"{orders}/{PAID}")
    assert {waiting[verb]["refusal"] for verb in ("return", "exchange")} == {"not_delivered"}


async def test_an_agent_sends_a_parcel_elsewhere_claims_a_price_and_files_a_complaint(
    with_shop: tuple[Console, Shop],
) -> None:
    console, shop = with_shop
    lin, orders = await holding(console, LI)
    offer = (await verbs_of(lin, f"{orders}/{SENT}"))["redirect"]
    address = {one["name"]: one["value"] for one in offer["fields"]}
    nowhere = {"verb": "redirect", "details": {**address, "street": " "}}
    assert await refused(lin, f"{orders}/{SENT}", nowhere) == ("incomplete", "")
    same = {"verb": "redirect", "details": address}
    assert await refused(lin, f"{orders}/{SENT}", same) == ("same_address", "")
    elsewhere = {"verb": "redirect", "details": {**address, "street": "新街 8 号"}}
    told = await done(lin, f"{orders}/{SENT}", elsewhere)
    (asked,) = await shop.intercepts.intercepts_of(LI, SENT)
    assert (asked.kind, told["numbers"]) == (InterceptKind.REDIRECT, [asked.number])
    assert told["preview"]["answer_by"] == asked.answer_by.isoformat()
    assert "新街 8 号" in told["preview"]["change"]["after"]
    why, parcel = await refused(lin, f"{orders}/{ARRIVING}", elsewhere)
    assert (why, bool(parcel)) == ("out_for_delivery", True)

    _, orders = await holding(console, XIE)
    offer = (await verbs_of(lin, f"{orders}/{PRICE_FELL}"))["price_claim"]
    (coat, mugs) = offer["lines"]
    assert (coat["whole"], mugs["units"]) == (True, 2)
    assert coat["change"]["before"] != coat["change"]["after"]
    claim = {"verb": "price_claim", "units": {mugs["id"]: 2}}
    told = await done(lin, f"{orders}/{PRICE_FELL}", claim)
    (made,) = await shop.offers.claims_of(XIE, PRICE_FELL)
    assert told["numbers"] == [made.number]
    assert told["preview"]["total"] == str(made.total)
    assert [one["amount"] for one in told["preview"]["tenders"]] == [str(made.total)]
    again = await refused(lin, f"{orders}/{PRICE_FELL}", claim)
    assert again == ("claimed_already", mugs["id"])
    excluded = (await verbs_of(lin, f"{orders}/{CLEARANCE}"))["price_claim"]
    assert len(excluded["lines"]) == 1

    complaint = {"verb": "complaint", "reason": "late_delivery", "details": {"story": "。"}}
    order = f"{orders}/{LATE_PARCEL}"
    assert await refused(lin, order, complaint) == ("says_nothing", "")
    story = "三天没有任何消息，客服也没有回电。" * 20
    told = await done(lin, order, {**complaint, "details": {"story": story}})
    ticket, *_ = await shop.tickets.tickets_of(XIE)
    assert (ticket.complaint.topic, ticket.complaint.text) == (TicketTopic.LATE_DELIVERY, story)
    assert told["numbers"] == [ticket.number, ticket.compensation_code]
    assert told["preview"]["coupon"] == str(ticket.compensation)
    assert await refused(lin, order, {**complaint, "details": {"story": story}}) == (
        "already_open",
        ticket.number,
    )
    assert {verb for _, verb, _ in await audited(console)} == {
        "redirect",
        "price_claim",
        "complaint",
    }


def field_of(offer: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """What may be chosen for a field."""
    (found,) = (one for one in offer["fields"] if one["name"] == name)
    choices: list[dict[str, Any]] = found["choices"]
    return choices

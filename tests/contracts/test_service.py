"""What every adapter promises of invoices, offers, complaints and accounts: once, re-checked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.accounts.model import AccountStatus, AccountStep, Login
from connectors.backends.drafts.model import Actor
from connectors.backends.embedded import tables
from connectors.backends.embedded.warehouse import Warehouse
from connectors.backends.invoices.model import (
    InvoiceDetails,
    InvoiceKind,
    InvoiceStatus,
    InvoiceStep,
)
from connectors.backends.news.model import NewsKind, Wish
from connectors.backends.offers.model import ClaimGround, ClaimStatus, PriceClaim
from connectors.backends.orders.model import OrderLine
from connectors.backends.orders.modifying import LineWish, ModifyWish
from connectors.backends.refunds.model import ReturnReason, ReturnRequestLine, ReturnWish
from connectors.backends.rules import PriceProtectionRules, ShopRules
from connectors.backends.shop import Shop
from connectors.backends.tickets.model import Complaint, TicketStatus, TicketTopic
from kernel.clock import SetClock
from kernel.errors import (
    BackendRejected,
    BackendUnavailable,
    InvalidTransition,
    NotFound,
    Refused,
)
from kernel.money import Money, total
from tests.contracts.conftest import NOW, MakeShop, priced

XIE, GRACE, HE = "C0013", "C0014", "C0015"
FELL, ISSUED, CHANGED, LATE, WAITING = (f"KF260101812{story}" for story in (1, 2, 3, 4, 5))
STRANGERS = "KF2601018131"
LI, UNSENT = "C0011", "KF2601018102"
AGENT = Actor("agent:7")
COAT, MUG = f"{FELL}-1", f"{FELL}-2"
PERSON = InvoiceDetails(InvoiceKind.PERSONAL, "谢安宁", "", "xie.anning@example.com")
COMPANY = InvoiceDetails(
    InvoiceKind.COMPANY, "样本有限公司", "9133 0100 7996 5505 8b", "Finance@Example.com "
)


async def _audits(engine: AsyncEngine) -> list[tuple[str, str, str, str]]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(tables.audit).order_by(tables.audit.c.id))
        return [
            (row["action"], row["subject"], row["actor"], row["rule"]) for row in rows.mappings()
        ]


# Invoices


async def test_an_invoice_is_asked_for_once(shop: Shop, engine: AsyncEngine) -> None:
    draft = await shop.invoices.prepare(XIE, FELL, InvoiceStep.ISSUE, COMPANY)
    assert await shop.invoices.invoices_of(XIE, FELL) == ()
    assert draft.details.tax_number == "91330100799655058B"
    assert draft.details.email == "finance@example.com"
    assert (draft.amount, draft.due_at) == (Money(114_070, "CNY"), NOW + timedelta(hours=24))
    made = await shop.invoices.commit(XIE, draft.id, by=Actor("agent:7"))
    assert await shop.invoices.commit(XIE, draft.id) == made
    assert await shop.invoices.invoices_of(XIE, FELL) == (made.invoice,)
    assert (made.invoice.number, made.invoice.status) == ("INV2611220001", "requested")
    assert await _audits(engine) == [
        ("invoice", "INV2611220001", "agent:7", "invoices.issue"),
    ]


async def test_an_issued_invoice_is_reversed_before_another_is_asked_for(shop: Shop) -> None:
    draft = await shop.invoices.prepare(XIE, ISSUED, InvoiceStep.CHANGE, PERSON)
    assert draft.reversal
    made = await shop.invoices.commit(XIE, draft.id)
    by_number = {one.number: one for one in await shop.invoices.invoices_of(XIE, ISSUED)}
    assert made.red is not None
    assert made.red.reverses == f"INV{ISSUED[2:]}1"
    assert by_number[f"INV{ISSUED[2:]}1"].status is InvoiceStatus.REVERSED
    assert made.red.amount == by_number[f"INV{ISSUED[2:]}1"].amount
    assert by_number[made.invoice.number].details == PERSON
    with pytest.raises(Refused, match="changed_already"):
        await shop.invoices.prepare(XIE, CHANGED, InvoiceStep.CHANGE, PERSON)


async def test_what_is_not_issued_yet_is_replaced_without_a_red_one(shop: Shop) -> None:
    draft = await shop.invoices.prepare(XIE, WAITING, InvoiceStep.CHANGE, PERSON)
    made = await shop.invoices.commit(XIE, draft.id)
    states = [one.status for one in await shop.invoices.invoices_of(XIE, WAITING)]
    assert made.red is None
    assert sorted(states) == ["requested", "withdrawn"]


async def test_sending_again_is_limited_for_a_day_of_the_shop(shop: Shop, clock: SetClock) -> None:
    for _ in range(3):
        draft = await shop.invoices.prepare(XIE, ISSUED, InvoiceStep.RESEND, PERSON)
        made = await shop.invoices.commit(XIE, draft.id)
        assert made.invoice.number == f"INV{ISSUED[2:]}1"
    with pytest.raises(Refused, match="sent_too_often"):
        await shop.invoices.prepare(XIE, ISSUED, InvoiceStep.RESEND, PERSON)
    assert await shop.invoices.refusal_of(XIE, ISSUED, InvoiceStep.RESEND) == "sent_too_often"
    clock.advance(timedelta(days=1))
    assert await shop.invoices.refusal_of(XIE, ISSUED, InvoiceStep.RESEND) is None


async def test_an_invoice_whose_amount_changed_meanwhile_is_prepared_again(shop: Shop) -> None:
    draft = await shop.invoices.prepare(XIE, FELL, InvoiceStep.ISSUE, PERSON)
    claim = await shop.offers.prepare_claim(XIE, FELL, [MUG])
    await shop.offers.commit_claim(XIE, claim.id)
    with pytest.raises(Refused, match="terms_changed"):
        await shop.invoices.commit(XIE, draft.id)
    assert await shop.invoices.invoices_of(XIE, FELL) == ()


async def test_two_windows_get_one_invoice(shop: Shop) -> None:
    drafts = [
        await shop.invoices.prepare(XIE, FELL, InvoiceStep.ISSUE, details)
        for details in (PERSON, COMPANY)
    ]
    ended = await asyncio.gather(
        *(shop.invoices.commit(XIE, draft.id) for draft in drafts), return_exceptions=True
    )
    refused = [one for one in ended if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["already_there"]
    assert len(await shop.invoices.invoices_of(XIE, FELL)) == 1


# Offers


async def test_coupons_are_the_customers_own(shop: Shop) -> None:
    codes = [coupon.code for coupon in await shop.offers.coupons_of(XIE)]
    assert codes == ["SUMMER50-0013", "HOME15-0013", "SAVE20-0013", "BIG200-0013", "WELCOME10-0013"]
    found = await shop.offers.find_coupon(XIE, " save20-0013 ")
    assert found is not None
    assert found.amount_off == Money(2_000, "CNY")
    assert await shop.offers.find_coupon(XIE, "SAVE20-0014") is None


async def test_a_fallen_price_goes_back_once(shop: Shop, engine: AsyncEngine) -> None:
    before = await shop.orders.get(FELL)
    draft = await shop.offers.prepare_claim(XIE, FELL, [COAT, MUG])
    assert draft.total == Money(8_990 + 2 * 690, "CNY")
    made = await shop.offers.commit_claim(XIE, draft.id)
    assert await shop.offers.commit_claim(XIE, draft.id) == made
    assert await shop.offers.claims_of(XIE, FELL) == (made,)
    after = await shop.orders.get(FELL)
    assert after.refunded - before.refunded == made.total
    [refund] = await shop.refunds.refunds_of(XIE, FELL)
    assert (refund.number, refund.amount) == ("RF2611220001", made.total)
    assert total((part.amount for part in made.tenders), "CNY") == made.total
    refusals = {line.refusal for line in await shop.offers.price_lines(XIE, FELL)}
    assert refusals == {"claimed_already"}
    with pytest.raises(Refused, match="claimed_already"):
        await shop.offers.prepare_claim(XIE, FELL, [MUG])
    assert await _audits(engine) == [
        ("price_claim", made.number, "shopper", "price_protection.days")
    ]


async def test_what_price_protection_gave_does_not_go_back_again(shop: Shop) -> None:
    draft = await shop.offers.prepare_claim(XIE, FELL, [COAT, MUG])
    claim = await shop.offers.commit_claim(XIE, draft.id)
    lines = [ReturnRequestLine(COAT, 1), ReturnRequestLine(MUG, 2)]
    wish = ReturnWish(ReturnReason.NO_LONGER_WANTED)
    back = await shop.refunds.prepare_return(XIE, FELL, lines, wish)
    order = await shop.orders.get(FELL)
    assert claim.total + back.total == order.paid
    assert [line.refund.minor for line in back.lines] == [89_900, 13_800]


STRICT = replace(ShopRules(), price_protection=PriceProtectionRules(limit_minor={"CNY": 10_000}))


@pytest.mark.parametrize("outcome", [ClaimStatus.GRANTED, ClaimStatus.REFUSED])
async def test_a_large_claim_waits_for_a_person_and_its_outcome_is_news(
    make_shop: MakeShop, engine: AsyncEngine, clock: SetClock, outcome: ClaimStatus
) -> None:
    shop, grant = await make_shop(STRICT), outcome is ClaimStatus.GRANTED
    conversation = "conversation-1"
    await shop.wishes.wish([Wish(conversation, XIE, NewsKind.PRICE_PROTECTION, None)])
    small = await shop.offers.prepare_claim(XIE, FELL, [MUG])
    assert not small.needs_approval
    await shop.offers.commit_claim(XIE, small.id)
    # The coat alone is below the limit, with the mugs it is above.
    draft = await shop.offers.prepare_claim(XIE, FELL, [COAT])
    assert draft.needs_approval
    made = await shop.offers.commit_claim(XIE, draft.id)
    assert (made.status, made.decided_at) == (ClaimStatus.REQUESTED, None)
    assert len(await shop.refunds.refunds_of(XIE, FELL)) == 1
    for again in (COAT, MUG):
        with pytest.raises(Refused, match=r"being_checked|claimed_already"):
            await shop.offers.prepare_claim(XIE, FELL, [again])
    clock.advance(timedelta(hours=1))
    number = made.number.lower()
    with pytest.raises(BackendRejected):
        await shop.offers.decide_claim(XIE, number, grant=grant, by=Actor("shopper"))
    with pytest.raises(NotFound):
        await shop.offers.decide_claim(GRACE, number, grant=grant, by=AGENT)
    ground = ClaimGround.SPECIAL_PRICE
    decide = partial(shop.offers.decide_claim, XIE, number, grant=grant, by=AGENT, ground=ground)
    decisions = [decide() for _ in range(2)]
    outcomes = await asyncio.gather(*decisions, return_exceptions=True)
    decided, other = await shop.offers.claims_of(XIE, FELL)
    assert other.decided_by == ""
    told = None if grant else ground
    assert decided == replace(
        made, status=outcome, decided_at=clock.now(), decided_by="agent:7", ground=told
    )
    assert decided in outcomes
    assert [type(one) for one in outcomes if one != decided] == [InvalidTransition]
    assert await shop.offers.claims_of(XIE) == (decided, other)
    paid = [one.amount for one in await shop.refunds.refunds_of(XIE, FELL)]
    assert (made.total in paid) == (outcome is ClaimStatus.GRANTED)
    refusals = [line.refusal for line in await shop.offers.price_lines(XIE, FELL)]
    assert ("turned_down" in refusals) == (outcome is ClaimStatus.REFUSED)
    ((news, wishes),) = await shop.news.untold(10)
    assert (news.event, news.order_number) == (f"price_protection_{outcome.value}", FELL)
    assert news.facts["claim_number"] == made.number
    assert news.facts.get("ground") == told
    assert [one.conversation_id for one in wishes] == [conversation]
    assert [one for one in await _audits(engine) if one[0] == "decide_claim"] == [
        ("decide_claim", made.number, "agent:7", "price_protection.limit_minor")
    ]
    for granting in (True, False):
        with pytest.raises(InvalidTransition):
            await shop.offers.decide_claim(XIE, made.number, grant=granting, by=AGENT)


async def test_a_claim_is_not_granted_for_goods_that_went_back_meanwhile(
    make_shop: MakeShop, engine: AsyncEngine, clock: SetClock
) -> None:
    shop, office = await make_shop(STRICT), Warehouse(engine, clock, STRICT)
    draft = await shop.offers.prepare_claim(XIE, FELL, [COAT, MUG])
    made = await shop.offers.commit_claim(XIE, draft.id)
    wish = ReturnWish(ReturnReason.NO_LONGER_WANTED)
    back = await shop.refunds.prepare_return(XIE, FELL, [ReturnRequestLine(MUG, 1)], wish)
    await shop.refunds.commit_return(XIE, back.id)
    with pytest.raises(Refused, match=f"returned: {MUG}"):
        await shop.offers.decide_claim(XIE, made.number, grant=True, by=AGENT)
    assert (await shop.offers.claims_of(XIE, FELL)) == (made,)
    # The embedded shop's own people may say so as well.
    await office.book(made.number, "refused")
    assert await shop.refunds.refunds_of(XIE, FELL) == ()
    (refused,) = await shop.offers.claims_of(XIE, FELL)
    assert (refused.status, refused.decided_by) == (ClaimStatus.REFUSED, "warehouse")


async def test_another_tender_pays_what_is_left_after_price_protection(
    shop: Shop, engine: AsyncEngine
) -> None:
    _, claim = await _claimed(shop, engine, 2_000)
    before = await shop.orders.get(UNSENT)
    wish = ModifyWish(pay_with=f"PT-{LI}-2")
    other = await shop.modifications.prepare_modification(LI, UNSENT, wish)
    await shop.modifications.commit_modification(LI, other.id)
    after = await shop.orders.get(UNSENT)
    assert after.payments[-1].amount == before.total - claim.total
    assert after.paid - after.refunded == before.paid - before.refunded


async def test_a_line_whose_claim_waits_is_not_changed_meanwhile(
    make_shop: MakeShop, engine: AsyncEngine
) -> None:
    shop = await make_shop(STRICT)
    line, _ = await _claimed(shop, engine, 20_000)
    others = (await shop.catalogue.product(line.product_id)).variants
    other = next(one for one in others if one.id != line.variant_id and one.stock)
    wish = ModifyWish((LineWish(line.id, other.id, line.kept, line.kept),))
    with pytest.raises(Refused, match=f"price_credited: {line.id}"):
        await shop.modifications.prepare_modification(LI, UNSENT, wish)


async def _claimed(shop: Shop, engine: AsyncEngine, minor: int) -> tuple[OrderLine, PriceClaim]:
    """The first line of an order that was not sent, and a claim for its fall by ``minor``."""
    line = (await shop.orders.get(UNSENT)).lines[0]
    await priced(engine, line.variant_id, line.unit_price.minor - minor)
    draft = await shop.offers.prepare_claim(LI, UNSENT, [line.id])
    return line, await shop.offers.commit_claim(LI, draft.id)


async def test_a_claim_that_is_granted_goes_to_what_pays_for_the_order_by_then(
    make_shop: MakeShop, engine: AsyncEngine
) -> None:
    shop = await make_shop(STRICT)
    _, made = await _claimed(shop, engine, 20_000)
    assert made.status is ClaimStatus.REQUESTED
    other = await shop.modifications.prepare_modification(
        LI, UNSENT, ModifyWish(pay_with=f"PT-{LI}-2")
    )
    await shop.modifications.commit_modification(LI, other.id)
    granted = await shop.offers.decide_claim(LI, made.number, grant=True, by=AGENT)
    order = await shop.orders.get(UNSENT)
    assert [part.payment_id for part in granted.tenders] == [order.payments[-1].id]
    assert order.payments[-1].refunded == granted.total == made.total
    assert all(payment.refundable.minor >= 0 for payment in order.payments)


async def test_a_price_that_rises_again_before_the_yes_is_not_given(
    shop: Shop, engine: AsyncEngine
) -> None:
    draft = await shop.offers.prepare_claim(XIE, FELL, [MUG])
    line = (await shop.orders.get(FELL)).line(MUG)
    assert line is not None
    await priced(engine, line.variant_id, line.unit_price.minor)
    with pytest.raises(Refused, match="not_lower"):
        await shop.offers.commit_claim(XIE, draft.id)
    assert await shop.refunds.refunds_of(XIE, FELL) == ()


# Complaints and feedback


async def test_a_complaint_gets_a_number_and_dates(shop: Shop, engine: AsyncEngine) -> None:
    complaint = Complaint(TicketTopic.SERVICE, "  没人理我 ")
    draft = await shop.tickets.prepare(XIE, complaint)
    assert len(await shop.tickets.tickets_of(XIE)) == 1
    made = await shop.tickets.commit(XIE, draft.id)
    assert await shop.tickets.commit(XIE, draft.id) == made
    assert (made.number, made.status) == ("TS2611220001", TicketStatus.OPEN)
    assert made.complaint.text == "没人理我"
    assert made.answer_by == NOW + timedelta(hours=24)
    assert (await shop.tickets.tickets_of(XIE))[0] == made
    with pytest.raises(Refused, match=f"already_open: {made.number}"):
        await shop.tickets.prepare(XIE, complaint)
    assert await _audits(engine) == [
        ("complaint", made.number, "shopper", "complaints.answer_hours")
    ]


async def test_a_late_order_brings_one_coupon(shop: Shop, clock: SetClock) -> None:
    complaint = Complaint(TicketTopic.LATE_DELIVERY, "怎么还没到", LATE.lower())
    draft = await shop.tickets.prepare(XIE, complaint)
    assert draft.compensation == Money(500, "CNY")
    assert await shop.offers.find_coupon(XIE, f"LATE{LATE}") is None
    made = await shop.tickets.commit(XIE, draft.id)
    coupon = await shop.offers.find_coupon(XIE, made.compensation_code or "")
    assert coupon is not None
    assert coupon.amount_off == Money(500, "CNY")
    assert coupon.valid_until == clock.now() + timedelta(days=30)
    other = Complaint(TicketTopic.LATE_DELIVERY, "到底什么时候到", WAITING)
    assert (await shop.tickets.prepare(XIE, other)).compensation is None


async def test_two_complaints_about_one_late_order_bring_one_coupon_between_them(
    shop: Shop,
) -> None:
    before = await shop.offers.coupons_of(XIE)
    texts = ("怎么还没到", "我要投诉")
    complaints = [Complaint(TicketTopic.LATE_DELIVERY, text, LATE) for text in texts]
    drafts = [await shop.tickets.prepare(XIE, one) for one in complaints]
    commits = [shop.tickets.commit(XIE, draft.id) for draft in drafts for _ in range(2)]
    outcomes = await asyncio.gather(*commits, return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["already_open"] * 2
    assert len(await shop.offers.coupons_of(XIE)) == len(before) + 1


async def test_feedback_is_kept_once_a_key_with_or_without_a_name(shop: Shop) -> None:
    first = await shop.tickets.keep_feedback("k1", None, 5, " great ")
    again = await shop.tickets.keep_feedback("k1", None, 1, "bad")
    named = await shop.tickets.keep_feedback("k2", XIE, 2, "慢", FELL)
    assert again == first
    assert (first.text, first.score, first.customer_id) == ("great", 5, None)
    assert (named.customer_id, named.order_number) == (XIE, FELL)
    for score in (0, 6):
        with pytest.raises(Refused, match="bad_score"):
            await shop.tickets.keep_feedback(f"k{score}", None, score, "")


# Accounts


async def test_an_account_is_deleted_after_days_to_think_and_may_be_kept(shop: Shop) -> None:
    draft = await shop.accounts.prepare(HE, AccountStep.DELETE)
    assert (draft.coupons, draft.coupon_value) == (2, Money(2_000, "CNY"))
    assert draft.ends_at == NOW + timedelta(days=15)
    ending = await shop.accounts.commit(HE, draft.id)
    assert (ending.status, ending.ends_at) == (AccountStatus.ENDING, draft.ends_at)
    assert await shop.accounts.commit(HE, draft.id) == ending
    with pytest.raises(Refused, match="already_ending"):
        await shop.accounts.prepare(HE, AccountStep.DELETE)
    keep = await shop.accounts.prepare(HE, AccountStep.KEEP)
    kept = await shop.accounts.commit(HE, keep.id)
    assert (kept.status, kept.ends_at) == (AccountStatus.ACTIVE, None)
    assert await shop.accounts.get(HE) == kept


async def test_open_orders_keep_an_account(shop: Shop) -> None:
    with pytest.raises(Refused, match="open_orders"):
        await shop.accounts.prepare(XIE, AccountStep.DELETE)


async def test_a_login_is_unbound_but_not_the_last(shop: Shop) -> None:
    for login in (Login.WECHAT, Login.PHONE):
        assert login in (await shop.accounts.get(HE)).logins
    draft = await shop.accounts.prepare(HE, AccountStep.UNBIND, Login.WECHAT)
    assert (await shop.accounts.commit(HE, draft.id)).logins == {Login.PHONE}
    with pytest.raises(Refused, match="last_login"):
        await shop.accounts.prepare(HE, AccountStep.UNBIND, Login.PHONE)


# Strangers, drafts, outages


async def test_a_strangers_order_looks_like_none(shop: Shop) -> None:
    for number in (STRANGERS, "KF9999999999"):
        with pytest.raises(NotFound):
            await shop.invoices.prepare(XIE, number, InvoiceStep.ISSUE, PERSON)
        with pytest.raises(NotFound):
            await shop.invoices.refusal_of(XIE, number, InvoiceStep.ISSUE)
        with pytest.raises(NotFound):
            await shop.offers.price_lines(XIE, number)
        with pytest.raises(NotFound):
            await shop.tickets.prepare(XIE, Complaint(TicketTopic.PRODUCT, "坏的", number))
        with pytest.raises(NotFound):
            await shop.tickets.keep_feedback("k", XIE, 3, "ok", number)
        assert await shop.invoices.invoices_of(XIE, number) == ()
        assert await shop.offers.claims_of(XIE, number) == ()


async def test_a_strangers_draft_looks_like_none(shop: Shop) -> None:
    drafts = [
        (await shop.invoices.prepare(XIE, FELL, InvoiceStep.ISSUE, PERSON)).id,
        (await shop.offers.prepare_claim(XIE, FELL, [MUG])).id,
        (await shop.tickets.prepare(XIE, Complaint(TicketTopic.OTHER, "不满意"))).id,
        (await shop.accounts.prepare(XIE, AccountStep.UNBIND, Login.WECHAT)).id,
    ]
    commits = (
        shop.invoices.commit,
        shop.offers.commit_claim,
        shop.tickets.commit,
        shop.accounts.commit,
    )
    for place, commit in enumerate(commits):
        with pytest.raises(NotFound):
            await commit(GRACE, drafts[place])
        with pytest.raises(NotFound):
            await commit(XIE, drafts[place - 1])


async def test_an_old_draft_is_refused(shop: Shop, clock: SetClock) -> None:
    draft = await shop.offers.prepare_claim(XIE, FELL, [MUG])
    clock.advance(timedelta(minutes=30))
    with pytest.raises(Refused, match="draft_expired"):
        await shop.offers.commit_claim(XIE, draft.id)


async def test_an_outage_is_named(broken_shop: Shop) -> None:
    with pytest.raises(BackendUnavailable):
        await broken_shop.invoices.invoices_of(XIE, FELL)
    with pytest.raises(BackendUnavailable):
        await broken_shop.offers.coupons_of(XIE)
    with pytest.raises(BackendUnavailable):
        await broken_shop.tickets.tickets_of(XIE)
    with pytest.raises(BackendUnavailable):
        await broken_shop.accounts.get(XIE)

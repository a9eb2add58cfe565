"""Coupons and fallen prices: which coupon fits and why one does not, what goes back, and a yes."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.base import Outcome, ShopAction, Turn
from actions.knowledge import KnowledgeAction
from actions.money import balances_text, by_tender
from actions.news import result_button
from actions.orders import OrderChoices, line_name
from actions.products import products_meant
from actions.vocabulary import (
    COUPON_MINIMUM,
    COUPON_OFF,
    COUPON_PERCENT,
    COUPON_REFUSALS,
    COUPON_UNTIL,
)
from actions.wishes import Wishes
from actions.wording import listing, quantity, with_detail
from connectors.backends.catalogue.model import Product
from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.offers.model import (
    ClaimStatus,
    Coupon,
    CouponFit,
    CouponRefusal,
    CouponStatus,
    Goods,
    PriceLine,
    PriceRefusal,
)
from connectors.backends.offers.policy import best_first, fit, goods_of
from connectors.backends.orders.model import Order, OrderStatus
from kernel.errors import NotFound, Refused
from kernel.money import total

_WISHES = Wishes(
    {
        "claim": r"价保|保价|补差|退差|差价|降价|便宜了|跌价|掉价|比.{0,6}贵了"
        r"|\bprice (?:protection|adjustment|match|drop\w*|fell|difference|guarantee)\b"
        r"|\b(?:cheaper (?:now|today|since)|(?:got|gone|became|become) cheaper|dropped|went down|price.{0,12}(?:lower|dropped|down|fell))\b"
        r"|\bdifference (?:back|refunded)\b|\b(?:refund|get|have|pay|claim|give)\b.{0,20}\bdifference\b|\bcosts? less now\b|\bnow costs? less\b",
        "coupons": r"(?:我|能|可以|哪|什么|啥|还有|有没有能).{0,8}(?:券|优惠码|红包)|(?:券|优惠码|折扣码|折扣碼).{0,10}(?:用不了|不能用|没反应|失效|无效|不行|用不上|过期|为什么)"
        r"|(?:用不了|不能用|为什么).{0,8}(?:券|码)|券.{0,8}(?:用|可用)|看.{0,4}券"
        r"|\b(?:show|list|see|check)\b.{0,20}\b(?:coupon|voucher)s?\b"
        r"|\b(?:coupon|voucher)s?\b.{0,24}\b(?:i can|can i|have i|i have|i'?ve|left|available)\b"
        r"|\bmy (?:coupon|voucher|promo|discount)\w*\b|\b(?:which|what|any|do i have).{0,14}(?:coupon|voucher)s?\b"
        r"|\b(?:coupon|voucher|promo|discount|code)s?\b.{0,24}\b(?:not|n'?t|fail\w*|invalid|expired|fit|work\w*|apply|applied|rejected|refused)\b"
        r"|\bwhy\b.{0,30}\b(?:coupon|voucher|code)\b",
    }
)
_HOW_LONG = re.compile(
    r"(?:几|多少)天|多久|多长时间|期限|\bhow (?:long|many days)\b", re.IGNORECASE
)
_CODE = re.compile(r"(?<![A-Z0-9])[A-Z]{3,}[A-Z0-9]*(?:-?\d+)+(?![A-Z0-9])")
_PREPARE_AGAIN = frozenset({DraftRefusal.DRAFT_EXPIRED.value, DraftRefusal.TERMS_CHANGED.value})
_MOST_SHOWN = 5
# Nobody need look into it: there is nothing to give, or somebody looks already.
_HARMLESS = frozenset(
    {PriceRefusal.NOT_LOWER, PriceRefusal.CLAIMED_ALREADY, PriceRefusal.BEING_CHECKED}
)


class ActionReadOffer(ShopAction):
    """Reads what is wanted of offers. Outcomes: ``claim``, ``coupons``, ``question``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_offer"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        wish = turn.entity("offer") or _WISHES.read(said)
        if wish == "claim" and _HOW_LONG.search(said) and not turn.entity("order_number"):
            wish = "question"
        if wish is None and (_code_in(said) or said.startswith("/") or not said):
            wish = "coupons"
        if wish is None and turn.entity("order_number"):
            wish = "coupons"
        return Outcome(wish or "question")


def _code_in(text: str) -> str:
    """A coupon's code in ``text``, without order numbers; empty if there is none."""
    found = [one.group() for one in _CODE.finditer(text.upper())]
    return next((code for code in found if not re.fullmatch(r"KF\d{10}", code)), "")


class ActionShowCoupons(KnowledgeAction):
    """Says which coupons fit: the named goods, the named order, or at all; and why one does not.

    Outcomes: ``told``, ``none`` (there is no coupon).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_coupons"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        code = _code_in(turn.frame.said)
        coupons = await self._shop.offers.coupons_of(turn.customer_id)
        if code:
            named = [one for one in coupons if one.code == code or one.code.startswith(f"{code}-")]
            if not named:
                turn.say("utter_coupon_unknown", {"code": code})
                return Outcome("told")
            coupons = tuple(named)
        if not coupons:
            turn.say("utter_coupon_none")
            return Outcome("none")
        goods, what = await self._goods(turn)
        if not goods:
            self._say_all(turn, coupons)
            return Outcome("told")
        fits = best_first([fit(one, goods, turn.now, self._rules.coupons) for one in coupons])
        good = [one for one in fits if one.saving is not None]
        if good:
            lines = [_fit_line(turn, one) for one in good[:_MOST_SHOWN]]
            turn.say("utter_coupon_fits", {"what": what, "coupons": "\n".join(lines)})
        bad = [one for one in fits if one.saving is None]
        if bad:
            lines = [_fit_line(turn, one) for one in bad[:_MOST_SHOWN]]
            response = "utter_coupon_others" if good else "utter_coupon_fails"
            turn.say(response, {"what": what, "coupons": "\n".join(lines)})
        return Outcome("told")

    async def _goods(self, turn: Turn) -> tuple[tuple[Goods, ...], str]:
        """What is to be bought, with its name: an order, named products, or nothing."""
        number = turn.frame.values.get("order_number") or turn.entity("order_number")
        if number:
            try:
                order = await self.access(turn, str(number))
            except NotFound:
                turn.say("utter_order_not_found")
                return (), ""
            return goods_of(order), order.number
        products = await products_meant(self._shop, turn)
        wanted = tuple(_goods_of(product) for product in products[:3])
        names = [product.name.of(turn.language) for product in products[:3]]
        return wanted, listing(names, turn.language)

    def _say_all(self, turn: Turn, coupons: Sequence[Coupon]) -> None:
        """Every coupon on its own: usable ones with their terms, others with the reason."""
        lines = []
        for coupon in coupons:
            own = _own_refusal(coupon, turn)
            told = COUPON_REFUSALS[own].of(turn.language) if own else _terms(turn, coupon)
            lines.append(
                f"· {coupon.name.of(turn.language)}（{coupon.code}）：{told}"
                if turn.language == "zh"
                else f"· {coupon.name.of(turn.language)} ({coupon.code}): {told}"
            )
        turn.say("utter_coupon_list", {"coupons": "\n".join(lines)})


def _own_refusal(coupon: Coupon, turn: Turn) -> CouponRefusal | None:
    if coupon.status is CouponStatus.USED:
        return CouponRefusal.USED
    if coupon.status is CouponStatus.WITHDRAWN:
        return CouponRefusal.WITHDRAWN
    if turn.now >= coupon.valid_until:
        return CouponRefusal.EXPIRED
    return CouponRefusal.NOT_YET if turn.now < coupon.valid_from else None


def _goods_of(product: Product) -> Goods:
    return Goods(product.category, product.traits, product.price_from)


def _terms(turn: Turn, coupon: Coupon) -> str:
    language = turn.language
    if coupon.amount_off is not None:
        off = COUPON_OFF.of(language).format(amount=coupon.amount_off)
    else:
        off = COUPON_PERCENT.of(language).format(
            percent=coupon.percent_off, fold=f"{(100 - (coupon.percent_off or 0)) / 10:g}"
        )
    parts = [off]
    if coupon.minimum.minor:
        parts.append(COUPON_MINIMUM.of(language).format(amount=coupon.minimum))
    parts.append(COUPON_UNTIL.of(language).format(day=turn.last_day(coupon.valid_until)))
    return ("，" if language == "zh" else ", ").join(parts)


def _fit_line(turn: Turn, found: CouponFit) -> str:
    language, coupon = turn.language, found.coupon
    name = coupon.name.of(language)
    code = f"（{coupon.code}）：" if language == "zh" else f" ({coupon.code}): "
    if found.saving is not None:
        saved = COUPON_OFF.of(language).format(amount=found.saving)
        until = COUPON_UNTIL.of(language).format(day=turn.last_day(coupon.valid_until))
        return f"· {name}{code}{saved}{'，' if language == 'zh' else ', '}{until}"
    refusal = found.refusal or CouponRefusal.EXPIRED
    told = COUPON_REFUSALS[refusal].of(language).format(missing=found.missing or "")
    return f"· {name}{code}{told}"


class ActionChoicesPaidOrders(OrderChoices):
    """Orders that were paid lately, whose price may have fallen."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_paid_orders"

    def suits(self, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return order.status not in (
            OrderStatus.UNPAID,
            OrderStatus.CANCELLED,
            OrderStatus.COMPLETED,
        )


class ActionPrepareClaim(ShopAction):
    """Prepares a claim for every line whose price fell, and shows it.

    Outcomes: ``ready``, ``not_lower`` (nothing to give), ``refused`` (a rule says no).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_claim"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.values["order_number"]
        lines = await self._shop.offers.price_lines(turn.customer_id, number)
        due = [line for line in lines if line.back is not None]
        refused = [line for line in lines if line.refusal is not None]
        for refusal, names in _by_refusal(turn, refused).items():
            turn.say(f"utter_price_refused_{refusal.value}", {"lines": names, "number": number})
        if not due:
            word = "not_lower" if {one.refusal for one in refused} <= _HARMLESS else "refused"
            return Outcome(word, learned={"order_number": number})
        try:
            draft = await self._shop.offers.prepare_claim(
                turn.customer_id, number, [line.line_id for line in due]
            )
        except Refused as error:
            turn.say(
                f"utter_price_refused_{PriceRefusal(error.code).value}",
                {"lines": "", "number": number},
            )
            return Outcome("refused")
        refund = by_tender(turn, draft.tenders, draft.balances)
        turn.say(
            "utter_price_preview_approval" if draft.needs_approval else "utter_price_preview",
            {
                "number": draft.order_number,
                "lines": "\n".join(_price_line(turn, line) for line in draft.lines),
                "total": str(draft.total),
                "refund": refund,
                "balances": balances_text(turn, draft.balances),
            },
        )
        return Outcome(
            "ready",
            values={"draft_id": draft.id, "told_refund": refund},
            learned={"order_number": draft.order_number},
        )


def _by_refusal(turn: Turn, lines: Sequence[PriceLine]) -> dict[PriceRefusal, str]:
    grouped: dict[PriceRefusal, list[str]] = {}
    for line in lines:
        if line.refusal is not None:
            grouped.setdefault(line.refusal, []).append(line.product_name.of(turn.language))
    return {refusal: listing(names, turn.language) for refusal, names in grouped.items()}


def _price_line(turn: Turn, line: PriceLine) -> str:
    language = turn.language
    name = with_detail(line.product_name.of(language), line.options.of(language), language)
    name = quantity(line.quantity, name, language)
    return f"· {name} {line.paid_each} → {line.price_now}"


class ActionCommitClaim(ShopAction):
    """Makes the confirmed claim happen, once.

    Outcomes: ``done``, ``waits`` (for a person), ``again``, ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_claim"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.values["order_number"]
        try:
            claim = await self._shop.offers.commit_claim(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            order = await self.access(turn, number)
            line = order.line(refused.detail)
            turn.say(
                f"utter_price_refused_{PriceRefusal(refused.code).value}",
                {"lines": line_name(line, turn.language) if line else "", "number": number},
            )
            word = "again" if refused.code in _PREPARE_AGAIN else "refused"
            return Outcome(word, values={"draft_id": None})
        if claim.status is ClaimStatus.REQUESTED:
            turn.say(
                "utter_price_requested",
                {"number": claim.number, "total": str(claim.total)},
                buttons=await result_button(self._shop, turn),
            )
            return Outcome("waits", learned={"order_number": claim.order_number})
        back = total((part.amount for part in claim.tenders), claim.total.currency)
        turn.say(
            "utter_price_claimed",
            {
                "number": claim.number,
                "total": str(back),
                "refund": str(turn.frame.values["told_refund"]),
            },
        )
        return Outcome("done", learned={"order_number": claim.order_number})

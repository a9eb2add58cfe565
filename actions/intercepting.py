"""Asking a carrier to bring a parcel back or elsewhere: shown, confirmed, asked once."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from actions.money import refund_text
from actions.orders import line_name
from actions.reading_addresses import wish_of
from actions.wording import listing, quantity
from connectors.backends.carriers.intercepting import (
    InterceptDraft,
    InterceptRefusal,
    Intercepts,
)
from connectors.backends.carriers.model import InterceptKind
from connectors.backends.orders.model import Order
from connectors.backends.refunds.policy import line_refund, split_over_tenders
from connectors.backends.rules import RefundRules
from kernel.errors import NotFound, Refused
from kernel.money import total

_PREPARE_AGAIN = frozenset({InterceptRefusal.DRAFT_EXPIRED, InterceptRefusal.TERMS_CHANGED})


class ActionPrepareIntercept(ShopAction):
    """Shows what the carrier would be asked: to bring it back, or (with an address) elsewhere.

    Outcomes: ``ready``, ``refused``, ``delivered``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_intercept"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        wish = wish_of(turn.frame.values.get("new_address"))
        order = await self.order_of(turn)
        address = None if wish is None else wish.address(order.address)
        kind = InterceptKind.BRING_BACK if address is None else InterceptKind.REDIRECT
        number = turn.frame.values["order_number"]
        try:
            draft = await self._shop.intercepts.prepare_intercept(
                turn.customer_id, number, kind, address
            )
        except Refused as refused:
            return refusal(turn, refused.code)
        turn.say(
            f"utter_intercept_preview_{kind.value}",
            {
                **draft_told(turn, order, draft, self._rules.refunds),
                "address": "" if address is None else address.one_line(),
            },
        )
        return Outcome("ready", values={"draft_id": draft.id})


class ActionCommitIntercept(ShopAction):
    """Asks the carrier, once. Outcomes: ``asked``, ``again``, ``refused``, ``delivered``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_intercept"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        draft_id = turn.frame.values["draft_id"]
        word = await commit_intercept(self._shop.intercepts, turn, draft_id)
        return Outcome(word, values={"draft_id": None} if word == "again" else None)


def draft_told(
    turn: Turn, order: Order, draft: InterceptDraft, rules: RefundRules
) -> dict[str, str]:
    """What carriers would be asked for, by when they answer, and what then goes back where."""
    units: dict[str, int] = {}
    for fulfilment in order.fulfilments:
        if any(parcel.tracking_number in draft.parcels for parcel in fulfilment.parcels):
            for part in fulfilment.lines:
                units[part.line_id] = units.get(part.line_id, 0) + part.quantity
    language = turn.language
    sent = [(line, units[line.id]) for line in order.lines if line.id in units]
    goods = total((line_refund(line, count, 0) for line, count in sent), order.currency)
    left = order.paid - order.refunded
    back = split_over_tenders(goods if goods <= left else left, order.payments, rules)
    names = [quantity(count, line_name(line, language), language) for line, count in sent]
    return {
        "number": draft.order_number,
        "items": listing(names, language),
        "parcels": listing(draft.parcels, language),
        "by": turn.moment(draft.answer_by),
        "money": refund_text(turn, order, back, rules),
    }


async def commit_intercept(intercepts: Intercepts, turn: Turn, draft_id: str) -> str:
    """Ask the carrier, and say so or why not.

    Returns ``asked``, ``again`` (to be prepared anew), ``refused`` or ``delivered``.
    """
    try:
        made = await intercepts.commit_intercept(turn.customer_id, draft_id)
    except NotFound:
        return "again"
    except Refused as refused:
        return refusal(turn, refused.code).word
    turn.say(
        f"utter_intercept_asked_{made[0].kind.value}",
        {
            "number": listing([one.number for one in made], turn.language),
            "by": turn.moment(made[0].answer_by),
        },
    )
    return "asked"


async def commit_intercepts(intercepts: Intercepts, turn: Turn) -> tuple[list[str], bool]:
    """Ask the carriers for the parcels of several orders, the frame's ``parcel_drafts``.

    Returns the numbers of the orders that are to be prepared anew, and whether any was refused.
    """
    drafts = turn.frame.values.get("parcel_drafts") or {}
    words = {key: await commit_intercept(intercepts, turn, one) for key, one in drafts.items()}
    again = [number for number, word in words.items() if word == "again"]
    return again, "refused" in words.values()


def refusal(turn: Turn, code: str) -> Outcome:
    """Name the rule that says no."""
    refused = InterceptRefusal(code)
    turn.say(f"utter_intercept_refused_{refused.value}")
    if refused in _PREPARE_AGAIN:
        return Outcome("again", values={"draft_id": None})
    return Outcome("delivered" if refused is InterceptRefusal.DELIVERED else "refused")

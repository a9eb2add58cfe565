"""Asking a carrier to bring a parcel back or elsewhere: shown, confirmed, asked once."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from actions.reading_addresses import address_of
from actions.wording import listing
from connectors.backends.carriers.intercepting import InterceptRefusal
from connectors.backends.carriers.model import InterceptKind
from kernel.errors import NotFound, Refused

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
        address = address_of(turn.frame.values.get("new_address"))
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
                "number": draft.order_number,
                "parcels": listing(draft.parcels, turn.language),
                "by": turn.moment(draft.answer_by),
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
        try:
            made = await self._shop.intercepts.commit_intercept(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            return refusal(turn, refused.code)
        turn.say(
            f"utter_intercept_asked_{made[0].kind.value}",
            {
                "number": listing([one.number for one in made], turn.language),
                "by": turn.moment(made[0].answer_by),
            },
        )
        return Outcome("asked")


def refusal(turn: Turn, code: str) -> Outcome:
    """Name the rule that says no."""
    refused = InterceptRefusal(code)
    turn.say(f"utter_intercept_refused_{refused.value}")
    if refused in _PREPARE_AGAIN:
        return Outcome("again", values={"draft_id": None})
    return Outcome("delivered" if refused is InterceptRefusal.DELIVERED else "refused")

"""Cancelling before the goods are sent: which units, why, a draft, the commit."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.base import Outcome, ShopAction, Turn
from actions.cards import cancellation_card
from actions.choosing import Choice
from actions.choosing_lines import choose_lines
from actions.money import balances_text, refund_text
from actions.orders import line_choices, line_name
from actions.wording import listing, quantity, with_detail
from connectors.backends.orders.cancelling import (
    Cancellable,
    Cancellation,
    CancellationDraft,
    CancellationTerms,
    CancelReason,
    CancelRefusal,
    CancelWish,
)
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.rules import RefundRules
from kernel.errors import NotFound, Refused

_WHOLE = re.compile(
    r"整单|整个订单|全部取消|都取消|全取消|whole order|entire order|all of it|everything",
    re.IGNORECASE,
)
_TOO = re.compile(r"也|还有|再加|再取消|\balso\b|\btoo\b|\bas well\b|\bplus\b", re.IGNORECASE)
ABOUT_MONEY = re.compile(
    r"余额|退多少|多少钱|到账|退到哪|退回哪|礼品卡.*(?:多少|剩)|balance"
    r"|how much|when .*(?:money|back|refund)|left on|gift card",
    re.IGNORECASE,
)
# By whether nothing of the order is left, and whether it was paid.
_PREVIEWS = {
    (True, True): "utter_cancel_preview_whole_paid",
    (True, False): "utter_cancel_preview_whole_unpaid",
    (False, True): "utter_cancel_preview_lines_paid",
    (False, False): "utter_cancel_preview_lines_unpaid",
}
_DONE = {
    (True, True): "utter_cancelled_whole_paid",
    (True, False): "utter_cancelled_whole_unpaid",
    (False, True): "utter_cancelled_lines_paid",
    (False, False): "utter_cancelled_lines_unpaid",
}
# The parcel is on its way: what is left is to ask the carrier.
_SENT = frozenset({CancelRefusal.SHIPPED, CancelRefusal.LINE_SHIPPED})
PREPARE_AGAIN = frozenset({CancelRefusal.DRAFT_EXPIRED, CancelRefusal.TERMS_CHANGED})
_NOTHING_TO_DO = frozenset({CancelRefusal.ORDER_CANCELLED, CancelRefusal.LINE_CANCELLED})


class CancelAction(ShopAction):
    """What the actions of a cancellation share."""

    async def found(self, turn: Turn) -> Cancellable:
        """The frame's order as the rules of cancelling see it."""
        return await self._shop.cancellations.cancellable(
            turn.customer_id, turn.frame.values["order_number"]
        )

    async def refused(self, turn: Turn, code: str, line_id: str = "") -> Outcome:
        """Name the rule that says no; the outcome says what is left to do."""
        refusal = CancelRefusal(code)
        say_refusal(turn, await self.order_of(turn), refusal, line_id)
        if refusal in PREPARE_AGAIN:
            return Outcome("again", values={"draft_id": None})
        if refusal in _SENT:
            return Outcome("sent")
        if refusal is CancelRefusal.DELIVERED:
            return Outcome("delivered")
        return Outcome("nothing" if refusal in _NOTHING_TO_DO else "refused")

    async def prepared(
        self, turn: Turn, order: Order, units: Mapping[str, int], whole: Mapping[str, int]
    ) -> CancellationDraft:
        """A draft for ``units`` of ``order``; without any, for ``whole``, all that can be.

        A custom-made line that is being made is left out, and the shopper told so. Raises Refused.
        """
        units = dict(units)
        while True:
            # No wishes at all mean the whole order, also if it has changed meanwhile.
            wishes = [CancelWish(line_id, count) for line_id, count in units.items()]
            try:
                return await self._shop.cancellations.prepare_cancellation(
                    turn.customer_id,
                    order.number,
                    wishes,
                    CancelReason(turn.frame.values["cancel_reason"]),
                )
            except Refused as refused:
                asked = units or whole
                left = {key: count for key, count in asked.items() if key != refused.detail}
                if refused.code != CancelRefusal.CUSTOM_MADE_STARTED or not left:
                    raise
                say_refusal(turn, order, CancelRefusal.CUSTOM_MADE_STARTED, refused.detail)
                units = left

    async def say_beyond(self, turn: Turn, choice: Choice) -> bool:
        """Whether more was named than there is; if so, that is told."""
        for line_id in choice.beyond:
            await self.refused(turn, CancelRefusal.QUANTITY_TOO_HIGH, line_id)
        return bool(choice.beyond)


def say_refusal(turn: Turn, order: Order, refusal: CancelRefusal, line_id: str = "") -> None:
    """Name the rule that says no to cancelling ``order``, or a line of it."""
    line = order.line(line_id)
    turn.say(
        f"utter_cancel_refused_{refusal.value}",
        {"number": order.number, "line": line_name(line, turn.language) if line else ""},
    )


def _read(turn: Turn, text: str, found: Cancellable) -> Choice | None:
    """Which of the units that can be cancelled ``text`` names."""
    before: Mapping[str, int | None] = _chosen(turn, found)
    return choose_lines(text, found.lines, units=found.units, before=before)


def _chosen(turn: Turn, found: Cancellable) -> dict[str, int | None]:
    """What is chosen now; everything where nothing else was said."""
    return dict(turn.frame.values.get("units") or found.units)


def _named_too_late(text: str, found: Cancellable) -> tuple[CancelRefusal, str] | None:
    """Why the line that ``text`` names, of those that can't be cancelled any more, can't be."""
    left = [line for line in found.order.lines if not found.units.get(line.id)]
    named = choose_lines(text, left)
    keys = [*named.units, *named.unclear] if named is not None else []
    line = found.order.line(keys[0]) if keys else None
    if line is None:
        return None
    code = CancelRefusal.LINE_SHIPPED if line.kept else CancelRefusal.LINE_CANCELLED
    return code, line.id


def _units(choice: Choice, found: Cancellable) -> dict[str, int]:
    """The units of a choice; empty if it is everything. A line named without a number is meant
    as a whole: the summary says how many, and can be corrected."""
    units = {
        line_id: count if count is not None else found.units[line_id]
        for line_id, count in choice.units.items()
    }
    return {} if units == dict(found.units) else units


class ActionScopeCancellation(CancelAction):
    """Finds out what is to be cancelled: the units that were named, else the whole order.

    Outcomes: ``ok``, ``which`` (the words leave it open), ``sent``, ``delivered``, ``nothing``,
    ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_scope_cancellation"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        if found.refusal is not None:
            return await self.refused(turn, found.refusal)
        if "units" in turn.frame.values:
            return Outcome("ok")
        # Whoever called this flow knows the lines.
        lines = turn.frame.values.get("lines") or ()
        given = Choice({key: None for key in lines if found.units.get(key)})
        if given.units:
            return Outcome("ok", values={"units": _units(given, found)})
        said = turn.frame.said
        # "Everything but the coat" names lines: only words that name none mean the whole order.
        choice = _read(turn, said, found)
        if choice is None and (gone := _named_too_late(said, found)):
            return await self.refused(turn, *gone)
        if choice is None or sum(found.units.values()) == 1:
            return Outcome("ok", values={"units": {}})
        if not choice.is_clear:
            await self.say_beyond(turn, choice)
            return Outcome("which")
        return Outcome("ok", values={"units": _units(choice, found)})


class ActionChoicesCancelLines(CancelAction):
    """Offers the lines that can be cancelled. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_cancel_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        choices = line_choices(turn, found.lines, found.units)
        return Outcome("ok", choices=choices, read=True)


class ActionCheckCancelLines(CancelAction):
    """Turns the shopper's words into units. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_cancel_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        value = turn.frame.values["lines"]
        ids = [one for one in (value if isinstance(value, list) else [value]) if one in found.units]
        if turn.pressed and ids:
            choice: Choice | None = Choice(dict.fromkeys(ids))
        else:
            choice = _read(turn, turn.text, found) or (Choice(dict.fromkeys(ids)) if ids else None)
        if choice is None or not choice.is_clear:
            if choice is None or not await self.say_beyond(turn, choice):
                turn.say("utter_cancel_line_unknown")
            return Outcome("invalid")
        return Outcome("ok", values={"units": _units(choice, found)})


class ActionPrepareCancellation(CancelAction):
    """Prepares the cancellation and shows it; nothing has happened yet.

    Outcomes: ``ready``, ``sent``, ``delivered``, ``nothing``, ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_cancellation"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        units = turn.frame.values.get("units") or {}
        try:
            draft = await self.prepared(turn, found.order, units, found.units)
        except Refused as refused:
            return await self.refused(turn, refused.code, refused.detail)
        self._show(turn, found.order, draft)
        return Outcome("ready", values={"draft_id": draft.id})

    def _show(self, turn: Turn, order: Order, draft: CancellationDraft) -> None:
        terms = draft.terms
        values = {
            "number": order.number,
            "items": items_text(turn, terms),
            "rest": _rest(turn, order, terms),
            **_money(turn, order, draft, self._rules.refunds),
        }
        turn.say(
            _PREVIEWS[terms.whole, order.status is not OrderStatus.UNPAID],
            values,
            card=cancellation_card(order.number, "draft", terms, turn.language),
        )


def items_text(turn: Turn, terms: CancellationTerms) -> str:
    """What is taken out of an order."""
    language = turn.language
    names = []
    for line in terms.lines:
        name = with_detail(line.product_name.of(language), line.options.of(language), language)
        names.append(quantity(line.quantity, name, language))
    return listing(names, language)


def _rest(turn: Turn, order: Order, terms: CancellationTerms) -> str:
    taken = {line.line_id: line.quantity for line in terms.lines}
    left = [(line, line.kept - taken.get(line.id, 0)) for line in order.lines]
    return listing(
        [
            quantity(units, line_name(line, turn.language), turn.language)
            for line, units in left
            if units
        ],
        turn.language,
    )


def _money(
    turn: Turn, order: Order, draft: CancellationDraft, rules: RefundRules
) -> dict[str, str]:
    return {
        "total": str(draft.terms.refund),
        "refund": refund_text(turn, order, draft.terms.tenders, rules),
        "balances": balances_text(turn, draft.balances),
    }


class ActionHearCancellation(CancelAction):
    """Reads what the shopper says to the summary, or instead of a reason: other units, about money.

    Outcomes: ``changed``, ``answered``, ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_cancellation"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        choice = _read(turn, turn.text, found)
        if choice is None and _WHOLE.search(turn.text) and turn.frame.values.get("units"):
            return Outcome("changed", values={"units": {}})
        if choice is not None and choice.is_clear:
            chosen = turn.frame.values.get("units") or {}
            if chosen and _TOO.search(turn.text):
                choice = Choice({**chosen, **choice.units})
            units = _units(choice, found)
            if units != (turn.frame.values.get("units") or {}):
                return Outcome("changed", values={"units": units})
        if ABOUT_MONEY.search(turn.text):
            return await self._about_money(turn, found)
        return Outcome("none")

    async def _about_money(self, turn: Turn, found: Cancellable) -> Outcome:
        chosen: dict[str, int] = turn.frame.values.get("units") or {}
        wishes = [CancelWish(line_id, count) for line_id, count in chosen.items()]
        try:
            draft = await self._shop.cancellations.prepare_cancellation(
                turn.customer_id,
                found.order.number,
                wishes,
                CancelReason(turn.frame.values.get("cancel_reason", CancelReason.OTHER)),
            )
        except Refused as refused:
            return await self.refused(turn, refused.code, refused.detail)
        values = _money(turn, found.order, draft, self._rules.refunds)
        turn.say("utter_cancel_money" if draft.terms.refund else "utter_cancel_no_money", values)
        return Outcome("answered")


class ActionCommitCancellation(CancelAction):
    """Makes the confirmed cancellation happen, once.

    Outcomes: ``done``, ``again`` (prepare anew), ``sent``, ``delivered``, ``nothing``, ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_cancellation"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            done = await self._shop.cancellations.commit_cancellation(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            return await self.refused(turn, refused.code, refused.detail)
        await self._tell(turn, done)
        return Outcome("done", learned={"order_number": done.order_number})

    async def _tell(self, turn: Turn, done: Cancellation) -> None:
        order = await self.access(turn, done.order_number)
        turn.say(
            _DONE[done.terms.whole, bool(done.terms.refund)],
            {
                "number": done.order_number,
                "items": items_text(turn, done.terms),
                "total": str(done.terms.refund),
                "refund": refund_text(turn, order, done.terms.tenders, self._rules.refunds),
            },
            card=cancellation_card(done.order_number, "cancelled", done.terms, turn.language),
        )

"""Sending goods back: which lines, how many, why; then a draft, a yes, and the authorisation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.cards import return_card, return_draft_card
from actions.orders import line_name, short_names
from actions.vocabulary import FREIGHT, REFUND_PART, RETURN_REASONS, TENDERS
from actions.wording import listing, quantity
from connectors.backends.orders.model import Trait
from connectors.backends.refunds.model import (
    ReturnableLine,
    ReturnDraft,
    ReturnLine,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnStatus,
    TenderAmount,
)
from kernel.errors import NotFound, Refused

# "除了台灯都退", "everything except the lamp": what is named stays.
_ALL_BUT = re.compile(
    r"除了|除去|除开|(?:其他|其它|剩下).*都退"
    r"|\b(?:all|everything)\b.{0,12}\bbut\b|\bexcept\b|\bapart from\b",
    re.IGNORECASE,
)
# Refusals of the whole order: no choice of lines or reason changes them.
_OF_ORDER = frozenset(
    {ReturnRefusal.NOT_PAID, ReturnRefusal.ORDER_CANCELLED, ReturnRefusal.NOT_DELIVERED}
)
_PREPARE_AGAIN = frozenset({ReturnRefusal.DRAFT_EXPIRED, ReturnRefusal.TERMS_CHANGED})


class ReturnAction(ShopAction):
    """What the actions of a return share: the lines of the order as the return rules see them."""

    async def _lines(self, turn: Turn) -> dict[str, ReturnableLine]:
        lines = await self._shop.refunds.returnable_lines(
            turn.customer_id, turn.frame.values["order_number"]
        )
        return {returnable.line.id: returnable for returnable in lines}


class ActionChoicesReturnLines(ReturnAction):
    """Offers the lines that may come back. Outcomes: ``ok``, ``refused`` (none may)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_return_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = list((await self._lines(turn)).values())
        offered = [line for line in lines if self._may_come_back(turn, line)]
        if not offered:
            _say_refusal(turn, _shared_refusal(lines))
            return Outcome("refused")
        if len(offered) == 1:
            return Outcome("ok", values={"lines": [offered[0].line.id]})
        return Outcome("ok", choices=[_choice(turn, line, offered) for line in offered])

    def _may_come_back(self, turn: Turn, line: ReturnableLine) -> bool:
        """Whether some reason could bring it back; which one is asked later."""
        if line.refusal in _OF_ORDER or line.delivered_at is None or line.quantity <= 0:
            return False
        return line.fault_deadline is None or turn.now < line.fault_deadline


def _shared_refusal(lines: Sequence[ReturnableLine]) -> ReturnRefusal:
    """The reason to name when nothing of an order can come back."""
    refusals = [line.refusal for line in lines if line.refusal is not None]
    for first in (*_OF_ORDER, ReturnRefusal.WINDOW_CLOSED, ReturnRefusal.ALREADY_RETURNED):
        if first in refusals:
            return first
    return refusals[0] if refusals else ReturnRefusal.NOTHING_CHOSEN


def _choice(
    turn: Turn, returnable: ReturnableLine, all_lines: Sequence[ReturnableLine]
) -> dict[str, Any]:
    line = returnable.line
    title = quantity(returnable.quantity, line_name(line, turn.language), turn.language)
    others = {
        word
        for other in all_lines
        if other is not returnable
        for word in short_names(other.line.product_name)
    }
    words = [line.product_name.zh, line.product_name.en]
    words += [word for word in short_names(line.product_name) if word not in others]
    return {"id": line.id, "title": title, "words": words}


class ActionCheckReturnLines(ReturnAction):
    """Turns whatever named lines into their ids. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_return_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self._lines(turn)
        said = [str(word) for word in turn.frame.values["lines"]]
        named = _named(said, lines)
        if not named:
            turn.say("utter_return_line_unknown", {"line": listing(said, turn.language)})
            return Outcome("invalid")
        if _ALL_BUT.search(turn.text) and len(named) < len(lines):
            named = [
                line_id
                for line_id, line in lines.items()
                if line_id not in named and line.quantity > 0 and line.delivered_at is not None
            ]
        return Outcome("ok", values={"lines": named})


def _named(said: Sequence[str], lines: Mapping[str, ReturnableLine]) -> list[str]:
    named: list[str] = []
    for word in said:
        if word in lines:
            named.append(word)
            continue
        folded = word.casefold()
        for line_id, returnable in lines.items():
            name = returnable.line.product_name
            if any(
                folded in side.casefold() or side.casefold() in folded
                for side in (name.zh, name.en)
            ):
                named.append(line_id)
    return list(dict.fromkeys(named))


class ActionTakeReturnLine(ReturnAction):
    """Takes the next line of which it is open how many come back. Outcomes: ``more``, ``done``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_take_return_line"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self._lines(turn)
        known = dict(turn.frame.values.get("quantities") or {})
        for line_id in turn.frame.values["lines"]:
            available = lines[line_id].quantity if line_id in lines else 0
            if available > 1 and line_id not in known:
                title = line_name(lines[line_id].line, turn.language)
                values = {"line": line_id, "line_name": title, "quantity": None}
                return Outcome("more", values=values)
        return Outcome("done")


class ActionChoicesReturnQuantity(ReturnAction):
    """Offers how many units of the line may come back. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_return_quantity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self._lines(turn)
        available = lines[turn.frame.values["line"]].quantity
        choices = [{"id": str(count), "title": str(count)} for count in range(1, available + 1)]
        return Outcome("ok", choices=choices[:10])


class ActionCheckReturnQuantity(ReturnAction):
    """Keeps how many units of the line come back. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_return_quantity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        line_id = turn.frame.values["line"]
        returnable = (await self._lines(turn))[line_id]
        digits = re.search(r"\d+", str(turn.frame.values["quantity"]))
        count = int(digits.group()) if digits else 0
        if not 1 <= count <= returnable.quantity:
            turn.say(
                "utter_return_refused_quantity_too_high",
                {
                    "line": line_name(returnable.line, turn.language),
                    "available": str(returnable.quantity),
                },
            )
            return Outcome("invalid")
        quantities = {**(turn.frame.values.get("quantities") or {}), line_id: count}
        return Outcome("ok", values={"quantity": count, "quantities": quantities})


class ActionCheckSealed(ReturnAction):
    """Whether it matters if a seal is broken. Outcomes: ``ask``, ``done``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_sealed"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if ReturnReason(turn.frame.values["reason"]).is_our_fault:
            return Outcome("done")
        lines = await self._lines(turn)
        chosen = [lines[line_id].line for line_id in turn.frame.values["lines"] if line_id in lines]
        matters = any(Trait.DIGITAL in line.traits for line in chosen)
        return Outcome("ask" if matters else "done")


class ActionPrepareReturn(ReturnAction):
    """Prepares the return and shows it; nothing has happened yet.

    A line that is refused is left out and the shopper is told why. Outcomes: ``ready``,
    ``refused`` (nothing is left).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self._lines(turn)
        wanted = _wanted(turn, lines)
        while wanted:
            try:
                draft = await self._shop.refunds.prepare_return(
                    turn.customer_id,
                    turn.frame.values["order_number"],
                    wanted,
                    ReturnReason(turn.frame.values["reason"]),
                )
            except Refused as refused:
                _say_refusal(turn, ReturnRefusal(refused.code), lines.get(refused.detail))
                left = [request for request in wanted if request.line_id != refused.detail]
                wanted = left if len(left) < len(wanted) else []
                continue
            _show_draft(turn, draft)
            return Outcome(
                "ready",
                values={
                    "draft_id": draft.id,
                    "lines": [line.line_id for line in draft.lines],
                },
            )
        return Outcome("refused")


def _wanted(turn: Turn, lines: Mapping[str, ReturnableLine]) -> list[ReturnRequestLine]:
    quantities = turn.frame.values.get("quantities") or {}
    unsealed = turn.frame.values.get("unsealed") is True
    return [
        ReturnRequestLine(
            line_id, int(quantities.get(line_id, lines[line_id].quantity or 1)), unsealed
        )
        for line_id in turn.frame.values["lines"]
        if line_id in lines
    ]


class ActionCommitReturn(ReturnAction):
    """Makes the confirmed return happen, once.

    Outcomes: ``authorised``, ``awaiting_approval``, ``again`` (prepare anew: the draft is too old
    or the amount has changed), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            authorisation = await self._shop.refunds.commit_return(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            refusal = ReturnRefusal(refused.code)
            lines = await self._lines(turn)
            _say_refusal(turn, refusal, lines.get(refused.detail))
            if refusal in _PREPARE_AGAIN:
                return Outcome("again", values={"draft_id": None})
            return Outcome("refused")
        approved = authorisation.status is not ReturnStatus.AWAITING_APPROVAL
        turn.say(
            "utter_return_authorised" if approved else "utter_return_awaiting_approval",
            {
                "rma": authorisation.number,
                "address": authorisation.return_address,
                "send_by": turn.last_day(authorisation.send_by),
                "freight": FREIGHT[authorisation.freight].of(turn.language),
                "refund": tenders_of(turn, authorisation.tenders),
            },
            card=return_card(authorisation, turn.language),
        )
        return Outcome(
            "authorised" if approved else "awaiting_approval",
            values={"rma": authorisation.number},
            learned={
                "order_number": authorisation.order_number,
                "return_number": authorisation.number,
            },
        )


def _say_refusal(
    turn: Turn, refusal: ReturnRefusal, returnable: ReturnableLine | None = None
) -> None:
    """Name the rule that says no."""
    line = returnable.line if returnable else None
    deadline = returnable.deadline if returnable else None
    turn.say(
        f"utter_return_refused_{refusal.value}",
        {
            "line": line_name(line, turn.language) if line else "",
            "available": str(returnable.quantity) if returnable else "",
            "deadline": turn.day(deadline) if deadline else "",
            "number": str(turn.frame.values.get("order_number", "")),
        },
    )


def _show_draft(turn: Turn, draft: ReturnDraft) -> None:
    language = turn.language
    turn.say(
        "utter_return_preview_approval" if draft.needs_approval else "utter_return_preview",
        {
            "number": draft.order_number,
            "items": listing([return_line_name(turn, line) for line in draft.lines], language),
            "reason": RETURN_REASONS[draft.reason].of(language),
            "total": str(draft.total),
            "refund": tenders_of(turn, draft.tenders),
            "freight": FREIGHT[draft.freight].of(language),
            "send_by": turn.last_day(draft.send_by),
        },
        card=return_draft_card(draft, language),
    )


def return_line_name(turn: Turn, line: ReturnLine) -> str:
    """A returned line with options and quantity."""
    name, options = line.product_name.of(turn.language), line.options.of(turn.language)
    if options:
        name = f"{name}（{options}）" if turn.language == "zh" else f"{name} ({options})"
    return quantity(line.quantity, name, turn.language)


def tenders_of(turn: Turn, tenders: Sequence[TenderAmount]) -> str:
    """How much goes back to which tender, and how long that usually takes."""
    parts = [
        REFUND_PART.of(turn.language).format(
            amount=part.amount, tender=TENDERS[part.tender].of(turn.language), days=part.days
        )
        for part in tenders
    ]
    return listing(parts, turn.language)

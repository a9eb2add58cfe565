"""What is said where a return or an exchange waits for its yes: a change, or a question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions.base import Outcome, Turn
from actions.exchange_lines import VariantsAction
from actions.exchange_request import said_tender
from actions.return_lines import LinesAction, chosen_units, read_lines
from actions.return_request import said_handover, said_refund_to
from actions.vocabulary import FREIGHT
from connectors.backends.refunds.model import Handover, ReturnableLine, ReturnReason
from connectors.backends.refunds.policy import can_pick_up, freight_of

_HOW_MUCH = re.compile(r"一共|总共|退多少|多少钱|\bhow much\b|\bin total\b|\btotal\b")
_WHEN = re.compile(r"多久|什么时候|几天|何时|\bwhen\b|\bhow long\b|\bhow soon\b|\bhow many days\b")
_FREIGHT = re.compile(r"运费|邮费|谁出|\bfreight\b|\bpostage\b|\bwho pays\b|\bshipping cost")
_WHERE = re.compile(
    r"寄到哪|退到哪里寄|地址|\bwhat address\b|\bwhere do i send\b|\bwhere to send\b"
)


def _changed_lines(turn: Turn, lines: Mapping[str, ReturnableLine]) -> dict[str, Any] | None:
    """The values that another choice of lines changes; None if the words make none."""
    now = chosen_units(turn, lines)
    choice = read_lines(turn, turn.text, lines, dict(now))
    if choice is None or not choice.is_clear:
        return None
    units = {
        key: count if count is not None else now.get(key, 0) or None
        for key, count in choice.units.items()
    }
    known = {key: count for key, count in units.items() if count}
    if {key: units[key] or now.get(key) for key in units} == now:
        return None
    return {"lines": list(units), "quantities": known}


class ActionHearReturn(LinesAction):
    """Reads what is neither yes nor no at the confirmation of a return.

    Outcomes: ``changed``, ``answered``, ``lines`` (it is open which lines or how many), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        text = turn.text.casefold()
        changes: dict[str, Any] = {}
        refund_to = said_refund_to(turn.text)
        if refund_to is not None and refund_to.value != values.get("refund_to"):
            changes["refund_to"] = refund_to.value
        handover = said_handover(turn.text)
        keeps = values.get("handover") == Handover.KEEP
        if handover is not None and not keeps and handover.value != values.get("handover"):
            order = await self.order_of(turn)
            if handover is Handover.PICK_UP and not can_pick_up(order, self._rules.returns):
                turn.say("utter_return_refused_no_pick_up")
                return Outcome("answered")
            changes["handover"] = handover.value
        reason = turn.entity("reason")
        if reason is not None and reason != values["reason"]:
            changes["reason"] = reason
        lines = await self.lines(turn)
        chosen = _changed_lines(turn, lines)
        if chosen is not None:
            missing = [
                key
                for key in chosen["lines"]
                if lines[key].quantity > 1 and key not in chosen["quantities"]
            ]
            changes.update(chosen)
            if missing:
                return Outcome("lines", values=changes)
        if not changes and (handover or refund_to):
            # It is so already.
            return Outcome("answered")
        if changes:
            return Outcome("complete" if "reason" in changes else "changed", values=changes)
        return self._answer(turn, text)

    def _answer(self, turn: Turn, text: str) -> Outcome:
        values = turn.frame.values
        told = values.get("told_terms") or {}
        wanted = [
            (_HOW_MUCH, "utter_return_answer_total", {"total": told.get("total", "")}),
            (_WHEN, "utter_return_answer_when", {"refund": told.get("refund", "")}),
            (
                _WHERE,
                "utter_return_answer_address",
                {"address": self._rules.returns.return_address.of(turn.language)},
            ),
            (_FREIGHT, "utter_return_answer_freight", {"freight": self._freight(turn)}),
        ]
        for pattern, response, args in wanted:
            if pattern.search(text) and all(args.values()):
                turn.say(response, args)
                return Outcome("answered")
        return Outcome("none")

    def _freight(self, turn: Turn) -> str:
        values = turn.frame.values
        payer = freight_of(ReturnReason(values["reason"]), Handover(values["handover"]))
        return FREIGHT[payer].of(turn.language)


class ActionHearExchange(VariantsAction):
    """Reads what is neither yes nor no at the confirmation of an exchange.

    Outcomes: ``changed``, ``answered``, ``lines`` (what a line becomes is open), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        lines = await self.lines(turn)
        chosen = [lines[key].line for key in values["lines"] if key in lines]
        targets: dict[str, list[str]] = dict(values.get("targets") or {})
        before = {key: ids[0] for key, ids in targets.items() if len(set(ids)) == 1}
        shares = await self.read_shares(turn.text, chosen, chosen_units(turn, lines))
        targets |= shares
        said = await self.read_targets(turn, turn.text, chosen, before)
        for key, choice in said.items():
            if key in shares:
                continue
            if choice.variant is None:
                targets.pop(key, None)
            elif choice.variant.stock > 0:
                targets[key] = [choice.variant.id]
        if targets != dict(values.get("targets") or {}):
            open_lines = [line.id for line in chosen if line.id not in targets]
            return Outcome("lines" if open_lines else "changed", values={"targets": targets})
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        tender = said_tender(turn, stored)
        if tender is not None and tender != values.get("tender"):
            return Outcome("changed", values={"tender": tender})
        handover = said_handover(turn.text)
        if handover is not None and handover.value != values.get("handover"):
            order = await self.order_of(turn)
            if handover is Handover.PICK_UP and not can_pick_up(order, self._rules.returns):
                turn.say("utter_return_refused_no_pick_up")
                return Outcome("answered")
            return Outcome("changed", values={"handover": handover.value})
        changed = _changed_lines(turn, lines)
        if changed is not None:
            kept = {key: one for key, one in targets.items() if key in changed["lines"]}
            return Outcome("lines", values={**changed, "targets": kept})
        if handover is not None:
            # It is so already.
            return Outcome("answered")
        if _FREIGHT.search(turn.text.casefold()):
            payer = freight_of(
                ReturnReason(values.get("reason", ReturnReason.WRONG_SIZE)),
                Handover(values["handover"]),
            )
            turn.say("utter_return_answer_freight", {"freight": FREIGHT[payer].of(turn.language)})
            return Outcome("answered")
        return Outcome("none")

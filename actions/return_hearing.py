"""What is said where a return or an exchange waits for its yes: a change, or a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.base import Outcome, Turn
from actions.choosing_lines import line_thing
from actions.choosing_mentions import fold, mentions_in
from actions.choosing_regions import is_addition, spares_some
from actions.choosing_tenders import names_tender
from actions.exchange_lines import VariantsAction
from actions.exchange_request import said_tender
from actions.modify_reading import names_difference
from actions.money import balances_told
from actions.orders import line_name
from actions.payment_methods import asks_balance
from actions.return_lines import LinesAction, changed_lines, chosen_units
from actions.return_request import paid_by, said_handover, said_refund_to
from actions.vocabulary import FREIGHT
from actions.waiting_orders import gives_up_this_one
from actions.wanted_in_vain import say_in_vain
from connectors.backends.customers.model import BalanceChange
from connectors.backends.refunds.model import Handover, RefundTo, ReturnableLine, ReturnReason
from connectors.backends.refunds.policy import can_pick_up, freight_of
from kernel.money import Money

_HOW_MUCH = re.compile(r"一共|总共|退多少|多少钱|\bhow much\b|\bin total\b|\btotal\b")
_AFTERWARDS = re.compile(r"(?:之后|以后|到时).*(?:有|剩)多少|\bhow much\b.*\bafter(?:wards)?\b")
_WHEN = re.compile(r"多久|什么时候|几天|何时|\bwhen\b|\bhow long\b|\bhow soon\b|\bhow many days\b")
_FREIGHT = re.compile(r"运费|邮费|谁出|\bfreight\b|\bpostage\b|\bwho pays\b|\bshipping cost")
_HOW_TO_SEND = (
    r"怎么(?:寄|退)回|\b(?:where|how) (?:do|shall|should|can|must) i (?:send|post|return|ship)\b"
)
_WHERE = re.compile(
    rf"寄到哪|寄去哪|退到哪里寄|地址|\bwhat address\b|\bwhere to send\b|{_HOW_TO_SEND}"
)


def _wanted_handover(text: str) -> Handover | None:
    """The way that ``text`` wants the goods to go; a question how to send them wants none."""
    return None if re.search(_HOW_TO_SEND, text.casefold()) else said_handover(text)


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
            if refund_to is RefundTo.BALANCE and not paid_by(
                turn, await self.order_of(turn), refund_to.value
            ):
                return Outcome("answered")
            changes["refund_to"] = refund_to.value
        handover = _wanted_handover(turn.text)
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
        chosen = changed_lines(turn, lines)
        if chosen is not None:
            missing = [
                key
                for key in chosen["lines"]
                if lines[key].quantity > 1 and key not in chosen["quantities"]
            ]
            changes.update(chosen)
            if missing:
                return Outcome("lines", values=changes)
        if changes:
            return Outcome("complete" if "reason" in changes else "changed", values=changes)
        if await self._answers(turn, text) or handover or refund_to:
            # It is answered, or so already.
            return Outcome("answered")
        return Outcome("none")

    async def _answers(self, turn: Turn, text: str) -> bool:
        """Whether ``text`` asks something of the return, which is said then."""
        values = turn.frame.values
        told = values.get("told_terms") or {}
        if asks_balance(text) or _AFTERWARDS.search(text):
            balances = balances_told(turn, await self._credited(turn, told.get("credited") or ()))
            if balances:
                after = {"total": told["total"], "balances": balances}
                turn.say("utter_return_answer_balances", after)
                return True
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
                return True
        return False

    async def _credited(
        self, turn: Turn, credited: Sequence[tuple[str, int, str]]
    ) -> list[BalanceChange]:
        """What the refund will do to the customer's one gift card, and to the account."""
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        changes = []
        for tender, minor, currency in credited:
            same = [one for one in stored if one.tender.value == tender]
            before = same[0].balance if len(same) == 1 else None
            if before is None or before.currency != currency:
                return []
            after = before + Money(minor, currency)
            changes.append(BalanceChange(same[0].id, same[0].tender, same[0].hint, before, after))
        return changes

    def _freight(self, turn: Turn) -> str:
        values = turn.frame.values
        payer = freight_of(ReturnReason(values["reason"]), Handover(values["handover"]))
        return FREIGHT[payer].of(turn.language)


class ActionHearExchange(VariantsAction):
    """Reads what is neither yes nor no at the confirmation of an exchange.

    Outcomes: ``changed``, ``answered``, ``lines`` (what a line becomes is open), ``no`` (no line is
    left), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        lines = await self.lines(turn)
        changed = await self._other_lines(turn, lines)
        # "The shoes too, size 39" speaks of a line that was not among them.
        ids = changed.get("lines", values["lines"])
        chosen = [lines[key].line for key in ids if key in lines]
        told: dict[str, list[str]] = dict(values.get("targets") or {})
        targets = {key: one for key, one in told.items() if key in ids}
        before = {key: each[0] for key, each in targets.items() if len(set(each)) == 1}
        units = {key: max(1, lines[key].quantity) for key in ids if key in lines}
        units |= changed.get("quantities") or chosen_units(turn, lines)
        shares = await self.read_shares(turn.text, chosen, units)
        targets |= shares
        spared: list[str] = []
        unknown: list[str] = []
        every = [one.line for one in lines.values()]
        said = await self.read_targets(turn, turn.text, chosen, before, every, units)
        for key, choice in said.items():
            if key in shares:
                continue
            if choice.otherwise is not None:
                say_in_vain(turn, lines[key].line, choice)
                spared.append(key)
            elif choice.unknown and key in targets:
                say_in_vain(turn, lines[key].line, choice)
                unknown.append(key)
            elif choice.variant is None:
                targets.pop(key, None)
            elif choice.variant.stock > 0:
                targets[key] = [choice.variant.id]
        if spared:
            left = [key for key in ids if key not in spared]
            return Outcome("lines" if left else "no", values={**changed, "lines": left})
        if changed or targets != told:
            return Outcome(
                "lines" if changed or any(key not in targets for key in ids) else "changed",
                values={**changed, "targets": targets},
            )
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        tender = said_tender(turn, stored)
        if tender is not None and tender != values.get("tender"):
            return Outcome("changed", values={"tender": tender})
        handover = _wanted_handover(turn.text)
        if handover is not None and handover.value != values.get("handover"):
            order = await self.order_of(turn)
            if handover is Handover.PICK_UP and not can_pick_up(order, self._rules.returns):
                turn.say("utter_return_refused_no_pick_up")
                return Outcome("answered")
            return Outcome("changed", values={"handover": handover.value})
        if handover is not None:
            # It is so already.
            return Outcome("answered")
        if names_difference(turn.text) or _HOW_MUCH.search(turn.text.casefold()):
            difference = str(values.get("told_difference") or "")
            turn.say("utter_exchange_answer_difference", {"difference": difference})
            return Outcome("answered")
        if _WHERE.search(turn.text.casefold()):
            address = self._rules.returns.return_address.of(turn.language)
            turn.say("utter_return_answer_address", {"address": address})
            return Outcome("answered")
        if _FREIGHT.search(turn.text.casefold()):
            payer = freight_of(
                ReturnReason(values.get("reason", ReturnReason.WRONG_SIZE)),
                Handover(values["handover"]),
            )
            turn.say("utter_return_answer_freight", {"freight": FREIGHT[payer].of(turn.language)})
            return Outcome("answered")
        if unknown or any(choice.variant is not None for choice in said.values()):
            # They cannot become that, or they do so already.
            return Outcome("answered")
        if self._says_options_alone(turn, lines) and len(chosen) == 1:
            # Options that other goods come in.
            values = {"line": line_name(chosen[0], turn.language)}
            turn.say("utter_exchange_variant_unknown", values)
            return Outcome("answered")
        return Outcome("no" if gives_up_this_one(turn) else "none")

    def _says_options_alone(self, turn: Turn, lines: Mapping[str, ReturnableLine]) -> bool:
        """Whether the words speak of options and of no line: "in pink rather"."""
        folded = fold(turn.text)
        found = mentions_in(folded, [line_thing(one.line) for one in lines.values()])
        options_alone = bool(found) and all(one.narrows for one in found)
        return options_alone and not is_addition(folded) and not spares_some(folded)

    async def _other_lines(self, turn: Turn, lines: Mapping[str, ReturnableLine]) -> dict[str, Any]:
        """The values that another choice of lines changes; empty if the words make none.

        A line is dropped where it is said to stay, or where nothing is said of what lines become:
        "the pink 39 in grey 41" names options of both sides.
        """
        changed = changed_lines(turn, lines) or {}
        things = [line_thing(one.line) for one in lines.values()]
        # "The other card" is none of the other lines.
        of_money = names_tender(turn.text) and not mentions_in(fold(turn.text), things)
        if of_money or self._says_options_alone(turn, lines):
            return {}
        now = turn.frame.values["lines"]
        dropped = set(now) - set(changed.get("lines", now))
        if not dropped or spares_some(fold(turn.text)):
            return changed
        chosen = [lines[key].line for key in now if key in lines]
        shares = await self.read_shares(turn.text, chosen, chosen_units(turn, lines))
        return {} if shares or await self.read_targets(turn, turn.text, chosen, {}) else changed

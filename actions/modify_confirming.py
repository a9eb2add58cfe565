"""The summary of a change, what is said to it, and the commit."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.base import Outcome, Turn
from actions.cards import order_card
from actions.choosing_lines import choose_lines
from actions.choosing_mentions import fold
from actions.choosing_regions import spares_some
from actions.modify_order import ModifyAction, noon
from actions.modify_reading import read_part
from actions.modify_wish import Wanted
from actions.money import balances_text, refund_text, tender_name
from actions.vocabulary import (
    CHARGED,
    CHEAPER,
    DEARER,
    LINE_LESS,
    LINE_MORE,
    LINE_TO,
    NO_DIFFERENCE,
    NO_MONEY_MOVES,
    SLOT,
    SLOT_CHANGE,
    TENDER_CHANGE,
)
from actions.waiting_orders import gives_up_this_one
from actions.wording import quantity
from connectors.backends.orders.model import DeliverySlot, Order, OrderStatus
from connectors.backends.orders.modifying import (
    Modifiable,
    ModifiedLine,
    ModifyRefusal,
    ModifyTerms,
)
from connectors.backends.refunds.policy import goes_elsewhere
from connectors.backends.rules import RefundRules
from kernel.errors import NotFound, Refused

_MONEY = re.compile(
    r"余额|差价|多少钱|补多少|退多少|balance|how much|difference|left on", re.IGNORECASE
)
_WHAT_IS_LEFT = re.compile(
    r"(?:卡|账户)[里上]?(?:会|还|就)*[有剩]多少"
    r"|\b(?:what|how much)\b.*\b(?:balance|(?:be|is|left) (?:on|in) (?:my|the))\b",
    re.IGNORECASE,
)
_AS_IT_WAS_PAID = re.compile(
    r"原路|原支付|怎么付的|\boriginal\b|\bway (?:it was|i) paid\b", re.IGNORECASE
)

_NO = Outcome("no")


class ActionPrepareModification(ModifyAction):
    """Prepares the change and shows it; nothing has happened yet.

    Outcomes: ``ready``, or what a refusal leaves to do (see ``ModifyAction.refused``).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_modification"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        try:
            draft = await self._shop.modifications.prepare_modification(
                turn.customer_id, found.order.number, wanted.wish
            )
        except Refused as refused:
            if refused.code != ModifyRefusal.DID_NOT_PAY:
                return self.refused(turn, found, wanted, refused)
            # There is nothing to ask: it goes back to what paid, as the summary says.
            self.say_refusal(turn, found, ModifyRefusal.DID_NOT_PAY)
            wanted = replace(wanted, tender="")
            draft = await self._shop.modifications.prepare_modification(
                turn.customer_id, found.order.number, wanted.wish
            )
        turn.say(
            "utter_modify_preview",
            {
                "number": found.order.number,
                "changes": "\n".join(changes_text(turn, draft.terms)),
                "total": str(draft.terms.total_after),
                "money": money_text(turn, found.order, draft.terms, self._rules.refunds),
                "balances": balances_text(turn, draft.balances),
            },
        )
        terms = draft.terms
        elsewhere = goes_elsewhere(terms.refunds, found.order.payments, terms.refund_account)
        values = {"draft_id": draft.id, "wanted": wanted.told(), "new_tender": elsewhere}
        return Outcome("ready", values=values)


def changes_text(turn: Turn, terms: ModifyTerms) -> list[str]:
    """Each change on a line of its own."""
    said = [_line_text(turn, line) for line in terms.lines]
    if terms.slot is not None:
        said.append(SLOT_CHANGE.of(turn.language).format(slot=slot_text(turn, terms.slot)))
    if terms.charge is not None and terms.refunds:
        tender = tender_name(turn, terms.charge.tender, terms.charge.hint)
        said.append(TENDER_CHANGE.of(turn.language).format(tender=tender))
    return said


def _line_text(turn: Turn, line: ModifiedLine) -> str:
    language = turn.language
    old = line.options.of(language)
    name = f"{line.product_name.of(language)} {old}".strip()
    values = {"name": name, "taken": line.taken, "given": line.given}
    if not line.given:
        return LINE_LESS.of(language).format(**values)
    if not line.taken:
        added = f"{line.product_name.of(language)} {line.new_options.of(language)}".strip()
        return LINE_MORE.of(language).format(**{**values, "name": added})
    new = quantity(line.given, line.new_options.of(language), language)
    return LINE_TO.of(language).format(name=quantity(line.taken, name, language), new=new)


def slot_text(turn: Turn, slot: DeliverySlot) -> str:
    """A delivery time as it is told."""
    day = turn.day(noon(turn, slot.day))
    return SLOT.of(turn.language).format(day=day, start=slot.start, end=slot.end)


def money_text(turn: Turn, order: Order, terms: ModifyTerms, rules: RefundRules) -> str:
    """What is charged, what goes back where, or that nothing does."""
    language = turn.language
    if order.status is OrderStatus.UNPAID:
        if not terms.difference:
            return NO_DIFFERENCE.of(language)
        words = DEARER if terms.difference.minor > 0 else CHEAPER
        amount = terms.difference if terms.difference.minor > 0 else -terms.difference
        return words.of(language).format(amount=amount)
    said = []
    if terms.charge is not None:
        tender = tender_name(turn, terms.charge.tender, terms.charge.hint)
        said.append(CHARGED.of(language).format(amount=terms.charge.amount, tender=tender))
    if terms.refunds:
        said.append(refund_text(turn, order, terms.refunds, rules, terms.refund_account))
    if not said:
        return NO_DIFFERENCE.of(language) if terms.lines else NO_MONEY_MOVES.of(language)
    return ("；" if language == "zh" else "; ").join(said)


class ActionHearModification(ModifyAction):
    """Reads what the shopper says to the summary: another change, another tender, about money.

    Outcomes: ``changed``, ``answered``, ``no``, ``none``, and what is still to be asked (see
    ``ActionScopeModification``).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_modification"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        if found.refusal is not None:
            return Outcome("none")
        before = self.wanted(turn, found)
        if _WHAT_IS_LEFT.search(turn.text):
            return await self._about_money(turn, found, before)
        left = _left_of(turn, found, before)
        if left is not None:
            # "Leave the backpack": what is to become of the others stays.
            return Outcome("changed", values={"wanted": left.told()}) if left.lines else _NO
        wanted = await self.read(turn, found, turn.text, before)
        if _AS_IT_WAS_PAID.search(turn.text) and wanted.tender:
            wanted = replace(wanted, tender="")
        if wanted == before:
            wanted = _part_of_it(turn, found, before)
        if wanted != before:
            outcome = await self.step(turn, found, wanted)
            return replace(outcome, word="changed") if outcome.word == "ok" else outcome
        if _MONEY.search(turn.text):
            return await self._about_money(turn, found, wanted)
        return Outcome("no" if gives_up_this_one(turn) else "none")

    async def _about_money(self, turn: Turn, found: Modifiable, wanted: Wanted) -> Outcome:
        try:
            draft = await self._shop.modifications.prepare_modification(
                turn.customer_id, found.order.number, wanted.wish
            )
        except Refused as refused:
            return self.refused(turn, found, wanted, refused)
        values = {
            "total": str(draft.terms.total_after),
            "money": money_text(turn, found.order, draft.terms, self._rules.refunds),
            "balances": balances_text(turn, draft.balances),
        }
        turn.say("utter_modify_money", values)
        return Outcome("answered")


def _left_of(turn: Turn, found: Modifiable, wanted: Wanted) -> Wanted | None:
    """``wanted`` without the lines that shall stay as they are; None if none is named so."""
    changed = {one.line_id for one in wanted.lines}
    lines = [line for line in found.order.lines if line.id in changed]
    if turn.pressed or not lines or not spares_some(fold(turn.text)):
        return None
    choice = choose_lines(turn.text, lines, before=dict.fromkeys(changed))
    ids = set(choice.units) if choice is not None else set()
    if choice is None or choice.unclear or choice.beyond or not ids < changed:
        return None
    return replace(wanted, lines=tuple(one for one in wanted.lines if one.line_id in ids))


def _part_of_it(turn: Turn, found: Modifiable, wanted: Wanted) -> Wanted:
    """ "Just one of them": fewer units of the one line that is to become something else."""
    if len(wanted.lines) != 1:
        return wanted
    wish = wanted.lines[0]
    line = found.order.line(wish.line_id)
    if line is None or wish.variant_id == line.variant_id:
        return wanted
    part = read_part(turn.text, line, found.units[line.id])
    if part is None:
        return wanted
    return replace(wanted, lines=(replace(wish, taken=part, given=part),))


class ActionCommitModification(ModifyAction):
    """Makes the confirmed change happen, once.

    Outcomes: ``done``, ``again`` (prepare anew), or what a refusal leaves to do (see
    ``ModifyAction.refused``).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_modification"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        number = turn.frame.values["order_number"]
        try:
            done = await self._shop.modifications.commit_modification(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            found = await self.found(turn)
            return self.refused(turn, found, self.wanted(turn, found), refused)
        order = await self.access(turn, number)
        turn.say(
            "utter_modify_done",
            {
                "number": number,
                "changes": "\n".join(changes_text(turn, done.terms)),
                "total": str(done.terms.total_after),
                "money": money_text(turn, order, done.terms, self._rules.refunds),
            },
            card=order_card(order, turn.language),
        )
        return Outcome("done", learned={"order_number": number})

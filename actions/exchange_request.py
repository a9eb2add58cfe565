"""Exchanging goods: a draft with every line, its new options and the difference; then once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.base import Outcome, Turn
from actions.cards import exchange_card, exchange_draft_card
from actions.choosing_tenders import choose_tenders, usable_tenders
from actions.exchange_lines import VariantsAction, wanted_units
from actions.money import balances_text, refund_text, stored_name, tender_name
from actions.orders import line_name
from actions.return_lines import chosen_units, say_refusal
from actions.return_request import handover_text
from actions.vocabulary import (
    CHARGED,
    DIFFERENCE_BACK,
    DIFFERENCE_DUE,
    FREIGHT,
    NO_DIFFERENCE,
    WHEN_REPLACED,
)
from actions.wording import listing, quantity
from connectors.backends.customers.model import StoredTender
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.refunds.exchanges import (
    ExchangeDraft,
    ExchangeLine,
    ExchangeRefusal,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeWish,
    line_difference,
    return_refusal_of,
)
from connectors.backends.refunds.model import Handover, ReturnableLine, ReturnReason
from connectors.backends.refunds.policy import goes_elsewhere
from connectors.backends.rules import RefundRules
from kernel.errors import NotFound, Refused
from kernel.money import Money, total

_PREPARE_AGAIN = frozenset({ExchangeRefusal.DRAFT_EXPIRED, ExchangeRefusal.TERMS_CHANGED})


# By whether the goods stay, and whether a person approves.
_PREVIEWS = {
    (False, False): "utter_exchange_preview",
    (False, True): "utter_exchange_preview_approval",
    (True, False): "utter_replacement_preview",
    (True, True): "utter_replacement_preview_approval",
}
_DONE = {
    Handover.DROP_OFF: "utter_exchange_authorised",
    Handover.PICK_UP: "utter_exchange_authorised_pick_up",
    Handover.KEEP: "utter_exchange_authorised_keep",
}
_WAITING = "utter_exchange_awaiting_approval"
_REFUSED = {
    ExchangeRefusal.OTHER_PRODUCT: "utter_exchange_refused_other_product",
    ExchangeRefusal.SAME_VARIANT: "utter_exchange_refused_same_variant",
    ExchangeRefusal.OUT_OF_STOCK: "utter_exchange_refused_out_of_stock",
    ExchangeRefusal.TENDER_MISSING: "utter_modify_refused_tender_missing",
    ExchangeRefusal.TENDER_UNKNOWN: "utter_modify_refused_tender_unknown",
    ExchangeRefusal.TENDER_EXPIRED: "utter_modify_refused_tender_expired",
    ExchangeRefusal.BALANCE_TOO_LOW: "utter_modify_refused_balance_too_low",
    ExchangeRefusal.DID_NOT_PAY: "utter_modify_refused_did_not_pay",
}


OF_TENDER = frozenset(
    {
        ExchangeRefusal.TENDER_MISSING,
        ExchangeRefusal.TENDER_UNKNOWN,
        ExchangeRefusal.TENDER_EXPIRED,
        ExchangeRefusal.BALANCE_TOO_LOW,
        ExchangeRefusal.DID_NOT_PAY,
    }
)


class ExchangeAction(VariantsAction):
    """What preparing and committing share: how a refusal is told, and what may follow it."""

    def refuse(
        self, turn: Turn, refused: Refused, lines: Mapping[str, ReturnableLine]
    ) -> ExchangeRefusal:
        """Name the rule that says no."""
        refusal = ExchangeRefusal(refused.code)
        returnable = lines.get(refused.detail)
        known = return_refusal_of(refusal)
        if known is not None:
            say_refusal(turn, known, returnable)
        else:
            name = line_name(returnable.line, turn.language) if returnable else ""
            turn.say(_REFUSED[refusal], {"line": name})
        return refusal

    async def difference_of(
        self, wanted: Sequence[ExchangeRequestLine], lines: Mapping[str, ReturnableLine]
    ) -> Money:
        """What the wanted variants cost more together, at today's prices."""
        parts = []
        taken: dict[str, int] = {}
        for one in wanted:
            line = lines[one.line_id]
            product = await self._shop.catalogue.product(line.line.product_id)
            for variant in product.variants:
                if variant.id == one.variant_id:
                    before = taken.get(one.line_id, 0)
                    parts.append(line_difference(line, one.quantity, variant, before))
            taken[one.line_id] = taken.get(one.line_id, 0) + one.quantity
        return total(parts, lines[wanted[0].line_id].line.unit_price.currency)


class ActionScopeExchange(ExchangeAction):
    """Whether there is anything to exchange yet. Outcomes: ``ok``, ``unsent`` (it is changed)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_scope_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        open_states = (OrderStatus.UNPAID, OrderStatus.PAID, OrderStatus.PREPARING)
        return Outcome("unsent" if order.status in open_states else "ok")


class ActionPrepareExchange(ExchangeAction):
    """Prepares the exchange and shows it; nothing has happened yet.

    Outcomes: ``ready``, ``again`` (a variant is gone: its line is asked anew), ``money`` (it is
    open what pays the difference), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        lines = await self.lines(turn)
        targets: Mapping[str, Sequence[str]] = values.get("targets") or {}
        bought = {key: one.line for key, one in lines.items()}
        wanted = wanted_units(targets, chosen_units(turn, lines), bought)
        while wanted:
            try:
                draft = await self._shop.refunds.prepare_exchange(
                    turn.customer_id, values["order_number"], wanted, exchange_wish_of(turn)
                )
            except Refused as refused:
                refusal = self.refuse(turn, refused, lines)
                if refusal in OF_TENDER:
                    due = await self.difference_of(wanted, lines)
                    values = {"tender": None, "due": [due.minor, due.currency]}
                    return Outcome("money", values=values)
                if refusal in (ExchangeRefusal.OUT_OF_STOCK, ExchangeRefusal.SAME_VARIANT):
                    left = {key: one for key, one in targets.items() if key != refused.detail}
                    # The words that asked for the same once more are not read that way again.
                    same = [*(values.get("not_the_same") or ()), refused.detail]
                    return Outcome("again", values={"targets": left, "not_the_same": same})
                kept = [one for one in wanted if one.line_id != refused.detail]
                wanted = kept if len(kept) < len(wanted) else []
                continue
            order = await self.order_of(turn)
            told = money_text(turn, order, draft, self._rules.refunds)
            self._show(turn, draft, told, {key: one.quantity for key, one in lines.items()})
            return Outcome(
                "ready",
                values={
                    "told_difference": told,
                    "draft_id": draft.id,
                    "new_tender": goes_elsewhere(
                        draft.refunds, order.payments, draft.refund_account
                    ),
                    "lines": list(dict.fromkeys(line.line_id for line in draft.lines)),
                },
            )
        return Outcome("refused")

    def _show(self, turn: Turn, draft: ExchangeDraft, money: str, units: Mapping[str, int]) -> None:
        language = turn.language
        turn.say(
            _PREVIEWS[draft.wish.handover is Handover.KEEP, draft.needs_approval],
            {
                "number": draft.order_number,
                "items": listing(
                    [exchange_line_name(turn, line, units[line.line_id]) for line in draft.lines],
                    language,
                ),
                "difference": money,
                "freight": FREIGHT[draft.freight].of(language),
                "handover": handover_text(
                    turn,
                    draft.wish.handover,
                    draft.address.masked(),
                    self._rules.returns.return_address,
                    self._rules.returns.pick_up_days,
                ),
                "address": draft.address.masked(),
                "send_by": turn.last_day(draft.send_by),
                "days": str(self._rules.returns.replacement_days),
                "balances": balances_text(turn, draft.balances),
            },
            card=exchange_draft_card(draft, language),
        )


def exchange_wish_of(turn: Turn) -> ExchangeWish:
    """How the exchange shall go, as far as the frame knows."""
    values = turn.frame.values
    return ExchangeWish(
        ReturnReason(values.get("reason", ReturnReason.WRONG_SIZE)),
        Handover(values.get("handover", Handover.DROP_OFF)),
        tuple(str(photo) for photo in values.get("photos") or ()),
        values.get("tender"),
    )


class ActionCommitExchange(ExchangeAction):
    """Makes the confirmed exchange happen, once.

    Outcomes: ``authorised``, ``awaiting_approval``, ``again`` (prepare anew), ``gone`` (somebody
    was faster: the line is asked anew), ``money`` (what shall pay cannot any more), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        try:
            made = await self._shop.refunds.commit_exchange(turn.customer_id, values["draft_id"])
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            lines = await self.lines(turn)
            refusal = self.refuse(turn, refused, lines)
            if refusal in _PREPARE_AGAIN:
                return Outcome("again", values={"draft_id": None})
            if refusal in OF_TENDER:
                # Prepared anew without it: that offers what can pay.
                return Outcome("again", values={"draft_id": None, "tender": None})
            if refusal is ExchangeRefusal.OUT_OF_STOCK:
                targets = dict(values.get("targets") or {})
                targets.pop(refused.detail, None)
                return Outcome("gone", values={"draft_id": None, "targets": targets})
            return Outcome("refused")
        language = turn.language
        approved = made.status is ExchangeStatus.AUTHORISED
        turn.say(
            _DONE[made.wish.handover] if approved else _WAITING,
            {
                "number": made.number,
                "items": listing([exchange_line_name(turn, line) for line in made.lines], language),
                "address": made.return_address.of(language),
                "send_by": turn.last_day(made.send_by),
                "freight": FREIGHT[made.freight].of(language),
                "difference": str(values.get("told_difference") or ""),
                "days": str(self._rules.returns.pick_up_days),
                "replacement": str(self._rules.returns.replacement_days),
            },
            card=exchange_card(made, language),
        )
        return Outcome(
            made.status.value,
            values={"exchange_number": made.number},
            learned={"order_number": made.order_number},
        )


def exchange_line_name(turn: Turn, line: ExchangeLine, whole: int = 0) -> str:
    """``亚麻衬衫 米白 / S → 雾霾蓝 / L``, with the quantity if it is more than one or a part
    of ``whole``."""
    language = turn.language
    old, new = line.options.of(language), line.new_options.of(language)
    name = quantity(line.quantity, line.product_name.of(language), language, whole=whole)
    return f"{name} {old} → {new}" if old != new else f"{name} {old}".strip()


def money_text(turn: Turn, order: Order, draft: ExchangeDraft, rules: RefundRules) -> str:
    """What is charged, what goes back where and when, or that neither is."""
    language = turn.language
    if not draft.difference:
        return NO_DIFFERENCE.of(language)
    if draft.needs_approval:
        due = draft.difference.minor > 0
        amount = draft.difference if due else -draft.difference
        return (DIFFERENCE_DUE if due else DIFFERENCE_BACK).of(language).format(amount=amount)
    if draft.charge is not None:
        tender = tender_name(turn, draft.charge.tender, draft.charge.hint)
        return CHARGED.of(language).format(amount=draft.charge.amount, tender=tender)
    back = refund_text(turn, order, draft.refunds, rules, draft.refund_account)
    return WHEN_REPLACED.of(language).format(back=back)


class ActionChoicesExchangeTender(ExchangeAction):
    """Offers what on file covers the difference. Outcomes: ``ok``, ``none`` (says so)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_exchange_tender"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        due = Money(*turn.frame.values["due"])
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        today = turn.now.astimezone(turn.zone).date()
        able = [one for one in stored if one.covers(due, today)]
        if not able:
            turn.say("utter_modify_no_tender", {"amount": str(due)})
            return Outcome("none")
        choices = [{"id": one.id, "title": stored_name(turn, one)} for one in able]
        return Outcome("ok", choices=choices)


class ActionCheckExchangeTender(ExchangeAction):
    """Takes what pays the difference. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_exchange_tender"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        value = str(turn.frame.values["tender"])
        chosen = value if any(one.id == value for one in stored) else None
        chosen = chosen or said_tender(turn, stored)
        if chosen is None:
            turn.say("utter_modify_tender_unknown")
            return Outcome("invalid")
        return Outcome("ok", values={"tender": chosen})


def said_tender(turn: Turn, stored: Sequence[StoredTender]) -> str | None:
    """The one tender on file that the message names; None if it names none or several."""
    today = turn.now.astimezone(turn.zone).date()
    chosen = usable_tenders(turn.text, choose_tenders(turn.text, stored), today)
    return chosen[0].id if len(chosen) == 1 else None

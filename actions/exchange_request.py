"""Exchanging goods: a draft with every line, its new options and the difference; then once."""

from __future__ import annotations

from collections.abc import Mapping

from actions.base import Outcome, Turn
from actions.cards import exchange_card, exchange_draft_card
from actions.exchange_lines import VariantsAction
from actions.orders import line_name
from actions.return_lines import chosen_units, say_refusal
from actions.return_request import handover_text
from actions.vocabulary import DIFFERENCE_BACK, DIFFERENCE_DUE, FREIGHT, NO_DIFFERENCE
from actions.wording import listing, quantity
from connectors.backends.refunds.exchanges import (
    ExchangeDraft,
    ExchangeLine,
    ExchangeRefusal,
    ExchangeRequestLine,
    ExchangeStatus,
    ExchangeWish,
    return_refusal_of,
)
from connectors.backends.refunds.model import Handover, ReturnableLine, ReturnReason
from kernel.errors import NotFound, Refused
from kernel.money import Money

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
}


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


class ActionPrepareExchange(ExchangeAction):
    """Prepares the exchange and shows it; nothing has happened yet.

    Outcomes: ``ready``, ``again`` (a variant is gone: its line is asked anew), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        lines = await self.lines(turn)
        targets: Mapping[str, str] = values.get("targets") or {}
        wanted = [
            ExchangeRequestLine(key, count, targets.get(key, lines[key].line.variant_id))
            for key, count in chosen_units(turn, lines).items()
        ]
        while wanted:
            try:
                draft = await self._shop.refunds.prepare_exchange(
                    turn.customer_id, values["order_number"], wanted, exchange_wish_of(turn)
                )
            except Refused as refused:
                refusal = self.refuse(turn, refused, lines)
                if refusal in (ExchangeRefusal.OUT_OF_STOCK, ExchangeRefusal.SAME_VARIANT):
                    left = {key: one for key, one in targets.items() if key != refused.detail}
                    return Outcome("again", values={"targets": left})
                kept = [one for one in wanted if one.line_id != refused.detail]
                wanted = kept if len(kept) < len(wanted) else []
                continue
            self._show(turn, draft)
            return Outcome(
                "ready",
                values={
                    "draft_id": draft.id,
                    "lines": list(dict.fromkeys(line.line_id for line in draft.lines)),
                },
            )
        return Outcome("refused")

    def _show(self, turn: Turn, draft: ExchangeDraft) -> None:
        language = turn.language
        turn.say(
            _PREVIEWS[draft.wish.handover is Handover.KEEP, draft.needs_approval],
            {
                "number": draft.order_number,
                "items": listing(
                    [exchange_line_name(turn, line) for line in draft.lines], language
                ),
                "difference": difference_text(turn, draft.difference),
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
    )


class ActionCommitExchange(ExchangeAction):
    """Makes the confirmed exchange happen, once.

    Outcomes: ``authorised``, ``awaiting_approval``, ``again`` (prepare anew), ``gone`` (somebody
    was faster: the line is asked anew), ``refused``.
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
                "difference": difference_text(turn, made.difference),
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


def exchange_line_name(turn: Turn, line: ExchangeLine) -> str:
    """``亚麻衬衫 米白 / S → 雾霾蓝 / L``, with the quantity if it is more than one."""
    language = turn.language
    old, new = line.options.of(language), line.new_options.of(language)
    name = quantity(line.quantity, line.product_name.of(language), language)
    return f"{name} {old} → {new}" if old != new else f"{name} {old}".strip()


def difference_text(turn: Turn, difference: Money) -> str:
    """What is to pay, what goes back, or that neither does."""
    if not difference:
        return NO_DIFFERENCE.of(turn.language)
    due = Money(0, difference.currency) < difference
    words = DIFFERENCE_DUE if due else DIFFERENCE_BACK
    return words.of(turn.language).format(amount=difference if due else -difference)

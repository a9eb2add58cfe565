"""Sending goods back: how and where the money goes; then a draft, a yes, and the authorisation."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.base import Outcome, Turn
from actions.cards import return_card, return_draft_card
from actions.choosing_mentions import fold
from actions.choosing_regions import without_slips
from actions.money import balances_text, by_tender
from actions.return_lines import LinesAction, chosen_units, say_refusal
from actions.vocabulary import (
    FREIGHT,
    HANDOVERS,
    RETURN_REASONS,
    TENDERS,
)
from actions.wording import listing, quantity, with_detail
from connectors.backends.orders.model import HAS_BALANCE, Order, Trait
from connectors.backends.refunds.model import (
    Handover,
    RefundTo,
    ReturnableLine,
    ReturnDraft,
    ReturnLine,
    ReturnReason,
    ReturnRefusal,
    ReturnRequestLine,
    ReturnStatus,
    ReturnWish,
)
from connectors.backends.refunds.policy import can_pick_up, goes_elsewhere, needs_photo
from connectors.backends.text import Bilingual
from kernel.errors import NotFound, Refused

_PREPARE_AGAIN = frozenset({ReturnRefusal.DRAFT_EXPIRED, ReturnRefusal.TERMS_CHANGED})
# By whether the goods stay, and whether a person approves.
_PREVIEWS = {
    (False, False): "utter_return_preview",
    (False, True): "utter_return_preview_approval",
    (True, False): "utter_refund_only_preview",
    (True, True): "utter_refund_only_preview_approval",
}
_DONE = {
    Handover.DROP_OFF: "utter_return_authorised",
    Handover.PICK_UP: "utter_return_authorised_pick_up",
    Handover.KEEP: "utter_return_refunded",
}
_PICK_UP = re.compile(
    r"上门|来取|取件|来拿|\bpick(?:ed)?[ -]?(?:it |them )?up\b|\bcollect", re.IGNORECASE
)
_DROP_OFF = re.compile(
    r"自己寄|自行寄|我寄|自寄|寄回去|自己(?:去|拿去|送去|送到)|拿去寄|送(?:到|去)驿站"
    r"|\bdrop(?:ping)?[ -]?(?:it |them )?off\b|\bpost (?:it|them)\b"
    r"|\b(?:send|return|ship|mail|bring|take|carry) (?:it|them) (?:back )?myself\b"
    r"|^\W*(?:by )?myself\W*$"
    r"|\b(?:bring|take|carry) (?:it|them) to (?:the|a|my)\b",
    re.IGNORECASE,
)
_TO_GIFT_CARD = re.compile(
    r"(?:退|返|还).{0,6}(?:礼品卡|购物卡|储值卡)|(?:礼品卡|购物卡)(?:就行|也行|吧|里)"
    r"|\b(?:to|onto|on|as|for) (?:a |an |my |the )?(?:gift card|store credit)\b",
    re.IGNORECASE,
)
_TO_BALANCE = re.compile(
    r"(?:退|返|还|打|转|存|放|回|进)[^,，。;；]{0,6}(?:余额|账户里?)(?!的?(?:银行)?卡)|余额(?:就行|就好|也行|可以|吧|里)"
    r"|\b(?:to|onto|into|in|on) (?:my |the )?(?:(?:account|store|shop) )?balance\b"
    r"|\b(?:to|into|in) my (?:shop |store )?account\b",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"原路|原支付|退回原来|\b(?:the way i paid|original (?:payment|card|method|tender))\b"
    r"|\bback to (?:my|the) (?:same )?card\b",
    re.IGNORECASE,
)
_NO_PHOTO = re.compile(
    r"没有?(?:拍|照|图)|没有$|拍不了|没法拍|不方便拍|发不了|没拍|已经扔|扔了"
    r"|\b(?:no|don'?t have|can'?t|cannot|haven'?t|without)\b",
    re.IGNORECASE,
)


class ActionCompleteReturn(LinesAction):
    """Fills in how the goods come back and where the money goes, as said or as is usual.

    Outcomes: ``ok``, ``seal`` (it matters whether a seal is broken), ``photo`` (a picture is
    needed).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_complete_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        order = await self.order_of(turn)
        filled: dict[str, str] = {}
        if "handover" not in values:
            filled["handover"] = self._handover(turn, order).value
        if "refund_to" not in values:
            said = said_refund_to(turn.text) or said_refund_to(turn.frame.said)
            filled["refund_to"] = (said or RefundTo.ORIGINAL).value
        reason = ReturnReason(values.get("reason", ReturnReason.WRONG_SIZE))
        if "reason" not in values:
            filled["reason"] = reason.value
        if needs_photo(reason, self._rules.returns) and not values.get("photos"):
            return Outcome("photo", values=filled)
        if not reason.is_our_fault and "unsealed" not in values:
            chosen = set(values["lines"])
            if any(line.id in chosen and Trait.DIGITAL in line.traits for line in order.lines):
                return Outcome("seal", values=filled)
        return Outcome("ok", values=filled)

    def _handover(self, turn: Turn, order: Order) -> Handover:
        if turn.frame.values.get("wish") in ("refund_only", "resend"):
            return Handover.KEEP
        usual = Handover.PICK_UP if can_pick_up(order, self._rules.returns) else Handover.DROP_OFF
        said = said_handover(turn.text) or said_handover(turn.frame.said)
        return Handover.DROP_OFF if said is Handover.DROP_OFF else usual


def said_handover(text: str) -> Handover | None:
    """How ``text`` wants the goods to come back, if it says so."""
    if _DROP_OFF.search(text):
        return Handover.DROP_OFF
    return Handover.PICK_UP if _PICK_UP.search(text) else None


def said_refund_to(text: str) -> RefundTo | None:
    """Where ``text`` wants the money, if it says so."""
    text = without_slips(fold(text))
    if _TO_GIFT_CARD.search(text):
        return RefundTo.GIFT_CARD
    if _TO_BALANCE.search(text):
        return RefundTo.BALANCE
    return RefundTo.ORIGINAL if _ORIGINAL.search(text) else None


class ActionCheckHandover(LinesAction):
    """Whether the goods can come back this way. Outcomes: ``ok``, ``no_pick_up`` (says so)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_handover"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        wished = turn.frame.values["handover"]
        if wished == Handover.PICK_UP and not can_pick_up(order, self._rules.returns):
            turn.say("utter_return_refused_no_pick_up")
            return Outcome("no_pick_up", values={"handover": Handover.DROP_OFF.value})
        return Outcome("ok")


class ActionCheckRefundTo(LinesAction):
    """Where the money may go: back to what paid, as a whole to a gift card, or to the account if
    that paid a part. Outcomes: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_refund_to"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        wished = str(turn.frame.values.get("refund_to", RefundTo.ORIGINAL))
        if wished in (RefundTo.ORIGINAL, RefundTo.GIFT_CARD):
            return Outcome("ok")
        order = await self.order_of(turn)
        said = said_refund_to(turn.text) or said_refund_to(turn.frame.said)
        if not paid_by(turn, order, wished):
            return Outcome("ok", values={"refund_to": RefundTo.ORIGINAL.value})
        # "I paid from my balance" only says what paid.
        to = RefundTo.BALANCE if said is RefundTo.BALANCE else RefundTo.ORIGINAL
        return Outcome("ok", values={"refund_to": to.value})


def paid_by(turn: Turn, order: Order, tender: str) -> bool:
    """Whether ``tender`` paid a part of ``order``; says what did if not."""
    if any(payment.tender == tender for payment in order.payments):
        return True
    paid = [TENDERS[payment.tender].of(turn.language) for payment in order.payments]
    turn.say("utter_return_tender_not_paid", {"tenders": listing(paid, turn.language)})
    return False


class ActionCheckPhotos(LinesAction):
    """Keeps the pictures. Outcomes: ``ok``, ``none`` (there are none to be had), ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_photos"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if turn.frame.sources.get("photos") != "text":
            return Outcome("ok")
        if _NO_PHOTO.search(turn.text):
            return Outcome("none", values={"photos": None})
        turn.say("utter_photo_wanted")
        return Outcome("invalid")


class ActionPrepareReturn(LinesAction):
    """Prepares the return and shows it; nothing has happened yet.

    A line that is refused is left out and the shopper is told why. Outcomes: ``ready``,
    ``refused`` (nothing is left).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        wish = wish_of(turn)
        wanted = _wanted(turn, lines)
        while wanted:
            try:
                draft = await self._shop.refunds.prepare_return(
                    turn.customer_id, turn.frame.values["order_number"], wanted, wish
                )
            except Refused as refused:
                refusal = ReturnRefusal(refused.code)
                fault = wish.reason.is_our_fault
                say_refusal(turn, refusal, lines.get(refused.detail), fault=fault)
                left = [request for request in wanted if request.line_id != refused.detail]
                wanted = left if len(left) < len(wanted) else []
                continue
            bought = {key: max(one.quantity, 0) for key, one in lines.items()}
            self._show(turn, draft, bought)
            return Outcome(
                "ready",
                values={
                    "draft_id": draft.id,
                    "new_tender": goes_elsewhere(
                        draft.tenders, (await self.order_of(turn)).payments
                    ),
                    "lines": [line.line_id for line in draft.lines],
                    "told_terms": {
                        "total": str(draft.total),
                        "refund": by_tender(turn, draft.tenders, draft.balances),
                        "credited": [
                            (part.tender.value, part.amount.minor, part.amount.currency)
                            for part in draft.tenders
                            if part.tender in HAS_BALANCE
                        ],
                    },
                },
            )
        return Outcome("refused")

    def _show(self, turn: Turn, draft: ReturnDraft, bought: Mapping[str, int]) -> None:
        language = turn.language
        turn.say(
            _PREVIEWS[draft.wish.handover is Handover.KEEP, draft.needs_approval],
            {
                "number": draft.order_number,
                "items": listing(
                    [return_line_name(turn, line, bought[line.line_id]) for line in draft.lines],
                    language,
                ),
                "reason": RETURN_REASONS[draft.wish.reason].of(language),
                "total": str(draft.total),
                "refund": by_tender(turn, draft.tenders, draft.balances),
                "freight": FREIGHT[draft.freight].of(language),
                "handover": handover_text(
                    turn,
                    draft.wish.handover,
                    draft.pick_up_at.masked() if draft.pick_up_at else "",
                    self._rules.returns.return_address,
                    self._rules.returns.pick_up_days,
                ),
                "send_by": turn.last_day(draft.send_by),
                "balances": balances_text(turn, draft.balances),
            },
            card=return_draft_card(draft, language),
        )


def wish_of(turn: Turn) -> ReturnWish:
    """How the return shall go, as far as the frame knows."""
    values = turn.frame.values
    return ReturnWish(
        ReturnReason(values["reason"]),
        RefundTo(values.get("refund_to", RefundTo.ORIGINAL)),
        Handover(values.get("handover", Handover.DROP_OFF)),
        tuple(str(photo) for photo in values.get("photos") or ()),
    )


def _wanted(turn: Turn, lines: Mapping[str, ReturnableLine]) -> list[ReturnRequestLine]:
    unsealed = turn.frame.values.get("unsealed") in (True, "opened")
    return [
        ReturnRequestLine(line_id, count, unsealed)
        for line_id, count in chosen_units(turn, lines).items()
    ]


class ActionCommitReturn(LinesAction):
    """Makes the confirmed return happen, once.

    Outcomes: ``authorised``, ``refunded`` (at once: nothing comes back), ``awaiting_approval``,
    ``again`` (prepare anew: the draft is too old or it would come to something else), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_return"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            made = await self._shop.refunds.commit_return(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            refusal = ReturnRefusal(refused.code)
            lines = await self.lines(turn)
            say_refusal(turn, refusal, lines.get(refused.detail))
            if refusal in _PREPARE_AGAIN:
                return Outcome("again", values={"draft_id": None})
            return Outcome("refused")
        language = turn.language
        at_once = made.status is ReturnStatus.REFUNDED
        turn.say(
            _done(made.wish.handover, waits=made.status is ReturnStatus.AWAITING_APPROVAL),
            {
                "rma": made.number,
                "address": made.return_address.of(language),
                "send_by": turn.last_day(made.send_by),
                "freight": FREIGHT[made.freight].of(language),
                "refund": _as_told(turn) if at_once else by_tender(turn, made.tenders),
                "days": str(self._rules.returns.pick_up_days),
                "inspection": str(self._rules.refunds.inspection_days),
            },
            card=return_card(made, language),
        )
        return Outcome(
            made.status.value,
            values={"rma": made.number},
            learned={"order_number": made.order_number, "return_number": made.number},
        )


def _as_told(turn: Turn) -> str:
    return str(turn.frame.values["told_terms"]["refund"])


def _done(handover: Handover, *, waits: bool) -> str:
    if waits:
        kept = handover is Handover.KEEP
        return "utter_return_awaiting_approval_kept" if kept else "utter_return_awaiting_approval"
    return _DONE[handover]


def handover_text(
    turn: Turn, handover: Handover, pick_up_at: str, return_address: Bilingual, days: int
) -> str:
    """How the goods come back, with the address that it takes."""
    language = turn.language
    return (
        HANDOVERS[handover]
        .of(language)
        .format(at=pick_up_at, address=return_address.of(language), days=days)
    )


def return_line_name(turn: Turn, line: ReturnLine, whole: int) -> str:
    """A returned line with options, quantity (of ``whole``) and what goes back for it."""
    language = turn.language
    name = with_detail(line.product_name.of(language), line.options.of(language), language)
    return f"{quantity(line.quantity, name, language, whole=whole)} {line.refund}"

"""Finds out who is writing, by whichever proof of identity the shopper can give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from actions.base import Outcome, ShopAction, Turn
from connectors.backends.customers.model import Customer, Verification

_TAIL = re.compile(r"(?<![0-9A-Za-z.@-])\d{4}(?![0-9A-Za-z@-])")
_POSTCODE = re.compile(r"(?<![0-9A-Za-z.@-])\d{6}(?![0-9A-Za-z@-])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Kinds of answer that give an order number; a question may also be answered by other words.
_ORDER_SOURCES = frozenset({"order_number", "learned", "action", "choice"})
_DIGITS = re.compile(r"\D")
_NAME_WORDS = re.compile(
    r"^(?:我叫|我是|姓名是?|名字是?|收货人是?|叫|my name is|i am|i'm|it's|name)[\s:：]*",
    re.IGNORECASE,
)
_NAME_NOISE = re.compile(r"[,，。.;；:：、!！?？\s]+$")


# The steps of the flow are asked anew each time they are reached.
_NO_ANSWER: dict[str, object] = {
    "proof": None,
    "phone_tail": None,
    "name": None,
    "postcode": None,
    "asked_for": None,
}


@dataclass(frozen=True)
class _Facts:
    """What the shopper has told of themselves; empty means not told."""

    order_number: str = ""
    phone_tail: str = ""
    email: str = ""
    name: str = ""
    postcode: str = ""

    def with_earlier(self, earlier: Mapping[str, str]) -> _Facts:
        """These facts, and for what is missing the ones told before."""
        told = {
            field.name: getattr(self, field.name) or earlier.get(field.name, "")
            for field in fields(self)
        }
        return _Facts(**told)

    def told(self) -> dict[str, str]:
        """What is not empty, as it is kept in the frame."""
        return {name: value for name, value in asdict(self).items() if value}


def _told_before(turn: Turn) -> dict[str, str]:
    """What earlier messages said, and the order that the request is about."""
    told: dict[str, str] = dict(turn.frame.values.get("told") or {})
    if turn.frame.sources.get("order_number") in _ORDER_SOURCES:
        told.setdefault("order_number", str(turn.frame.values["order_number"]))
    return told


def _facts_in(turn: Turn) -> _Facts:
    """What the latest message says, by entity and, for four lone digits or a name, by shape."""
    asked = str(turn.frame.values.get("asked_for") or "")
    text = turn.text
    email = turn.entity("email") or ""
    if not email and (found := _EMAIL.search(text)):
        email = found.group()
    tail_in = _TAIL.search(text.replace(email, " ") if email else text)
    phone = _DIGITS.sub("", turn.entity("phone") or "")
    postcode = turn.entity("postcode") or ""
    if not postcode and asked == "postcode" and (found := _POSTCODE.search(text)):
        postcode = found.group()
    name = turn.entity("person_name") or ""
    if not name and asked == "name":
        name = _NAME_NOISE.sub("", _NAME_WORDS.sub("", text.strip()))
    return _Facts(
        order_number=turn.entity("order_number") or "",
        phone_tail=phone[-4:] if len(phone) >= 4 else tail_in.group() if tail_in else "",
        email=email,
        name=name,
        postcode=postcode,
    )


class ActionCheckIdentity(ShopAction):
    """Tries the proof that is complete, or says what it still needs.

    Outcomes: ``verified``, ``mismatch``, ``locked`` (too many attempts), ``invalid`` (asked for a
    part of a proof and not given any), and what is missing: ``proof`` (all of it), ``phone_tail``,
    ``name``, ``postcode``, ``order``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_identity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        told = _facts_in(turn)
        facts = told.with_earlier(_told_before(turn))
        verification = await self._verify(turn.conversation_id, told, facts)
        if verification is None:
            return _incomplete(turn, told, facts)
        if verification.customer is not None:
            return _verified(turn, verification.customer, facts)
        if verification.locked_until is not None or verification.attempts_left <= 0:
            turn.say("utter_identity_exhausted")
            return Outcome("locked")
        turn.say("utter_identity_failed")
        return Outcome("mismatch", values={**_without_answers(facts), "asked_for": "proof"})

    async def _verify(
        self, conversation_id: str, told: _Facts, facts: _Facts
    ) -> Verification | None:
        """The outcome of the proof that the latest message completes, None if it completes none."""
        customers = self._shop.customers
        if facts.order_number and facts.phone_tail and (told.order_number or told.phone_tail):
            return await customers.by_order_and_phone(
                conversation_id, facts.order_number, facts.phone_tail
            )
        if facts.email and facts.name and (told.email or told.name):
            return await customers.by_email_and_name(conversation_id, facts.email, facts.name)
        if facts.name and facts.postcode and (told.name or told.postcode):
            return await customers.by_name_and_postcode(conversation_id, facts.name, facts.postcode)
        return None


def _verified(turn: Turn, customer: Customer, facts: _Facts) -> Outcome:
    turn.say("utter_identity_verified")
    by_order = bool(facts.order_number and facts.phone_tail)
    proof = "order_and_phone" if by_order else "email_and_name" if facts.email else "name_postcode"
    learned = {"order_number": facts.order_number.upper()} if by_order else None
    return Outcome(
        "verified",
        values=_without_answers(facts),
        learned=learned,
        customer={
            "id": customer.id,
            "name": customer.name,
            "group": customer.level,
            "proof": proof,
            "proven_at": turn.now.isoformat(),
        },
    )


def _without_answers(facts: _Facts) -> dict[str, object]:
    """What may be kept after an attempt: the claim, never the answer that proves it."""
    claim = _Facts(order_number=facts.order_number, email=facts.email)
    return {**_NO_ANSWER, **_order_of(facts), "told": claim.told()}


def _incomplete(turn: Turn, told: _Facts, facts: _Facts) -> Outcome:
    if told == _Facts() and turn.frame.values.get("asked_for"):
        return Outcome("invalid")
    missing = _missing(told, facts)
    values = {**_NO_ANSWER, **_order_of(facts), "told": facts.told(), "asked_for": missing}
    return Outcome(missing, values=values)


def _order_of(facts: _Facts) -> dict[str, object]:
    """The order as it was named last: what was asked for before may be about it."""
    return {"order_number": facts.order_number} if facts.order_number else {}


def _missing(told: _Facts, facts: _Facts) -> str:
    """Which part completes the proof that the shopper has begun."""
    if facts.order_number and not (told.email or told.name):
        return "phone_tail"
    if facts.email:
        return "name"
    if facts.name:
        return "postcode"
    if facts.postcode:
        return "name"
    return "order" if facts.phone_tail else "proof"

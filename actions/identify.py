"""Finds out who is writing, by whichever proof of identity the shopper can give."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeGuard

from actions.base import Outcome, ShopAction, Turn
from actions.identify_facts import Facts, code_in, facts_in, told_before, wants_code
from actions.vocabulary import ASK_FOR_CODE, ASK_FOR_CODE_WORDS, PROOFS
from connectors.backends.customers.model import (
    Customer,
    Proof,
    Verification,
    is_as_strong,
    strongest,
)
from connectors.backends.rules import IdentityRules
from connectors.backends.text import masked_email, masked_phone

_LACKS = re.compile(
    r"不记得|记不[得清起]|忘了|忘记|不知道|没有了?$|找不到|换了?(?:手机|号)|没带|不清楚"
    r"|\b(?:don['’]?t|do not|can['’]?t|cannot) (?:know|remember|have|recall|find)\b"
    r"|\b(?:forgot|forgotten|lost|changed (?:my )?(?:phone|number))\b|\bno idea\b",
    re.IGNORECASE,
)
# The steps of the flow are asked anew each time they are reached.
_NO_ANSWER: dict[str, object] = {
    "proof": None,
    "phone_tail": None,
    "name": None,
    "postcode": None,
    "contact": None,
    "code": None,
    "asked_for": None,
}


# Whoever is known proves it again, and better.
_PROVE = "prove"


def proofs_asked(turn: Turn, rules: IdentityRules) -> tuple[Proof, ...]:
    """The proofs that count now: all that the shop accepts, or the strongest of them alone."""
    return (strongest(rules.proofs),) if turn.frame.flow == _PROVE else rules.proofs


class ActionCheckProof(ShopAction):
    """Whether what was said yes to may happen on the proof that was given.

    It may not where money goes to a tender that did not pay (``new_tender``, which those flows
    report that move money) or who can sign in changes, unless the proof is the strongest that the
    shop accepts. Outcomes: ``enough``, ``weak`` (says so).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_proof"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        proof = str((turn.tracker.get_slot("customer") or {}).get("proof") or "")
        needed = turn.frame.values.get("new_tender", True)
        if not needed or is_as_strong(proof, strongest(self._rules.identity.proofs)):
            return Outcome("enough")
        turn.say("utter_identity_stronger")
        return Outcome("weak")


class ActionChoicesIdentity(ShopAction):
    """Offers a one-time code beside the parts of other proofs, where the shop accepts one."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_identity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        accepted = proofs_asked(turn, self._rules.identity)
        if Proof.ONE_TIME_CODE not in accepted or turn.frame.values.get("without_code"):
            return Outcome("ok")
        title = ASK_FOR_CODE
        return Outcome(
            "ok",
            choices=[
                {
                    "id": "code",
                    "title": {"zh": title.zh, "en": title.en},
                    "words": list(ASK_FOR_CODE_WORDS),
                }
            ],
        )


class ActionCheckIdentity(ShopAction):
    """Tries the proof that is complete, or says what it still needs.

    Outcomes: ``verified``, ``mismatch``, ``locked`` (too many attempts), ``invalid`` (asked for a
    part of a proof and not given any), ``no_way`` (no code can be had, and nothing else counts),
    and what is missing: ``proof`` (all of it), ``phone_tail``, ``name``, ``postcode``, ``order``,
    ``contact`` (where a one-time code may go), ``code``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_identity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        awaited = turn.frame.values.get("sent_to") and turn.frame.values.get("asked_for")
        # Whether it is tried or not: until it is, it opens the account.
        secret = code_in(turn.text) if awaited and awaited != "postcode" else None
        return replace(await self._served(turn), secret=secret)

    async def _served(self, turn: Turn) -> Outcome:
        told = facts_in(turn)
        facts = told.with_earlier(told_before(turn, told.phone))
        if Proof.ONE_TIME_CODE in self._accepted(turn):
            outcome = await self._serve_code(turn, told, facts)
            if outcome is not None:
                return outcome
        proof = self._complete(turn, told, facts)
        if proof is None:
            return self._incomplete(turn, told, facts)
        verification = await self._verify(turn, proof, facts)
        if _is_theirs(verification.customer, turn):
            return _verified(turn, verification.customer, proof, facts)
        if _is_over(verification):
            return _exhausted(turn, facts)
        turn.say("utter_identity_failed")
        values = {**_without_answers(facts), "asked_for": "proof", "ways": self._ways(turn)}
        return Outcome("mismatch", values=values)

    def _accepted(self, turn: Turn) -> tuple[Proof, ...]:
        return proofs_asked(turn, self._rules.identity)

    async def _serve_code(self, turn: Turn, told: Facts, facts: Facts) -> Outcome | None:
        """What the message does about a one-time code; None if that is nothing."""
        asked_for, sent_to = turn.frame.values.get("asked_for"), turn.frame.values.get("sent_to")
        waits = asked_for == "code"
        if sent_to and (waits or asked_for == "proof") and not (told.order_number or told.contact):
            code = code_in(turn.text)
            if code is not None:
                return await self._try_code(turn, sent_to, code, facts)
        if told.contact and (waits or asked_for == "contact") and not told.order_number:
            return await self._send_code(turn, told.contact, facts)
        if self._complete(turn, told, facts) is not None:
            return None
        wanted = asked_for is not None and wants_code(turn.text)
        if told.contact and (wanted or self._prefers_code_to_name(turn, told)):
            return await self._send_code(turn, told.contact, facts)
        if waits:
            return await self._without_code(turn, told, facts)
        if not wanted or told != Facts():
            return None
        if facts.contact:
            return await self._send_code(turn, facts.contact, facts)
        return self._asking(turn, "contact", facts)

    def _prefers_code_to_name(self, turn: Turn, told: Facts) -> bool:
        """Whether a contact is told for a code, rather than an e-mail beside a name."""
        proofs = self._accepted(turn)
        if not told.email or Proof.EMAIL_AND_NAME not in proofs:
            return True
        return proofs.index(Proof.ONE_TIME_CODE) < proofs.index(Proof.EMAIL_AND_NAME)

    async def _without_code(self, turn: Turn, told: Facts, facts: Facts) -> Outcome | None:
        """What to do where a code was awaited; None if the message begins another proof."""
        chosen = turn.frame.values.get("code")
        if chosen == "resend":
            return await self._send_code(turn, str(turn.frame.values["sent_to"]), facts)
        if chosen == "other" or (told == Facts() and _LACKS.search(turn.text)):
            return self._other_ways(turn, facts)
        # Four lone digits are a code with a slip here.
        return Outcome("invalid") if told == Facts(phone_tail=told.phone_tail) else None

    async def _send_code(
        self, turn: Turn, contact: str, facts: Facts, later: str = "utter_identity_code_later"
    ) -> Outcome:
        """Have a code sent, and say so in the same words whosever the contact is.

        ``later`` is said where it is too soon for another.
        """
        channel = turn.tracker.get_latest_input_channel() or ""
        sent = await self._shop.customers.send_code(turn.conversation_id, contact, channel)
        if sent.locked_until is not None:
            return _exhausted(turn, facts)
        to = masked_email(contact) if "@" in contact else masked_phone(contact)
        if sent.expires_at is not None:
            minutes = _minutes_until(sent.expires_at, turn)
            turn.say("utter_identity_code_sent", {"contact": to, "minutes": minutes})
            return self._asking(turn, "code", facts, sent_to=contact)
        if sent.again_at is not None:
            turn.say(later, {"contact": to, "minutes": _minutes_until(sent.again_at, turn)})
            if turn.frame.values.get("sent_to") == contact:
                return self._asking(turn, "code", facts, sent_to=contact)
        else:
            turn.say("utter_identity_code_down")
        if len(self._accepted(turn)) == 1:
            return Outcome("no_way", values=_NO_ANSWER)
        return self._other_ways(turn, facts)

    async def _try_code(self, turn: Turn, contact: str, code: str, facts: Facts) -> Outcome:
        channel = turn.tracker.get_latest_input_channel() or ""
        verification = await self._shop.customers.by_code(
            turn.conversation_id, contact, code, channel
        )
        if _is_theirs(verification.customer, turn):
            return _verified(turn, verification.customer, Proof.ONE_TIME_CODE, facts)
        if _is_over(verification):
            return _exhausted(turn, facts)
        if verification.needs_new_code:
            turn.say("utter_identity_code_over")
            return await self._send_code(turn, contact, facts, "utter_identity_code_next")
        turn.say("utter_identity_code_wrong")
        return self._asking(turn, "code", facts, sent_to=contact)

    def _asking(self, turn: Turn, missing: str, facts: Facts, **more: object) -> Outcome:
        """Ask for what is ``missing``, of which nothing is known yet."""
        values = {
            **_NO_ANSWER,
            **_order_of(facts),
            "told": facts.told(),
            "asked_for": missing,
            "ways": self._ways(turn),
            **more,
        }
        return Outcome(missing, values=values)

    def _other_ways(self, turn: Turn, facts: Facts) -> Outcome:
        """Ask for a proof anew, and name those that need no code, if there are any."""
        accepted = self._accepted(turn)
        others = [one for one in accepted if one != Proof.ONE_TIME_CODE] or accepted
        return self._asking(turn, "proof", facts, ways=_named(others), without_code=True)

    def _complete(self, turn: Turn, told: Facts, facts: Facts) -> Proof | None:
        """The proof that the latest message completes, of those that the shop accepts."""
        accepted = self._accepted(turn)
        complete = {
            Proof.ORDER_AND_PHONE: facts.order_number
            and facts.phone_tail
            and (told.order_number or told.phone_tail),
            Proof.EMAIL_AND_NAME: facts.email and facts.name and (told.email or told.name),
            Proof.NAME_AND_POSTCODE: facts.name and facts.postcode and (told.name or told.postcode),
        }
        return next(
            (proof for proof, is_whole in complete.items() if is_whole and proof in accepted), None
        )

    async def _verify(self, turn: Turn, proof: Proof, facts: Facts) -> Verification:
        customers, talk = self._shop.customers, turn.conversation_id
        channel = turn.tracker.get_latest_input_channel() or ""
        if proof is Proof.ORDER_AND_PHONE:
            number, tail = facts.order_number, facts.phone_tail
            return await customers.by_order_and_phone(talk, number, tail, channel)
        if proof is Proof.EMAIL_AND_NAME:
            return await customers.by_email_and_name(talk, facts.email, facts.name, channel)
        return await customers.by_name_and_postcode(talk, facts.name, facts.postcode, channel)

    def _incomplete(self, turn: Turn, told: Facts, facts: Facts) -> Outcome:
        asked_for = turn.frame.values.get("asked_for")
        if told == Facts() and asked_for not in (None, "proof") and _LACKS.search(turn.text):
            # The question for the whole proof names the other ways.
            values = {**_NO_ANSWER, "asked_for": "proof", "ways": self._ways(turn)}
            return Outcome("proof", values=values)
        if told == Facts() and asked_for:
            return Outcome("invalid")
        return self._asking(turn, _missing(told, facts, self._accepted(turn)), facts)

    def _ways(self, turn: Turn) -> dict[str, str]:
        """What may be sent, as the shop accepts it, in both languages."""
        return _named(self._accepted(turn))


def _named(proofs: Sequence[Proof]) -> dict[str, str]:
    """The parts of these proofs, the first before the others."""
    first, *others = [PROOFS[proof] for proof in proofs]
    if not others:
        return {"zh": f"{first.zh}。", "en": f"{first.en}."}
    zh, en = "、或".join(one.zh for one in others), ", or ".join(one.en for one in others)
    return {
        "zh": f"{first.zh}；没有的话，{zh}也可以。",
        "en": f"{first.en}. Without that, {en} will do.",
    }


def _is_theirs(proved: Customer | None, turn: Turn) -> TypeGuard[Customer]:
    """Whether somebody was ``proved``, and where the customer is known, nobody else."""
    return proved is not None and (not turn.is_verified or turn.customer_id == proved.id)


def _is_over(verification: Verification) -> bool:
    """Whether no more may be tried; somebody else's proof that is right counts for no try."""
    failed = verification.customer is None
    return failed and (verification.locked_until is not None or verification.attempts_left <= 0)


def _minutes_until(moment: datetime, turn: Turn) -> str:
    return str(math.ceil((moment - turn.now).total_seconds() / 60))


def _verified(turn: Turn, customer: Customer, proof: Proof, facts: Facts) -> Outcome:
    turn.say("utter_identity_verified")
    by_order = proof is Proof.ORDER_AND_PHONE
    learned = {"order_number": facts.order_number.upper()} if by_order else None
    return Outcome(
        "verified",
        values=_without_answers(facts),
        learned=learned,
        customer={
            "id": customer.id,
            "name": customer.name,
            "group": customer.level,
            "proof": proof.value,
            "proven_at": turn.now.isoformat(),
        },
    )


def _exhausted(turn: Turn, facts: Facts) -> Outcome:
    turn.say("utter_identity_exhausted")
    return Outcome("locked", values=_without_answers(facts))


def _without_answers(facts: Facts) -> dict[str, object]:
    """What may be kept after an attempt: the claim, never the answer that proves it."""
    claim = Facts(order_number=facts.order_number, email=facts.email)
    return {**_NO_ANSWER, **_order_of(facts), "told": claim.told()}


def _order_of(facts: Facts) -> dict[str, object]:
    """The order as it was named last: what was asked for before may be about it."""
    return {"order_number": facts.order_number or None}


def _missing(told: Facts, facts: Facts, accepted: Collection[Proof]) -> str:
    """Which part completes the proof that the shopper has begun; "proof" if none that counts."""
    by_order = Proof.ORDER_AND_PHONE in accepted
    if by_order and facts.order_number and not (told.email or told.name):
        return "phone_tail"
    if facts.email and Proof.EMAIL_AND_NAME in accepted:
        return "name"
    if facts.name or facts.postcode:
        by_name = Proof.NAME_AND_POSTCODE in accepted
        return "proof" if not by_name else "postcode" if facts.name else "name"
    return "order" if by_order and facts.phone_tail else "proof"

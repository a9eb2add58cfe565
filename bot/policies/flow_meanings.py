"""What a message asks for, as far as the limits let one act on it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.policies.answers import asks_to_be_told, entity_values, objects
from bot.policies.flow import FlowBook, Handoff
from bot.policies.flow_frames import Frames
from bot.policies.flow_limits import Limits
from bot.policies.understanding import FALLBACK, Meaning, Understanding

STOPPING = frozenset({"stop", "leave_queue"})
DIALOGUE_ONLY = STOPPING | {"wait", "repeat", "inform", FALLBACK}
"""Intents that steer a dialogue and start no flow."""

# Said around a request: dropped where the message asks for something as well.
_SOCIAL = frozenset(
    {"greet", "goodbye", "thanks", "affirm", "deny", "chitchat", "urge", "out_of_scope"}
)
# Classifiers put free words here; it does not make them another request.
VAGUE = frozenset({"chitchat", "out_of_scope", "urge", "affirm", "deny", "greet", "thanks"})
CLOSING = frozenset({"thanks", "goodbye", "deny"})
# Whoever says this is being heard already: it opens with words of regret, or is a person.
CONSOLING = frozenset({"complaint", "human_agent"})
# What is wrong with goods, and what shall be done about it: of the same goods, one request.
_FAULT = "damaged_or_wrong_item"
_REMEDIES = frozenset({"return_request", "refund_request", "exchange_request"})
# A payment that went wrong, and whether the money came back: of one order, the first answers both.
_PAYMENT = "payment_failed"
_MONEY_BACK = frozenset({"refund_status", "refund_request"})
# What was done already, and where its money is: "我退货了，钱还没到" asks for the money.
_MONEY = "refund_status"
_UNDONE = frozenset({"return_request", "cancel_order", "refund_request"})
_WAS_DONE = re.compile(
    r"(?:取消|退货|退回去?|寄回去?|寄走|退掉?)(?:完|过)?了(?!吧|好吗)"
    r"|\b(?:cancell?ed|returned|sent (?:\w+ ){0,3}back|gave (?:\w+ ){0,3}back)\b",
    re.IGNORECASE,
)
_BESIDES = re.compile(
    r"另外|顺便|还有|上次|之前|[再也]|\b(?:also|by the way|btw|another|other|last time|earlier)\b",
    re.IGNORECASE,
)
# A price that fell since, and money back: of one thing, the difference is the money.
_PRICE = "coupon_promotion"
_DIFFERENCE = re.compile(
    r"差价|价差|补差|差额|\b(?:price )?difference\b|\bprice (?:drop|fell|match|protection)",
    re.IGNORECASE,
)
# What a proof of identity is made of, and the words around it that ask for nothing.
_PROOFS = frozenset({"phone", "phone_tail", "email", "postcode", "person_name"})
_LONE_TAIL = re.compile(r"(?<!\w)\d{4}(?!\w)")
_OF_PROOFS = re.compile(
    r"订单编?号?|单号|手机号?码?|电话|尾号|[后末]四位|邮箱|邮编|姓名|收货人|我叫|[是的号我和]"
    r"|\b(?:my|order|number|no|phone|mobile|last|four|digits?|ending|ends|in|is|are|and|the|email"
    r"|e-mail|name|postcode|zip|code)\b",
    re.IGNORECASE,
)
_REFUND = "refund_request"
# What goods shall become, and what is asked of goods.
_BECOMING = frozenset({"modify_order", "exchange_request"})
_OF_GOODS = frozenset({"product_question", "recommend_product"})
_ASKS = re.compile(
    r"[?？吗呢]|什么|哪|几|多少|有没有|是不是|能不能"
    r"|\b(?:what|which|how|when|where|whether|do (?:you|they)|does|is (?:it|there)"
    r"|are (?:they|there)|tell me|know|wonder|recommend|suggest)\b",
    re.IGNORECASE,
)
# "I don't want to send it back" asks for no return, whatever it resembles.
_RETURN = "return_request"
_SPARES_RETURN = re.compile(
    r"不(?:想|用|要|愿意?)?(?:退货|寄回|退回)|不(?:想|用|愿意?)退(?!款|钱)"
    r"|\b(?:don'?t|do not|rather not|without|no need to|not)\b(?: (?:want|like|have))?(?: to)?"
    r" (?:return(?:ing)?|send(?:ing)? (?:(?:it|them|anything) )?back)\b",
    re.IGNORECASE,
)
_SAYS_MORE = re.compile(r"[^\W_]")


class Meanings:
    """Reads requests out of what was understood of a message."""

    def __init__(self, book: FlowBook, limits: Limits, usual_offers: Sequence[str]) -> None:
        """Read for ``book``; ``usual_offers`` are intents to offer where none is suggested."""
        self.book = book
        self.limits = limits
        self.usual_offers = tuple(usual_offers)

    def is_sure(self, heard: Understanding) -> bool:
        """Whether the likeliest meaning may steer the dialogue: stop a request, hold it up."""
        return heard.is_button or heard.confidence >= self.limits.certain

    def shown(self, heard: Understanding) -> str | None:
        """What starts the flow for a thing that is named with a proof of who writes, and no more.

        Whoever sends an order's number with their phone's last digits wants to see that order.
        """
        left = heard.text
        for entity in heard.entities:
            left = left.replace(entity.text, " ")
        proven = any(entity.name in _PROOFS for entity in heard.entities)
        if heard.is_button or not (proven or _LONE_TAIL.search(left)):
            return None
        if _SAYS_MORE.search(_OF_PROOFS.sub(" ", _LONE_TAIL.sub(" ", left))):
            return None
        flows = (flow for flow in self.book.flows.values() if flow.intents)
        return next(
            (flow.intents[0] for flow in flows if entity_values(flow.shows, heard.entities)), None
        )

    def requests(
        self, frames: Frames, heard: Understanding, *, social: bool = True
    ) -> list[Meaning]:
        """The flows that the message certainly asks for, beside the one that is being served."""
        question = frames.open_question()
        # What was called for a request is asked for by it.
        served = frames.state.frames[frames.root() :] if question is not None else ()
        own = {frame.flow for frame in served}
        found: dict[str, Meaning] = {}
        taken: set[int] = set()
        for meaning in heard.meanings:
            # One part of a message asks for one thing: a weaker meaning of it is another reading.
            if meaning.clause in taken:
                continue
            flow = self.book.of_intent(meaning.intent)
            if flow is None or meaning.intent in DIALOGUE_ONLY or flow.name in own:
                continue
            if question is not None and meaning.intent in {"affirm", "deny"}:
                continue
            least = self._least(meaning, heard, question is not None)
            if self._with_its_like(meaning, heard) >= least:
                found.setdefault(flow.name, meaning)
                if meaning.clause is not None:
                    taken.add(meaning.clause)
        requests = self._each_wish_once(found, heard)
        asking = [one for one in requests if one.intent not in _SOCIAL or _hurries_another(one)]
        if _SPARES_RETURN.search(heard.text):
            asking = [one for one in asking if one.intent != _RETURN] or asking
        if asking or not social:
            if _speaks_of_one_thing(heard):
                asking = _with_its_money(_with_its_remedy(asking), heard)
                asking = _with_its_refund(asking)
            asking = _with_its_goods(_as_it_was(asking, heard), heard)
            # In the order of the message; but whoever asks for a person waits for nothing first.
            return sorted(
                asking, key=lambda one: (not self.leads_to_a_person(one.intent), one.clause or 0)
            )
        return requests

    def settled(self, heard: Understanding) -> Understanding:
        """``heard`` without a doubt that is none: between two readings of one wish.

        Whether goods that are to be others are changed or exchanged, the order's state decides.
        """
        if heard.intent != FALLBACK or len(heard.ranking) < 2:
            return heard
        first, second = heard.ranking[:2]
        sure = first.confidence + second.confidence
        if sure < self.limits.certain or not self._are_one(first, second):
            return heard
        return replace(heard, meanings=(replace(first, confidence=sure),))

    def _with_its_like(self, meaning: Meaning, heard: Understanding) -> float:
        """How sure it is that this part of the message means ``meaning`` or one with it."""
        if meaning.clause is None or meaning is heard.meanings[0]:
            return meaning.confidence
        same = (one for one in heard.meanings if one.clause == meaning.clause)
        return sum(one.confidence for one in same if one is meaning or self._are_one(one, meaning))

    def _are_one(self, first: Meaning, second: Meaning) -> bool:
        one, other = (self.book.of_intent(meaning.intent) for meaning in (first, second))
        return one is not None and other is not None and self.book.are_one(one.name, other.name)

    def _each_wish_once(self, found: Mapping[str, Meaning], heard: Understanding) -> list[Meaning]:
        """ "Exchange the shirt and swap the lamp" is one wish, unless it is said of two orders."""
        if len({one.value for one in heard.entities if one.name == "order_number"}) > 1:
            return list(found.values())
        kept: dict[str, Meaning] = {}
        for name, meaning in found.items():
            if not any(self.book.are_one(name, before) for before in kept):
                kept[name] = meaning
        return list(kept.values())

    def _least(self, meaning: Meaning, heard: Understanding, asked: bool) -> float:
        """How sure one must be of ``meaning`` to act upon it; ``asked``: a question is open."""
        if asked:
            return self.limits.interrupt if meaning.intent in VAGUE else self.limits.certain
        further = meaning is not heard.meanings[0]
        risky = self._flow_name(meaning.intent) in self.limits.risky
        # Faint small talk is more often a request that was not understood.
        vague = meaning.intent in VAGUE
        return self.limits.certain if further or risky or vague else self.limits.accept

    def only_asks(self, heard: Understanding) -> bool:
        """Whether goods are named in a question about them, not to say what is meant instead."""
        if objects(heard):
            return False
        flow = self.book.of_intent(heard.intent)
        return (flow is not None and flow.is_one_turn) or asks_to_be_told(heard.text)

    def is_one_turn(self, intent: str) -> bool:
        """Whether one answer serves what is asked for."""
        flow = self.book.of_intent(intent)
        return flow is not None and flow.is_one_turn

    def leads_to_a_person(self, intent: str) -> bool:
        """Whether a person takes over at once where this is asked for."""
        flow = self.book.of_intent(intent)
        return intent == "human_agent" or (flow is not None and isinstance(flow.steps[0], Handoff))

    def _flow_name(self, intent: str) -> str | None:
        flow = self.book.of_intent(intent)
        return flow.name if flow is not None and intent not in _SOCIAL else None

    def rivals(self, heard: Understanding) -> list[str]:
        """Two or more readings of one request between which we should not choose."""
        likely = sum(one.confidence >= self.limits.certain for one in heard.meanings[1:])
        if heard.is_button or likely or len(heard.ranking) < 2:
            return []
        first, second = heard.ranking[:2]
        if first.confidence >= self.limits.sure or first.confidence < self.limits.accept:
            return []
        if first.confidence - second.confidence >= self.limits.margin:
            return []
        if self._are_one(first, second):
            return []
        flows = {self._flow_name(one.intent) for one in (first, second)}
        return self.offers(heard) if len(flows) == 2 and None not in flows else []

    def is_risky(self, heard: Understanding) -> bool:
        """Whether a message is most likely, and not certainly, about what must not go wrong."""
        if not heard.ranking:
            return False
        first = heard.ranking[0]
        in_doubt = self.limits.risky_from <= first.confidence < self.limits.certain
        return in_doubt and self._flow_name(first.intent) in self.limits.risky

    def offers(self, heard: Understanding) -> list[str]:
        """The likeliest meanings, one a flow, filled up with the usual ones to two at least."""
        offers: dict[str, str] = {}
        for meaning in heard.ranking:
            name = self._flow_name(meaning.intent)
            if name is not None:
                offers.setdefault(name, meaning.intent)
        likely = list(offers.values())[: self.limits.offers]
        if len(likely) < 2:
            likely += [intent for intent in self.usual_offers if intent not in likely]
        return likely[: self.limits.offers]


def _hurries_another(meaning: Meaning) -> bool:
    """ "Chase up the kettle, and I don't want the mug": to hurry is a request of its own here."""
    return meaning.intent == "urge" and meaning.apart


def _speaks_of_one_thing(heard: Understanding) -> bool:
    """Whether not more than one order and not more than one product are named."""
    values = entity_values(("order_number", "product"), heard.entities)
    return all(len(found) < 2 for found in values.values())


def _with_its_remedy(asking: Sequence[Meaning]) -> list[Meaning]:
    """ "It broke, I want to return it" asks once: the likelier of the two flows hears both."""
    pair = [one for one in asking if one.intent == _FAULT or one.intent in _REMEDIES]
    if not any(one.intent == _FAULT for one in pair):
        return list(asking)
    return [one for one in asking if one not in pair[1:]]


def _as_it_was(asking: Sequence[Meaning], heard: Understanding) -> list[Meaning]:
    """ "I sent the shoes back, where is my money" tells of a return and asks for none."""
    told = _WAS_DONE.search(heard.text) and not _BESIDES.search(heard.text)
    if not told or not any(one.intent == _MONEY for one in asking):
        return list(asking)
    return [one for one in asking if one.intent not in _UNDONE]


def _with_its_refund(asking: Sequence[Meaning]) -> list[Meaning]:
    """ "I want to return it, refund to PayPal" asks once: its refund belongs to the return."""
    returned = any(one.intent == _RETURN for one in asking)
    return [one for one in asking if not (returned and one.intent == _REFUND)]


def _with_its_goods(asking: Sequence[Meaning], heard: Understanding) -> list[Meaning]:
    """ "I want the AMOLED one, and the camera should be waterproof" asks nothing of the camera.

    What goods shall be like resembles a question about them; without a sign of one it is none.
    """
    if _ASKS.search(heard.text) or not any(one.intent in _BECOMING for one in asking):
        return list(asking)
    return [one for one in asking if one.intent not in _OF_GOODS]


def _with_its_money(asking: Sequence[Meaning], heard: Understanding) -> list[Meaning]:
    """ "I was charged twice for KF1, did you pay it back?" asks once: about the payment.

    So does "the price fell, refund me the difference": about the price.
    """
    if _DIFFERENCE.search(heard.text) and any(one.intent == _PRICE for one in asking):
        return [one for one in asking if one.intent not in _MONEY_BACK]
    ordered = any(one.name == "order_number" for one in heard.entities)
    if not ordered or not any(one.intent == _PAYMENT for one in asking):
        return list(asking)
    return [one for one in asking if one.intent not in _MONEY_BACK]

"""What shoppers think of us: kept as they say it; whoever is unhappy is offered a person."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import hashlib
import re

from actions.base import Outcome, ShopAction, Turn
from actions.wishes import HOW, Wishes

_ABOUT_REVIEWS = re.compile(r"评价|评论|追评|晒单|好评|差评|返现|积分|\b(?:review|rating|points?)s?\b", re.IGNORECASE)  # fmt: skip
_SCORES = Wishes(
    {
        "1": r"[一1] ?(?:颗)?星|差评|太差|垃圾|糟糕|再也不|非常不满|\b(?:one|1)[ -]stars?\b|\b(?:terrible|awful|worst|horrible|never again)\b",
        "2": r"[二两2] ?(?:颗)?星|不满意|不太好|失望|不好|\b(?:two|2)[ -]stars?\b|\b(?:disappoint\w*|bad|poor|unhappy)\b",
        "3": r"[三3] ?(?:颗)?星|一般|还行|马马虎虎|凑合|\b(?:three|3)[ -]stars?\b|\b(?:okay|ok|average|so-so|mediocre)\b",
        "5": r"[五5] ?(?:颗)?星|非常(?:好|满意)|特别(?:好|满意)|太棒|超(?:好|赞)|完美|\b(?:five|5)[ -]stars?\b|\b(?:excellent|perfect|amazing|love|great|fantastic|wonderful)\b",
        "4": r"[四4] ?(?:颗)?星|不错|满意|挺好|很好|喜欢|好评|点赞|\b(?:four|4)[ -]stars?\b|\b(?:good|nice|happy|satisfied|like|thanks?)\b",
    }
)
_BAD = 2


class ActionReadFeedback(ShopAction):
    """Whether it is feedback or a question about reviews; reads the score in the words.

    Outcomes: ``question``, ``feedback``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_feedback"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        if HOW.search(said) and _ABOUT_REVIEWS.search(said):
            return Outcome("question")
        score = _SCORES.read(said)
        return Outcome("feedback", values={"score": score} if score else None)


class ActionKeepFeedback(ShopAction):
    """Keeps the words with their score, once. Outcomes: ``kept``, ``unhappy``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_keep_feedback"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        score = int(turn.frame.values["score"])
        # The same words of a conversation are one opinion, however often they arrive.
        key = hashlib.sha256(f"{turn.conversation_id}\n{said}".encode()).hexdigest()
        kept = await self._shop.tickets.keep_feedback(
            key, turn.customer_id if turn.is_verified else None, score, said
        )
        unhappy = kept.score <= _BAD
        turn.say("utter_feedback_unhappy" if unhappy else "utter_feedback_thanks")
        return Outcome("unhappy" if unhappy else "kept")

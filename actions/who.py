"""Whether it is known who is writing: for journeys that answer some things to anybody."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn


class ActionCheckKnown(ShopAction):
    """Whether a customer is verified. Outcomes: ``known``, ``unknown``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_known"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        return Outcome("known" if turn.is_verified else "unknown")

"""Choosing when a changed order comes, and what pays for the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from actions.base import Outcome, Turn
from actions.choosing_tenders import choose_tenders, usable_tenders
from actions.modify_order import ModifyAction, noon
from actions.modify_reading import next_weekday, read_day, read_hour, slot_hours
from actions.money import stored_name
from connectors.backends.customers.model import StoredTender

_DAYS_OFFERED = 5


class ActionChoicesSlotDays(ModifyAction):
    """Offers the next days on which it can be delivered. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_slot_days"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        first = self.first_day(turn, await self.found(turn))
        days = [first + timedelta(days=ahead) for ahead in range(_DAYS_OFFERED)]
        return Outcome(
            "ok",
            choices=[{"id": one.isoformat(), "title": turn.day(noon(turn, one))} for one in days],
        )


class ActionCheckSlotDay(ModifyAction):
    """Takes the day of delivery. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_slot_day"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        try:
            day = read_day(turn.entity("date") or str(turn.frame.values["slot_day"]))
        except ValueError:
            day = None
        if day is None:
            turn.say("utter_modify_day_unknown")
            return Outcome("invalid")
        # Days were offered: "Saturday" is the one among them, not one before.
        day = next_weekday(day, turn.text, self.first_day(turn, found))
        hour = read_hour(turn.text, turn.entity("date"))
        hours = slot_hours(hour, self._rules.modifying.slots) if hour is not None else wanted.hours
        told = replace(wanted, timing=True, day=day.isoformat(), hours=hours).told()
        return Outcome("ok", values={"wanted": told})


class ActionChoicesSlotHours(ModifyAction):
    """Offers the hours between which a courier comes. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_slot_hours"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        choices = [
            {"id": f"{start}-{end}", "title": f"{start}:00-{end}:00", "words": [f"{start}-{end}"]}
            for start, end in self._rules.modifying.slots
        ]
        return Outcome("ok", choices=choices)


class ActionCheckSlotHours(ModifyAction):
    """Takes the hours of delivery. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_slot_hours"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        slots = {f"{start}-{end}": (start, end) for start, end in self._rules.modifying.slots}
        hours = slots.get(str(turn.frame.values["slot_hours"]))
        if hours is None:
            hour = read_hour(turn.text, turn.entity("date"))
            hours = slot_hours(hour, self._rules.modifying.slots) if hour is not None else None
        if hours is None:
            turn.say("utter_modify_hours_unknown")
            return Outcome("invalid")
        return Outcome("ok", values={"wanted": replace(wanted, hours=hours).told()})


class ActionChoicesPayWith(ModifyAction):
    """Offers what on file can pay the whole order, or the difference.

    Outcomes: ``ok``, ``none`` (nothing covers it, says so).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_pay_with"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        amount = found.order.total
        if wanted.lines:
            open_wish = replace(wanted.wish, tender_id=None, pay_with=None)
            terms = await self._shop.modifications.quote_modification(
                turn.customer_id, wanted.order, open_wish
            )
            amount = terms.total_after if wanted.paying else terms.difference
        able = await self.able_to_pay(turn, amount)
        if not able:
            turn.say("utter_modify_no_tender", {"amount": str(amount)})
            return Outcome("none")
        # What the message said of tenders was read with the change itself.
        choices = [{"id": one.id, "title": stored_name(turn, one)} for one in able]
        return Outcome("ok", choices=choices, read=True)


class ActionCheckTender(ModifyAction):
    """Takes what pays: the difference, or (slot ``pay_with``) everything.

    Outcomes: ``ok``, ``invalid``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_tender"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        slot = "pay_with" if wanted.paying else "tender"
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        value = str(turn.frame.values[slot])
        chosen: Sequence[StoredTender] = [one for one in stored if one.id == value]
        if not chosen:
            today = turn.now.astimezone(turn.zone).date()
            chosen = usable_tenders(turn.text, choose_tenders(turn.text, stored), today)
        if len(chosen) != 1:
            turn.say("utter_modify_tender_unknown")
            return Outcome("invalid")
        chosen_id = chosen[0].id
        wanted = (
            replace(wanted, pay_with=chosen_id)
            if wanted.paying
            else replace(wanted, tender=chosen_id)
        )
        return Outcome("ok", values={"wanted": wanted.told()})

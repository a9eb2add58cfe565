"""What an address lacks that was said in part: asked for, and put to what was said before."""

from __future__ import annotations

import msgspec

from actions.address_wishes import read_wish
from actions.base import Outcome, Turn
from actions.change_address import AddressAction, incomplete, taken
from actions.reading_addresses import AddressParts, Need, parts_at, parts_of
from actions.vocabulary import SAME_STREET, SAME_STREET_WORDS
from kernel.people import name_alone

_SAME_STREET = "same_street"


class RestOfAddressAction(AddressAction):
    """What the actions about the rest of an address share."""

    def known(self, turn: Turn) -> AddressParts:
        """What was said of the new address so far."""
        return msgspec.convert(dict(turn.frame.values["parts"]), AddressParts)


class ActionChoicesRestOfAddress(RestOfAddressAction):
    """Offers the present street, where only a building or a room was named. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_rest_of_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        known = self.known(turn)
        choices = []
        if known.detail and not known.city and not known.street:
            present = await self.present(turn, await self.book(turn))
            if len({parts_at(one) for one in present}) == 1:
                title, words = SAME_STREET.of(turn.language), list(SAME_STREET_WORDS)
                choices.append({"id": _SAME_STREET, "title": title, "words": words})
        return Outcome("ok", choices=choices, read=True)


class ActionCheckRestOfAddress(RestOfAddressAction):
    """Puts what was said now to what was said before.

    Outcomes: ``ok`` (with the value ``new_address``), ``part`` (something is missing still),
    ``invalid``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_rest_of_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        known, said = self.known(turn), str(turn.frame.values["rest_of_address"])
        book = await self.book(turn)
        present = await self.present(turn, book)
        if said == _SAME_STREET:
            return taken(parts_at(present[0]).joined(known))
        plain = parts_of(said)
        parts = parts_of(said, known.missing)
        # A postcode that is missing is that, and no address on file which has it.
        if not (plain.names_a_place or plain.names_who or parts.postcode):
            named = read_wish(said, book, present)
            if named is not None and named.is_enough:
                return taken(named)
        if not parts.names_who and (name := name_alone(said)) and Need.CITY not in known.missing:
            parts = AddressParts(name=name, chinese=known.chinese)
        if not parts.names_a_place and not parts.postcode and not parts.names_who:
            turn.say("utter_address_not_read")
            return Outcome("invalid")
        whole = known.joined(parts)
        if whole.missing:
            return incomplete(turn, whole)
        return taken(whole)

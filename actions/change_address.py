"""Changing where an order goes, or the default address, from one line of free text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from actions.base import Outcome, ShopAction, Turn
from actions.choosing_addresses import choose_address
from actions.orders import items_of
from actions.reading_addresses import (
    AddressParts,
    address_of,
    names_recipient,
    parts_at,
    parts_of,
    target_of,
)
from actions.vocabulary import ADDRESS_NEEDS, SAME_STREET, SAME_STREET_WORDS
from actions.wording import listing
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.model import Address
from kernel.errors import NotFound, Refused

_DEFAULT = re.compile(
    r"默认|以后|今后|个人资料|地址簿|账户(?:里)?的?地址|\bdefault\b|\bprofile\b|address book"
    r"|from now on|future orders|on my account",
    re.IGNORECASE,
)
_SAME_STREET = "same_street"
_PREPARE_AGAIN = frozenset({AddressRefusal.DRAFT_EXPIRED, AddressRefusal.TERMS_CHANGED})
_SENT = frozenset({AddressRefusal.SHIPPED, AddressRefusal.PARTLY_SHIPPED})
_OF_THE_ADDRESS = frozenset(
    {AddressRefusal.OTHER_COUNTRY, AddressRefusal.INCOMPLETE, AddressRefusal.SAME_ADDRESS}
)


class AddressAction(ShopAction):
    """What the actions of a change of address share."""

    async def book(self, turn: Turn) -> tuple[StoredAddress, ...]:
        """The customer's address book."""
        return await self._shop.customers.addresses_of(turn.customer_id)

    async def present(self, turn: Turn, book: tuple[StoredAddress, ...]) -> Address:
        """The address that stands now; name, phone and country are taken from it."""
        if "order_number" in turn.frame.values:
            return (await self.order_of(turn)).address
        default = next((one.address for one in book if one.is_default), None)
        if default is not None:
            return default
        customer = await self._shop.customers.get(turn.customer_id)
        return Address(customer.name, customer.phone, "中国", "", "", "", "", customer.postcode)

    def refused(self, turn: Turn, code: str) -> Outcome:
        """Name the rule that says no; the outcome says what is left to do."""
        refusal = AddressRefusal(code)
        turn.say(
            f"utter_address_refused_{refusal.value}",
            {"number": str(turn.frame.values.get("order_number", ""))},
        )
        if refusal in _PREPARE_AGAIN:
            return Outcome("again", values={"draft_id": None})
        if refusal in _SENT:
            return Outcome("sent", values={"sent": True})
        if refusal in _OF_THE_ADDRESS:
            return Outcome(
                "other", values={"new_address": None, "draft_id": None, "refused_address": True}
            )
        if refusal is AddressRefusal.ORDER_CANCELLED:
            return Outcome("nothing")
        return Outcome("delivered" if refusal is AddressRefusal.DELIVERED else "refused")


def _read(
    text: str, book: Sequence[StoredAddress], present: Address
) -> Address | AddressParts | None:
    """The address that ``text`` names or spells out; the parts it says of one; or None.

    Another recipient or phone alone leaves the place as it is.
    """
    # "Could it go to my office address instead" names it before the words that lead to one.
    stored = choose_address(target_of(text), book, present) or choose_address(text, book, present)
    parts = parts_of(text)
    if not parts.missing:
        return parts.address(present)
    # "To Hangzhou" says more than that it goes where it goes now.
    if stored is not None and not (stored.address == present and parts.names_a_place):
        return stored.address
    if parts.names_a_place:
        return parts
    if parts.names_who:
        name, phone = parts.name or present.name, parts.phone or present.phone
        return replace(present, name=name, phone=phone)
    return None


class ActionScopeAddress(AddressAction):
    """Whether an order's or the default address is meant. Outcomes: ``order``, ``default``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_scope_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        named = "order_number" in turn.frame.values
        is_default = _DEFAULT.search(turn.frame.said) is not None and not named
        return Outcome("default" if is_default else "order")


class ActionCheckAddressable(AddressAction):
    """Whether the order can still go elsewhere.

    Outcomes: ``ok``, ``sent`` (only the carrier can help), ``delivered``, ``nothing``, ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_addressable"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        refusal = await self._shop.address_changes.refusal(
            turn.customer_id, turn.frame.values["order_number"]
        )
        return Outcome("ok") if refusal is None else self.refused(turn, refusal)


class ActionChoicesAddresses(AddressAction):
    """Offers the address book; takes the address that the request named.

    Outcomes: ``ok``, ``part`` (it named a part of one: the rest is asked).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        book = await self.book(turn)
        present = await self.present(turn, book)
        said = None
        if not turn.frame.values.get("refused_address"):
            said = _read(turn.frame.said, book, present)
        if isinstance(said, Address) and said != present:
            return Outcome("ok", values={"new_address": msgspec.to_builtins(said)})
        if isinstance(said, AddressParts) and target_of(turn.frame.said) != turn.frame.said:
            return _incomplete(turn, said)
        return Outcome("ok", choices=[_choice(one) for one in book if one.address != present])


def _choice(one: StoredAddress) -> dict[str, Any]:
    place = one.address
    short = f"{place.city}{place.district}" if place.country == "中国" else place.city
    return {"id": one.id, "title": f"{one.label} · {short} {place.street}", "words": [one.label]}


class ActionCheckAddress(AddressAction):
    """Turns a choice or a line of text into an address.

    Outcomes: ``ok``, ``part`` (what is missing is asked; what was said is kept), ``invalid``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        value = turn.frame.values["new_address"]
        if isinstance(value, dict):
            return Outcome("ok")
        book = await self.book(turn)
        chosen = next((one for one in book if one.id == value), None)
        if chosen is not None:
            return _taken(chosen.address)
        read = _read(str(value), book, await self.present(turn, book))
        if isinstance(read, Address):
            return _taken(read)
        if read is not None:
            return _incomplete(turn, read)
        turn.say("utter_address_not_read")
        return Outcome("invalid")


def _taken(address: Address) -> Outcome:
    return Outcome("ok", values={"new_address": msgspec.to_builtins(address), "parts": None})


def _incomplete(turn: Turn, parts: AddressParts) -> Outcome:
    """Ask for what ``parts`` do not say."""
    language = turn.language
    needs = [ADDRESS_NEEDS[need].of(language) for need in parts.missing]
    return Outcome(
        "part",
        values={
            "new_address": None,
            "rest_of_address": None,
            "parts": msgspec.to_builtins(parts),
            "known": parts.one_line(),
            "missing": listing(needs, language),
        },
    )


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
            title = SAME_STREET.of(turn.language)
            choices.append({"id": _SAME_STREET, "title": title, "words": list(SAME_STREET_WORDS)})
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
            return _taken(parts_at(present).joined(known).address(present))
        plain = parts_of(said)
        if not plain.names_a_place and not plain.names_who:
            named = _read(said, book, present)
            if isinstance(named, Address):
                return _taken(named)
        parts = parts_of(said, known.missing)
        if not parts.names_a_place and not parts.postcode:
            turn.say("utter_address_not_read")
            return Outcome("invalid")
        whole = known.joined(parts)
        if whole.missing:
            return _incomplete(turn, whole)
        return _taken(whole.address(present))


class ActionPrepareAddress(AddressAction):
    """Shows the change; nothing has happened yet.

    Outcomes: ``ready``, ``other`` (this address cannot be), ``sent``, ``delivered``, ``nothing``,
    ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        address = address_of(turn.frame.values["new_address"])
        if address is None:
            raise ValueError("no address")
        try:
            draft = await self._shop.address_changes.prepare_address(
                turn.customer_id, turn.frame.values.get("order_number"), address
            )
        except Refused as refused:
            return self.refused(turn, refused.code)
        order = await self.order_of(turn) if draft.order_number else None
        turn.say(
            "utter_address_preview_default" if order is None else "utter_address_preview",
            {
                "number": draft.order_number or "",
                "items": items_of(order, turn.language) if order else "",
                "before": draft.before.masked() if draft.before else "",
                "after": draft.after.one_line(),
            },
        )
        return Outcome("ready", values={"draft_id": draft.id})


class ActionHearAddress(AddressAction):
    """Reads what the shopper says to the summary: another address, name or phone.

    Outcomes: ``changed``, ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        now = address_of(turn.frame.values["new_address"])
        book = await self.book(turn)
        read = _read(turn.text, book, await self.present(turn, book))
        said = parts_of(turn.text)
        if isinstance(read, Address) and (said.names_a_place or not said.names_who):
            new = read
        else:
            if now is None:
                return Outcome("none")
            # "Right, send it off" has no name in it, whatever stands alone between commas.
            named = names_recipient(turn.text) or said.phone not in ("", now.phone)
            name = said.name if named else ""
            new = replace(now, name=name or now.name, phone=said.phone or now.phone)
        if new == now:
            return Outcome("none")
        return Outcome("changed", values={"new_address": msgspec.to_builtins(new)})


class ActionCommitAddress(AddressAction):
    """Changes the address, once.

    Outcomes: ``done``, ``again``, ``other``, ``sent``, ``delivered``, ``nothing``, ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            done = await self._shop.address_changes.commit_address(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            return self.refused(turn, refused.code)
        turn.say(
            "utter_address_changed" if done.order_number else "utter_address_changed_default",
            {"number": done.order_number or "", "after": done.after.one_line()},
        )
        learned = {"order_number": done.order_number} if done.order_number else None
        return Outcome("done", learned=learned)

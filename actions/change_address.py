"""Changing where an order goes, or the default address, from one line of free text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec

from actions.base import Outcome, ShopAction, Turn
from actions.choosing_addresses import choose_address
from actions.reading_addresses import (
    ReadAddress,
    address_of,
    names_recipient,
    read_address,
    target_of,
)
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.model import Address
from kernel.errors import NotFound, Refused

_DEFAULT = re.compile(
    r"默认|以后|今后|个人资料|地址簿|账户(?:里)?的?地址|\bdefault\b|\bprofile\b|address book"
    r"|from now on|future orders|on my account",
    re.IGNORECASE,
)
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

    async def read(self, turn: Turn, text: str) -> Address | ReadAddress | None:
        """The address that ``text`` names or spells out; what is missing of one; or None."""
        book = await self.book(turn)
        present = await self.present(turn, book)
        stored = choose_address(target_of(text), book, present)
        read = read_address(text, present)
        if not read.missing:
            return read.address
        if stored is not None:
            return stored.address
        return read if read.says_something else None

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
    """Offers the address book; takes the address that the request named. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        book = await self.book(turn)
        present = await self.present(turn, book)
        said = None
        if not turn.frame.values.get("refused_address"):
            said = await self.read(turn, turn.frame.said)
        if isinstance(said, Address) and said != present:
            return Outcome("ok", values={"new_address": msgspec.to_builtins(said)})
        return Outcome("ok", choices=[_choice(one) for one in book if one.address != present])


def _choice(one: StoredAddress) -> dict[str, Any]:
    place = one.address
    short = f"{place.city}{place.district}" if place.country == "中国" else place.city
    return {"id": one.id, "title": f"{one.label} · {short} {place.street}", "words": [one.label]}


class ActionCheckAddress(AddressAction):
    """Turns a choice or a line of text into an address. Outcomes: ``ok``, ``invalid``.

    What is missing is asked for; what was said already is kept.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        value = turn.frame.values["new_address"]
        if isinstance(value, dict):
            return Outcome("ok")
        chosen = next((one for one in await self.book(turn) if one.id == value), None)
        if chosen is not None:
            return _taken(chosen.address)
        earlier = str(turn.frame.values.get("partial") or "")
        text = str(value)
        for whole in (text, f"{earlier}，{text}" if earlier else ""):
            read = await self.read(turn, whole) if whole else None
            if isinstance(read, Address):
                return _taken(read)
        read = await self.read(turn, f"{earlier}，{text}" if earlier else text)
        if isinstance(read, ReadAddress):
            turn.say(f"utter_address_missing_{read.missing[0]}")
            return Outcome("invalid", values={"partial": f"{earlier}，{text}".lstrip("，")})
        turn.say("utter_address_not_read")
        return Outcome("invalid")


def _taken(address: Address) -> Outcome:
    return Outcome("ok", values={"new_address": msgspec.to_builtins(address), "partial": None})


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
        turn.say(
            "utter_address_preview" if draft.order_number else "utter_address_preview_default",
            {
                "number": draft.order_number or "",
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
        read = await self.read(turn, turn.text)
        if isinstance(read, Address):
            new = read
        else:
            if now is None:
                return Outcome("none")
            part = read_address(turn.text, now).address
            # "Right, send it off" has no name in it, whatever stands alone between commas.
            named = names_recipient(turn.text) or part.phone != now.phone
            new = replace(now, name=part.name if named else now.name, phone=part.phone)
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

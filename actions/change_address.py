"""Changing where an order goes, or the default address, from one line of free text."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from actions.address_leads import orders_told, target_of
from actions.address_wishes import heard_wish, read_wish, wants_another
from actions.base import Outcome, ShopAction, Turn
from actions.choosing_orders import means_several
from actions.orders import UNSENT, OrderChoices, items_of
from actions.reading_addresses import (
    AddressParts,
    wish_of,
)
from actions.vocabulary import ADDRESS_NEEDS
from actions.wording import listing
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.model import Address, OrderStatus
from connectors.backends.text import is_chinese
from kernel.errors import NotFound, Refused
from kernel.people import name_alone

_DEFAULT = re.compile(
    r"默认|以后|今后|个人资料|地址簿|账户(?:里)?的?地址|\bdefault\b|\bprofile\b|address book"
    r"|from now on|future orders|on my account",
    re.IGNORECASE,
)
# The default address as what is to change, not as where something shall go.
_DEFAULT_ITSELF = re.compile(
    r"(?<![到往用按寄成为])(?:我的?)?(?<![到往用按寄成为])默认的?(?:收货)?地址"
    r"|(?<!to )(?<!use )\b(?:my|the) default(?: delivery| shipping)? address\b",
    re.IGNORECASE,
)
_TO_DEFAULT = re.compile(r"\W*(?:我的?|我们的?|my |the |our )?(?:默认|default)", re.IGNORECASE)
_NONE = {"new_address": None, "wishes": None, "draft_id": None}
ANOTHER = Outcome("other", values={**_NONE, "refused_address": True})
READDRESSABLE = frozenset({OrderStatus.UNPAID, OrderStatus.SHIPPED}) | UNSENT
PREPARE_AGAIN = frozenset({AddressRefusal.DRAFT_EXPIRED, AddressRefusal.TERMS_CHANGED})
SENT = frozenset({AddressRefusal.SHIPPED, AddressRefusal.PARTLY_SHIPPED})
OF_THE_ADDRESS = frozenset(
    {AddressRefusal.OTHER_COUNTRY, AddressRefusal.INCOMPLETE, AddressRefusal.SAME_ADDRESS}
)


class AddressAction(ShopAction):
    """What the actions of a change of address share."""

    async def book(self, turn: Turn) -> tuple[StoredAddress, ...]:
        """The customer's address book."""
        return await turn.address_book(self._shop.customers)

    async def present(self, turn: Turn, book: tuple[StoredAddress, ...]) -> list[Address]:
        """The addresses that stand now, of every order; what is not said is taken from them."""
        values = turn.frame.values
        own = values.get("wishes") or {}
        numbers = values.get("orders") or [
            values[key] for key in ("order_number",) if key in values
        ]
        # Of several orders those that share an address.
        numbers = [number for number in numbers if number not in own] or numbers
        if numbers:
            return [(await self.access(turn, number)).address for number in numbers]
        default = next((one.address for one in book if one.is_default), None)
        if default is not None:
            return [default]
        customer = await self._shop.customers.get(turn.customer_id)
        return [Address(customer.name, customer.phone, "中国", "", "", "", "", customer.postcode)]

    def wish_for(self, turn: Turn, number: str) -> AddressParts:
        """Where this order shall go: to an address of its own, or to that of all."""
        values = turn.frame.values
        wish = wish_of((values.get("wishes") or {}).get(number) or values["new_address"])
        if wish is None:
            raise ValueError("no address")
        return wish

    def refused(self, turn: Turn, code: str) -> Outcome:
        """Name the rule that says no; the outcome says what is left to do."""
        refusal = AddressRefusal(code)
        turn.say(
            f"utter_address_refused_{refusal.value}",
            {"number": str(turn.frame.values.get("order_number", ""))},
        )
        if refusal in PREPARE_AGAIN:
            return Outcome("again", values={"draft_id": None})
        if refusal in SENT:
            return Outcome("sent", values={"sent": True})
        if refusal in OF_THE_ADDRESS:
            return ANOTHER
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
        said = turn.frame.said
        # "All my orders to the default address" are orders, and so is what goes there.
        named = "order_number" in turn.frame.values or means_several(said)
        named = named or _TO_DEFAULT.match(target_of(said)) is not None
        if named:
            both = "order_number" in turn.frame.values and _DEFAULT_ITSELF.search(said)
            return Outcome("order", values={"default_too": True} if both else None)
        return Outcome("default" if _DEFAULT.search(said) else "order")


class ActionNextAddress(ShopAction):
    """Goes on with the default address if it shall change too. Outcomes: ``more``, ``none``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_next_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        if not values.get("default_too"):
            return Outcome("none")
        turn.say("utter_next_address_default")
        return Outcome(
            "more",
            values={
                "order_number": None,
                "draft_id": None,
                "default_too": None,
                "new_address": values["new_address"],
            },
        )


class ActionChoicesReaddressableOrders(OrderChoices):
    """Orders that have not arrived: the shop or the carrier may still send them elsewhere."""

    states = READDRESSABLE

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_readdressable_orders"

    def words(self, text: str) -> str:
        """(see parent class for full docstring) Where it shall go is not where it goes now."""
        return orders_told(text)


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
        refused = bool(turn.frame.values.get("refused_address"))
        if not refused:
            said = read_wish(turn.frame.said, book, present)
        if said is not None and said.is_enough and any(said.address(one) != one for one in present):
            return Outcome("ok", values={"new_address": msgspec.to_builtins(said)})
        led_to = target_of(turn.frame.said) not in ("", turn.frame.said)
        if said is not None and led_to:
            if not said.is_enough:
                return incomplete(turn, said)
            turn.say("utter_address_refused_same_address")
        others = [one for one in book if any(one.address != now for now in present)]
        return Outcome("ok", choices=[_choice(one) for one in others], read=refused)


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
            return taken(AddressParts.on_file_as(chosen.address))
        read = read_wish(str(value), book, await self.present(turn, book))
        if read is None and (name := name_alone(str(value))):
            read = AddressParts(name=name, chinese=is_chinese(name))
        if read is not None:
            return taken(read) if read.is_enough else incomplete(turn, read)
        turn.say("utter_address_not_read")
        return Outcome("invalid")


def taken(wish: AddressParts) -> Outcome:
    """Where it shall go is known."""
    return Outcome("ok", values={"new_address": msgspec.to_builtins(wish), "parts": None})


def incomplete(turn: Turn, parts: AddressParts) -> Outcome:
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
        wish = wish_of(turn.frame.values["new_address"])
        if wish is None:
            raise ValueError("no address")
        before = await self.present(turn, await self.book(turn))
        address = wish.address(before[0])
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

    Outcomes: ``changed``, ``part`` (a part of an address is missing), ``other`` (another address,
    not said which), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_address"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        now = wish_of(turn.frame.values["new_address"])
        book = await self.book(turn)
        present = await self.present(turn, book)
        new = None if now is None else heard_wish(turn.text, book, present, now)
        if new is not None and not new.is_enough:
            return incomplete(turn, new)
        if new is not None:
            return Outcome("changed", values={"new_address": msgspec.to_builtins(new)})
        return ANOTHER if wants_another(turn.text) else Outcome("none")


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

"""Changing where an order goes, or the default address, from one line of free text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec

from actions.address_leads import orders_told, place_told, target_of
from actions.base import Outcome, ShopAction, Turn
from actions.choosing_addresses import choose_address
from actions.choosing_orders import means_several
from actions.orders import UNSENT, OrderChoices, items_of
from actions.reading_addresses import (
    AddressParts,
    Need,
    names_recipient,
    parts_at,
    parts_of,
    wish_of,
)
from actions.vocabulary import ADDRESS_NEEDS
from actions.wording import listing
from connectors.backends.customers.model import StoredAddress
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.model import Address, OrderStatus
from kernel.errors import NotFound, Refused

_DEFAULT = re.compile(
    r"默认|以后|今后|个人资料|地址簿|账户(?:里)?的?地址|\bdefault\b|\bprofile\b|address book"
    r"|from now on|future orders|on my account",
    re.IGNORECASE,
)
_TO_DEFAULT = re.compile(r"\W*(?:我的?|我们的?|my |the |our )?(?:默认|default)", re.IGNORECASE)
_ANOTHER = re.compile(
    r"(?:另一?个|另外的?|换个|换一个|改个|别的|其[他它]的?)(?:地址|地方)|地址(?:还是)?(?:不对|错了?|填错|选错)"
    r"|\b(?:other|another|different|wrong) (?:address|place)\b|\b(?:some|any)where else\b"
    r"|\baddress(?: is|'s)?(?: still)? wrong\b",
    re.IGNORECASE,
)
# Where only a town was named: "to Leeds".
_TOWN = re.compile(r"[A-Z][\w'-]+(?: [A-Z][\w'-]+){0,2}(?:,? [\w ]*\d[\w ]*)?[.!]?")
_CORRECTION = re.compile(
    r"\W*(?:不对|不是|错了|写错|应该|是|no\b|sorry|actually|rather|i meant?|it'?s\b)", re.IGNORECASE
)
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


def read_wish(
    text: str, book: Sequence[StoredAddress], present: Sequence[Address]
) -> AddressParts | None:
    """The address that ``text`` names or spells out, or as much as it says of one; or None."""
    text = place_told(text)
    # "Could it go to my office address instead" names it before the words that lead to one.
    stored = choose_address(target_of(text), book, present) or choose_address(text, book, present)
    parts = parts_of(text)
    if not parts.missing:
        return parts
    target = target_of(text)
    says = parts.names_a_place or parts.names_who
    if not says and target != text and _TOWN.fullmatch(target):
        parts = parts_of(target, (Need.CITY,))
    # "To Hangzhou" says more than that it goes where it goes now.
    stays = stored is not None and stored.address in present
    if stored is not None and not (stays and parts.names_a_place):
        return AddressParts.on_file_as(stored.address)
    return parts if parts.names_a_place or parts.names_who else None


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
        is_default = _DEFAULT.search(said) is not None and not named
        return Outcome("default" if is_default else "order")


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


def wants_another(text: str) -> bool:
    """Whether ``text`` says that it shall go elsewhere, and not where."""
    return _ANOTHER.search(text) is not None


def heard_wish(
    text: str, book: Sequence[StoredAddress], present: Sequence[Address], now: AddressParts
) -> AddressParts | None:
    """What ``text`` makes of the wish ``now``: another address, or a part of one, another name or
    phone; None if nothing."""
    shown = [now.address(one) for one in present]
    read = read_wish(text, book, [*present, *shown])
    said = parts_of(text)
    if read is not None and read.is_enough and (said.names_a_place or not said.names_who):
        new = read
    elif read is not None and read.names_a_place and _corrects(text):
        # "No, to Hangzhou" lacks the street; "no, 9 Wensan Road" is in the town that was named.
        known = now if read.street else parts_at(shown[0])
        new = read if read.city else known.joined(read)
    else:
        # "Right, send it off" has no name in it, whatever stands alone between commas.
        named = names_recipient(text) or said.phone not in ("", shown[0].phone)
        name = said.name if named else ""
        new = replace(now, name=name or now.name, phone=said.phone or now.phone)
    return None if [new.address(one) for one in present] == shown else new


def _corrects(text: str) -> bool:
    return target_of(text) not in ("", text) or _CORRECTION.match(text) is not None


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

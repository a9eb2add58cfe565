"""Sending several orders elsewhere at once: one summary, one yes, each order with its own draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from actions.address_leads import orders_told, target_of
from actions.address_wishes import read_wish
from actions.addresses_apart import Divided, addresses_apart
from actions.base import Outcome, Turn
from actions.change_address import (
    ANOTHER,
    OF_THE_ADDRESS,
    PREPARE_AGAIN,
    READDRESSABLE,
    SENT,
    AddressAction,
    incomplete,
)
from actions.choosing_orders import means_several, numbers_said
from actions.intercepting import commit_intercepts, draft_told
from actions.intercepting import refusal as intercept_refusal
from actions.orders import LOOKED_AT, items_of
from actions.reading_addresses import AddressParts
from actions.several_orders import (
    AND,
    CLAUSE,
    CheckOrderOrAll,
    ChoicesOfOrders,
    SeveralOrders,
    SortOrders,
    several,
    words_of,
)
from actions.vocabulary import GOES_FROM, GOES_TO, READDRESSED, REDIRECTED
from actions.wording import listing
from connectors.backends.carriers.intercepting import InterceptDraft
from connectors.backends.carriers.model import InterceptKind
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.model import Address, Order
from kernel.errors import NotFound, Refused

# By whether addresses change, and whether carriers are asked.
_PREVIEWS = {
    (True, False): "utter_change_addresses_preview",
    (False, True): "utter_change_addresses_preview_sent",
    (True, True): "utter_change_addresses_preview_both",
}
# "已经发出的不用", "那单算了": they stay as they are.
_STAYS = re.compile(r"(?:就|也)?(?:不用|算)了?(?=\s*(?:[,，。;；!！]|$))")
# Where it shall go is said by another order: "the same address as KF…", "跟KF…一样的地址".
_AS_ORDER = re.compile(
    r"\bsame (?:address|place) (?:as|that)(?: \w+){0,3}? [a-z]{1,4}-?\d{6,}"
    r"|\bwhere (?:order )?[a-z]{1,4}-?\d{6,} (?:went|goes|is going|was sent)\b"
    r"|[跟和与同按照]\s*(?:订单)?[a-z]{1,4}-?\d{6,}(?:那[个单笔]?|订单|单|的)*\s*(?:一样|相同|收?货?地址)",
    re.IGNORECASE,
)
# What has an answer of its own where other orders go on.
_OF_ONE_OF_SEVERAL = {
    AddressRefusal.SAME_ADDRESS: "utter_addresses_refused_same_address",
    AddressRefusal.OTHER_COUNTRY: "utter_addresses_refused_other_country",
}
_NOTHING_TO_SEE_TO = frozenset({AddressRefusal.ORDER_CANCELLED, AddressRefusal.DELIVERED})


class ReaddressedOrders(SeveralOrders):
    """What the actions share that find out which orders shall go elsewhere."""

    states = READDRESSABLE

    def words(self, text: str) -> str:
        """(see parent class for full docstring) Where they shall go is not where they go now."""
        return _STAYS.sub("不用改", orders_told(text))


class ActionSortAddresses(ReaddressedOrders, SortOrders, AddressAction):
    """Whether one order shall go elsewhere or several; perhaps each to another address."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = words_of(turn)
        if AND.search(said) is None and _AS_ORDER.search(said) is None:
            return await SortOrders.serve(self, turn)
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        named = numbers_said(said, orders)
        among = [order for order in orders if self.suits(order) or order.number in named]
        as_order = await self._as_order(turn, said, orders)
        if as_order is not None:
            return as_order
        clause = next((one for one in CLAUSE.split(said) if means_several(one)), "")
        all_of = await self.described(turn, clause, among) if clause else None
        together = all_of.numbers if all_of is not None else ()
        try:
            told = addresses_apart(said, among, await self.book(turn), together=together)
        except Divided as divided:
            turn.say("utter_one_address_an_order", {"number": divided.number})
            return Outcome("one", values={"order_number": divided.number, "refused_address": True})
        if len(set(told.values())) > 1:
            return several(list(told), "several")
        return await SortOrders.serve(self, turn)

    async def _as_order(self, turn: Turn, said: str, orders: Sequence[Order]) -> Outcome | None:
        """The one order that is named, to where another one goes; None if that is not said."""
        found = _AS_ORDER.search(said)
        if found is None:
            return None
        numbers = numbers_said(said, orders)
        model = next(iter(numbers_said(found.group(), orders)), None)
        others = [number for number in numbers if number != model]
        if model is None or len(others) != 1:
            return None
        place = (await self.access(turn, model)).address
        wish = msgspec.to_builtins(AddressParts.on_file_as(place))
        return Outcome("one", values={"order_number": others[0], "new_address": wish})


class AddressesAction(AddressAction):
    """What the actions about several orders share: where each goes, how a rule's no is told."""

    async def apart(
        self, turn: Turn, text: str, orders: Sequence[Order]
    ) -> dict[str, AddressParts]:
        """Where ``text`` says that each of the listed ``orders`` shall go, as far as it says it."""
        together = [order.number for order in orders] if means_several(text) else []
        book = await self.book(turn)
        try:
            return addresses_apart(text, orders, book, listed=True, together=together)
        except Divided as divided:
            turn.say("utter_one_address_an_order", {"number": divided.number})
            return {}

    def told_apart(
        self, turn: Turn, orders: Sequence[Order], told: Mapping[str, AddressParts]
    ) -> Outcome:
        """Keep where each of ``orders`` shall go, as far as it was ``told``.

        Outcomes: ``ok``, ``part`` (one address is not whole), ``rest`` (some are without any).
        """
        wishes = {number: one for number, one in told.items() if one.is_enough}
        kept = {"wishes": {number: msgspec.to_builtins(one) for number, one in wishes.items()}}
        left = [order.number for order in orders if order.number not in wishes]
        if not left:
            last = msgspec.to_builtins(list(wishes.values())[-1])
            return Outcome("ok", values={**kept, "new_address": last, "parts": None})
        if wishes:
            turn.say("utter_addresses_noted", {"others": listing(left, turn.language)})
        part = next((told[number] for number in left if number in told), None)
        if part is None:
            return Outcome("rest", values={**kept, "new_address": None})
        outcome = incomplete(turn, part)
        return replace(outcome, values={**kept, **(outcome.values or {})})

    def say_refusal(self, turn: Turn, number: str, refusal: AddressRefusal) -> None:
        """Name the rule that leaves this order out."""
        response = _OF_ONE_OF_SEVERAL.get(refusal, f"utter_address_refused_{refusal.value}")
        turn.say(response, {"number": number})


class ActionCheckAddressOrder(ReaddressedOrders, CheckOrderOrAll, AddressesAction):
    """The order that shall go elsewhere, or all of them; and where to, if that is said with it."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_address_order"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        outcome = await CheckOrderOrAll.serve(self, turn)
        answers = not turn.pressed and turn.text != turn.frame.said
        if outcome.word not in ("ok", "all_of_them") or not answers:
            return outcome
        numbers = (outcome.values or {}).get("orders") or ()
        orders = [await self.access(turn, number) for number in numbers]
        if target_of(turn.text) == turn.text or await self.apart(turn, turn.text, orders):
            return outcome
        wish = read_wish(turn.text, await self.book(turn), ())
        if wish is None or not wish.is_enough:
            return outcome
        values = {**(outcome.values or {}), "new_address": msgspec.to_builtins(wish)}
        return replace(outcome, values=values)


class ActionChoicesAddressOrders(ReaddressedOrders, ChoicesOfOrders):
    """The orders that the shop or a carrier may still send elsewhere."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_address_orders"


class ActionCheckAddressables(AddressesAction):
    """Leaves out the orders that can go nowhere else, whatever the address, and says why.

    Where each shall go is taken from words that tell them apart. Outcomes: ``ok``, ``part`` (a
    part of an address is missing), ``refused`` (none is left, a person may help), ``nothing``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_addressables"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        left: list[str] = []
        for_person = False
        for number in turn.frame.values["orders"]:
            try:
                refusal = await self._shop.address_changes.refusal(turn.customer_id, number)
            except NotFound:
                turn.say("utter_order_not_found")
                continue
            if refusal is None or refusal in SENT:
                left.append(number)
                continue
            self.say_refusal(turn, number, refusal)
            for_person = for_person or refusal not in _NOTHING_TO_SEE_TO
        if not left:
            return Outcome("refused" if for_person else "nothing")
        values = {"orders": left, "for_person": for_person}
        if "new_address" in turn.frame.values:
            return Outcome("ok", values=values)
        orders = [await self.access(turn, number) for number in left]
        for text in ("" if turn.pressed else turn.answer, words_of(turn)):
            told = await self.apart(turn, text, orders)
            if len(set(told.values())) > 1:
                outcome = self.told_apart(turn, orders, told)
                return replace(outcome, values={**values, **(outcome.values or {})})
        return Outcome("ok", values=values)


class ActionPrepareAddresses(AddressesAction):
    """Prepares a change of each order and shows all of them in one summary.

    The carrier is asked to redirect the parcels of an order that was sent. An order that a rule
    keeps from both is named with the rule, and left out. Outcomes: ``ready``, ``other`` (none can
    go to this address), ``refused`` (none is left, a person may help), ``nothing``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        drafts: dict[str, str] = {}
        parcels: dict[str, str] = {}
        changed: dict[Address, list[str]] = {}
        coming: dict[Address, list[str]] = {}
        elsewhere: list[str] = []
        for_person = bool(turn.frame.values.get("for_person"))
        for number in turn.frame.values["orders"]:
            try:
                order = await self.access(turn, number)
            except NotFound:
                turn.say("utter_order_not_found")
                continue
            after = self.wish_for(turn, number).address(order.address)
            try:
                draft = await self._shop.address_changes.prepare_address(
                    turn.customer_id, number, after
                )
            except Refused as refused:
                refusal = AddressRefusal(refused.code)
                if refusal in SENT:
                    asked, unsolved = await self._redirected(turn, order, after, refusal)
                    for_person = for_person or unsolved
                    if asked is not None:
                        parcels[number] = asked.id
                        told = draft_told(turn, order, asked, self._rules.refunds)
                        line = REDIRECTED.of(turn.language).format(**told)
                        coming.setdefault(after, []).append(line)
                    continue
                self.say_refusal(turn, number, refusal)
                if refusal in OF_THE_ADDRESS:
                    elsewhere.append(number)
                for_person = for_person or (
                    refusal not in _NOTHING_TO_SEE_TO and refusal not in OF_THE_ADDRESS
                )
                continue
            drafts[number] = draft.id
            before = draft.before.masked() if draft.before else ""
            items = items_of(order, turn.language)
            line = GOES_FROM.of(turn.language).format(number=number, items=items, before=before)
            changed.setdefault(after, []).append(line)
        # To another address they may go.
        asked_for = [*drafts, *parcels, *elsewhere]
        values: dict[str, Any] = {"orders": asked_for, "for_person": for_person}
        if drafts or parcels:
            told = {"orders": _by_address(turn, changed), "coming": _by_address(turn, coming)}
            turn.say(_PREVIEWS[bool(drafts), bool(parcels)], told)
            return Outcome("ready", values={**values, "drafts": drafts, "parcel_drafts": parcels})
        if elsewhere:
            return Outcome("other", values={**values, **(ANOTHER.values or {})})
        return Outcome("refused" if for_person else "nothing")

    async def _redirected(
        self, turn: Turn, order: Order, address: Address, refusal: AddressRefusal
    ) -> tuple[InterceptDraft | None, bool]:
        """A draft that asks the carrier for the parcels of ``order``, None where a rule says no,
        which is told; and whether something is left for a person."""
        partly = refusal is AddressRefusal.PARTLY_SHIPPED
        try:
            draft = await self._shop.intercepts.prepare_intercept(
                turn.customer_id, order.number, InterceptKind.REDIRECT, address
            )
        except Refused as refused:
            self.say_refusal(turn, order.number, refusal)
            outcome = intercept_refusal(turn, refused.code)
            return None, partly or outcome.word == "refused"
        if partly:
            self.say_refusal(turn, order.number, refusal)
        return draft, partly


def _by_address(turn: Turn, lines: Mapping[Address, list[str]]) -> str:
    """What goes where, one address after the other."""
    words = GOES_TO.of(turn.language)
    told = (
        words.format(after=after.one_line(), orders="\n".join(of_one))
        for after, of_one in lines.items()
    )
    return "\n".join(told)


class ActionCommitAddresses(AddressesAction):
    """Changes each of the confirmed orders or asks its carrier, once; one that is refused now
    keeps no other back.

    Outcomes: ``done``, ``again`` (some came to something else: shown anew), ``refused`` (a person
    may help with some).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_addresses"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        for_person = bool(turn.frame.values.get("for_person"))
        done: dict[Address, list[str]] = {}
        refusals: list[tuple[str, AddressRefusal]] = []
        again: list[str] = []
        for number, draft_id in turn.frame.values["drafts"].items():
            try:
                change = await self._shop.address_changes.commit_address(turn.customer_id, draft_id)
            except NotFound:
                again.append(number)
                continue
            except Refused as refused:
                refusals.append((number, AddressRefusal(refused.code)))
                continue
            items = items_of(await self.access(turn, number), turn.language)
            line = READDRESSED.of(turn.language).format(number=number, items=items)
            done.setdefault(change.after, []).append(line)
        if done:
            turn.say("utter_changed_addresses", {"orders": _by_address(turn, done)})
        for number, refusal in refusals:
            # What was sent meanwhile is shown with its carrier.
            if refusal in SENT or refusal in PREPARE_AGAIN:
                again.append(number)
            if refusal not in SENT:
                self.say_refusal(turn, number, refusal)
            solved = SENT | PREPARE_AGAIN | _NOTHING_TO_SEE_TO | OF_THE_ADDRESS
            left = refusal not in solved
            for_person = for_person or left
        anew, refused_one = await commit_intercepts(self._shop.intercepts, turn)
        again += anew
        for_person = for_person or refused_one
        values: dict[str, Any] = {"for_person": for_person}
        if again:
            cleared = {"drafts": None, "parcel_drafts": None}
            return Outcome("again", values={**values, **cleared, "orders": again})
        return Outcome("refused" if for_person else "done", values=values)

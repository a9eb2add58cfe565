"""Changing an order before it is sent: what is wanted, and what is still to be asked."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.choosing_lines import lines_named
from actions.choosing_tenders import choose_tenders, usable_tenders
from actions.exchange_lines import clauses_about
from actions.facts import asks_of_goods
from actions.modify_reading import (
    Reading,
    names_delivery,
    names_difference,
    names_payment,
    read_day,
    read_hour,
    read_lines_changed,
    slot_hours,
)
from actions.modify_wish import Wanted, wanted_of
from actions.orders import LOOKED_AT, line_name
from actions.other_orders import with_other_orders
from actions.other_product import wants_another_product
from actions.pack_reading import read_way
from actions.product_question import say_facts
from actions.wanted_in_vain import say_in_vain
from connectors.backends.catalogue.model import Product
from connectors.backends.customers.model import StoredTender
from connectors.backends.orders.model import OrderStatus
from connectors.backends.orders.modifying import Modifiable, ModifyRefusal
from kernel.errors import Refused
from kernel.money import Money

# What a person notes at an order: nothing the shop's own rules decide.
_FOR_A_PERSON = re.compile(
    r"备注|留言|贺卡|卡片|刻字|一起[发寄]|自提|顺丰|换个?快递|赠品|礼品?包装"
    r"|安装|发票|加一件别的|\bnote\b|\bgreeting\b|\bgift (?:wrap|receipt|message|box)\b|\bengrav"
    r"|\btogether\b|\bcourier\b|\bcarrier\b"
    r"|\bpick ?up\b|\bcollect\b|\bwarranty\b|\bpersonali[sz]",
    re.IGNORECASE,
)
# To "What shall I change?" this says nothing yet.
_ONLY_YES = re.compile(
    r"(?:好的?|是的?|对的?|行|可以|嗯+|要|改|换吧?|改吧"
    r"|(?:yes|yeah|yep|ok(?:ay)?|sure|please|do it)(?:,? please)?)\W*",
    re.IGNORECASE,
)
_SENT = frozenset({ModifyRefusal.SHIPPED, ModifyRefusal.LINE_SHIPPED, ModifyRefusal.DELIVERED})
_NOTHING = frozenset({ModifyRefusal.ORDER_CANCELLED, ModifyRefusal.LINE_CANCELLED})
_OF_TENDER = frozenset(
    {
        ModifyRefusal.TENDER_MISSING,
        ModifyRefusal.TENDER_UNKNOWN,
        ModifyRefusal.TENDER_EXPIRED,
        ModifyRefusal.BALANCE_TOO_LOW,
        ModifyRefusal.DID_NOT_PAY,
        ModifyRefusal.SAME_TENDER,
    }
)
_OF_SLOT = frozenset(
    {ModifyRefusal.SLOT_TOO_EARLY, ModifyRefusal.SLOT_TOO_LATE, ModifyRefusal.SLOT_UNKNOWN}
)
_OF_VARIANT = frozenset({ModifyRefusal.OUT_OF_STOCK, ModifyRefusal.OTHER_PRODUCT})
_WHAT = frozenset({ModifyRefusal.NOTHING_CHANGES, ModifyRefusal.NOTHING_CHOSEN})
_AGAIN = frozenset({ModifyRefusal.DRAFT_EXPIRED, ModifyRefusal.TERMS_CHANGED})


class ModifyAction(ShopAction):
    """What the actions of a change share: the order as the rules see it, and what is wanted."""

    async def found(self, turn: Turn) -> Modifiable:
        """The frame's order as the rules of changing see it."""
        return await self._shop.modifications.modifiable(
            turn.customer_id, turn.frame.values["order_number"]
        )

    def wanted(self, turn: Turn, found: Modifiable) -> Wanted:
        """What the frame knows of the change."""
        number = found.order.number
        return wanted_of(turn.frame.values.get("wanted"), number) or Wanted(number)

    async def products(self, found: Modifiable) -> dict[str, Product]:
        """The products of the lines that can be changed."""
        ids = {line.product_id for line in found.lines}
        return {one: await self._shop.catalogue.product(one) for one in sorted(ids)}

    async def read(self, turn: Turn, found: Modifiable, text: str, wanted: Wanted) -> Wanted:
        """``wanted`` with everything that ``text`` says of lines, time and tender."""
        products = await self.products(found)
        # "The 20th" is neither a quantity nor a size.
        of_lines = turn.without("date", text)
        of_lines = await with_other_orders(self._shop, turn, of_lines, products)
        before = {one.line_id: one.variant_id for one in wanted.lines if one.given}
        reading = read_lines_changed(of_lines, found.lines, found.units, products, before)
        named = lines_named(turn.frame.said, found.lines, found.units)
        meant = ({one.line_id for one in wanted.lines} or set(named)) & set(reading.which)
        if meant:
            # "In black after all" speaks of what is being changed, or of what was named first.
            lines = [line for line in found.lines if line.id in meant]
            reading = read_lines_changed(of_lines, lines, found.units, products, before)
        self.say_in_vain(turn, found, reading)
        if reading:
            wanted = wanted.with_lines(reading, of_lines)
        wanted = self._read_time(turn, text, wanted)
        return await self._read_tender(turn, text, wanted, bool(reading))

    def say_in_vain(self, turn: Turn, found: Modifiable, reading: Reading) -> None:
        """What was wanted by ``reading`` and cannot be had."""
        for one in (*reading.open, *reading.vain):
            line = found.order.line(one.line_id)
            if line is not None:
                say_in_vain(turn, line, one.choice)

    def _read_time(self, turn: Turn, text: str, wanted: Wanted) -> Wanted:
        told = turn.entity("date") or str(turn.frame.values.get("slot_day") or "") or None
        if not (wanted.timing or names_delivery(text, told)):
            return wanted
        try:
            day = read_day(told)
        except ValueError:
            day = None
        hour = read_hour(text, told)
        hours = slot_hours(hour, self._rules.modifying.slots) if hour is not None else None
        return replace(
            wanted,
            timing=True,
            day=day.isoformat() if day else wanted.day,
            hours=hours or wanted.hours,
        )

    async def _read_tender(self, turn: Turn, text: str, wanted: Wanted, lines: bool) -> Wanted:
        said = names_payment(text)
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        today = turn.now.astimezone(turn.zone).date()
        chosen = usable_tenders(text, choose_tenders(text, stored), today)
        if not said and not chosen:
            return wanted
        if wanted.lines or wanted.open or wanted.which or lines or names_difference(text):
            return replace(wanted, tender=chosen[0].id) if len(chosen) == 1 else wanted
        pay_with = chosen[0].id if len(chosen) == 1 else ""
        return replace(wanted, paying=True, pay_with=pay_with or wanted.pay_with)

    async def step(self, turn: Turn, found: Modifiable, wanted: Wanted) -> Outcome:
        """What to ask next; ``ok`` when everything is known."""
        if wanted.which:
            return self._ask(wanted, "which", line=None)
        if wanted.open:
            line = found.order.line(wanted.open[0].line_id)
            name = line_name(line, turn.language) if line else ""
            return self._ask(wanted, "variant", variant=None, line_name=name)
        if wanted.timing and not wanted.day:
            return self._ask(wanted, "day", slot_day=None)
        if wanted.timing and wanted.hours is None:
            return self._ask(wanted, "time", slot_hours=None)
        if wanted.paying and not wanted.pay_with:
            return self._ask(wanted, "pay", pay_with=None)
        if wanted.is_empty:
            return self._ask(wanted, "nothing" if wanted.spared else "what", change=None)
        if wanted.lines and not wanted.tender and not wanted.pay_with:
            return await self._step_of_money(turn, found, wanted)
        return self._ask(wanted, "ok")

    async def _step_of_money(self, turn: Turn, found: Modifiable, wanted: Wanted) -> Outcome:
        try:
            terms = await self._shop.modifications.quote_modification(
                turn.customer_id, wanted.order, wanted.wish
            )
        except Refused as refused:
            return self.refused(turn, found, wanted, refused)
        if found.order.status is OrderStatus.UNPAID or terms.difference.minor <= 0:
            return self._ask(wanted, "ok")
        able = await self.able_to_pay(turn, terms.difference)
        if not able:
            turn.say("utter_modify_no_tender", {"amount": str(terms.difference)})
            return Outcome("refused")
        if len(able) == 1:
            return self._ask(replace(wanted, tender=able[0].id), "ok")
        return self._ask(wanted, "money", tender=None, difference=str(terms.difference))

    def _ask(self, wanted: Wanted, word: str, **values: Any) -> Outcome:
        return Outcome(word, values={"wanted": wanted.told(), **values})

    async def able_to_pay(self, turn: Turn, amount: Money) -> tuple[StoredTender, ...]:
        """What the customer has on file that covers ``amount``, as much as we know."""
        stored = await self._shop.customers.tenders_of(turn.customer_id)
        today = turn.now.astimezone(turn.zone).date()
        return tuple(one for one in stored if one.covers(amount, today))

    def refused(self, turn: Turn, found: Modifiable, wanted: Wanted, refused: Refused) -> Outcome:
        """Name the rule that says no; the outcome says what is left to do."""
        refusal = ModifyRefusal(refused.code)
        self.say_refusal(turn, found, refusal, refused.detail)
        if refusal in _AGAIN:
            return Outcome("again", values={"draft_id": None})
        if refusal is ModifyRefusal.DELIVERED:
            return Outcome("arrived")
        if refusal in _SENT:
            return Outcome("sent")
        if refusal in _NOTHING:
            return Outcome("nothing")
        if refusal is ModifyRefusal.NOTHING_LEFT:
            return Outcome("cancel")
        if refusal in _OF_TENDER and wanted.paying:
            return self._ask(replace(wanted, pay_with=""), "pay", pay_with=None)
        if refusal in _OF_TENDER:
            left = replace(wanted, tender="")
            return self._ask(left, "money", tender=None, difference="")
        if refusal in _OF_SLOT:
            hours = None if refusal is ModifyRefusal.SLOT_UNKNOWN else wanted.hours
            left = replace(wanted, day="", hours=hours)
            return self._ask(left, "day", slot_day=None, slot_hours=None)
        if refusal in _OF_VARIANT and refused.detail:
            line = found.order.line(refused.detail)
            name = line_name(line, turn.language) if line else ""
            left = wanted.without_line(refused.detail)
            return self._ask(left, "variant", variant=None, line_name=name)
        if refusal in _WHAT:
            return self._ask(Wanted(wanted.order), "what", change=None)
        return Outcome("refused")

    def first_day(self, turn: Turn, found: Modifiable) -> date:
        """The soonest day on which the order can be asked to come."""
        today = turn.now.astimezone(turn.zone).date()
        first = today + timedelta(days=self._rules.modifying.slot_lead_days)
        promised = found.order.promised_by
        return first if promised is None else max(first, promised.astimezone(turn.zone).date())

    def say_refusal(
        self, turn: Turn, found: Modifiable, refusal: ModifyRefusal, line_id: str = ""
    ) -> None:
        """The response of a refusal."""
        line = found.order.line(line_id)
        rules = self._rules.modifying
        turn.say(
            f"utter_modify_refused_{refusal.value}",
            {
                "number": found.order.number,
                "line": line_name(line, turn.language) if line else "",
                "units": str(rules.units_per_line),
                "days": str(rules.slot_days),
                "earliest": turn.day(noon(turn, self.first_day(turn, found))),
            },
        )


def noon(turn: Turn, day: date) -> datetime:
    """A moment that is on ``day`` for everybody in the shop's time zone."""
    return datetime.combine(day, time(12), turn.zone)


class ActionScopeModification(ModifyAction):
    """Finds out what shall be otherwise, and what is still to be asked.

    Outcomes: ``ok``, ``what``, ``which``, ``variant``, ``day``, ``time``, ``pay``, ``money``
    (each names what is open), ``other`` (for a person), ``sent``, ``nothing``, ``cancel``,
    ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_scope_modification"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        wanted = self.wanted(turn, found)
        if found.refusal is not None:
            return self.refused(turn, found, wanted, Refused(found.refusal))
        if wanted.is_empty and not turn.frame.values.get("read_first"):
            for said in turn.frame.asked_in:
                words = await self._about(turn, found, said)
                wanted = await self.read(turn, found, words, wanted)
                if not wanted.is_empty or wanted.spared:
                    break
            if wanted.is_empty and not wanted.spared and _FOR_A_PERSON.search(turn.frame.said):
                return Outcome("other", values={"change": turn.frame.said})
        outcome = await self.step(turn, found, wanted)
        values = {**(outcome.values or {}), "read_first": True}
        return replace(outcome, values=values, learned=_spoken_of(found, wanted))

    async def _about(self, turn: Turn, found: Modifiable, said: str) -> str:
        """As much of ``said`` as is about this one of several orders, all of it if about any."""
        if "orders_left" not in turn.frame.values:
            return said
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        bought = [line for order in orders for line in order.lines]
        return clauses_about({line.id for line in found.order.lines}, bought, said) or said


def _spoken_of(found: Modifiable, wanted: Wanted) -> dict[str, str]:
    """The one product that is being changed: "how much is the bigger one?" is asked of it."""
    ids = {one.line_id for one in wanted.lines} | {one.line_id for one in wanted.open}
    products = {line.product_id for line in found.order.lines if line.id in ids}
    return {"product_id": products.pop()} if len(products) == 1 else {}


def _picked(choice: str, found: Modifiable, wanted: Wanted) -> Wanted:
    """``wanted`` with what the id of a choice asks for, where the words said nothing more."""
    if not wanted.is_empty:
        return wanted
    ids = tuple(line.id for line in found.lines)
    if choice == "variant_or_units":
        return wanted.without_line(ids[0]) if len(ids) == 1 else replace(wanted, which=ids)
    return replace(wanted, timing=choice == "delivery_time", paying=choice == "way_to_pay")


class ActionCheckChange(ModifyAction):
    """Reads what shall be otherwise.

    Outcomes: ``ok``, ``open`` (a question, or a bare yes: asked again), ``packing`` (how the goods
    leave), ``other_product``, ``other`` (for a person).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_change"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        found = await self.found(turn)
        product = await self._asked_about(turn, found)
        if product is not None:
            say_facts(turn, product)
            return Outcome("open", values={"change": None}, learned={"product_id": product.id})
        if _ONLY_YES.fullmatch(turn.text.strip()):
            return Outcome("open", values={"change": None})
        wanted = self.wanted(turn, found)
        if not turn.pressed:
            wanted = await self.read(turn, found, turn.text, wanted)
        if wanted.spared:
            return Outcome("ok", values={"wanted": wanted.told()})
        if wanted.is_empty and read_way(turn.text) is not None:
            return Outcome("packing", values={"way": turn.text})
        if wanted.is_empty and await wants_another_product(
            self._shop, turn.text, found.order.lines
        ):
            return Outcome("other_product")
        # Of what was offered, "the first one" is read by the engine.
        wanted = _picked(str(turn.frame.values["change"]), found, wanted)
        if wanted.is_empty:
            return Outcome("other")
        return Outcome("ok", values={"wanted": wanted.told()})

    async def _asked_about(self, turn: Turn, found: Modifiable) -> Product | None:
        """The product of which a question is asked in the middle of it; None if none is."""
        if not asks_of_goods(turn.text):
            return None
        lines = found.lines
        named = lines_named(turn.text, lines, found.units)
        ids = {line.product_id for line in lines if line.id in named or len(lines) == 1}
        return await self._shop.catalogue.product(ids.pop()) if len(ids) == 1 else None

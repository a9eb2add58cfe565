"""How a shopper says which order is meant: a number, a parcel, "my last order", a product."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, ClassVar

from actions import order_in_hand
from actions.base import Outcome, ShopAction, Turn
from actions.choosing_addresses import words_for_address
from actions.choosing_orders import (
    OrderChoice,
    asks_contents,
    asks_why_closed,
    choose_orders,
    names_destination,
    names_goods,
    names_state,
)
from actions.vocabulary import AND_MORE
from actions.wording import Language, listing, quantity, with_detail
from connectors.backends.orders.model import Address, Order, OrderLine, OrderStatus
from connectors.backends.shop import Shop
from connectors.backends.text import Bilingual

_OFFERED = 5
# What the language side calls "my last order".
_LAST = "last_order"
LOOKED_AT = 20
_SAYS_DELIVERED = re.compile(
    r"(?:显示|写着|说是?|状态是?|提示)(?:已经?|是)*(?:签收|送达|送到|妥投|收货)|(?:被|让)(?:人|别人)?签收"
    r"|\b(?:says?|shows?|showing|marked|status|claims?)\b[^.;!?]{0,20}\b(?:delivered|arrived|signed)\b",
    re.IGNORECASE,
)
UNSENT = frozenset({OrderStatus.PAID, OrderStatus.PREPARING, OrderStatus.PARTLY_SHIPPED})
"""Orders that are paid and of which something has not left the shop."""


def line_name(line: OrderLine, language: Language) -> str:
    """A line as its buyer knows it: ``羊毛围巾（深灰）``."""
    return with_detail(line.product_name.of(language), line.options_text(language), language)


def line_choices(
    turn: Turn, lines: Sequence[OrderLine], units: Mapping[str, int]
) -> list[dict[str, Any]]:
    """Each line, with its ``units``, as a choice; a word that names several lines names none."""
    named = Counter(word for line in lines for word in set(short_names(line.product_name)))
    return [
        {
            "id": line.id,
            "title": quantity(units[line.id], line_name(line, turn.language), turn.language),
            "words": [
                *(line.product_name.zh, line.product_name.en),
                *(word for word in short_names(line.product_name) if named[word] == 1),
            ],
        }
        for line in lines
    ]


def items_of(order: Order, language: Language) -> str:
    """Everything that is still part of it, as one phrase; all of it where it was cancelled."""
    parts = [
        quantity(units, line_name(line, language), language) for line, units in kept_lines(order)
    ]
    return listing(parts, language)


def kept_lines(order: Order) -> list[tuple[OrderLine, int]]:
    """The lines of an order with the units that were not cancelled; if none is left, as bought."""
    kept = [(line, line.kept) for line in order.lines if line.kept]
    return kept or [(line, line.quantity) for line in order.lines]


def title_of(turn: Turn, order: Order) -> str:
    """An order on a button: number, first product, day."""
    language = turn.language
    lines = kept_lines(order)
    first = lines[0][0].product_name.of(language) if lines else ""
    units = sum(count for _, count in lines)
    if len(lines) > 1:
        first = AND_MORE.of(language).format(first=first, count=units, more=len(lines) - 1)
    return f"{order.number} · {first} · {turn.day(order.placed_at)}"


class OrderReading(ShopAction):
    """What the actions share that find out which order is meant."""

    def words(self, text: str) -> str:
        """As much of ``text`` as may say which orders are meant."""
        return text

    async def described(
        self, turn: Turn, text: str, orders: Sequence[Order], *, by_line: bool = False
    ) -> OrderChoice | None:
        """Which of ``orders`` (newest first) ``text`` describes (see ``described_orders``)."""
        return await described_orders(self._shop, turn, self.words(text), orders, by_line=by_line)


class OrderChoices(OrderReading):
    """Offers the shopper's orders that a journey may be about, newest first.

    ``states`` are those of orders that the journey is likely to be about, or ``suits`` says it.
    When only one comes into question it is taken without asking. Outcomes: ``ok``, ``no_orders``.
    """

    states: ClassVar[frozenset[OrderStatus]] = frozenset(OrderStatus)

    def suits(self, order: Order) -> bool:
        """Whether the journey is likely to be about ``order``."""
        return order.status in self.states

    def fits(self, turn: Turn, order: Order) -> bool:
        """Likewise, where it depends on what was said."""
        return self.suits(order)

    async def likely(self, turn: Turn, orders: Sequence[Order]) -> list[Order]:
        """Those of ``orders`` that the journey is likely to be about; none: any of them."""
        return [order for order in orders if self.fits(turn, order)]

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        orders = await self._candidates(turn)
        if not orders:
            turn.say("utter_no_orders")
            return Outcome("no_orders")
        suitable = await self.likely(turn, orders) or list(orders)
        refused_before = turn.frame.values.get("refused_order")
        described = None if refused_before else await self._asked_of(turn, suitable, orders)
        if described is not None and len(described.numbers) == 1:
            number = described.numbers[0]
            return Outcome("ok", values={"order_number": number}, learned={"order_number": number})
        told = told_order(turn) or _of_this_message(turn, suitable)
        spoken_of = [order for order in orders if order.number == told]
        if not refused_before and (spoken_of or len(suitable) == 1):
            number = (spoken_of or suitable)[0].number
            return Outcome("ok", values={"order_number": number}, learned={"order_number": number})
        if described is not None and described.unclear:
            suitable = [order for order in orders if order.number in described.unclear]
        offered = _spoken_of_first(turn, suitable)
        return Outcome("ok", choices=[order_choice(turn, order, offered) for order in offered])

    async def _asked_of(
        self, turn: Turn, suitable: Sequence[Order], orders: Sequence[Order]
    ) -> OrderChoice | None:
        """What the words of the request describe; goods by name may lie in any of ``orders``."""
        said = said_of_request(turn)
        if not said:
            return None
        choice = await self.described(turn, said, suitable)
        if choice is None and names_goods(said, orders):
            return await self.described(turn, said, orders)
        return choice

    async def _candidates(self, turn: Turn) -> Sequence[Order]:
        words = turn.frame.values.get("product_words")
        if words:
            return await self._shop.orders.of_product(turn.customer_id, words, _OFFERED)
        return await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)


def said_of_request(turn: Turn) -> str:
    """The words that asked for this; empty where they asked for more, and which did is open."""
    return turn.frame.own or ("" if turn.frame.shared else turn.frame.said)


def _of_this_message(turn: Turn, suitable: Sequence[Order]) -> str | None:
    """The order of another request of the same message: "the tablet in blue, and to my office"."""
    learned = turn.frame.learned.get("order_number")
    return learned if turn.frame.own and learned in {one.number for one in suitable} else None


def told_order(turn: Turn) -> str | None:
    """The order of the news that this message answers, None if it answers none."""
    news = turn.tracker.get_slot("news") or {}
    number = news.get("facts", {}).get("order_number") if news.get("answered") else None
    return str(number) if number else None


async def described_orders(
    shop: Shop, turn: Turn, text: str, orders: Sequence[Order], *, by_line: bool = False
) -> OrderChoice | None:
    """Which of ``orders`` (newest first) the words describe; None if none.

    ``by_line``: see ``choose_orders``. The address book is read where the words may be in it.
    """
    labels: dict[str, list[str]] = {}
    if names_destination(text):
        book = await turn.address_book(shop.customers)
        for order in orders:
            known = [one for one in book if place_of(order.address) == place_of(one.address)]
            labels[order.number] = [word for one in known for word in words_for_address(one)]
    today = turn.now.astimezone(turn.zone).date()
    return choose_orders(text, orders, today=today, zone=turn.zone, labels=labels, by_line=by_line)


def place_of(address: Address) -> tuple[str, ...]:
    """Where goods go, whoever takes them in."""
    return (address.city, address.district, address.street, address.postcode)


def _spoken_of_first(turn: Turn, orders: Sequence[Order]) -> Sequence[Order]:
    learned = turn.frame.learned.get("order_number")
    return sorted(orders, key=lambda order: order.number != learned)[:_OFFERED]


def short_names(name: Bilingual) -> list[str]:
    """Short ways to name a product: the words of its English name, the end of its Chinese one."""
    english = [word for word in re.findall(r"[a-z]+", name.en.lower()) if len(word) > 2]
    plurals = [f"{word}s" for word in english]
    chinese = re.findall(r"[\u4e00-\u9fff]+", name.zh)
    ends = [part[-size:] for part in chinese[-1:] for size in (2, 3) if len(part) >= size]
    return [*english, *plurals, *ends]


def order_choice(turn: Turn, order: Order, offered: Sequence[Order]) -> dict[str, Any]:
    """An order as a choice; a word that names goods of several orders names none of them."""
    others = {
        word
        for other in offered
        if other.number != order.number
        for line in other.lines
        for word in short_names(line.product_name)
    }
    words = {
        word
        for line in order.lines
        for word in (line.product_name.zh, line.product_name.en, *short_names(line.product_name))
        if word not in others
    }
    return {"id": order.number, "title": title_of(turn, order), "words": sorted(words)}


class ActionChoicesOrders(OrderChoices):
    """All recent orders; of "why was it closed?" those that were."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_orders"

    def fits(self, turn: Turn, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return order.status is OrderStatus.CANCELLED or not asks_why_closed(turn.frame.said)


class ActionChoicesTravellingOrders(OrderChoices):
    """Orders that are on their way, or were not sent yet."""

    states = frozenset({OrderStatus.PARTLY_SHIPPED, OrderStatus.SHIPPED})

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_travelling_orders"

    def fits(self, turn: Turn, order: Order) -> bool:
        """(see parent class for full docstring) "It says delivered" is of none of these."""
        if _SAYS_DELIVERED.search(turn.frame.said):
            return order.status is OrderStatus.DELIVERED
        return super().fits(turn, order)


class ActionChoicesOpenOrders(OrderChoices):
    """Orders that have not left the shop entirely."""

    states = frozenset({OrderStatus.UNPAID}) | UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_open_orders"


class ActionChoicesUnfinishedOrders(OrderChoices):
    """Orders that are paid and have not arrived; the one just spoken of is taken at once."""

    states = frozenset({OrderStatus.SHIPPED}) | UNSENT

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_unfinished_orders"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        learned = turn.frame.learned.get("order_number")
        if learned:
            return Outcome("ok", values={"order_number": learned})
        return await super().serve(turn)


class ActionChoicesDeliveredOrders(OrderChoices):
    """Orders of which something has arrived."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_delivered_orders"

    def suits(self, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return any(parcel.delivered_at is not None for parcel in order.parcels)


class ActionCheckOrder(OrderReading):
    """Turns whatever named an order into the number of one of this customer's orders.

    Outcomes: ``ok``, ``invalid``, ``several`` (a product of several orders: ask which),
    ``no_orders``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_order"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = str(turn.frame.values["order_number"])
        source = turn.frame.sources.get("order_number", "")
        if not turn.pressed and turn.text != turn.frame.said and asks_contents(turn.text):
            told = await self._contents(turn)
            if told is not None:
                return told
        if source == "choice" and not turn.pressed and names_state(turn.text):
            # "The last one I paid for" is no place in the list.
            source = "text"
        if source == "order_number" and turn.frame.own:
            described = await self._by_own_words(turn, said)
            if described is not None:
                return described
        if source in ("text", "product", "reference"):
            described = await self._by_description(turn, source)
            if described is not None:
                return described
        if source == "product":
            return await self._by_product(turn, said)
        if source == "tracking_number":
            return await self._by_parcel(turn, said)
        order = await self._shop.orders.find_of(turn.customer_id, said)
        if order is None and source == "reference":
            # "That one", of which nothing has been said, may be any.
            several = Outcome("several", values={"order_number": None})
            return await self._latest(turn) if said == _LAST else several
        if order is None:
            turn.say("utter_order_not_found")
            return Outcome("invalid", values={"refused_order": said})
        return _found(order)

    async def _by_own_words(self, turn: Turn, number: str) -> Outcome | None:
        """The order that is meant where ``number`` was said of something else in the same breath.

        "Cancel KF… and send the tablet to my office"; None if it may be about ``number`` as well.
        """
        if number.casefold() in turn.frame.own:
            return None
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        choice = await self.described(turn, turn.frame.own, orders)
        if choice is None or number in (*choice.numbers, *choice.unclear):
            return None
        named = [order for order in orders if order.number in (*choice.numbers, *choice.unclear)]
        return _which(turn, named) if named else None

    async def _by_description(self, turn: Turn, source: str) -> Outcome | None:
        """What the whole message says of an order: content, state, destination, time, price."""
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        asked = said_of_request(turn)
        texts = [turn.text] if turn.text != turn.frame.said or not asked else []
        texts += [asked] if asked else []
        asked_of = [order for order in orders if order.number in turn.frame.offered]
        # Those that were offered go first.
        lists = (asked_of, orders) if asked_of else (orders,)
        for text, among in product(texts, lists):
            choice = await self.described(turn, text, among)
            if choice is None or not (choice.numbers or choice.unclear):
                continue
            by_number = {order.number: order for order in orders}
            if len(choice.numbers) == 1:
                return _found(by_number[choice.numbers[0]])
            if source != "product":
                return _which(turn, [by_number[one] for one in choice.unclear or choice.numbers])
        if source == "text":
            turn.say("utter_not_understood")
            return Outcome("invalid")
        return None

    async def _contents(self, turn: Turn) -> Outcome | None:
        """Say what is in the orders that a question names, and leave it open which is meant."""
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        found = await described_orders(self._shop, turn, turn.text, orders)
        named = () if found is None else (*found.numbers, *found.unclear)
        asked_of = [order for order in orders if order.number in named]
        if not asked_of:
            return None
        for order in asked_of[:_OFFERED]:
            values = {"number": order.number, "items": items_of(order, turn.language)}
            turn.say("utter_order_contents", values | {"total": str(order.total)})
        return Outcome("several", values={"order_number": None})

    async def _by_product(self, turn: Turn, words: str) -> Outcome:
        orders = await self._shop.orders.of_product(turn.customer_id, words, _OFFERED)
        if not orders:
            turn.say("utter_order_product_not_found", {"product": words})
            return Outcome("invalid", values={"refused_order": words})
        if len(orders) > 1:
            turn.say("utter_order_product_several", {"product": words})
            return Outcome("several", values={"order_number": None, "product_words": words})
        return _found(orders[0])

    async def _by_parcel(self, turn: Turn, tracking_number: str) -> Outcome:
        order = await self._shop.orders.find_by_parcel(turn.customer_id, tracking_number)
        if order is None:
            turn.say("utter_parcel_not_found")
            return Outcome("invalid", values={"refused_order": tracking_number})
        found = _found(order)
        return Outcome(
            found.word,
            values={"order_number": order.number, "parcel": tracking_number},
            learned=found.learned,
        )

    async def _latest(self, turn: Turn) -> Outcome:
        orders = await self._shop.orders.latest_of(turn.customer_id, 1)
        if not orders:
            turn.say("utter_no_orders")
            return Outcome("no_orders")
        return _found(orders[0])


def _which(turn: Turn, orders: Sequence[Order]) -> Outcome:
    """The one of ``orders``; where they are several, which of them is to be asked."""
    if len(orders) == 1:
        return _found(orders[0])
    offered = _spoken_of_first(turn, orders)
    return Outcome(
        "several",
        values={"order_number": None},
        choices=[order_choice(turn, order, offered) for order in offered],
    )


def _found(order: Order) -> Outcome:
    order_in_hand.hand_on(order)
    return Outcome(
        "ok", values={"order_number": order.number}, learned={"order_number": order.number}
    )

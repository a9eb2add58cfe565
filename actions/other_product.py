"""Another product instead of what was bought: no exchange, but its goods back and a cart."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum

from actions.base import Outcome, Turn
from actions.choosing import Thing
from actions.choosing_lines import choose_lines, line_thing
from actions.choosing_mentions import KIND, NAME, fold, mentions_in, says_material
from actions.facts import named_variants, options_phrase, prices_phrase
from actions.orders import LOOKED_AT, OrderChoices, line_name
from actions.products import LOOKED_AT_PRODUCTS
from actions.wording import listing, quantity, with_detail
from connectors.backends.catalogue.model import Product
from connectors.backends.orders.model import Order, OrderLine, OrderStatus
from connectors.backends.shop import Shop

_SWAP_ZH = re.compile(
    r"(?P<old>[^,，。;；]*?)(?:换成|换为|换做|改成|改为|换一?[个件双只条台款把张]|换)(?P<new>[^,，。;；]+)"
)
_NEXT_SWAP_ZH = re.compile(r"(?:和|还有|以及)(?=[^和]*?(?:换|改成|改为|改要))")
_SWAP_EN = re.compile(
    r"\b(?:exchang|swap|chang|switch|trad|replac)\w*\b(?P<old>[^,.;]*?)"
    r"\b(?:for|with|to|into)\b(?P<new>[^,.;]+?)(?= and |[,.;]|$)"
)
_INSTEAD_EN = re.compile(r"(?P<new>[^,.;]+?)\b(?:instead of|rather than)\b(?P<old>[^,.;]+)")
_PROGRESS = re.compile(
    r"换货?.{0,6}(?:到哪|到什么地步|进度|进展|怎么样了|审核|审批|通过了?[吗没])|(?:进度|进展)"
    r"|\b(?:status|progress) of\b|\b(?:exchange|replacement) (?:status|progress)\b"
    r"|\bhow(?:'s| is| are)\b.{0,30}\b(?:going|coming along|doing)\b"
    r"|\bwhere(?:'s| is) (?:my|the) (?:exchange|replacement)\b"
    r"|\b(?:exchange|replacement)\b.{0,30}\bapproved\b",
    re.IGNORECASE,
)
_CLOSED = frozenset({OrderStatus.CANCELLED})


class Whereabouts(StrEnum):
    """Where goods are that are given up."""

    UNSENT = "unsent"
    TRAVELLING = "travelling"
    ARRIVED = "arrived"


@dataclass(frozen=True)
class Swap:
    """What is given up, and what is wanted for it, in folded words; ``rest`` goes on with that."""

    old: str
    new: str
    rest: str = ""


def swap_in(text: str) -> Swap | None:
    """What ``text`` wants for what: "the shirt for the desk lamp"; None if it says neither."""
    folded = fold(text)
    for words in (_INSTEAD_EN, _SWAP_EN, _SWAP_ZH):
        match = words.search(folded)
        if match is not None and match["new"].strip():
            rest = folded[match.start("new") :] if match.end("new") == match.end() else match["new"]
            # "A换成…和B换成…": B is wanted for nothing.
            return Swap(match["old"], _NEXT_SWAP_ZH.split(match["new"])[0], rest)
    return None


def asks_progress(text: str) -> bool:
    """Whether ``text`` asks how far an exchange is that was asked for before."""
    return _PROGRESS.search(text) is not None


def _things(products: Sequence[Product]) -> list[Thing]:
    return [Thing(one.id, (one.name.zh, one.name.en), kind=one.id) for one in products]


async def named_instead(shop: Shop, swap: Swap, has: Container[str]) -> tuple[Product, ...]:
    """The products that ``swap`` wants, none of which is one of ``has`` (product ids)."""
    products = await shop.catalogue.products(0, LOOKED_AT_PRODUCTS)
    things = _things(products)
    found = [
        one
        for one in mentions_in(swap.new, things)
        if one.level >= NAME and not says_material(swap.new, one, things)
    ]
    ids = list(dict.fromkeys(key for one in found for key in one.ids))
    if any(key in has for key in ids):
        return ()
    by_id = {one.id: one for one in products}
    return tuple(by_id[key] for key in ids)


async def wants_another_product(shop: Shop, text: str, lines: Sequence[OrderLine]) -> bool:
    """Whether ``text`` wants a product instead of ``lines`` that is none of theirs.

    An answer ("a backpack, please") counts as well as a request ("the shirt for a backpack").
    """
    swap = swap_in(text) or Swap("", fold(text))
    return bool(await named_instead(shop, swap, {line.product_id for line in lines}))


class OtherProductAction(OrderChoices):
    """What the actions about another product share: the request, and the lines it gives up."""

    def swap(self, turn: Turn) -> Swap:
        """What is wanted for what: in the request, else in the latest message."""
        found = swap_in(turn.frame.part) or swap_in(turn.text)
        return found or Swap("", fold(turn.text))

    def given_up(self, turn: Turn, order: Order) -> list[OrderLine]:
        """The lines of ``order`` that the request names as given up."""
        lines = [line for line in order.lines if line.kept]
        choice = choose_lines(self.swap(turn).old, lines)
        return [line for line in lines if choice is not None and line.id in choice.units]


class ActionSortExchange(OtherProductAction):
    """Whether another product is wanted for what was bought.

    Outcomes: ``same_product``, ``other_product``, ``progress`` (how far an exchange is that was
    asked for before). Nothing is read unless the words name two things.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_sort_exchange"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if asks_progress(turn.frame.said):
            return Outcome("progress")
        swap = swap_in(turn.frame.part)
        if swap is None or not self._may_name_one(turn, swap):
            return Outcome("same_product")
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        lines = [line for order in orders for line in order.lines]
        things = [line_thing(line) for line in lines]
        named = {
            key for one in mentions_in(swap.old, things) if one.level >= KIND for key in one.ids
        }
        has = {line.product_id for line in lines if line.id in named}
        if not has or not await named_instead(self._shop, swap, has):
            return Outcome("same_product")
        values = {"lines": None}
        if turn.frame.sources.get("order_number") == "product":
            values["order_number"] = None
        return Outcome("other_product", values=values)

    def _may_name_one(self, turn: Turn, swap: Swap) -> bool:
        """Whether a product may be among what is wanted, as far as is known without the shop."""
        if turn.text != turn.frame.said:
            return True
        entities = (turn.tracker.latest_message or {}).get("entities") or ()
        named = [one for one in entities if one.get("entity") == "product"]
        return any(fold(str(one.get("text") or one.get("value"))) in swap.new for one in named)


class ActionChoicesGivenUpOrders(OtherProductAction):
    """Offers the orders that have what is given up. Outcomes: ``ok``, ``no_orders``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_given_up_orders"

    def suits(self, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return order.status not in _CLOSED

    def fits(self, turn: Turn, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return self.suits(order) and bool(self.given_up(turn, order))


class ActionChoicesGivenUpLines(OtherProductAction):
    """Takes the lines that are given up, or offers the order's. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_given_up_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        kept = [line for line in order.lines if line.kept]
        lines = self.given_up(turn, order) or (kept if len(kept) == 1 else [])
        if lines:
            return Outcome("ok", values={"lines": [line.id for line in lines]})
        choices = [
            {
                "id": line.id,
                "title": line_name(line, turn.language),
                "words": [line.product_name.zh, line.product_name.en],
            }
            for line in kept
        ]
        return Outcome("ok", choices=choices, read=True)


class ActionTellOtherProduct(OtherProductAction):
    """Says that it is no exchange, what can be done with the goods, and where the other is bought.

    Outcomes: ``arrived``, ``unsent``, ``travelling``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_tell_other_product"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        ids = turn.frame.values["lines"]
        lines = [line for line in order.lines if line.id in ids]
        goods = listing([line_name(line, turn.language) for line in lines], turn.language)
        swap = self.swap(turn)
        wanted = await named_instead(self._shop, swap, {line.product_id for line in lines})
        place = _state_of(order, lines)
        turn.say(f"utter_other_product_{place.value}", {"lines": goods, "number": order.number})
        for product in wanted[:1]:
            self._say_where(turn, product, swap.rest or swap.new)
        values = {"lines": [line.id for line in lines], "line_names": goods}
        return Outcome(place.value, values=values, learned={"order_number": order.number})

    def _say_where(self, turn: Turn, product: Product, words: str) -> None:
        language = turn.language
        name = product.name.of(language)
        there = [one for one in named_variants(words, product) if one.stock > 0]
        if len(there) == 1:
            name = with_detail(name, there[0].options_text(language), language)
            link = self._rules.pages.cart.format(items=f"{there[0].id}:1")
            values = {"name": quantity(1, name, language), "price": str(there[0].price)}
            turn.say("utter_other_product_cart", {**values, "link": link})
        elif product.in_stock:
            options = options_phrase(product.variants, language)
            price = prices_phrase(product.variants, language)
            values = {"name": name, "price": price, "options": options}
            turn.say("utter_other_product_buy", values)
        else:
            turn.say("utter_other_product_gone", {"name": name})


def _state_of(order: Order, lines: Sequence[OrderLine]) -> Whereabouts:
    ids = {line.id for line in lines}
    if ids & {one.line_id for one in order.unsent()}:
        return Whereabouts.UNSENT
    sent = [one for one in order.fulfilments if ids & {each.line_id for each in one.lines}]
    arrived = bool(sent) and all(one.delivered_at is not None for one in sent)
    return Whereabouts.ARRIVED if arrived else Whereabouts.TRAVELLING

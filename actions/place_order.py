"""Buying in the chat: finds the variants, sees that they are there, prepares a cart link."""

from __future__ import annotations

import re
from typing import Any

from actions.base import Outcome, Turn
from actions.choosing import Thing, choose
from actions.choosing_variants import alternatives, choose_variant
from actions.facts import named_variants, options_phrase, variant_things
from actions.knowledge import KnowledgeAction
from actions.orders import LOOKED_AT
from actions.products import LOOKED_AT_PRODUCTS, products_meant
from actions.wishes import HOW
from actions.wording import button, listing, quantity, with_detail
from connectors.backends.catalogue.model import Product, Variant
from kernel.errors import NotFound
from kernel.money import total

_LIKE_MINE = re.compile(
    r"(?:和|跟|与|像)我(?:的|这|那|买的|现在)[^,，。]{0,8}(?:一样|同款|相同)"
    r"|\b(?:same as|like) (?:mine|the one i (?:have|bought|got|own))\b",
    re.IGNORECASE,
)
_MOST = 99
_OFFERED = 10


class CartAction(KnowledgeAction):
    """What the actions of buying share. The frame holds ``items`` still to be settled, the
    ``cart`` (variant and quantity) so far, and the ``product_id`` and ``count`` in question."""

    async def _product(self, turn: Turn) -> Product | None:
        try:
            return await self._shop.catalogue.product(str(turn.frame.values["product_id"]))
        except (KeyError, NotFound):
            return None


class ActionReadCart(CartAction):
    """Reads what is to be bought. Outcomes: ``question``, ``unknown``, ``read``, ``several``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_cart"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        asked = turn.frame.values.get("wanted_product")
        products = await products_meant(self._shop, turn)
        if not products and asked:
            products = await self._shop.catalogue.search(str(asked), 3)
        if not products and asked is None:
            if HOW.search(turn.text):
                return Outcome("question")
            products = await self._shop.catalogue.search(turn.text, 1)
        if not products:
            if asked is not None:
                turn.say("utter_cart_not_sold", {"product": str(asked)})
            return Outcome("unknown", values={"wanted_product": None})
        counts = _counts(turn.text, products)
        if len(products) > 1 and len(counts) != len(products) and _one_word(turn):
            return Outcome("several", values={"product_choices": [one.id for one in products]})
        items = [[one.id, counts.get(one.id) or 1] for one in products]
        return Outcome("read", values={"items": items, "cart": []})


def _counts(text: str, products: tuple[Product, ...]) -> dict[str, int]:
    """How many of each product ``text`` names."""
    things = [
        Thing(id=one.id, names=(one.name.zh, one.name.en), kind=one.id, units=_MOST)
        for one in products
    ]
    choice = choose(text, things)
    if choice is None:
        return {}
    return {key: min(count or 1, _MOST) for key, count in choice.units.items()}


def _one_word(turn: Turn) -> bool:
    """Whether one word stands for all the products that may be meant."""
    entities = (turn.tracker.latest_message or {}).get("entities") or ()
    return len([one for one in entities if one.get("entity") == "product"]) <= 1


class ActionChoicesCartProducts(CartAction):
    """Offers the products that one word may mean. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_cart_products"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        choices = []
        for key in turn.frame.values.get("product_choices") or await self._some_ids():
            product = await self._shop.catalogue.product(str(key))
            title = f"{product.name.of(turn.language)} {product.price_from}"
            names = [product.name.zh, product.name.en]
            choices.append({"id": product.id, "title": title, "words": names})
        return Outcome("ok", choices=choices)

    async def _some_ids(self) -> list[str]:
        return [product.id for product in await self._shop.catalogue.products(0, _OFFERED)]


class ActionTakeCartItem(CartAction):
    """Settles items until one needs a choice. Outcomes: ``choose``, ``done``, ``nothing``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_take_cart_item"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        frame = turn.frame.values
        items = [list(item) for item in frame.get("items") or ()]
        cart = [list(item) for item in frame.get("cart") or ()]
        chosen = frame.get("product_choice")
        if chosen:
            counts = frame.get("count") or 1
            items = [[chosen, counts]]
        if frame.get("variant"):
            cart.append([frame["variant"], frame.get("count") or 1])
        cleared: dict[str, Any] = {"variant": None, "product_choice": None, "wanted_product": None}
        while items:
            product_id, count = items.pop(0)
            product = await self._shop.catalogue.product(str(product_id))
            mine = await self._as_mine(turn, product)
            left = [mine] if mine else _wanted(turn, product, int(count))
            left = [one for one in left if one.stock >= count]
            if not left:
                self._say_gone(turn, product, int(count))
                left = [one for one in product.variants if one.stock >= count]
            elif len(left) == 1:
                cart.append([left[0].id, count])
                continue
            if left:
                values = {"items": items, "cart": cart, "product_id": product.id, "count": count}
                named = {"product_name": product.name.of(turn.language)}
                return Outcome("choose", values={**cleared, **values, **named})
        values = {**cleared, "items": [], "cart": cart}
        return Outcome("done" if cart else "nothing", values=values)

    async def _as_mine(self, turn: Turn, product: Product) -> Variant | None:
        """The variant of "the same as mine, but in blue"; None if it is not said, or not clear."""
        if not turn.is_verified or not _LIKE_MINE.search(turn.frame.said):
            return None
        orders = await self._shop.orders.latest_of(turn.customer_id, LOOKED_AT)
        lines = [line for order in orders for line in order.lines if line.product_id == product.id]
        has = product.variant(lines[0].variant_id) if lines else None
        choice = choose_variant(turn.frame.said, product, has) if has is not None else None
        return choice.variant if choice is not None else None

    def _say_gone(self, turn: Turn, product: Product, count: int) -> None:
        name = quantity(count, product.name.of(turn.language), turn.language)
        turn.say("utter_cart_sold_out", {"name": name})


def _wanted(turn: Turn, product: Product, count: int) -> list[Variant]:
    """The variants that the shopper's first words and the latest ones leave open.

    "Black if there is one, else blue" leaves those of the first colour of which there are
    ``count``.
    """
    variants = list(product.variants)
    for text in (turn.frame.said, turn.text):
        named = (named_variants(part, product) for part in alternatives(text))
        ways = [[one for one in variants if one in each] for each in named if each]
        ways = [way for way in ways if 0 < len(way) < len(variants)]
        there = [way for way in ways if any(one.stock >= count for one in way)]
        variants = next(iter(there or ways), variants)
    return variants


class ActionChoicesCartVariants(CartAction):
    """Offers the variants that are there in the wanted number. Outcomes: ``ok``, ``nothing``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_cart_variants"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        product = await self._product(turn)
        if product is None:
            turn.say("utter_cart_empty")
            return Outcome("nothing")
        count = int(turn.frame.values.get("count") or 1)
        there = [one for one in _wanted(turn, product, count) if one.stock >= count]
        there = there or [one for one in product.variants if one.stock >= count]
        choices = [
            {
                "id": one.id,
                "title": f"{one.options_text(turn.language)} {one.price}",
                "words": [one.options_text("zh"), one.options_text("en"), one.sku],
            }
            for one in there[:_OFFERED]
        ]
        return Outcome("ok", choices=choices)


class ActionCheckCartVariant(CartAction):
    """Turns whatever named a variant into its id. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_cart_variant"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        product = await self._product(turn)
        said = str(turn.frame.values.get("variant") or "")
        count = int(turn.frame.values.get("count") or 1)
        if product is None:
            return Outcome("invalid")
        known = {one.id: one for one in product.variants}
        if said in known:
            left = [known[said]]
        else:
            choice = choose(f"{turn.frame.said} {said}", variant_things(product))
            late = choose(said, variant_things(product))
            ids = {*late.units, *late.unclear} if late else set()
            if choice is not None and len(ids) > 1:
                ids = {one.id for one in _wanted(turn, product, count)}
            left = [one for one in product.variants if one.id in ids]
        there = [one for one in left if one.stock >= count]
        if len(there) == 1:
            return Outcome("ok", values={"variant": there[0].id})
        if left and not there:
            name = f"{product.name.of(turn.language)} {left[0].options_text(turn.language)}"
            turn.say("utter_cart_sold_out", {"name": name})
        else:
            turn.say(
                "utter_cart_options", {"options": options_phrase(product.variants, turn.language)}
            )
        return Outcome("invalid")


class ActionShowCart(CartAction):
    """Shows what is in the cart, what it costs, and the link. Outcomes: ``shown``, ``empty``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_cart"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        rows: list[tuple[Product, Variant, int]] = []
        products = await self._shop.catalogue.products(0, LOOKED_AT_PRODUCTS)
        by_variant = {one.id: (product, one) for product in products for one in product.variants}
        for variant_id, count in turn.frame.values.get("cart") or ():
            if variant_id in by_variant:
                product, variant = by_variant[variant_id]
                rows.append((product, variant, int(count)))
        if not rows:
            turn.say("utter_cart_empty")
            return Outcome("empty")
        language = turn.language
        names = []
        for product, variant, count in rows:
            name = with_detail(product.name.of(language), variant.options_text(language), language)
            names.append(quantity(count, name, language))
        items = ",".join(f"{variant.id}:{count}" for _, variant, count in rows)
        amount = total((one.price * count for _, one, count in rows), rows[0][1].price.currency)
        turn.say(
            "utter_cart",
            {
                "items": listing(names, language),
                "total": str(amount),
                "link": self._rules.pages.cart.format(items=items),
            },
            buttons=[button(_COUPONS[language], "coupon_promotion", offer="coupons")],
        )
        return Outcome("shown", learned={"product_id": rows[0][0].id})


_COUPONS = {"zh": "有能用的优惠券吗", "en": "Do my coupons fit?"}

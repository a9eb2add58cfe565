"""Questions about products: what the catalogue knows, else the articles, else honestly nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.base import Outcome, Turn
from actions.choosing_mentions import fold
from actions.choosing_options import option_wish
from actions.facts import (
    Aspect,
    asks_an_attribute,
    aspects_in,
    attributes_in,
    available_phrase,
    lacking_options,
    named_variants,
    options_phrase,
    prices_phrase,
    stock_phrase,
)
from actions.knowledge import KnowledgeAction
from actions.products import LOOKED_AT_PRODUCTS, products_meant
from actions.wording import listing, with_detail
from connectors.backends.catalogue.model import Product, Variant
from connectors.backends.shop import Shop

_ANSWERED_AT_ONCE = 3


class ActionAnswerProduct(KnowledgeAction):
    """Answers from the catalogue or the articles. Outcomes: ``answered``, ``unknown``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_product"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        products = await products_meant(self._shop, turn)
        if not products:
            return await self._answer(turn, "utter_knowledge")
        if len(products) > _ANSWERED_AT_ONCE:
            say_products(turn, "utter_products", products)
            return Outcome("answered")
        if len(products) == 1 and asks_for_cheaper(turn.text):
            await say_cheaper(self._shop, turn, products[0])
            return Outcome("answered", learned={"product_id": products[0].id})
        known = [say_facts(turn, product) for product in products]
        learned = {"product_id": products[0].id} if len(products) == 1 else {}
        if all(known):
            return Outcome("answered", learned=learned)
        answer = await self._passage(turn, turn.frame.said or turn.text)
        if answer:
            turn.say("utter_knowledge", {"passage": answer})
            return Outcome("answered", learned=learned)
        turn.say("utter_product_not_known", {"name": products[0].name.of(turn.language)})
        return Outcome("unknown", learned=learned)


def say_facts(turn: Turn, product: Product) -> bool:
    """Say what is asked of ``product``; False if the catalogue does not know it."""
    text, language = turn.text, turn.language
    name = {"name": product.name.of(language)}
    aspects = aspects_in(text)
    variants = named_variants(text, product)
    attributes = [] if aspects else attributes_in(text, product)
    for attribute in attributes:
        values = {
            "attribute": attribute.name.of(language),
            "value": attribute.value.of(language),
        }
        turn.say("utter_product_attribute", name | values)
    some = len(variants) > 1
    of_all = Aspect.STOCK in aspects and len(variants) == len(product.variants) and some
    asked = {Aspect.OPTIONS, Aspect.STOCK, Aspect.PRICE} & set(aspects)
    lacking = lacking_options(_options_named(turn), product) if asked else []
    extreme = {Aspect.CHEAPEST, Aspect.DEAREST} & set(aspects)
    # "Which of the 1000 pieces are in stock?" asks about those alone.
    of_some = Aspect.STOCK in aspects and bool(option_wish(fold(text), product, None, None).values)
    listed = (Aspect.OPTIONS in aspects or of_all) and not of_some
    if lacking or (listed and product.variants[0].options):
        shown = variants if some and not lacking else product.variants
        turn.say(
            "utter_product_lacks_option" if lacking else "utter_product_options",
            name
            | {
                "lacking": listing(lacking, language),
                "options": options_phrase(shown, language),
                "count": str(len(shown)),
                "prices": prices_phrase(shown, language),
                "stock": stock_phrase(shown, language),
            },
        )
        if extreme and not lacking and len({one.price.minor for one in shown}) > 1:
            _say_pick(turn, product, shown, Aspect.CHEAPEST in aspects)
    elif extreme or Aspect.DIFFERENCE in aspects:
        prices = sorted({one.price for one in variants})
        if len(prices) == 1 and some:
            turn.say("utter_product_same_price", name | {"price": str(prices[0])})
        elif extreme:
            _say_pick(turn, product, variants, Aspect.CHEAPEST in aspects)
        else:
            response = "utter_product_difference" if len(prices) == 2 else "utter_product_prices"
            difference = {"difference": str(prices[-1] - prices[0])}
            turn.say(response, name | difference | {"prices": prices_phrase(variants, language)})
    elif aspects:
        turn.say(
            "utter_product_price",
            name
            | {
                "variant": _variant_words(turn, product, len(variants)),
                "prices": prices_phrase(variants, language),
                "stock": stock_phrase(variants, language),
            },
        )
    elif not attributes:
        if asks_an_attribute(text):
            return False
        turn.say(
            "utter_product_stock",
            name
            | {
                "description": product.description.of(language),
                "price": str(product.price_from),
                "stock": stock_phrase(product.variants, language),
                "options": available_phrase(product, language),
            },
        )
    return True


def _say_pick(turn: Turn, product: Product, among: Sequence[Variant], least: bool) -> None:
    """Say which of ``among`` that can be bought costs least, or most."""
    language, pick = turn.language, min if least else max
    sold = [one for one in among if one.stock > 0] or list(among)
    one = pick(sold, key=lambda variant: variant.price.minor)
    turn.say(
        "utter_product_pick",
        {
            "name": product.name.of(language),
            "options": one.options_text(language) or product.name.of(language),
            "price": str(one.price),
            "stock": stock_phrase([one], language),
        },
    )


def _options_named(turn: Turn) -> list[tuple[str, str]]:
    """The colours and sizes of the latest message, each as its code and in its words."""
    return [
        (str(entity["value"]), str(entity.get("text") or entity["value"]))
        for entity in (turn.tracker.latest_message or {}).get("entities") or ()
        if entity.get("entity") in ("colour", "size")
    ]


def _variant_words(turn: Turn, product: Product, count: int) -> str:
    """The options asked for, when one variant of several was."""
    if count != 1 or len(product.variants) == 1:
        return ""
    [variant] = named_variants(turn.text, product)
    return with_detail("", variant.options_text(turn.language), turn.language)


def say_products(
    turn: Turn,
    response: str,
    products: Sequence[Product],
    values: Mapping[str, str] | None = None,
) -> None:
    """Name ``products`` with their prices, a line each; ``values`` as in ``Turn.say``."""
    language = turn.language
    lines = [
        f"· {product.name.of(language)} {product.price_from} · {product.description.of(language)}"
        for product in products
    ]
    turn.say(response, {**(values or {}), "products": "\n".join(lines)})


async def say_cheaper(shop: Shop, turn: Turn, product: Product) -> None:
    """What costs less than ``product``: its cheaper versions, else others of its kind."""
    language = turn.language
    name = {"name": product.name.of(language), "price": str(product.price_from)}
    least, most = product.price_from, max(one.price for one in product.variants)
    if least < most:
        turn.say(
            "utter_product_prices", name | {"prices": prices_phrase(product.variants, language)}
        )
        return
    others = sorted(
        (
            one
            for one in await shop.catalogue.products(0, LOOKED_AT_PRODUCTS)
            if one.category == product.category and one.in_stock and one.price_from < least
        ),
        key=lambda one: one.price_from,
        reverse=True,
    )
    if others:
        say_products(turn, "utter_product_cheaper", others[:_ANSWERED_AT_ONCE], name)
    else:
        turn.say("utter_product_cheapest_of_all", name)


def asks_for_cheaper(text: str) -> bool:
    """Whether something is wanted that costs less than what was spoken of."""
    return Aspect.CHEAPER in aspects_in(text)

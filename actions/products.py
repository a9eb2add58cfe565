"""What the shop sells: one product in detail, or a few that fit."""

from __future__ import annotations

from actions.base import Outcome, Turn
from actions.knowledge import KnowledgeAction
from actions.vocabulary import IN_STOCK, OPTIONS, SOLD_OUT
from actions.wording import listing
from connectors.backends.catalogue.model import Product

_OFFERED = 3


class ActionAnswerProduct(KnowledgeAction):
    """Answers from the catalogue or the articles. Outcomes: ``answered``, ``unknown``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_product"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        words = turn.entity("product")
        found = await self._shop.catalogue.search(words, _OFFERED) if words else ()
        if not found:
            return await self._answer(turn, "utter_knowledge")
        if len(found) == 1 or turn.frame.intent == "product_question":
            _say_product(turn, found[0])
            return Outcome("answered")
        lines = [f"· {product.name.of(turn.language)} {product.price_from}" for product in found]
        turn.say("utter_products", {"products": "\n".join(lines)})
        return Outcome("answered")


def _say_product(turn: Turn, product: Product) -> None:
    language = turn.language
    options = [
        f"{' / '.join(option.value.of(language) for option in variant.options)}"
        for variant in product.variants
        if variant.options and variant.stock > 0
    ]
    choices = OPTIONS.of(language).format(options=listing(options, language)) if options else ""
    turn.say(
        "utter_product_stock",
        {
            "name": product.name.of(language),
            "description": product.description.of(language),
            "price": str(product.price_from),
            "stock": (IN_STOCK if product.in_stock else SOLD_OUT).of(language),
            "options": choices,
        },
    )

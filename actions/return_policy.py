"""Whether and how long a product may be returned: from its own traits, else from the articles."""

from __future__ import annotations

from enum import StrEnum

from actions.base import Outcome, Turn
from actions.knowledge import KnowledgeAction
from actions.products import products_meant
from connectors.backends.catalogue.model import Product
from connectors.backends.orders.model import Trait

_MOST = 3


class ReturnTerms(StrEnum):
    """How a product may be returned without a reason."""

    WINDOW = "window"
    CUSTOM_MADE = "custom_made"
    PERISHABLE = "perishable"
    PRESS = "press"
    DIGITAL = "digital"
    CONFIRMED = "confirmed"


_OF_TRAIT = {
    Trait.CUSTOM_MADE: ReturnTerms.CUSTOM_MADE,
    Trait.PERISHABLE: ReturnTerms.PERISHABLE,
    Trait.PRESS: ReturnTerms.PRESS,
    Trait.DIGITAL: ReturnTerms.DIGITAL,
    Trait.HYGIENE: ReturnTerms.CONFIRMED,
    Trait.CLEARANCE: ReturnTerms.CONFIRMED,
}


class ActionAnswerReturnPolicy(KnowledgeAction):
    """Says how the products that are named may be returned; without any, what the articles say.

    Outcomes: ``answered``, ``unknown``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_return_policy"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        products = await products_meant(self._shop, turn, learned=False)
        if not products or len(products) > _MOST:
            return await self._answer(turn, "utter_knowledge")
        for product in products:
            self._say(turn, product)
        return Outcome("answered", learned={"product_id": products[0].id})

    def _say(self, turn: Turn, product: Product) -> None:
        rules = self._rules.returns
        days = rules.window_days_by_category.get(product.category, rules.window_days)
        terms = next(
            (found for trait, found in _OF_TRAIT.items() if trait in product.traits),
            ReturnTerms.WINDOW,
        )
        turn.say(
            f"utter_return_policy_{terms.value}",
            {
                "name": product.name.of(turn.language),
                "days": str(days),
                "fault": str(rules.fault_window_days),
            },
        )

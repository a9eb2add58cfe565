"""Whether and how long goods may be returned, and who pays: by the rules, else the articles."""

from __future__ import annotations

import re
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
# Kinds of goods that are asked after without naming any: "can I return a magazine?"
_KINDS = (
    (
        ReturnTerms.PRESS,
        r"杂志|报纸|期刊|报刊|周刊|月刊|\b(?:magazine|newspaper|periodical|journal)s?\b",
    ),
    (
        ReturnTerms.CUSTOM_MADE,
        r"(?:定[制做]|刻字|订做)的?(?:商品|东西|产品|物品|礼物|礼品)?"
        r"|\b(?:custom[- ]made|made[- ]to[- ]order|bespoke|personali[sz]ed|engraved)"
        r"(?: (?:goods|things?|items?|products?|gifts?))?\b",
    ),
    (
        ReturnTerms.PERISHABLE,
        r"生鲜|鲜花|水果|海鲜|蔬菜|鲜奶"
        r"|\b(?:fresh (?:food|fruit|flowers)|perishables?|groceries|fruit|flowers)\b",
    ),
    (
        ReturnTerms.DIGITAL,
        r"软件|电子书|光盘|碟片|游戏卡|激活码|\b(?:software|e-?books?|dvds?|cds?|video games?)\b",
    ),
)
_FREIGHT = re.compile(
    r"(?:运费|邮费|快递费)[^,，。]{0,6}(?:谁|哪方|承担|负担|我出|我付|你们出|你们付|要钱|收费|自理|包)"
    r"|(?:谁|要我|我要|你们|自己)(?:来)?(?:出|付|承担|掏)(?:退货|寄回|来回)?的?(?:运费|邮费|快递费)"
    r"|包(?:运费|邮费|邮)吗"
    r"|\bwho (?:pays|covers|bears|has to pay)\b|\bdo i (?:have to )?pay\b"
    r"|\bpay for (?:the )?postage\b|\b(?:return shipping|postage|freight) (?:is )?(?:free|cost)\b"
    r"|\b(?:are|is) (?:the )?returns? (?:shipping |postage )?free\b|\bfree returns?\b",
    re.IGNORECASE,
)


def kind_asked(text: str) -> tuple[ReturnTerms, str] | None:
    """A kind of goods with terms of its own that ``text`` names, and its words for it."""
    for terms, pattern in _KINDS:
        if found := re.search(pattern, text, re.IGNORECASE):
            return terms, found[0]
    return None


def asks_who_pays_freight(text: str) -> bool:
    """Whether ``text`` asks who pays for sending goods back."""
    return _FREIGHT.search(text) is not None


class ActionAnswerReturnPolicy(KnowledgeAction):
    """Says who pays for sending back, or how the goods that are named may be returned.

    Without either it says what the articles do. Outcomes: ``answered``, ``unknown``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_answer_return_policy"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said or turn.text
        if asks_who_pays_freight(said):
            turn.say("utter_return_freight")
            return Outcome("answered")
        products = await products_meant(self._shop, turn, learned=False)
        if products and len(products) <= _MOST:
            for product in products:
                self._say_of(turn, product)
            return Outcome("answered", learned={"product_id": products[0].id})
        kind = kind_asked(said)
        if kind is None:
            return await self._answer(turn, "utter_knowledge")
        self._say(turn, *kind, self._rules.returns.window_days)
        return Outcome("answered")

    def _say_of(self, turn: Turn, product: Product) -> None:
        rules = self._rules.returns
        days = rules.window_days_by_category.get(product.category, rules.window_days)
        terms = next(
            (found for trait, found in _OF_TRAIT.items() if trait in product.traits),
            ReturnTerms.WINDOW,
        )
        self._say(turn, terms, product.name.of(turn.language), days)

    def _say(self, turn: Turn, terms: ReturnTerms, name: str, days: int) -> None:
        fault = str(self._rules.returns.fault_window_days)
        turn.say(
            f"utter_return_policy_{terms.value}",
            {"name": name, "days": str(days), "fault": fault},
        )

"""What a product and its variants are."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.backends.orders.model import Option, Trait
from connectors.backends.text import Bilingual
from kernel.money import Money


@dataclass(frozen=True)
class Variant:
    """One buyable form of a product. ``stock``: units that can be sold now."""

    id: str
    sku: str
    options: tuple[Option, ...]
    price: Money
    stock: int

    def options_text(self, language: str) -> str:
        """The options in one phrase, for instance ``深灰 / L``; empty if there are none."""
        return " / ".join(option.value.of(language) for option in self.options)


@dataclass(frozen=True)
class Product:
    """Something the shop sells, with all its variants (at least one)."""

    id: str
    name: Bilingual
    category: str
    category_name: Bilingual
    description: Bilingual
    image: str
    traits: frozenset[Trait]
    variants: tuple[Variant, ...]
    attributes: tuple[Option, ...] = ()
    """What is true of every variant: material, weight, care, …"""

    def variant(self, variant_id: str | None) -> Variant | None:
        """The variant of this id; None if there is none (any more)."""
        return next((one for one in self.variants if one.id == variant_id), None)

    @property
    def price_from(self) -> Money:
        """The price of the cheapest variant."""
        return min(variant.price for variant in self.variants)

    @property
    def in_stock(self) -> bool:
        """Whether any variant can be bought now."""
        return any(variant.stock > 0 for variant in self.variants)

"""How the rest of Kefu asks what the shop sells."""

from __future__ import annotations

from typing import Protocol

from connectors.backends.catalogue.model import Product


class Catalogue(Protocol):
    """The shop's products. Every method may raise BackendUnavailable."""

    async def search(self, words: str, limit: int = 5) -> tuple[Product, ...]:
        """Products that ``words`` (of either language) describe, best match first."""

    async def product(self, product_id: str) -> Product:
        """The product of this id; raises NotFound."""

    async def products(self, offset: int = 0, limit: int = 50) -> tuple[Product, ...]:
        """A page of all products, in the shop's order; for lists and for the entity matcher."""

"""The embedded shop's products, found by the words of a shopper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from connectors.backends.catalogue.model import Product, Variant
from connectors.backends.embedded import tables
from connectors.backends.embedded.database import read
from connectors.backends.embedded.order_rows import options_of
from connectors.backends.embedded.words import features, is_near
from connectors.backends.orders.model import Trait
from connectors.backends.text import Bilingual
from kernel.errors import NotFound
from kernel.money import Money

_COVERED = 0.4
_POSTINGS = 2_000


@dataclass(frozen=True)
class EmbeddedCatalogue:
    """(see Catalogue)"""

    engine: AsyncEngine

    async def search(self, words: str, limit: int = 5) -> tuple[Product, ...]:
        """(see Catalogue)"""
        async with read(self.engine) as connection:
            wanted = features(words)
            if not wanted:
                return ()
            spelled = await _spelled(connection, wanted)
            postings = tables.product_words
            rows = await connection.execute(
                select(postings)
                .where(postings.c.word.in_([word for words in spelled.values() for word in words]))
                # Rare words first: a word that half of the shop has says little.
                .order_by(postings.c.weight.desc())
                .limit(_POSTINGS)
            )
            weights: dict[str, dict[str, int]] = {}
            for row in rows.mappings():
                weights.setdefault(row["product_id"], {})[row["word"]] = row["weight"]
            scored = []
            for product_id, found in weights.items():
                hits = [w for w in wanted if any(word in found for word in spelled[w])]
                covered = sum(wanted[word] for word in hits) / sum(wanted.values())
                if covered >= _COVERED:
                    scored.append((-covered, -sum(found.values()), product_id))
            best = [product_id for _, _, product_id in sorted(scored)[:limit]]
            return tuple(await _load(connection, best))

    async def product(self, product_id: str) -> Product:
        """(see Catalogue)"""
        async with read(self.engine) as connection:
            found = await _load(connection, [product_id])
        if not found:
            raise NotFound("product")
        return found[0]

    async def products(self, offset: int = 0, limit: int = 50) -> tuple[Product, ...]:
        """(see Catalogue)"""
        async with read(self.engine) as connection:
            ids = await connection.scalars(
                select(tables.products.c.id)
                .order_by(tables.products.c.position)
                .offset(offset)
                .limit(limit)
            )
            return tuple(await _load(connection, ids.all()))


async def _spelled(
    connection: AsyncConnection, wanted: dict[str, int]
) -> dict[str, tuple[str, ...]]:
    """Each wanted word with the index words it may stand for: itself, or, misspelt, a near one."""
    postings = tables.product_words
    known = await connection.scalars(
        select(postings.c.word).where(postings.c.word.in_(list(wanted))).distinct()
    )
    spelled: dict[str, tuple[str, ...]] = {word: (word,) for word in known}
    for word in wanted:
        if word in spelled:
            continue
        spelled[word] = ()
        if word.isascii() and len(word) > 3:
            near = await connection.scalars(
                select(postings.c.word)
                .where(postings.c.word.startswith(word[:2]))
                .distinct()
                .limit(_POSTINGS)
            )
            spelled[word] = tuple(other for other in near if is_near(word, [other]))
    return spelled


async def _load(connection: AsyncConnection, ids: Sequence[str]) -> list[Product]:
    """The products of these ids with their variants, in this order; unknown ids are left out."""
    if not ids:
        return []
    products, variants = tables.products, tables.variants
    heads = await connection.execute(select(products).where(products.c.id.in_(ids)))
    by_id = {row["id"]: row for row in heads.mappings()}
    rows = await connection.execute(
        select(variants).where(variants.c.product_id.in_(ids)).order_by(variants.c.position)
    )
    forms: dict[str, list[Variant]] = {}
    for row in rows.mappings():
        forms.setdefault(row["product_id"], []).append(variant_of(row))
    return [_product(by_id[key], tuple(forms.get(key, ()))) for key in ids if key in by_id]


async def variants_of(
    connection: AsyncConnection, ids: Iterable[str], *, lock: bool = False
) -> Mapping[str, tuple[str, Variant]]:
    """The variants of these ids, each with its product's id.

    With ``lock``, nobody else changes their stock until the transaction ends.
    """
    variants = tables.variants
    question = select(variants).where(variants.c.id.in_(sorted(set(ids)))).order_by(variants.c.id)
    rows = await connection.execute(question.with_for_update() if lock else question)
    return {row["id"]: (row["product_id"], variant_of(row)) for row in rows.mappings()}


async def change_stock(connection: AsyncConnection, changes: Mapping[str, int]) -> None:
    """Add to the stock of each variant, or take from it, in one order for everybody."""
    variants = tables.variants
    for variant_id, units in sorted(changes.items()):
        if units:
            await connection.execute(
                update(variants)
                .where(variants.c.id == variant_id)
                .values(stock=variants.c.stock + units)
            )


def variant_of(row: RowMapping) -> Variant:
    """A variant of its row."""
    return Variant(
        id=row["id"],
        sku=row["sku"],
        options=options_of(row["options"]),
        price=Money(row["price_minor"], row["currency"]),
        stock=row["stock"],
    )


def _product(row: RowMapping, variants: tuple[Variant, ...]) -> Product:
    return Product(
        id=row["id"],
        name=Bilingual(row["name_zh"], row["name_en"]),
        category=row["category"],
        category_name=Bilingual(row["category_zh"], row["category_en"]),
        description=Bilingual(row["description_zh"], row["description_en"]),
        image=row["image"],
        traits=frozenset(Trait(trait) for trait in row["traits"]),
        variants=variants,
        attributes=options_of(row["attributes"]),
    )

"""Which goods a request names, in which of the shopper's orders they lie, and which in none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from actions.choosing_lines import choose_lines, line_thing
from actions.choosing_mentions import NAME, Mention, Thing, fold, mentions_in, says_material
from actions.exchange_lines import WANTED_FOR, clauses_in
from connectors.backends.catalogue.model import Product
from connectors.backends.orders.model import Order, OrderLine

# A clause that says what becomes of something, whatever that is.
_OF_SOMETHING = (
    re.compile(
        r"(?:和|跟|还有|以及|另外|再|把|我的?|[这那]一?[个笔张]?(?:订单|单子|单)"
        r"|[上下]一?[个笔张]?(?:订单|单子|单)|里[面头]?|的|[,，、;；。 ])*"
        r"(?P<what>[\u4e00-\u9fff]{2,6}?)(?:也|都|要|想|给我|帮我)*(?:换成|换为|换|改成|改为)"
    ),
    re.compile(
        r"(?:and |also |plus |then |please |exchange |swap |return |change )*(?:the|my|that|those) "
        r"(?P<what>[a-z][a-z -]{2,24}?) (?:for|to|into|in)\b"
    ),
)
_NO_GOODS = re.compile(
    r"颜色|尺码|尺寸|码|号|大小|款|[一两三这那几][件个双条只]|另|其[他它余]|帮|请|麻烦|不|可以|能|全|两"
    r"|我|你|想|要|先|就|该|怎么|地址|电话"
    r"|\b(?:sizes?|colou?rs?|ones?|others?|first|second|last|same|rest|two|three|order|address"
    r"|money|price|difference|whole|new|old|both|all)\b"
)


@dataclass(frozen=True)
class Part:
    """What of a request is about one order; ``orders`` are several where it is open which."""

    orders: tuple[Order, ...]
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class Named:
    """The ``parts`` of a request in the order of its words, what has arrived first.

    ``unknown`` are the words for goods that were never bought, ``rest`` is what was said of the
    others, folded.
    """

    parts: tuple[Part, ...]
    unknown: tuple[str, ...]
    rest: str


def goods_named(
    said: str, orders: Sequence[Order], bought: Sequence[OrderLine], products: Sequence[Product]
) -> Named:
    """What ``said`` names of ``orders``; ``bought`` is whatever the shopper ever bought."""
    rest, unknown = _without_unknown(fold(said), bought, products)
    given_up = _without_wanted(rest, bought)
    clear, unclear = _named(given_up, orders)
    for product_id, lines in list(unclear.items()):
        # Goods that several orders have go with others of one of them.
        beside = [one for one in clear if set(one.lines) & set(lines)]
        among = beside or [one for one in orders if set(one.lines) & set(lines)]
        if len(among) == 1:
            clear.setdefault(among[0], []).extend(set(among[0].lines) & set(lines))
            del unclear[product_id]
    parts = [Part((one,), tuple(lines)) for one, lines in clear.items()]
    parts += _together(unclear, orders)
    things = [line_thing(line) for line in bought]
    first = {key: one.start for one in reversed(mentions_in(given_up, things)) for key in one.ids}
    parts.sort(
        key=lambda part: (
            not has_arrived(part.orders[0]),
            min(first.get(line.id, 0) for line in part.lines),
        )
    )
    return Named(tuple(parts), unknown, rest)


def has_arrived(order: Order) -> bool:
    """Whether some of it was delivered."""
    return any(parcel.delivered_at is not None for parcel in order.parcels)


def _without_unknown(
    folded: str, bought: Sequence[OrderLine], products: Sequence[Product]
) -> tuple[str, tuple[str, ...]]:
    """``folded`` without the clauses about goods that were never bought, and these goods."""
    known = mentions_in(folded, [line_thing(line) for line in bought])
    shop = [Thing(one.id, (one.name.zh, one.name.en), kind=one.id) for one in products]
    sold = [one for one in mentions_in(folded, shop) if one.level >= NAME]
    options = {
        word
        for product in products
        for variant in product.variants
        for option in variant.options
        for word in (*fold(option.value.en).split(), fold(option.value.zh))
    }
    unknown: list[str] = []
    kept: list[str] = []
    for start, end in clauses_in(folded):
        words = folded[start:end]
        name = ""
        if not any(start <= one.start < end and not one.narrows for one in known):
            names = [folded[one.start : one.end] for one in sold if start <= one.start < end]
            # "And in black" names no black tea.
            names = [one for one in names if not options.issuperset(one.split())]
            name = _something(words) or next(iter(names), "")
        if name:
            unknown.append(name)
        else:
            kept.append(words)
    return "".join(kept), tuple(dict.fromkeys(unknown))


def _something(clause: str) -> str:
    """What a clause is about that names nothing known: "the kettle for black"."""
    for words in _OF_SOMETHING:
        match = words.match(clause)
        if match is not None and not _NO_GOODS.search(match["what"]):
            return match["what"]
    return ""


def _without_wanted(folded: str, bought: Sequence[OrderLine]) -> str:
    """``folded`` without the goods that are wanted for others: "the shirt for the desk lamp"."""
    things = [line_thing(line) for line in bought]
    found = mentions_in(folded, things)
    for before, one in pairwise([one for one in found if one.level >= NAME]):
        wanted = WANTED_FOR.fullmatch(folded[before.end : one.start])
        if wanted or says_material(folded, one, things):
            blank = " " * (one.end - one.start)
            folded = folded[: one.start] + blank + folded[one.end :]
    return folded


def _named(
    said: str, orders: Sequence[Order]
) -> tuple[dict[Order, list[OrderLine]], dict[str, list[OrderLine]]]:
    """The lines that ``said`` names, by order; and by product those that may be in any of some.

    What has arrived is meant first.
    """
    clear: dict[Order, list[OrderLine]] = {}
    unclear: dict[str, list[OrderLine]] = {}
    seen: set[str] = set()
    read: list[Mention] = []
    for arrived in (True, False):
        among = [one for one in orders if has_arrived(one) is arrived]
        lines = [line for one in among for line in one.lines if line.kept]
        lines = [line for line in lines if line.product_id not in seen]
        choice = choose_lines(said, lines)
        if choice is None:
            continue
        # "The last four" and "all of it" name no goods.
        mentions = mentions_in(said, [line_thing(line) for line in lines])
        named = [one for one in mentions if one.level >= NAME and not _is_read(one, read)]
        by_name = {key for one in named for key in one.ids}
        chosen = [line for line in lines if line.id in by_name and line.id in choice.units]
        for order in among:
            own = [line for line in order.lines if line in chosen]
            if own:
                clear[order] = own
        settled = {line.product_id for line in chosen}
        for line in lines:
            left_open = line.id in by_name and line.id in choice.unclear
            if left_open and line.product_id not in settled:
                unclear.setdefault(line.product_id, []).append(line)
        seen |= settled | set(unclear)
        read += named
    return clear, unclear


def _is_read(mention: Mention, read: Sequence[Mention]) -> bool:
    """Whether its words have named something: "the cup" that arrived is not the one to come."""
    return any(one.start < mention.end and mention.start < one.end for one in read)


def _together(unclear: Mapping[str, Sequence[OrderLine]], orders: Sequence[Order]) -> list[Part]:
    """Goods that several orders have; those that the same orders have are one part."""
    parts: list[Part] = []
    for lines in unclear.values():
        among = tuple(one for one in orders if set(one.lines) & set(lines))
        for place, part in enumerate(parts):
            both = tuple(one for one in part.orders if one in among)
            if both:
                parts[place] = Part(both, (*part.lines, *lines))
                break
        else:
            parts.append(Part(among, tuple(lines)))
    return parts

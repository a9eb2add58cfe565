"""What each chosen line shall be exchanged for: another variant, or the same one anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from actions.base import Outcome, Turn
from actions.choosing_lines import line_thing
from actions.choosing_mentions import Mention, fold, mentions_in
from actions.choosing_regions import has_all, spares_some
from actions.choosing_variants import (
    Otherwise,
    VariantChoice,
    choose_variant,
    open_variants,
)
from actions.facts import asks_of_goods
from actions.orders import line_name
from actions.other_orders import with_other_orders
from actions.other_product import swap_in, wants_another_product
from actions.product_question import say_facts
from actions.return_lines import LinesAction, chosen_units, read_lines, say_refusal
from actions.sharing_out import share_in_vain, shared_out
from actions.wanted_in_vain import say_in_vain
from connectors.backends.catalogue.model import Product, Variant
from connectors.backends.orders.model import OrderLine
from connectors.backends.refunds.exchanges import ExchangeRequestLine
from connectors.backends.refunds.model import ReturnableLine, ReturnRefusal

_CLAUSE_END = re.compile(r"[,，。;；!！]| and |和|还有|以及|另外")
# What stands beside names in a clause that says nothing of them.
_ONLY_NAMES = re.compile(
    r"(?:[a-z]{1,4}-?\d{6,}|订单|单子|[这那]?[单个件双些]|里[面头]?|中|帮我|麻烦|请|我|把|将|[的和跟与及、,，。;；:：!！\s]|还有|以及|另外"
    r"|\b(?:and|the|my|of|from|in|order|please|those|these|that|pairs?|both|all|each)\b)*"
)
WANTED_FOR = re.compile(
    r" ?(?:换成?|换为|改成|改为|换做|\b(?:for|to|into|with)\b)"
    r" ?(?:一?[个件双条]|(?:an?|the|my|your)\b)? ?"
)
"""What stands between goods and those that are wanted for them: "the shirt for the desk lamp"."""

# "The shirt and the shoes, both a size up" says it of the shirt as well.
_OF_EACH = re.compile(r"都|每|各|\b(?:both|all|each)\b")
_OFFERED = 10
# What no variant changes: nobody is asked for one.
_AT_ONCE = frozenset(
    {
        ReturnRefusal.CUSTOM_MADE,
        ReturnRefusal.PERISHABLE,
        ReturnRefusal.EXCLUSION_CONFIRMED,
        ReturnRefusal.WINDOW_CLOSED,
    }
)


def words_for(
    line: OrderLine,
    lines: Sequence[OrderLine],
    text: str,
    beside: Sequence[OrderLine] = (),
) -> str:
    """The clauses of ``text`` that speak of ``line``; all of it where only one is spoken of.

    Where no line is named and all are meant, it is said of each: "all of them one size up".
    What is said of lines ``beside`` alone is said of none of ``lines``.
    """
    folded = fold(text)
    if len(lines) == 1 and not beside:
        return folded
    if len(lines) == 1:
        all_of_them = [line, *(one for one in beside if one.product_id != line.product_id)]
        clauses = list(_owned_clauses(folded, all_of_them))
        return " ".join(words for words, owners in clauses if not owners or line.id in owners)
    clauses = list(_owned_clauses(folded, lines))
    if not any(owners for _, owners in clauses):
        return folded if has_all(folded) else ""
    return " ".join(words for words, owners in clauses if line.id in owners)


def clauses_about(ids: Container[str], lines: Sequence[OrderLine], text: str) -> str:
    """The clauses of ``text``, folded, that speak of ``lines`` with an id among ``ids``."""
    clauses = _owned_clauses(fold(text), lines)
    return " ".join(words for words, owners in clauses if any(key in ids for key in owners))


def _owned_clauses(
    folded: str, lines: Sequence[OrderLine]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The clauses with the ids of the lines that each names.

    A clause that names nothing goes with the one before it: "the shirt in blue, size L".
    """
    found = mentions_in(folded, [line_thing(one) for one in lines])
    found = [one for one in found if not one.narrows]
    owners: tuple[str, ...] = ()
    for start, end in _between_names(folded, found):
        named = [one for one in found if start <= one.start < end]
        if named:
            owners = tuple(key for one in named for key in one.ids)
        yield folded[start:end], owners


def clauses_in(folded: str) -> list[tuple[int, int]]:
    """Where the clauses of a text begin and end."""
    cuts = [0, *(match.end() for match in _CLAUSE_END.finditer(folded)), len(folded)]
    return list(pairwise(cuts))


def _between_names(folded: str, found: Sequence[Mention]) -> Iterator[tuple[int, int]]:
    """The clauses of a text, cut before a name of something else too: "shirt L mug blue"."""
    for start, end in clauses_in(folded):
        named = [one for one in found if start <= one.start < end]
        cuts = [
            one.start
            for before, one in pairwise(named)
            if not set(before.ids) & set(one.ids)
            and not _ONLY_NAMES.fullmatch(folded[before.end : one.start])
            and not WANTED_FOR.fullmatch(folded[before.end : one.start])
        ]
        yield from pairwise([start, *cuts, end])


def shared_words_for(line: OrderLine, lines: Sequence[OrderLine], text: str) -> str:
    """What ``text`` says of ``line`` together with others: "the hoodie and the socks have to go".

    Those are the words of the next clause, else of the one before, if the clauses up to it only
    name things; the names of other lines are left out. Empty if there are none.
    """
    folded = fold(text)
    found = mentions_in(folded, [line_thing(one) for one in lines])
    named = [one for one in found if not one.narrows]
    clauses = clauses_in(folded)
    own = [
        place
        for place, (start, end) in enumerate(clauses)
        if any(start <= one.start < end and line.id in one.ids for one in named)
    ]
    plain = folded
    for one in found:
        plain = plain[: one.start] + " " * (one.end - one.start) + plain[one.end :]
    bare = [_ONLY_NAMES.fullmatch(plain[start:end]) is not None for start, end in clauses]
    if len(own) != 1 or not bare[own[0]]:
        return ""
    words = folded[slice(*clauses[own[0]])]
    for others in (range(own[0] + 1, len(clauses)), range(own[0] - 1, -1, -1)):
        said = next((place for place in others if not bare[place]), None)
        if said is not None:
            return f"{words} {plain[slice(*clauses[said])]}"
    return ""


class VariantsAction(LinesAction):
    """What the actions about wanted variants share."""

    async def product_of(self, line: OrderLine) -> tuple[Product, Variant | None]:
        """What ``line`` is a variant of, and the variant as the catalogue has it now."""
        product = await self._shop.catalogue.product(line.product_id)
        return product, product.variant(line.variant_id)

    async def resolved(self, turn: Turn, text: str, lines: Sequence[OrderLine]) -> str:
        """``text`` with what it means by "as in my other order" said outright."""
        return await with_other_orders(self._shop, turn, text, [one.product_id for one in lines])

    async def read_targets(
        self,
        turn: Turn,
        text: str,
        lines: Sequence[OrderLine],
        before: Mapping[str, str] | None = None,
        beside: Sequence[OrderLine] = (),
        units: Mapping[str, int] = MappingProxyType({}),
    ) -> dict[str, VariantChoice]:
        """What ``text`` wants of each of ``lines``, as far as it says so.

        ``beside`` are other lines, of which it may speak as well. ``before`` is what was wanted
        before, variants by line: ``text`` may correct a part of it. ``units``: how many of a line
        are spoken of; where some of them become what cannot be had, that is what is told.
        """
        wanted: dict[str, VariantChoice] = {}
        text = await self.resolved(turn, text, lines)
        for line in lines:
            words = words_for(line, lines, text, beside)
            if not words:
                continue
            product, has = await self.product_of(line)
            present = product.variant((before or {}).get(line.id))
            count = units.get(line.id, 1)
            choice = share_in_vain(words, line, count, product) if count > 1 else None
            choice = choice or choose_variant(words, product, has, present)
            if choice is None and len(lines) > 1 and _OF_EACH.search(fold(text)):
                shared = shared_words_for(line, lines, text)
                choice = choose_variant(shared, product, has, present) if shared else None
            if choice is not None:
                wanted[line.id] = choice
        return wanted

    async def read_shares(
        self, text: str, lines: Sequence[OrderLine], units: Mapping[str, int]
    ) -> dict[str, list[str]]:
        """What ``text`` wants of lines or units of one product that it tells apart."""
        shares: dict[str, list[str]] = {}
        for product_id in dict.fromkeys(line.product_id for line in lines):
            alike = [line for line in lines if line.product_id == product_id]
            if sum(units[line.id] for line in alike) < 2:
                continue
            words = text
            if len(alike) < len(lines):
                one_each = [one for one in lines if one is alike[0] or one not in alike]
                words = words_for(alike[0], one_each, text)
            product, _ = await self.product_of(alike[0])
            found = shared_out(words, alike, units, product)
            shares |= {key: list(one) for key, one in found.items()}
        return shares


def _left_of(turn: Turn, lines: Mapping[str, ReturnableLine]) -> list[str] | None:
    """The chosen lines that are left where others shall stay as they are: "leave the shirt"."""
    if turn.pressed or not spares_some(fold(turn.text)):
        return None
    now = chosen_units(turn, lines)
    found = mentions_in(fold(turn.text), [line_thing(one.line) for one in lines.values()])
    if len(now) == 1 and found and all(one.narrows for one in found):
        # "But not blue" says what it shall not become.
        return None
    choice = read_lines(turn, turn.text, lines, dict(now))
    if choice is None or choice.unclear or choice.beyond or not set(choice.units) < set(now):
        return None
    return [key for key in now if key in choice.units]


def _declines(turn: Turn) -> bool:
    """Whether the message is a plain no: of what is offered nothing is wanted."""
    intent = (turn.tracker.latest_message or {}).get("intent") or {}
    return not turn.pressed and intent.get("name") == "deny"


class ActionHearVariant(VariantsAction):
    """Reads what would stop everything, where it is asked what a line becomes: "forget the shirt".

    Outcomes: ``left`` (some lines stay as they are), ``kept`` (all of them), ``none``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_hear_variant"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        left = _left_of(turn, await self.lines(turn))
        if left is None:
            return Outcome("none")
        return Outcome("left", values={"lines": left}) if left else Outcome("kept")


def wanted_units(
    targets: Mapping[str, Sequence[str]], units: Mapping[str, int], lines: Mapping[str, OrderLine]
) -> list[ExchangeRequestLine]:
    """What is asked of the shop: ``units`` of each line for its targets, the same anew without."""
    wanted = []
    for key, count in units.items():
        each = targets.get(key) or [lines[key].variant_id]
        shares = Counter(each) if len(each) == count else Counter({each[0]: count})
        wanted += [ExchangeRequestLine(key, share, one) for one, share in shares.items()]
    return wanted


class ActionTakeExchangeLine(VariantsAction):
    """Takes the next line of which it is open what it becomes.

    Outcomes: ``more``, ``done``, ``other_product`` (something else is wanted for it), ``refused``
    (none of them can be exchanged; of some it is said and the others go on).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_take_exchange_line"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        lines = await self.lines(turn)
        ids = [key for key in values["lines"] if key in lines]
        refused = {key: no for key in ids if (no := lines[key].refusal) in _AT_ONCE and no}
        for key, no in refused.items():
            say_refusal(turn, no, lines[key])
        ids = [key for key in ids if key not in refused]
        if not ids:
            return Outcome("refused")
        chosen = [lines[key].line for key in ids]
        told = dict(values.get("targets") or {})
        targets = {key: target for key, target in told.items() if key in ids}
        missing = [line for line in chosen if line.id not in targets]
        every = [one.line for one in lines.values()]
        if missing:
            part, answer = turn.frame.asked_in[0], turn.answer
            whole = turn.frame.shared and part == turn.frame.said
            said = turn.text if whole else f"{part}。{answer}"
            own = {line.id: line.variant_id for line in chosen}
            same = values.get("not_the_same") or ()
            units = chosen_units(turn, lines)
            shares: dict[str, list[str]] = {}
            for text in dict.fromkeys((part, answer)):
                words = await self.resolved(turn, text, chosen)
                shares |= await self.read_shares(words, chosen, units)
            targets = {**shares, **targets}
            for line_id, choice in (
                await self.read_targets(turn, said, chosen, None, every, units)
            ).items():
                if choice.variant is None or line_id in targets:
                    continue
                if line_id not in same or choice.variant.id != own[line_id]:
                    targets[line_id] = [choice.variant.id]
        missing = [line for line in chosen if line.id not in targets]
        if not missing:
            return Outcome("done", values={"targets": targets, "lines": ids})
        line = missing[0]
        if swap_in(turn.frame.part) and await wants_another_product(
            self._shop, turn.frame.part, every
        ):
            return Outcome("other_product")
        return Outcome(
            "more",
            values={
                "targets": targets,
                "lines": ids,
                "line": line.id,
                "line_name": line_name(line, turn.language),
                "variant": None,
            },
            learned={"product_id": line.product_id},
        )


class ActionChoicesVariants(VariantsAction):
    """Offers what the line can become. Outcomes: ``ok``, ``sold_out`` (nothing, says so)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_variants"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        line = lines[turn.frame.values["line"]].line
        product, has = await self.product_of(line)
        every = [one.line for one in lines.values()]
        found = mentions_in(fold(turn.answer), [line_thing(one) for one in every])
        # An answer that names nothing was given to the question before.
        answer = turn.answer if any(not one.narrows for one in found) else ""
        words = f"{turn.frame.part}。{answer}"
        units = chosen_units(turn, lines)
        said = await self.read_targets(turn, words, [line], None, every, units)
        wanted = said.get(line.id)
        offered = list(wanted.open) if wanted else []
        if wanted is not None:
            say_in_vain(turn, line, wanted)
        offered = [one for one in offered if one.stock > 0] or list(open_variants(product, has))
        if not offered:
            turn.say("utter_exchange_nothing_left", {"line": line_name(line, turn.language)})
            return Outcome("sold_out")
        choices = [_choice(turn, line, one) for one in offered[:_OFFERED]]
        return Outcome("ok", choices=choices, read=True)


def _choice(turn: Turn, line: OrderLine, variant: Variant) -> dict[str, Any]:
    title = variant.options_text(turn.language) or variant.sku
    if variant.price != line.unit_price:
        title = f"{title} · {variant.price}"
    return {"id": variant.id, "title": title, "words": [variant.sku]}


class ActionCheckVariant(VariantsAction):
    """Turns the shopper's words into a variant.

    Outcomes: ``ok``, ``invalid``, ``other_product``, ``kept`` (no line is to be exchanged after
    all), ``open`` (the words fit several, or one that
    is sold out; what there is is offered; or they ask a question, which is answered).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_variant"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        lines = await self.lines(turn)
        chosen = [lines[key].line for key in values["lines"] if key in lines]
        every = [one.line for one in lines.values()]
        line = lines[values["line"]].line
        product, has = await self.product_of(line)
        if not turn.pressed and asks_of_goods(turn.text):
            say_facts(turn, product)
            return Outcome("open", values={"variant": None})
        targets: Mapping[str, Sequence[str]] = values.get("targets") or {}
        by_id = {one.id: one for one in product.variants}
        left = _left_of(turn, lines)
        if left is None and _declines(turn):
            left = [key for key in values["lines"] if key != line.id]
        if left is not None:
            return Outcome("ok", values={"lines": left}) if left else Outcome("kept")
        text = await self.resolved(turn, turn.text, chosen)
        units = chosen_units(turn, lines)
        shares = await self.read_shares(text, chosen, units)
        if line.id in shares:
            return Outcome("ok", values={"targets": {**targets, **shares}})
        # A program sends the id alone: it is said of the line that was asked for.
        is_id = turn.text.startswith("/") or fold(turn.text) == fold(str(values["variant"]))
        said = {} if is_id else await self.read_targets(turn, text, chosen, None, every, units)
        choice = said.get(line.id) or choose_variant(text, product, has)
        if choice is None and str(values["variant"]) in by_id:
            choice = VariantChoice(by_id[str(values["variant"])])
        if choice is None:
            if await wants_another_product(self._shop, turn.text, every):
                return Outcome("other_product")
            turn.say("utter_exchange_variant_unknown", {"line": line_name(line, turn.language)})
            return Outcome("invalid")
        if choice.otherwise in (Otherwise.LEAVE, Otherwise.TOO_DEAR):
            say_in_vain(turn, line, choice)
            left = [key for key in values["lines"] if key != line.id]
            return Outcome("ok", values={"lines": left}) if left else Outcome("kept")
        if choice.variant is None or choice.variant.stock <= 0:
            say_in_vain(turn, line, replace(choice, otherwise=None))
            offered = choice.open or tuple(open_variants(product, has))
            return Outcome(
                "open",
                values={"variant": None},
                choices=[_choice(turn, line, one) for one in offered[:_OFFERED]],
                read=True,
            )
        others = {
            key: [one.variant.id]
            for key, one in said.items()
            if one.variant is not None and key not in targets
        }
        return Outcome(
            "ok", values={"targets": {**others, **targets, line.id: [choice.variant.id]}}
        )

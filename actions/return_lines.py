"""Which lines come back, how many of each: what returns, exchanges and damaged goods share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.choosing import Choice
from actions.choosing_lines import choose_lines, line_thing
from actions.choosing_mentions import NAME, fold, mentions_in
from actions.facts import asks_of_goods
from actions.orders import line_choices, line_name
from actions.wording import listing
from connectors.backends.orders.model import OrderLine
from connectors.backends.refunds.model import OF_THE_ORDER, ReturnableLine, ReturnRefusal

_EXCHANGE_FLOW = "exchange_request"
_BECOMES = re.compile(r"换[成为]?|改[成为]|→|\b(?:to|for|into)\b")
_CLAUSE = re.compile(r"[^,，。;；]+")
SAID_OF_EXCHANGES = frozenset(
    {
        ReturnRefusal.ORDER_CANCELLED,
        ReturnRefusal.NOT_DELIVERED,
        ReturnRefusal.CUSTOM_MADE,
        ReturnRefusal.PERISHABLE,
        ReturnRefusal.EXCLUSION_CONFIRMED,
        ReturnRefusal.WINDOW_CLOSED,
    }
)
"""What is told of an exchange in words of its own."""


class LinesAction(ShopAction):
    """What the actions about lines share: the lines as the return rules see them."""

    async def lines(self, turn: Turn) -> dict[str, ReturnableLine]:
        """The lines of the frame's order by id."""
        lines = await self._shop.refunds.returnable_lines(
            turn.customer_id,
            turn.frame.values["order_number"],
            for_exchange=turn.frame.flow == _EXCHANGE_FLOW,
        )
        return {returnable.line.id: returnable for returnable in lines}


def chosen_units(turn: Turn, lines: Mapping[str, ReturnableLine]) -> dict[str, int]:
    """How many of each chosen line, where that is known; a line of one unit needs no words."""
    told = turn.frame.values.get("quantities") or {}
    units: dict[str, int] = {}
    for line_id in turn.frame.values.get("lines") or ():
        if line_id in lines:
            units[line_id] = int(told.get(line_id, max(1, lines[line_id].quantity)))
    return units


def changed_lines(turn: Turn, lines: Mapping[str, ReturnableLine]) -> dict[str, Any] | None:
    """The values that another choice of lines changes; None if the words make none."""
    now = chosen_units(turn, lines)
    choice = read_lines(turn, turn.text, lines, dict(now))
    if choice is None or not choice.is_clear:
        return None
    units = {
        key: count if count is not None else now.get(key, 0) or None
        for key, count in choice.units.items()
    }
    known = {key: count for key, count in units.items() if count}
    if {key: units[key] or now.get(key) for key in units} == now:
        return None
    return {"lines": list(units), "quantities": known}


def may_come_back(turn: Turn, line: ReturnableLine) -> bool:
    """Whether some reason could bring it back; which one is asked later."""
    if line.refusal in OF_THE_ORDER or line.delivered_at is None or line.quantity <= 0:
        return False
    return line.fault_deadline is None or turn.now < line.fault_deadline


def read_lines(
    turn: Turn,
    text: str,
    lines: Mapping[str, ReturnableLine],
    before: Mapping[str, int | None] | None = None,
) -> Choice | None:
    """What ``text`` chooses of the lines that may come back.

    In an exchange "the pink pair to grey" names the pink one.
    """
    offered = [line for line in lines.values() if may_come_back(turn, line)]
    if turn.frame.flow == _EXCHANGE_FLOW:
        text = _given_up(fold(text), [line.line for line in offered])
    return choose_lines(
        text,
        [line.line for line in offered],
        units={line.line.id: line.quantity for line in offered},
        before=before,
    )


def _given_up(folded: str, lines: Sequence[OrderLine]) -> str:
    """``folded`` without the options that are wanted for what is named before them."""
    found = mentions_in(folded, [line_thing(line) for line in lines])
    kept = folded
    for clause in _CLAUSE.finditer(folded):
        within = [one for one in found if clause.start() <= one.start < clause.end()]
        for becomes in _BECOMES.finditer(clause.group()):
            place = clause.start() + becomes.end()
            wanted = [one for one in within if one.start >= place]
            if len(wanted) < len(within) and all(one.narrows for one in wanted):
                kept = kept[:place] + " " * (clause.end() - place) + kept[clause.end() :]
                break
    return kept


class ActionChoicesReturnLines(LinesAction):
    """Offers the lines that may come back; takes those that the request named already.

    Outcomes: ``ok``, ``refused`` (none may).
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_return_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        offered = [line for line in lines.values() if may_come_back(turn, line)]
        if not offered:
            say_refusal(turn, _shared_refusal(list(lines.values())))
            return Outcome("refused")
        gone = _named_in_vain(turn, lines, offered)
        for line in gone:
            turn.say("utter_return_line_gone", {"line": line_name(line, turn.language)})
        # Also where the words asked for other things as well: the preview names what was taken.
        for said in (*turn.frame.asked_in, "" if gone else turn.answer):
            choice = read_lines(turn, said, lines)
            if choice is not None and choice.is_clear:
                return Outcome("ok", values=_taken(choice))
        if gone:
            return Outcome("refused")
        if len(offered) == 1:
            return Outcome("ok", values={"lines": [offered[0].line.id]})
        choices = return_choices(turn, offered)
        return Outcome("ok", choices=choices, read=True)


def _named_in_vain(
    turn: Turn, lines: Mapping[str, ReturnableLine], offered: Sequence[ReturnableLine]
) -> list[OrderLine]:
    """The lines that the request names and that cannot come back, whatever the reason."""
    there = {one.line.id for one in offered}
    things = [line_thing(one.line) for one in lines.values()]
    found = mentions_in(fold(turn.frame.asked_in[0]), things)
    named = {
        key for one in found if one.level >= NAME and not there & set(one.ids) for key in one.ids
    }
    return [one.line for key, one in lines.items() if key in named]


def _shared_refusal(lines: Sequence[ReturnableLine]) -> ReturnRefusal:
    """The reason to name when nothing of an order can come back."""
    refusals = [line.refusal for line in lines if line.refusal is not None]
    for first in (*OF_THE_ORDER, ReturnRefusal.WINDOW_CLOSED, ReturnRefusal.ALREADY_RETURNED):
        if first in refusals:
            return first
    return refusals[0] if refusals else ReturnRefusal.NOTHING_CHOSEN


def _taken(choice: Choice) -> dict[str, Any]:
    known = {line_id: count for line_id, count in choice.units.items() if count is not None}
    return {"lines": list(choice.units), "quantities": known}


def return_choices(turn: Turn, offered: Sequence[ReturnableLine]) -> list[dict[str, Any]]:
    """The lines that are offered, as choices."""
    units = {one.line.id: one.quantity for one in offered}
    return line_choices(turn, [one.line for one in offered], units)


class ActionCheckReturnLines(LinesAction):
    """Turns the shopper's words into lines and units. Outcomes: ``ok``, ``invalid``.

    Where the words leave open which of several lines is meant (``unclear``), those are offered; so
    they are where the words ask something of a line, which is answered.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_return_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        value = turn.frame.values["lines"]
        said = [str(word) for word in (value if isinstance(value, list) else [value])]
        ids = [word for word in said if word in lines]
        if turn.frame.sources.get("lines") == "action" and len(ids) == len(said):
            return Outcome("ok")
        # After "the coat and the socks": which socks? The coat is settled.
        settled: dict[str, int | None] = dict(turn.frame.values.get("settled") or {})
        open_lines = turn.frame.values.get("open_lines") or ()
        asked = {key: line for key, line in lines.items() if not open_lines or key in open_lines}
        before: dict[str, int | None] = dict(turn.frame.values.get("chosen_before") or {})
        choice = read_lines(turn, turn.text, asked, before)
        if choice is None and open_lines:
            choice = read_lines(turn, turn.text, lines, before)
        if choice is None and ids:
            choice = Choice(dict.fromkeys(ids))
        if choice is None:
            choice = read_lines(turn, " ".join(said), lines)
        if choice is not None and not turn.pressed and asks_of_goods(turn.text):
            offered = [line for line in lines.values() if may_come_back(turn, line)]
            for key in (*choice.units, *choice.unclear):
                line = lines[key].line
                values = {"line": line_name(line, turn.language), "price": str(line.unit_price)}
                turn.say("utter_order_line", values)
            choices = return_choices(turn, offered)
            return Outcome("unclear", values={"lines": None}, choices=choices, read=True)
        if choice is None or not (choice.units or choice.unclear or choice.beyond):
            turn.say("utter_return_line_unknown", {"line": listing(said, turn.language)})
            return Outcome("invalid")
        return self._chosen(turn, lines, choice, settled)

    def _chosen(
        self,
        turn: Turn,
        lines: Mapping[str, ReturnableLine],
        choice: Choice,
        settled: Mapping[str, int | None],
    ) -> Outcome:
        if choice.beyond:
            line = lines[next(iter(choice.beyond))]
            turn.say(
                "utter_return_refused_quantity_too_high",
                {
                    "line": line_name(line.line, turn.language),
                    "available": str(line.quantity),
                },
            )
            return Outcome("invalid")
        if choice.unclear:
            offered = [lines[line_id] for line_id in choice.unclear]
            return Outcome(
                "unclear",
                values={
                    "lines": None,
                    "settled": {**settled, **choice.units},
                    "open_lines": list(choice.unclear),
                },
                choices=return_choices(turn, offered),
                read=True,
            )
        units = {**settled, **choice.units}
        known = {line_id: count for line_id, count in units.items() if count is not None}
        return Outcome(
            "ok",
            values={
                "lines": list(units),
                "quantities": known,
                "settled": None,
                "open_lines": None,
            },
        )


class ActionTakeReturnLine(LinesAction):
    """Takes the next line of which it is open how many come back. Outcomes: ``more``, ``done``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_take_return_line"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        known = dict(turn.frame.values.get("quantities") or {})
        for line_id in turn.frame.values["lines"]:
            available = lines[line_id].quantity if line_id in lines else 0
            if available > 1 and line_id not in known:
                title = line_name(lines[line_id].line, turn.language)
                values = {"line": line_id, "line_name": title, "quantity": None}
                return Outcome("more", values=values)
        return Outcome("done", values={"chosen_before": _all_units(turn, known)})


def _all_units(turn: Turn, known: Mapping[str, int]) -> dict[str, int]:
    return {line_id: known.get(line_id, 1) for line_id in turn.frame.values["lines"]}


class ActionChoicesReturnQuantity(LinesAction):
    """Offers how many units of the line may come back. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_return_quantity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        available = lines[turn.frame.values["line"]].quantity
        choices = [
            {"id": str(count), "title": str(count), "words": _words_for(count, available)}
            for count in range(1, available + 1)
        ]
        # How many was read with the lines: the "one" of "for another one" counts nothing.
        return Outcome("ok", choices=choices[:10], read=True)


_COUNT_WORDS = {
    1: ["一个", "一件", "一双", "一只", "一本", "one", "just one", "only one"],
    2: ["两个", "两件", "两双", "两只", "两本", "two"],
    3: ["三个", "三件", "三双", "三只", "三本", "three"],
}


def _words_for(count: int, available: int) -> list[str]:
    words = list(_COUNT_WORDS.get(count, ()))
    if count == available:
        words += ["全部", "都退", "都要退", "所有", "all", "all of them", "everything"]
        words += ["both", "both of them"] if available == 2 else []
    return words


class ActionCheckReturnQuantity(LinesAction):
    """Keeps how many units of the line come back. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_return_quantity"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        line_id = turn.frame.values["line"]
        returnable = (await self.lines(turn))[line_id]
        digits = re.search(r"\d+", str(turn.frame.values["quantity"]))
        count = int(digits.group()) if digits else 0
        if not 1 <= count <= returnable.quantity:
            turn.say(
                "utter_return_refused_quantity_too_high",
                {
                    "line": line_name(returnable.line, turn.language),
                    "available": str(returnable.quantity),
                },
            )
            return Outcome("invalid")
        quantities = {**(turn.frame.values.get("quantities") or {}), line_id: count}
        return Outcome("ok", values={"quantity": count, "quantities": quantities})


def say_refusal(
    turn: Turn,
    refusal: ReturnRefusal,
    returnable: ReturnableLine | None = None,
    *,
    fault: bool = False,
) -> None:
    """Name the rule that says no; ``fault``: the deadline is that of goods at fault."""
    line = returnable.line if returnable else None
    deadline = None
    if returnable:
        deadline = returnable.fault_deadline if fault else returnable.deadline
    own = turn.frame.flow == _EXCHANGE_FLOW and refusal in SAID_OF_EXCHANGES
    turn.say(
        f"utter_{'exchange' if own else 'return'}_refused_{refusal.value}",
        {
            "line": line_name(line, turn.language) if line else "",
            "available": str(returnable.quantity) if returnable else "",
            "deadline": turn.last_day(deadline) if deadline else "",
            "number": str(turn.frame.values.get("order_number", "")),
        },
    )

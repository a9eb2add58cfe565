"""A simulated shopper: reads what the bot asks from ``custom.ask``, and answers from the goal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.runtime.turn import TurnResult
from connectors.backends.embedded.document import LinePart, OrderPart
from kernel.content import Ask
from tests.conversations.stage import Talk
from tests.simulation.goals import Goal, Task, Twist
from tests.simulation.naming import Naming
from tests.simulation.speech import Manner, with_slip, words_of

_MOST_MESSAGES = 16
_MOST_REPHRASINGS = 2


@dataclass
class Course:
    """How a talk went: what was sent, what came back, whether people were asked for."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)
    """What the shopper sent, what the bot said, which slot it asked for."""
    messages: int = 0
    shown: list[tuple[str, str]] = field(default_factory=list)
    """Cards: type and order number."""
    card: dict[str, Any] | None = None
    """The last card."""
    confirmed: bool = False
    handed_off: str | None = None
    gave_up: bool = False


class Shopper:
    """Talks to the bot until the goal is reached, a person has it, or patience ends."""

    def __init__(
        self, talk: Talk, goal: Goal, manner: Manner, random: Random, *, signed_in: bool
    ) -> None:
        """``signed_in``: the shop's page vouches for the customer; else a proof is given."""
        self._talk = talk
        self._goal = goal
        self._manner = manner
        self._random = random
        self._signed_in = signed_in
        self._words = words_of(manner.language)
        self._naming = Naming(random, manner.language, self._words)
        self._twist = goal.twist
        self._wishes = dict(goal.wishes)
        self._said_wish: str | None = None
        self._rephrased = 0
        self._asked: Counter[str] = Counter()
        self._questions = 1 if random.random() < 0.12 else 0
        self._double = random.random() < 0.1
        self.course = Course()

    async def run(self) -> Course:
        """The whole talk."""
        result = await self._send(self._opening())
        while not self._is_over(result):
            step = self._next()
            if step is None:
                break
            words, payload, photos = step
            result = await self._send(words, payload, photos)
        if self._double and not self.course.handed_off:
            await self._press_twice()
        return self.course

    def _is_over(self, result: TurnResult) -> bool:
        if result.handoff is not None:
            self.course.handed_off = result.handoff.reason
            return True
        if self.course.messages >= _MOST_MESSAGES:
            self.course.gave_up = True
            return True
        return False

    def _next(self) -> tuple[str, str | None, int] | None:
        """The next message with its button and the number of pictures; None at the end."""
        ask = self._ask
        if self._is_served(ask):
            if self._twist is Twist.OTHER_ORDER and ask is None:
                return self._correct_order()
            return None
        if ask is None:
            return self._again()
        if self._questions and self._random.random() < 0.4:
            self._questions -= 1
            return self._say(self._pick("questions"))
        self._asked[ask.slot] += 1
        return self._answer(ask)

    @property
    def _ask(self) -> Ask | None:
        asks = [reply.ask for reply in self._talk.replies if reply.ask is not None]
        return asks[-1] if asks else None

    def _is_served(self, ask: Ask | None) -> bool:
        goal = self._goal
        if goal.shown and self._twist is Twist.OTHER_ORDER:
            return bool(self.course.shown) and ask is None
        if goal.shown:
            return bool(goal.shown & set(self.course.shown))
        # Whatever it begins of itself afterwards, the shopper has what they came for.
        return self.course.confirmed and (ask is None or ask.flow not in goal.flows)

    def _again(self) -> tuple[str, str | None, int] | None:
        """The bot asks nothing and has not done it: said in other words, then given up."""
        if self._goal.twist is Twist.WITHDRAWN and self._twist is Twist.NONE:
            return None
        if self._rephrased >= _MOST_REPHRASINGS:
            self.course.gave_up = True
            return None
        self._rephrased += 1
        return self._say(self._opening())

    def _answer(self, ask: Ask) -> tuple[str, str | None, int] | None:
        goal, slot = self._goal, ask.slot
        if ask.flow == "identify" or slot in ("proof", "phone_tail", "postcode"):
            return self._say(self._proof(slot))
        if slot == "intent":
            return self._choose_meaning(ask)
        if self._twist is Twist.OTHER_ORDER and slot != "order_number":
            return self._correct_order()
        if slot == "sure":
            return self._confirm()
        if slot == "order_number":
            order = self._first_order
            return self._choose(ask, [order.number], self._order_words(order))
        if slot == "lines":
            units = self._units
            goods = self._naming.goods(goal.order, dict(units), goal.among)
            return self._choose(ask, [key for key in units if units[key]], goods)
        if slot == "quantity":
            count = self._units.get(self._line_spoken_of().id, 1)
            return self._choose(ask, [str(count)], self._naming.count(count))
        if slot == "variant":
            target = goal.targets.get(self._line_spoken_of().id)
            if target is None:
                return self._again()
            return self._choose(ask, [target.id], self._naming.variant(target))
        if slot == "new_address" and goal.address is not None:
            words = self._pick("address").format(label=goal.address.label)
            return self._choose(ask, [goal.address.id], words)
        if slot == "photos":
            return ("", None, 1)
        if slot in goal.values:
            value = goal.values[slot]
            return self._choose(ask, [value], str(self._random.choice(self._words[slot][value])))
        if {choice.id for choice in ask.choices} == {"yes", "no"}:
            return self._say(self._pick("refuse"))
        return self._again()

    def _confirm(self) -> tuple[str, str | None, int]:
        if self._goal.twist is Twist.WITHDRAWN:
            key = "withdraw" if self._twist is Twist.WITHDRAWN else "refuse"
            self._twist = Twist.NONE
            return self._say(self._pick(key))
        if self._twist is Twist.OTHER_GOODS or self._is_misheard():
            self._twist = Twist.NONE
            goods = self._naming.goods(self._goal.order, dict(self._goal.units), self._goal.among)
            return self._say(self._pick("only").format(goods=goods))
        wish = self._open_wish()
        if wish is not None:
            return self._say(str(self._random.choice(self._words[wish][self._wishes[wish]])))
        self.course.confirmed = True
        return self._choose(self._ask, ["yes"], self._pick("agree"))

    def _open_wish(self) -> str | None:
        """What is still to be said; one that no new summary came upon is said again."""
        said = self._said_wish
        if said and any(reply.card is not None for reply in self._talk.replies):
            del self._wishes[said]
        self._said_wish = next(iter(self._wishes), None)
        return self._said_wish

    def _is_misheard(self) -> bool:
        """Whether the last summary shows other goods: who has corrected something looks again."""
        card = self.course.card or {}
        if self._goal.twist is not Twist.OTHER_GOODS or card.get("status") != "draft":
            return False
        language = self._manner.language
        wanted = sorted(
            (str(getattr(line.name, language)), count)
            for line in self._goal.order.lines
            if (count := self._goal.units.get(line.id))
        )
        return wanted != sorted((line["name"], line["quantity"]) for line in card["lines"])

    def _choose_meaning(self, ask: Ask) -> tuple[str, str | None, int] | None:
        meant = [choice.id for choice in ask.choices if choice.id in self._goal.intents]
        if not meant:
            return self._again()
        return self._press(ask, meant[0])

    def _correct_order(self) -> tuple[str, str | None, int]:
        self._twist = Twist.NONE
        self.course.shown.clear()
        return self._say(self._pick("other_order").format(number=self._goal.order.number))

    def _choose(
        self, ask: Ask | None, ids: Sequence[str], words: str
    ) -> tuple[str, str | None, int]:
        """By id where this shopper does so and the choices have it; else in words."""
        offered = {choice.id for choice in ask.choices} if ask else set()
        if ask is not None and set(ids) <= offered and self._random.random() < self._manner.ids:
            return self._press(ask, ids[0]) if len(ids) == 1 else (" ".join(ids), None, 0)
        return self._say(words)

    def _press(self, ask: Ask, choice_id: str) -> tuple[str, str | None, int]:
        place = [choice.id for choice in ask.choices].index(choice_id)
        replies = [reply for reply in self._talk.replies if reply.ask is ask]
        button = replies[0].buttons[place]
        return button.title, button.payload, 0

    def _say(self, words: str) -> tuple[str, str | None, int]:
        if self._random.random() < self._manner.slips:
            words = with_slip(words, self._manner.language, self._random)
        return words, None, 0

    async def _send(
        self, words: str | tuple[str, str | None, int], payload: str | None = None, photos: int = 0
    ) -> TurnResult:
        text = words if isinstance(words, str) else words[0]
        self.course.messages += 1
        result = await self._talk.say(text, payload=payload, photos=photos)
        said = " | ".join(reply.text for reply in result.replies)
        ask = self._ask
        self.course.lines.append((payload or text, said, ask.slot if ask else ""))
        for reply in result.replies:
            if reply.card is not None:
                self.course.card = reply.card
                number = reply.card.get("order_number") or reply.card.get("number")
                self.course.shown.append((str(reply.card["type"]), str(number)))
        return result

    async def _press_twice(self) -> None:
        """The last message arrives again, and its answer is given a second time."""
        before = self._talk.replies
        await self._talk.say(self.course.lines[-1][0], again=True)
        if self.course.confirmed:
            await self._talk.say("", payload="/affirm")
            self.course.lines.append(("/affirm (twice)", "", ""))
        self._talk.replies = before

    # -- words -----------------------------------------------------------------

    @property
    def _first_order(self) -> OrderPart:
        first = self._goal.first_order
        return first if self._twist is Twist.OTHER_ORDER and first else self._goal.order

    @property
    def _units(self) -> dict[str, int]:
        """What is wanted now; more goods before the change of mind."""
        if self._twist is Twist.OTHER_GOODS:
            return dict(self._goal.first_units)
        return dict(self._goal.units)

    def _pick(self, key: str) -> str:
        return str(self._random.choice(self._words[key]))

    def _opening(self) -> str:
        goal, order = self._goal, self._first_order
        key = goal.task.value
        # Of a return the bot asks for the goods; of a cancellation it would take all.
        asked_for = goal.task in (Task.RETURN, Task.EXCHANGE) and self._random.random() < 0.5
        if goal.names_goods and not asked_for:
            key = f"{key}_lines"
        forms = self._words["openings"][key][self._manner.style]
        form = str(self._random.choice(forms))
        goods = ""
        if "{goods}" in form:
            goods = self._naming.goods(goal.order, self._units, goal.among)
        return form.format(
            number=order.number,
            thing=self._naming.thing(self._random.choice(order.lines)),
            goods=goods,
            label=goal.address.label if goal.address else "",
        )

    def _order_words(self, order: OrderPart) -> str:
        key = (
            "number"
            if self._asked["order_number"] > 1
            else self._random.choice(("number", "thing"))
        )
        return self._pick(key).format(
            number=order.number, thing=self._naming.thing(self._random.choice(order.lines))
        )

    def _proof(self, slot: str) -> str:
        customer = self._goal.customer
        tail = re.sub(r"\D", "", customer.phone)[-4:]
        given = {"phone_tail": tail, "name": customer.name, "postcode": customer.postcode}
        if slot == "order_number":
            return self._first_order.number
        return given.get(slot, f"{self._first_order.number} {tail}")

    def _line_spoken_of(self) -> LinePart:
        """The line whose number of units the bot asks for: its name stands in the question."""
        said = " ".join(reply.text for reply in self._talk.replies).casefold()
        named = [
            line
            for line in self._goal.order.lines
            if not self._goal.targets or line.id in self._goal.targets
            if line.name.zh in said or line.name.en.casefold() in said
        ]
        marked = [
            line
            for line in named
            if all(
                option.value.zh.casefold() in said or option.value.en.casefold() in said
                for option in line.options
            )
        ]
        return (marked or named or list(self._goal.order.lines))[0]

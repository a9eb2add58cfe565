"""A simulated shopper: reads what the bot asks from ``custom.ask``, and answers from the goal."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from random import Random
from typing import TypeVar

from bot.runtime.turn import TurnResult
from connectors.backends.embedded.document import (
    LinePart,
    OrderPart,
    ProductPart,
    VariantPart,
)
from kernel.content import Ask
from tests.conversations.stage import Talk
from tests.simulation.course import Course
from tests.simulation.goal import Goal, Task, Twist
from tests.simulation.naming import Naming
from tests.simulation.reading import Misread, is_summary, misread
from tests.simulation.speech import Manner, with_slip, words_of

T = TypeVar("T")

_MOST_MESSAGES = 16
_MOST_REPHRASINGS = 2
# What tells that it is done.
_DONE = (
    "utter_return_authorised", "utter_return_awaiting", "utter_exchange_authorised",
    "utter_exchange_awaiting", "utter_cancelled_", "utter_modify_done", "utter_address_changed",
    "utter_changed_addresses",
    "utter_price_claimed", "utter_price_requested", "utter_invoice_requested",
    "utter_invoice_resent",
)  # fmt: skip
# Steps at which a summary waits for its yes.
_CONFIRMATIONS = ("sure", "replacement")
_MOST_OBJECTIONS = 2
# What a shopper cannot put right in words of their own.
_FOR_A_PERSON = (Misread.AMOUNT, Misread.WRITTEN, Misread.TENDER)
# Tasks in which half of the shoppers name the goods only when they are asked.
_ASKED_FOR = frozenset({Task.RETURN, Task.EXCHANGE, Task.REFUND, Task.DAMAGED})


class Shopper:
    """Talks to the bot until the goal is reached, a person has it, or patience ends."""

    def __init__(
        self,
        talk: Talk,
        goal: Goal,
        manner: Manner,
        random: Random,
        products: Mapping[str, ProductPart],
        orders: Sequence[OrderPart],
        *,
        signed_in: bool,
    ) -> None:
        """``products`` is the catalogue by id, ``orders`` are the shopper's own, newest first.

        ``signed_in``: the shop's page vouches for the customer; else a proof is given.
        """
        self._talk = talk
        self._goal = goal
        self._goals = (goal, goal.also) if goal.also else (goal,)
        self._finished: list[Goal] = []
        self._agreed: list[Goal] = []
        self._manner = manner
        self._random = random
        self._signed_in = signed_in
        self._words = words_of(manner.language)
        self._orders = orders
        self._naming = Naming(random, manner.language, self._words, products)
        self._twist = goal.twist
        self._wishes = dict(goal.wishes)
        self._said_wish: str | None = None
        self._wrong: Misread | None = None
        self._objections = 0
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
        self._finished += [
            one for one in self._goals if one not in self._finished and self._is_served(one, ask)
        ]
        self._turn_to(ask)
        if len(self._finished) == len(self._goals):
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

    def _turn_to(self, ask: Ask | None) -> None:
        """What is spoken of now: what the bot asks about, else what it has not done yet."""
        left = [one for one in self._goals if one not in self._finished]
        asked = [one for one in left if ask is not None and ask.flow in one.flows]
        self._goal = next(iter((*asked, *left)), self._goal)

    def _is_served(self, goal: Goal, ask: Ask | None) -> bool:
        if goal.is_question and self._twist is Twist.OTHER_ORDER:
            return bool(self.course.shown) and ask is None
        if goal.is_question:
            return self.course.has_answered(goal.shown, goal.told)
        # Whatever it begins of itself afterwards, the shopper has what they came for.
        done = any(reply.response.startswith(_DONE) for reply in self._talk.replies)
        return goal in self._agreed and (done or ask is None or ask.flow not in goal.flows)

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
        if slot in _CONFIRMATIONS:
            return self._confirm()
        if slot == "order_number":
            order = self._first_order
            return self._choose(ask, [order.number], self._order_words(order))
        if slot == "lines" and goal.units:
            units = self._units
            goods = self._naming.goods(goal.order, dict(units), goal.among)
            return self._choose(ask, [key for key in units if units[key]], goods)
        if slot == "quantity":
            count = self._units.get(self._line_spoken_of().id, 1)
            return self._choose(ask, [str(count)], self._naming.count(count))
        if slot == "variant":
            return self._answer_variant(ask)
        if slot == "change":
            # Who wishes no change of an order has been misunderstood.
            wished = goal.changes or goal.targets
            return self._say(self._change_words()) if wished else self._again()
        if slot == "line":
            return self._answer_line(ask)
        if slot == "new_address" and goal.address is not None:
            words = self._pick("address").format(label=goal.address.label)
            return self._choose(ask, [goal.address.id], words)
        if slot == "photos":
            return ("", None, 1)
        if goal.values.get(slot):
            return self._answer_value(ask, goal.values[slot])
        if {choice.id for choice in ask.choices} == {"yes", "no"}:
            return self._say(self._pick("refuse"))
        return self._again()

    def _answer_variant(self, ask: Ask) -> tuple[str, str | None, int] | None:
        line = self._line_spoken_of()
        change = self._goal.changes.get(line.id)
        if change is not None and change.variant.id == line.variant:
            return self._say(self._naming.change(line, change, self._among, named=False))
        if line.id in self._like:
            return self._say(self._naming.like(line, self._among, named=False))
        target = change.variant if change else self._targets.get(line.id)
        if target is None:
            return self._again()
        return self._choose(ask, [target.id], self._naming.variant(line, target))

    def _answer_line(self, ask: Ask) -> tuple[str, str | None, int] | None:
        """Which of several lines of one product is meant."""
        offered = {choice.id for choice in ask.choices}
        meant = [line for line in self._goal.order.lines if line.id in self._goal.changes]
        line = next((one for one in meant if one.id in offered), None)
        if line is None:
            return self._again()
        return self._choose(ask, [line.id], self._naming.line(line, self._goal.order.lines))

    def _answer_value(self, ask: Ask, value: str) -> tuple[str, str | None, int]:
        """In the words that there are for it; else as the button says it, else as it is."""
        forms = self._words.get(ask.slot, {}).get(value)
        titles = [choice.title for choice in ask.choices if choice.id == value]
        said = str(self._random.choice(forms)) if forms else (titles or [value])[0]
        if not forms:
            # A name or a number is copied: there is no slip in it.
            return self._press(ask, value) if titles else (said, None, 0)
        return self._choose(ask, [value], said)

    @property
    def _among(self) -> Sequence[LinePart]:
        return self._goal.among or self._goal.order.lines

    def _confirm(self) -> tuple[str, str | None, int] | None:
        if self._goal.twist is Twist.WITHDRAWN:
            key = "withdraw" if self._twist is Twist.WITHDRAWN else "refuse"
            self._twist = Twist.NONE
            return self._say(self._pick(key))
        if self._twist is Twist.OTHER_GOODS:
            self._twist = Twist.NONE
            return self._say(self._only_words())
        if self._twist is Twist.OTHER_VARIANT:
            self._twist = Twist.NONE
            return self._say(self._pick("no_but").format(words=self._corrected_words()))
        wish = self._open_wish()
        if wish is not None:
            return self._say(str(self._random.choice(self._words[wish][self._wishes[wish]])))
        if any(is_summary(reply) for reply in self._talk.replies):
            self._wrong = misread(self._goal, self._talk.replies)
        if self._wrong is not None:
            return self._object(self._wrong)
        self._agreed.append(self._goal)
        return self._choose(self._ask, ["yes"], self._pick("agree"))

    def _object(self, wrong: Misread) -> tuple[str, str | None, int]:
        """Says what the summary has wrong; a shopper who was not heard asks for a person."""
        self._objections += 1
        self.course.objections.append(wrong.value)
        if self._objections > _MOST_OBJECTIONS or wrong in _FOR_A_PERSON:
            return self._say(self._pick("person"))
        if wrong is Misread.ORDER:
            return self._correct_order()
        if wrong is Misread.ADDRESS and self._goal.address is not None:
            return self._say(self._pick("no_but").format(words=self._goal.address.label))
        if wrong is Misread.CHANGE and not self._goal.changes:
            # Time or tender alone: there is no line to be named.
            return self._say(self._opening())
        if wrong is Misread.CHANGE:
            return self._say(self._pick("no_but").format(words=self._change_words()))
        if wrong is Misread.GOODS and self._goal.targets:
            return self._say(self._pick("no_but").format(words=self._swap_words()))
        if wrong is Misread.GOODS:
            return self._say(self._only_words())
        terms = {**self._goal.values, **self._goal.part}
        return self._say(str(self._random.choice(self._words[wrong][terms[wrong]])))

    def _only_words(self) -> str:
        goods = self._naming.goods(self._goal.order, dict(self._goal.units), self._among)
        return self._pick("only").format(goods=goods)

    def _open_wish(self) -> str | None:
        """What is still to be said; one that no new summary came upon is said again."""
        said = self._said_wish
        if said and any(reply.card is not None for reply in self._talk.replies):
            del self._wishes[said]
        self._said_wish = next(iter(self._wishes), None)
        return self._said_wish

    def _choose_meaning(self, ask: Ask) -> tuple[str, str | None, int] | None:
        meant = [choice.id for choice in ask.choices if choice.id in self._goal.intents]
        if not meant:
            return self._again()
        return self._press(ask, meant[0])

    def _correct_order(self) -> tuple[str, str | None, int]:
        self._twist = Twist.NONE
        self._finished.clear()
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
            self.course.told.add(reply.response)
            if reply.card is not None:
                number = reply.card.get("order_number") or reply.card.get("number")
                self.course.shown.append((str(reply.card["type"]), str(number)))
        return result

    async def _press_twice(self) -> None:
        """The last message arrives again, and its answer is given a second time."""
        before = self._talk.replies
        await self._talk.say(self.course.lines[-1][0], again=True)
        if self._agreed:
            await self._talk.say("", payload="/affirm")
            self.course.lines.append(("/affirm (twice)", "", ""))
        self._talk.replies = before

    # -- words -----------------------------------------------------------------

    @property
    def _first_order(self) -> OrderPart:
        first = self._goal.first_order
        return first if self._twist is Twist.OTHER_ORDER and first else self._goal.order

    @property
    def _targets(self) -> Mapping[str, VariantPart]:
        """What lines shall become now; something else before the change of mind."""
        first = self._twist is Twist.OTHER_VARIANT
        return self._goal.first_targets if first else self._goal.targets

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
        if goal.also is not None and not self._rephrased and not self._finished:
            return self._both()
        key = goal.opening or goal.task.value
        # Of a return the bot asks for the goods; of a cancellation it would take all.
        asked_for = goal.task in _ASKED_FOR and self._random.random() < 0.5
        if goal.names_goods and not asked_for:
            key = f"{key}_lines"
            if goal.targets and self._random.random() < 0.4:
                key = "modify"
        forms = self._words["openings"][key][self._manner.style]
        form = str(self._random.choice(forms))
        goods = ""
        if "{goods}" in form:
            goods = self._naming.goods(goal.order, self._units, goal.among)
        return form.format(
            number=order.number,
            thing=self._naming.thing(self._random.choice(order.lines)),
            goods=goods,
            change=self._change_words() if "{change}" in form else "",
            fault=self._pick_of("reason", goal.values.get("reason")) if "{fault}" in form else "",
            label=goal.address.label if goal.address else "",
        )

    def _both(self) -> str:
        """Both requests in one message, in either order."""
        said = []
        for goal in self._goals:
            key = goal.opening or goal.task.value
            forms = self._words["requests"][f"{key}_lines" if goal.names_goods else key]
            goods = ""
            if goal.names_goods:
                goods = self._naming.goods(goal.order, dict(goal.units), goal.among)
            label = goal.address.label if goal.address else ""
            form = str(self._random.choice(forms))
            said.append(form.format(number=goal.order.number, goods=goods, label=label))
        self._random.shuffle(said)
        return self._pick("both_requests").format(a=said[0], b=said[1])

    def _change_words(self) -> str:
        if self._goal.targets:
            return self._swap_words()
        return self._named(self._goal.changes, self._naming.change)

    def _named(
        self, wanted: Mapping[str, T], say: Callable[[LinePart, T, Sequence[LinePart]], str]
    ) -> str:
        """What is wanted of each line; of some only that it be as in another order."""
        among = self._goal.order.lines
        lines = {line.id: line for line in among}
        return self._naming.listed(
            [
                self._naming.like(lines[key], among)
                if key in self._like
                else say(lines[key], one, among)
                for key, one in wanted.items()
            ]
        )

    @property
    def _like(self) -> Collection[str]:
        """Lines that are named by another order; whoever was not understood says it outright."""
        return () if self._asked["variant"] > 1 or self._objections else self._goal.like

    def _swap_words(self) -> str:
        """What each line is exchanged for."""
        return self._named(self._targets, self._naming.swap)

    def _corrected_words(self) -> str:
        """What a line is exchanged for after all: often only the option that is another one."""
        goal = self._goal
        changed = [key for key in goal.targets if goal.first_targets[key] != goal.targets[key]]
        if len(goal.targets) == 1 and len(changed) == 1 and self._random.random() < 0.6:
            before, after = goal.first_targets[changed[0]], goal.targets[changed[0]]
            return self._naming.correction(before, after)
        return self._swap_words()

    def _pick_of(self, key: str, value: str | None) -> str:
        return str(self._random.choice(self._words[key][value])) if value else ""

    def _order_words(self, order: OrderPart) -> str:
        if self._asked["order_number"] > 1:
            return self._pick("number").format(number=order.number)
        keys = ["number", "thing", "thing"]
        customer = self._goal.customer
        labels = [one.label for one in customer.addresses if one.address == order.address]
        there = [one for one in self._orders if one.address == order.address]
        if labels and len(there) == 1:
            keys.append("sent_to")
        if order is self._orders[0]:
            keys.append("latest")
        return self._pick(self._random.choice(keys)).format(
            number=order.number,
            thing=self._naming.thing(self._random.choice(order.lines)),
            label=labels[0] if labels else "",
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
            if not self._goal.changes or line.id in self._goal.changes
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

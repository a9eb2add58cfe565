"""What is known so far of a change that a shopper wants: kept in the frame, made into a wish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from actions.modify_reading import OpenLine, Reading
from connectors.backends.orders.model import DeliverySlot
from connectors.backends.orders.modifying import LineWish, ModifyWish


@dataclass(frozen=True)
class Open:
    """A line of which another variant is to be chosen."""

    line_id: str
    offered: tuple[str, ...] = ()
    taken: int | None = None
    given: int | None = None


@dataclass(frozen=True)
class Wanted:
    """A change as far as it is known, of one order.

    ``open`` are lines whose new variant is asked, with the variants that come into question, and
    how many units leave and come if that is settled already;
    ``which`` are lines between which is asked, and ``words`` what was said of them; ``spared`` are
    lines that stay as they are, for what was wanted of them cannot be had. ``timing`` and
    ``paying`` say that another time, another tender is wanted, known or not.
    """

    order: str
    lines: tuple[LineWish, ...] = ()
    open: tuple[Open, ...] = ()
    which: tuple[str, ...] = ()
    words: str = ""
    spared: tuple[str, ...] = ()
    timing: bool = False
    day: str = ""
    hours: tuple[int, int] | None = None
    paying: bool = False
    pay_with: str = ""
    tender: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is wanted yet."""
        return not (self.lines or self.open or self.which or self.timing or self.paying)

    @property
    def wish(self) -> ModifyWish:
        """What the shop is asked for; only when nothing is open any more."""
        slot = None
        if self.day and self.hours:
            slot = DeliverySlot(date.fromisoformat(self.day), *self.hours)
        return ModifyWish(self.lines, slot, self.tender or None, self.pay_with or None)

    def with_lines(self, reading: Reading, words: str) -> Wanted:
        """With what was read of lines: later words about a line replace earlier ones."""
        changed = {one.line_id for one in reading.wishes} | {one.line_id for one in reading.open}
        spared = ({*self.spared} | {one.line_id for one in reading.vain}) - changed
        spoken_of = changed | spared
        return replace(
            self,
            lines=(
                *(one for one in self.lines if one.line_id not in spoken_of),
                *reading.wishes,
            ),
            open=(
                *(one for one in self.open if one.line_id not in spoken_of),
                *(_open(one) for one in reading.open),
            ),
            which=reading.which,
            words=words if reading.which else "",
            spared=tuple(sorted(spared)),
        )

    def without_line(self, line_id: str) -> Wanted:
        """With nothing settled for this line: its variant is asked anew."""
        settled = [one for one in self.lines if one.line_id == line_id]
        asked = Open(line_id)
        if len(settled) == 1:
            asked = Open(line_id, (), settled[0].taken, settled[0].given)
        return replace(
            self,
            lines=tuple(one for one in self.lines if one.line_id != line_id),
            open=(asked, *(one for one in self.open if one.line_id != line_id)),
        )

    def for_order(self, order: str) -> Wanted | None:
        """What of it another order can have as well: time and tender; None if it has neither."""
        if not (self.timing or self.paying):
            return None
        return Wanted(
            order,
            timing=self.timing,
            day=self.day,
            hours=self.hours,
            paying=self.paying,
            pay_with=self.pay_with,
        )

    def told(self) -> dict[str, Any]:
        """As JSON, for the frame."""
        return {
            "order": self.order,
            "lines": [[one.line_id, one.variant_id, one.taken, one.given] for one in self.lines],
            "open": [[one.line_id, list(one.offered), one.taken, one.given] for one in self.open],
            "which": list(self.which),
            "words": self.words,
            "spared": list(self.spared),
            "timing": self.timing,
            "day": self.day,
            "hours": list(self.hours) if self.hours else None,
            "paying": self.paying,
            "pay_with": self.pay_with,
            "tender": self.tender,
        }


def _open(one: OpenLine) -> Open:
    return Open(one.line_id, tuple(variant.id for variant in one.choice.open))


def wanted_of(told: Mapping[str, Any] | None, order: str) -> Wanted | None:
    """What the frame knows of a change of ``order``; None if it knows none, or of another."""
    if told is None or told["order"] != order:
        return None
    hours = told["hours"]
    return Wanted(
        order=order,
        lines=tuple(LineWish(*one) for one in told["lines"]),
        open=tuple(Open(key, tuple(ids), taken, given) for key, ids, taken, given in told["open"]),
        which=tuple(told["which"]),
        words=told["words"],
        spared=tuple(told["spared"]),
        timing=told["timing"],
        day=told["day"],
        hours=(hours[0], hours[1]) if hours else None,
        paying=told["paying"],
        pay_with=told["pay_with"],
        tender=told["tender"],
    )

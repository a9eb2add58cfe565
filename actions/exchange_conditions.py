"""Lines that are exchanged on a condition that does not hold: they stay, or come back instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from actions.base import Outcome, Turn
from actions.choosing_variants import Otherwise, VariantChoice
from actions.exchange_lines import VariantsAction, words_for
from actions.orders import line_name
from actions.sharing_out import parted, share_in_vain
from actions.wanted_in_vain import say_in_vain
from actions.wording import listing
from connectors.backends.refunds.model import ReturnableLine


class ActionSpareExchangeLines(VariantsAction):
    """Leaves out what is exchanged only for what cannot be had: "white if there is, else leave it".

    Outcomes: ``ok`` (also where nothing is left out), ``kept`` (no line is left), ``refund`` (none
    is left, and some shall come back for money instead). What is left out is said.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_spare_exchange_lines"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        lines = await self.lines(turn)
        ids = [key for key in turn.frame.values["lines"] if key in lines]
        chosen = [lines[key].line for key in ids]
        every = [one.line for one in lines.values()]
        vain: dict[str, VariantChoice] = {}
        for said in dict.fromkeys((turn.frame.asked_in[0], turn.answer)):
            found = await self.read_targets(turn, said, chosen, beside=every)
            vain |= {key: one for key, one in found.items() if one.otherwise is not None}
        left = [key for key in ids if key not in vain]
        back = [key for key, one in vain.items() if one.otherwise is Otherwise.REFUND]
        for key, choice in vain.items():
            if key not in back or not left:
                say_in_vain(turn, lines[key].line, choice)
        if back and left:
            names = listing(
                [line_name(lines[key].line, turn.language) for key in back], turn.language
            )
            turn.say("utter_exchange_otherwise_refund_later", {"line": names})
        if back and not left:
            return Outcome("refund", values={"lines": back})
        if not left:
            return Outcome("kept")
        values = await self._those_that_stay(turn, lines, left)
        return Outcome("ok", values={**values, **({"lines": left} if vain else {})})

    async def _those_that_stay(
        self, turn: Turn, lines: Mapping[str, ReturnableLine], ids: Sequence[str]
    ) -> dict[str, Any]:
        """ "Two in caramel, and one stays blue": how many are exchanged, and for what."""
        targets = dict(turn.frame.values.get("targets") or {})
        quantities = dict(turn.frame.values.get("quantities") or {})
        chosen = [lines[key].line for key in ids]
        for line in chosen:
            units = lines[line.id].quantity
            if units < 2:
                continue
            words = words_for(line, chosen, turn.frame.asked_in[0])
            product, _ = await self.product_of(line)
            wanted = parted(words, line, units, product)
            if line.variant_id in wanted:
                targets[line.id] = [one for one in wanted if one != line.variant_id]
                quantities[line.id] = len(targets[line.id])
            elif wanted or share_in_vain(words, line, units, product):
                # "One in white, one in caramel": each of them, and not one alone.
                quantities[line.id] = units
        return {"targets": targets, "quantities": quantities}

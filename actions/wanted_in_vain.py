"""Says of a line that what is wanted for it cannot be had, and what becomes of it then."""

from __future__ import annotations

from actions.base import Turn
from actions.choosing_variants import Otherwise, VariantChoice
from actions.orders import line_name
from connectors.backends.orders.model import OrderLine

_OTHERWISE = {
    Otherwise.LEAVE: "utter_exchange_otherwise_leave",
    Otherwise.REFUND: "utter_exchange_otherwise_refund",
    Otherwise.TOO_DEAR: "utter_exchange_otherwise_too_dear",
}


def say_in_vain(turn: Turn, line: OrderLine, choice: VariantChoice) -> None:
    """Why ``line`` cannot become what ``choice`` wants; nothing where it can."""
    wanted = choice.sold_out
    values = {
        "line": line_name(line, turn.language),
        "wanted": wanted.options_text(turn.language) if wanted is not None else "",
        "price": str(wanted.price) if wanted is not None else "",
    }
    if choice.otherwise is not None:
        turn.say(_OTHERWISE[choice.otherwise], values)
    elif choice.unknown:
        turn.say("utter_exchange_variant_unknown", values)
    elif wanted is not None:
        turn.say("utter_exchange_sold_out", values)

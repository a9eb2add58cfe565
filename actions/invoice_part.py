"""What shall be otherwise on an invoice that says already what was asked for."""

from __future__ import annotations

from actions.base import Outcome, ShopAction, Turn
from actions.invoice_reading import details_in, names_a_person, title_in
from actions.vocabulary import INVOICE_PART_WORDS, INVOICE_PARTS
from connectors.backends.invoices.model import InvoiceKind, InvoiceStep

MAILBOX = "mailbox"
_TITLE, _TAX_NUMBER = "title", "tax_number"
_OF_PART = {_TAX_NUMBER: "tax_number", MAILBOX: "invoice_email"}


class ActionChoicesInvoicePart(ShopAction):
    """What may be otherwise than on the present invoice. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_invoice_part"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        choices = [
            {"id": part, "title": title.of(turn.language), "words": list(INVOICE_PART_WORDS[part])}
            for part, title in INVOICE_PARTS.items()
        ]
        # The first words asked for what is there already.
        return Outcome("ok", choices=choices, read=True)


class ActionCheckInvoicePart(ShopAction):
    """What shall be otherwise than on the present invoice: a part of it, or the new words at once.

    Outcomes: ``ok``, ``resend``, ``nothing``, ``invalid``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_invoice_part"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        part = str(turn.frame.values["invoice_part"])
        if part == "nothing":
            return Outcome("nothing")
        if part == "resend":
            return Outcome("resend", values={"invoice_step": InvoiceStep.RESEND.value})
        if part == _TITLE:
            return Outcome("ok", values={"invoice_kind": None, "tax_number": None})
        if part in (_TAX_NUMBER, MAILBOX):
            return Outcome("ok", values={_OF_PART[part]: None})
        values = details_in(turn, turn.text)
        title = title_in(turn.text)
        if title:
            values |= {"invoice_kind": InvoiceKind.COMPANY.value, "invoice_title": title}
            values.setdefault("tax_number", None)
        elif names_a_person(turn.text):
            values |= {"invoice_kind": InvoiceKind.PERSONAL.value, "invoice_title": None}
        if not values:
            turn.say("utter_not_understood")
            return Outcome("invalid")
        return Outcome("ok", values=values)

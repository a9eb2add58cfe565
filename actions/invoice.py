"""Invoices: asked for, put right, sent again; what stands on them, and a yes before anything."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.invoice_part import MAILBOX
from actions.invoice_reading import (
    EMAIL,
    STATUS_QUESTION,
    WISHES,
    details_in,
    tax_number_in,
    title_in,
    title_said,
)
from actions.orders import OrderChoices, items_of
from actions.vocabulary import INVOICE_KINDS
from actions.wishes import HOW
from connectors.backends.drafts.model import DraftRefusal
from connectors.backends.invoices.model import (
    Invoice,
    InvoiceDetails,
    InvoiceDraft,
    InvoiceKind,
    InvoiceRefusal,
    InvoiceStep,
)
from connectors.backends.invoices.policy import in_force, is_mailbox
from connectors.backends.invoices.tax_number import is_tax_number, tax_number_key
from connectors.backends.orders.model import Order, OrderStatus
from connectors.backends.shop import Shop
from connectors.backends.text import masked_email
from kernel.errors import NotFound, Refused

_PREPARE_AGAIN = frozenset({DraftRefusal.DRAFT_EXPIRED.value, DraftRefusal.TERMS_CHANGED.value})
_BAD_DETAIL = {
    InvoiceRefusal.BAD_TITLE: "invoice_title",
    InvoiceRefusal.BAD_TAX_NUMBER: "tax_number",
    InvoiceRefusal.BAD_EMAIL: "invoice_email",
}


class ActionReadInvoice(ShopAction):
    """Reads what is wanted of an invoice.

    Outcomes: ``question``, ``special`` (a person issues it), ``do``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_read_invoice"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = turn.frame.said
        wish = WISHES.read(said)
        if wish == "special":
            return Outcome("special")
        names_an_order = "order_number" in turn.frame.values
        if wish == "paper" or (
            not names_an_order and HOW.search(said) and wish not in ("change", "resend")
        ):
            return Outcome("question")
        return Outcome("do", values={**details_in(turn, said), **_order_of(turn)})


def _order_of(turn: Turn) -> dict[str, Any]:
    """The number of the order where a tax number beside it was taken for another one."""
    tax_number = tax_number_in(turn.text)
    named = turn.entities("order_number")
    numbers = [one for one in dict.fromkeys(named) if tax_number_key(one) != tax_number]
    if not tax_number or len(numbers) == len(set(named)):
        return {}
    return {"order_number": numbers[0] if len(numbers) == 1 else None}


class InvoicedOrders(OrderChoices):
    """What the actions share that find out which orders' invoices are meant."""

    states = frozenset(OrderStatus) - {OrderStatus.UNPAID, OrderStatus.CANCELLED}

    @abstractmethod
    def name(self) -> str:
        """(see parent class for full docstring)"""


class ActionChoicesInvoiceOrders(InvoicedOrders):
    """Orders for which there may be an invoice."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_invoice_orders"


class ActionCheckInvoice(ShopAction):
    """Which step is meant and whether it is possible.

    Outcomes: ``issue``, ``change``, ``resend``, ``told`` (its state was asked and said),
    ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_invoice"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        invoices = await self._shop.invoices.invoices_of(turn.customer_id, order.number)
        present = in_force(invoices)
        learned = {"order_number": order.number}
        wish = turn.frame.values.get("invoice_step") or WISHES.read(turn.frame.said)
        if present is not None and wish == "resend" and present.issued_at is None:
            _say_present(turn, present)
            return Outcome("told", learned=learned)
        if wish not in ("change", "resend") and present is not None:
            _say_present(turn, present)
            if STATUS_QUESTION.search(turn.frame.said):
                return Outcome("told", learned=learned)
            return Outcome("choose", learned=learned)
        step = InvoiceStep(wish if wish in ("change", "resend") else "issue")
        refusal = await self._shop.invoices.refusal_of(turn.customer_id, order.number, step)
        if refusal is InvoiceRefusal.NO_INVOICE and step is InvoiceStep.CHANGE:
            # Nothing is there to be changed: what they want on it can still be issued.
            step, refusal = InvoiceStep.ISSUE, None
            refusal = await self._shop.invoices.refusal_of(turn.customer_id, order.number, step)
        if refusal is not None:
            _say_refusal(turn, refusal)
            return Outcome("refused", learned=learned)
        return Outcome(step.value, values={"invoice_step": step.value}, learned=learned)


def _say_present(turn: Turn, invoice: Invoice) -> None:
    there = "utter_invoice_there" if invoice.issued_at else "utter_invoice_coming"
    turn.say(there, _facts_of(turn, invoice))


def _facts_of(turn: Turn, invoice: Invoice) -> dict[str, str]:
    return {
        "number": invoice.number,
        "title": invoice.details.title,
        "tax_number": invoice.details.tax_number,
        "amount": str(invoice.amount),
        "email": masked_email(invoice.details.email),
        "by": turn.moment(invoice.due_at),
        "day": turn.day(invoice.issued_at or invoice.requested_at),
    }


def _say_refusal(turn: Turn, refusal: InvoiceRefusal) -> None:
    turn.say(
        f"utter_invoice_refused_{refusal.value}",
        {"number": str(turn.frame.values.get("order_number", ""))},
    )


class ActionCheckInvoiceTitle(ShopAction):
    """Cleans a title, and takes a tax number and an address along that stand in it.

    Outcomes: ``ok``, ``invalid``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_invoice_title"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = str(turn.frame.values["invoice_title"])
        values: dict[str, Any] = {}
        if number := tax_number_in(said):
            values["tax_number"] = number
        if email := EMAIL.search(said):
            values["invoice_email"] = email.group()
        title = title_said(said)
        if not title:
            _say_refusal(turn, InvoiceRefusal.BAD_TITLE)
            return Outcome("invalid", values=values)
        return Outcome("ok", values={**values, "invoice_title": title})


class ActionChoicesInvoiceTitle(ShopAction):
    """A person's invoice bears their own name; a company's is asked for. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_invoice_title"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        company = turn.frame.values.get("invoice_kind") == InvoiceKind.COMPANY.value
        if not company:
            customer = await self._shop.customers.get(turn.customer_id)
            return Outcome("ok", values={"invoice_title": customer.name})
        if turn.frame.values.get("said_the_same"):
            return Outcome("ok", choices=[])
        before = await _present(self._shop, turn)
        named = title_in(turn.frame.said)
        if named:
            return Outcome("ok", values={"invoice_title": named})
        if before is not None and before.details.kind is InvoiceKind.COMPANY:
            title = before.details.title
            return Outcome("ok", choices=[{"id": title, "title": title}])
        return Outcome("ok", choices=[])


async def _present(shop: Shop, turn: Turn) -> Invoice | None:
    """The invoice that the frame's order has now."""
    number = str(turn.frame.values.get("order_number", ""))
    return in_force(await shop.invoices.invoices_of(turn.customer_id, number))


class ActionChoicesTaxNumber(ShopAction):
    """The tax number of a company that the present invoice names already. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_tax_number"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        if turn.frame.values.get("said_the_same"):
            return Outcome("ok", choices=[])
        present = await _present(self._shop, turn)
        title = turn.frame.values.get("invoice_title")
        if present is None or not present.details.tax_number or present.details.title != title:
            return Outcome("ok", choices=[])
        return Outcome("ok", values={"tax_number": present.details.tax_number})


class ActionCheckTaxNumber(ShopAction):
    """Checks a tax number with its check character. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_tax_number"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = str(turn.frame.values["tax_number"])
        number = tax_number_in(said) or tax_number_key(said)
        if not is_tax_number(number):
            _say_refusal(turn, InvoiceRefusal.BAD_TAX_NUMBER)
            return Outcome("invalid")
        return Outcome("ok", values={"tax_number": number})


class ActionChoicesInvoiceEmail(ShopAction):
    """The address of the present invoice, else of the account, unless told. Outcome: ``ok``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_invoice_email"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        present = await _present(self._shop, turn)
        if present is not None and turn.frame.values.get("invoice_part") == MAILBOX:
            return Outcome("ok", choices=[])
        if present is not None:
            return Outcome("ok", values={"invoice_email": present.details.email})
        customer = await self._shop.customers.get(turn.customer_id)
        known = customer.email if is_mailbox(customer.email) else None
        return Outcome("ok", values={"invoice_email": known} if known else None)


class ActionPrepareInvoice(ShopAction):
    """Prepares the step and shows it.

    Outcomes: ``ready``, ``again`` (a detail is wrong and asked anew), ``same`` (it says all that
    already: what shall change is asked), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_prepare_invoice"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        values = turn.frame.values
        kind = InvoiceKind(values.get("invoice_kind") or "personal")
        details = InvoiceDetails(
            kind,
            str(values.get("invoice_title") or ""),
            str(values.get("tax_number") or "") if kind is InvoiceKind.COMPANY else "",
            str(values.get("invoice_email") or ""),
        )
        try:
            draft = await self._shop.invoices.prepare(
                turn.customer_id,
                values["order_number"],
                InvoiceStep(values["invoice_step"]),
                details,
            )
        except Refused as refused:
            refusal = InvoiceRefusal(refused.code)
            if refusal is InvoiceRefusal.SAME_AS_BEFORE:
                return await _same(self._shop, turn)
            _say_refusal(turn, refusal)
            if refusal in _BAD_DETAIL:
                return Outcome("again", values={_BAD_DETAIL[refusal]: None})
            return Outcome("refused")
        _show(turn, draft, await self.order_of(turn))
        return Outcome("ready", values={"draft_id": draft.id})


async def _same(shop: Shop, turn: Turn) -> Outcome:
    """Say that the present invoice says exactly that already; what shall change is asked."""
    present = await _present(shop, turn)
    if present is None:
        raise ValueError("no invoice that could say the same")
    turn.say("utter_invoice_refused_same_as_before", _facts_of(turn, present))
    told = {"said_the_same": True, "invoice_part": None, "draft_id": None}
    return Outcome("same", values=told)


def _show(turn: Turn, draft: InvoiceDraft, order: Order) -> None:
    language = turn.language
    details = draft.details
    if draft.step is InvoiceStep.RESEND:
        response = "utter_invoice_preview_resend"
    elif draft.reversal:
        response = "utter_invoice_preview_reversal"
    elif draft.replaces is not None:
        response = "utter_invoice_preview_change"
    else:
        response = "utter_invoice_preview"
    title = f"{details.title} {details.tax_number}".strip()
    turn.say(
        response,
        {
            "order": draft.order_number,
            "items": items_of(order, language),
            "kind": INVOICE_KINDS[details.kind].of(language),
            "title": title,
            "amount": str(draft.amount),
            "email": details.email,
            "by": turn.moment(draft.due_at),
            "old": draft.replaces.number if draft.replaces else "",
        },
    )


class ActionCommitInvoice(ShopAction):
    """Makes the confirmed step happen, once.

    Outcomes: ``done``, ``again``, ``same`` (it was changed so meanwhile), ``refused``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_commit_invoice"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        try:
            outcome = await self._shop.invoices.commit(
                turn.customer_id, turn.frame.values["draft_id"]
            )
        except NotFound:
            return Outcome("again", values={"draft_id": None})
        except Refused as refused:
            if refused.code == InvoiceRefusal.SAME_AS_BEFORE:
                return await _same(self._shop, turn)
            _say_refusal(turn, InvoiceRefusal(refused.code))
            word = "again" if refused.code in _PREPARE_AGAIN else "refused"
            return Outcome(word, values={"draft_id": None})
        invoice = outcome.invoice
        response = "utter_invoice_requested"
        if outcome.step is InvoiceStep.RESEND:
            response = "utter_invoice_resent"
        elif outcome.red is not None:
            response = "utter_invoice_reversed"
        turn.say(
            response,
            {
                "number": invoice.number,
                "amount": str(invoice.amount),
                "by": turn.moment(invoice.due_at),
                "email": str(turn.frame.values.get("invoice_email") or invoice.details.email),
                "red": outcome.red.number if outcome.red else "",
                "old": outcome.red.reverses or "" if outcome.red else "",
            },
        )
        return Outcome("done", learned={"order_number": invoice.order_number})

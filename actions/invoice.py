"""Invoices: asked for, put right, sent again; what stands on them, and a yes before anything."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re
from typing import Any

from actions.base import Outcome, ShopAction, Turn
from actions.orders import OrderChoices
from actions.vocabulary import INVOICE_KINDS
from actions.wishes import HOW, Wishes
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
from connectors.backends.text import is_chinese, masked_email
from kernel.errors import NotFound, Refused

_WISHES = Wishes(
    {
        "special": r"专票|专用发票|\bspecial vat\b|\bvat special\b",
        "paper": r"纸质|纸票|寄发票|寄一?张|\bpaper (?:invoice|fapiao)\b",
        "change": r"改|换抬头|抬头.{0,6}错|税号.{0,6}错|写错|填错|开错|重开|重新开|冲红|红字"
        r"|\b(?:change|correct|wrong|fix|re-?issue|reissue|update|amend)\w*\b",
        "resend": r"重发|再发|补发|重新发|没收到|收不到|打不开|下载不了|丢了"
        r"|\b(?:resend|send (?:it |the invoice |my invoice )?again|re-?send|did(?:n'?t| not) (?:get|receive|arrive)|never (?:got|came|arrived)|lost)\b",
        "issue": r"开(?:一?张|个|具)?.{0,8}(?:发票|票|抬头)|要.{0,8}发票|需要.{0,8}发票|补开|补一?张|给我开|发票"
        r"|\b(?:need|want|get|issue|send|give|request|make)\b.{0,24}\b(?:invoice|fapiao|receipt)\b|\binvoice (?:me|for)\b",
    }
)
_STATUS_QUESTION = re.compile(
    r"开(?:好|出来)了?[吗没]|还没开|什么时候(?:能)?(?:开|到|收)|多久能?(?:开|到|收)|\b(?:when|how long|yet)\b",
    re.IGNORECASE,
)
_TAX_LIKE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Za-z]{15,20}|(?:\d[0-9A-Z]{1,7}[ -]){2,6}[0-9A-Z]{1,8})(?![0-9A-Za-z])"
)
_FEWEST_DIGITS = 8
_EMAIL = re.compile(r"[^\s@，,；;：:]+@[^\s@，,；;]+")
_LABELS = re.compile(
    r"(?:发票)?(?:抬头|公司名称?|单位名称?|名称|title|company(?: name)?)\s*(?:是|为|写|开|就写|[:：]|\bis\b)?|"
    r"(?:纳税人识别号|统一社会信用代码|税号|税務編號|tax (?:number|id|no\.?)|tin)\s*(?:是|为|[:：]|\bis\b)?|邮箱|e-?mail",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"[?？]\s*$|[吗嘛呢]\s*[。.!！~～]*$|^(?:what|how|when|where|which|do|does|can|is|are)\b",
    re.IGNORECASE,
)
_EDGES = " ,，。.;；:：、和与\n\t"
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
        wish = _WISHES.read(said)
        if wish == "special":
            return Outcome("special")
        names_an_order = "order_number" in turn.frame.values
        if wish == "paper" or (
            not names_an_order and HOW.search(said) and wish not in ("change", "resend")
        ):
            return Outcome("question")
        return Outcome("do", values=_details(turn, said))


def _details(turn: Turn, said: str) -> dict[str, Any]:
    """What of an invoice the first words hold already."""
    values: dict[str, Any] = {}
    number = _tax_number(said)
    if number:
        values |= {"tax_number": number, "invoice_kind": InvoiceKind.COMPANY.value}
    email = turn.entity("email")
    if email:
        values["invoice_email"] = email
    return values


def _tax_number(text: str) -> str:
    """The first thing in ``text`` that is a tax number or nearly looks like one; empty if none."""
    found = [tax_number_key(match.group()) for match in _TAX_LIKE.finditer(_EMAIL.sub(" ", text))]
    good = [number for number in found if is_tax_number(number)]
    near = [one for one in found if sum(map(str.isdigit, one)) >= _FEWEST_DIGITS]
    return (good or near or [""])[0]


class ActionChoicesInvoiceOrders(OrderChoices):
    """Orders for which there may be an invoice."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_invoice_orders"

    def suits(self, order: Order) -> bool:
        """(see parent class for full docstring)"""
        return order.status not in (OrderStatus.UNPAID, OrderStatus.CANCELLED)


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
        wish = turn.frame.values.get("invoice_step") or _WISHES.read(turn.frame.said)
        if present is not None and wish == "resend" and present.issued_at is None:
            _say_present(turn, present)
            return Outcome("told", learned=learned)
        if wish not in ("change", "resend") and present is not None:
            _say_present(turn, present)
            if _STATUS_QUESTION.search(turn.frame.said):
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
    turn.say(
        "utter_invoice_there" if invoice.issued_at else "utter_invoice_coming",
        {
            "number": invoice.number,
            "title": invoice.details.title,
            "amount": str(invoice.amount),
            "email": masked_email(invoice.details.email),
            "by": turn.moment(invoice.due_at),
            "day": turn.day(invoice.issued_at or invoice.requested_at),
        },
    )


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
        number = _tax_number(said)
        email = _EMAIL.search(said)
        title = _EMAIL.sub(" ", said)
        if number:
            values["tax_number"] = number
            title = next(
                (
                    title[: match.start()] + title[match.end() :]
                    for match in _TAX_LIKE.finditer(title)
                    if tax_number_key(match.group()) == number
                ),
                title,
            )
        if email:
            values["invoice_email"] = email.group()
        title = " ".join(_LABELS.sub(" ", title).split()).strip(_EDGES)
        # A question in between is no name to be put on an invoice.
        if len(title) < 2 or (_QUESTION.search(said) and not _TITLE_IN.search(said)):
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
        before = await self._before(turn)
        if not company:
            customer = await self._shop.customers.get(turn.customer_id)
            return Outcome("ok", values={"invoice_title": customer.name})
        named = _title_in(turn.frame.said)
        if named:
            return Outcome("ok", values={"invoice_title": named})
        if before is not None and before.details.kind is InvoiceKind.COMPANY:
            title = before.details.title
            return Outcome("ok", choices=[{"id": title, "title": title}])
        return Outcome("ok", choices=[])

    async def _before(self, turn: Turn) -> Invoice | None:
        number = str(turn.frame.values.get("order_number", ""))
        return in_force(await self._shop.invoices.invoices_of(turn.customer_id, number))


_TITLE_IN = re.compile(
    r"[\u4e00-\u9fffA-Za-z（）()&·]{2,40}?(?:有限责任公司|股份有限公司|有限公司|事务所|研究院|大学|医院|工作室|经营部|中心)"
    r"|\b[A-Z][\w&. -]{1,60}?\b(?:Co\.?,? ?Ltd\.?|Ltd\.?|Inc\.?|LLC|GmbH|Limited|Company)"
)
_LEAD = re.compile(
    r"^.*(?:抬头|公司名称?|单位|名称|开给|开成|改成|改为|换成|写成|写)(?:是|为|成|写|开)?|^(?:我们?|帮我|麻烦|请)?(?:要|想)?开"
)


def _title_in(text: str) -> str:
    """A company's name that stands in the first words; empty if there is none."""
    match = _TITLE_IN.search(text)
    if match is None:
        return ""
    found = match.group()
    return _LEAD.sub("", found).strip(_EDGES) if is_chinese(found) else found.strip(_EDGES)


class ActionCheckTaxNumber(ShopAction):
    """Checks a tax number with its check character. Outcomes: ``ok``, ``invalid``."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_check_tax_number"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        said = str(turn.frame.values["tax_number"])
        number = _tax_number(said) or tax_number_key(said)
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
        number = str(turn.frame.values.get("order_number", ""))
        present = in_force(await self._shop.invoices.invoices_of(turn.customer_id, number))
        if present is not None:
            return Outcome("ok", values={"invoice_email": present.details.email})
        customer = await self._shop.customers.get(turn.customer_id)
        known = customer.email if is_mailbox(customer.email) else None
        return Outcome("ok", values={"invoice_email": known} if known else None)


class ActionPrepareInvoice(ShopAction):
    """Prepares the step and shows it. Outcomes: ``ready``, ``again`` (a detail is wrong and asked
    anew), ``refused``."""

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
            _say_refusal(turn, refusal)
            if refusal in _BAD_DETAIL:
                return Outcome("again", values={_BAD_DETAIL[refusal]: None})
            return Outcome("refused")
        _show(turn, draft)
        return Outcome("ready", values={"draft_id": draft.id})


def _show(turn: Turn, draft: InvoiceDraft) -> None:
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
            "kind": INVOICE_KINDS[details.kind].of(language),
            "title": title,
            "amount": str(draft.amount),
            "email": details.email,
            "by": turn.moment(draft.due_at),
            "old": draft.replaces.number if draft.replaces else "",
        },
    )


class ActionCommitInvoice(ShopAction):
    """Makes the confirmed step happen, once. Outcomes: ``done``, ``again``, ``refused``."""

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

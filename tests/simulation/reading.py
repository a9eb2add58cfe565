"""How a simulated shopper reads a summary before the yes: goods, order, money, address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from actions.vocabulary import RETURN_REASONS, TENDERS
from connectors.backends.embedded.document import LinePart, VariantPart
from connectors.backends.refunds.model import ReturnReason
from kernel.content import Content
from tests.simulation.goal import Change, Goal, Task

_NUMBER = re.compile(r"\bKF\d{10}\b")
_LANGUAGES = ("zh", "en")
_FEWER = ("少 {count} 件", "{count} fewer")
_MORE = ("多 {count} 件", "{count} more")
_HANDED_OVER = {
    "pick_up": ("上门", "collect"),
    "drop_off": ("自行寄回", "you send it"),
    "keep": ("不用寄回", "nothing has to be sent back"),
}


class Misread(StrEnum):
    """What a summary says otherwise than wished."""

    ORDER = "order"
    GOODS = "goods"
    CHANGE = "change"
    REASON = "reason"
    REFUND_TO = "refund_to"
    HANDOVER = "handover"
    ADDRESS = "address"
    WRITTEN = "written"
    AMOUNT = "amount"
    TENDER = "tender"


def is_summary(reply: Content) -> bool:
    """Whether the reply shows what would be done."""
    return "preview" in reply.response


def misread(goal: Goal, replies: Sequence[Content]) -> Misread | None:
    """What the summary in ``replies`` says otherwise than ``goal`` wishes; None if nothing."""
    shown = [reply for reply in replies if is_summary(reply)]
    text = "\n".join(reply.text for reply in shown)
    cards = [reply.card for reply in shown if reply.card is not None]
    card = cards[-1] if cards else None
    numbers = set(_NUMBER.findall(text)) | ({str(card["order_number"])} if card else set())
    if numbers and goal.order.number not in numbers:
        return Misread.ORDER
    if any(part not in text for part in goal.written):
        return Misread.WRITTEN
    if goal.address is not None and goal.address.address.street not in text:
        return Misread.ADDRESS
    changes = goal.changes or _taken_out(goal)
    modifies = bool(goal.changes) or goal.task is Task.MODIFY_TERMS
    if modifies or (card is None and goal.units):
        if not _shows_changes(goal, changes, text):
            return Misread.CHANGE if modifies else Misread.GOODS
    elif card is not None and goal.units:
        found = _misread_card(goal, card)
        if found is not None:
            return found
    return _misread_terms(goal, text, card)


def _taken_out(goal: Goal) -> dict[str, Change]:
    """A cancellation as the changes that it is."""
    return {
        line.id: Change(VariantPart(line.variant, line.sku, line.unit_price, 0, line.options), n, 0)
        for line in goal.order.lines
        if (n := goal.units.get(line.id))
    }


def _shows_changes(goal: Goal, changes: Mapping[str, Change], text: str) -> bool:
    rows = text.splitlines()
    named = {line.product for line in goal.order.lines if line.id in changes}
    for line in goal.order.lines:
        about = [row for row in rows if line.name.zh in row or line.name.en in row]
        if line.id in changes:
            if not any(_is_change(line, changes[line.id], row) for row in about):
                return False
        elif about and line.product not in named:
            return False
    return True


def _is_change(line: LinePart, change: Change, row: str) -> bool:
    if change.variant.id != line.variant:
        became = row.partition("→")[2]
        return any(options in became for options in _options(change.variant.options))
    forms, count = (_MORE, change.given) if change.given else (_FEWER, change.taken)
    return any(form.format(count=count) in row for form in forms)


def _options(options: Iterable[Any]) -> tuple[str, str]:
    first, second = (
        " / ".join(str(getattr(option.value, language)) for option in options)
        for language in _LANGUAGES
    )
    return first, second


def _misread_card(goal: Goal, card: Mapping[str, Any]) -> Misread | None:
    shown = sorted(_row(line) for line in card["lines"])
    wanted = [sorted(_wanted_rows(goal, language)) for language in (0, 1)]
    return None if shown in wanted else Misread.GOODS


def _row(line: Mapping[str, Any]) -> tuple[str, str, str, int]:
    return line["name"], line["options"], line.get("new_options", ""), int(line["quantity"])


def _wanted_rows(goal: Goal, language: int) -> Iterable[tuple[str, str, str, int]]:
    anew = goal.values.get("wish") in ("replace", "resend")
    for line in goal.order.lines:
        count = goal.units.get(line.id)
        if not count:
            continue
        target = goal.targets.get(line.id)
        own = _options(line.options)[language]
        new = _options(target.options)[language] if target else own if anew else ""
        yield str(getattr(line.name, _LANGUAGES[language])), own, new, count


def _misread_terms(goal: Goal, text: str, card: Mapping[str, Any] | None) -> Misread | None:
    terms = {**goal.values, **goal.part}
    reason = terms.get("reason")
    anew = bool(goal.targets) or terms.get("wish") in ("replace", "resend")
    if reason is not None and not anew:
        said = RETURN_REASONS[ReturnReason(reason)]
        if said.zh not in text and said.en not in text:
            return Misread.REASON
    words = _HANDED_OVER.get(str(terms.get("handover")))
    if words is not None and not any(word in text for word in words):
        return Misread.HANDOVER
    if card is not None and "tenders" in card and "refund_to" in goal.part:
        paid = {payment.tender.value for payment in goal.order.payments}
        to = {part["tender"] for part in card["tenders"]}
        right = {"gift_card"} if goal.part["refund_to"] == "gift_card" else paid
        if not to <= right:
            return Misread.REFUND_TO
    pays = next((one for one in goal.customer.tenders if one.id == terms.get("tender")), None)
    if pays is not None and not any(
        getattr(TENDERS[pays.tender], language) in text for language in _LANGUAGES
    ):
        return Misread.TENDER
    amount = _amount(goal)
    told = re.sub(r"\D", "", str(card["total"])) if card and "total" in card else None
    if amount is not None and told is not None and int(told) != amount:
        return Misread.AMOUNT
    if amount is not None and told is None and f"{amount / 100:,.2f}" not in text:
        return Misread.AMOUNT
    return None


def _amount(goal: Goal) -> int | None:
    """The money that the summary must name, in minor units."""
    if goal.amount is not None:
        return goal.amount
    if "total" in goal.part:
        return int(goal.part["total"])
    refunds = goal.expected.get(f"orders/{goal.order.number}/refunds/* +")
    return sum(refunds) if refunds else None

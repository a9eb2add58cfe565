"""What a person gets who takes over: the facts of the conversation and a prepared next step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker

from actions.frame import OUTCOME_SLOT
from actions.wording import Language

_TRIED_AT_MOST = 12
_FOUND_AT_MOST = 4
_IDENTITY = "identity"

# What to do first where the reason says it: a code of the console's own words.
_BY_REASON = {
    "shipment_overdue": "ask_carrier",
    "refund_overdue": "trace_refund",
    "frustrated": "calm_and_solve",
    "low_confidence": "read_and_ask",
}
# What to do first for a request that the assistant may not, or cannot, carry out itself, and with
# which verb of the order panel.
_BY_FLOW: Mapping[str, tuple[str, str | None]] = {
    "return_request": ("decide_return", "return"),
    "damaged_or_wrong_item": ("decide_return", "return"),
    "refund_request": ("decide_return", "return"),
    "exchange_request": ("decide_exchange", "exchange"),
    "cancel_order": ("decide_cancellation", "cancel"),
    "change_address": ("decide_address", "address"),
    "invoice": ("settle_invoice", "invoice"),
    "payment_failed": ("check_payment", None),
    "track_shipment": ("ask_carrier", None),
    "urge": ("ask_carrier", None),
    "refund_status": ("trace_refund", None),
    "complaint": ("hear_complaint", "complaint"),
    "modify_order": ("go_on", "modify"),
    "pack_order": ("go_on", "pack"),
    "account_login": ("help_with_account", None),
}


def summary_of(tracker: Tracker, task: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The facts that spare the shopper from telling it all again.

    Who is writing and how they proved it, what they want with every value given so far and what is
    still missing, the orders spoken of, which actions ran with which outcome, what was found, the
    last words, mood and language, and what to do next: ``{"step", "order", "verb"}``.
    """
    requests = list(task.get("requests") or ())
    told = [
        value
        for event in tracker.events
        if event.get("event") == "slot"
        and event.get("name") == OUTCOME_SLOT
        and (value := event.get("value"))
    ]
    orders = [(one.get("learned") or {}).get("order_number") for one in told]
    known = list(dict.fromkeys(order for order in orders if order))
    latest = tracker.latest_message or {}
    customer = tracker.get_slot("customer")
    because = task.get("because") or None
    missing = [one for request in requests for one in request.get("missing") or ()]
    return {
        "customer": customer,
        "requests": requests,
        "missing": list(dict.fromkeys(missing)),
        "orders": known,
        "tried": [
            {"action": one["action"], "outcome": one["outcome"]} for one in told[-_TRIED_AT_MOST:]
        ],
        "found": _found(tracker.events),
        "agreed": tracker.get_slot("agreed"),
        "because": because,
        "last_words": latest.get("text"),
        "last_intent": (latest.get("intent") or {}).get("name"),
        "mood": task.get("mood"),
        "urgency": task.get("urgency", 0.0),
        "language": language,
        "next_step": next_step(
            because or task["reason"], requests, missing, _order_of(requests, known)
        ),
    }


def next_step(
    reason: str,
    requests: Sequence[Mapping[str, Any]],
    missing: Sequence[str],
    order: str | None,
) -> dict[str, Any]:
    """What the person does first, about which order, with which verb of the order panel."""
    request = next((one for one in requests if one["flow"] != "human_agent"), None)
    step, verb = _BY_FLOW.get(request["flow"] if request else "", ("", None))
    if _IDENTITY in missing:
        step, verb = "verify", None
    elif reason == "backend_down":
        step, verb = "look_up_again", None
    elif reason in _BY_REASON:
        step = _BY_REASON[reason]
    elif not step:
        step = "go_on" if request or order else "ask_what"
    return {"step": step, "order": order, "verb": verb if order else None}


def _order_of(requests: Sequence[Mapping[str, Any]], known: Sequence[str]) -> str | None:
    """The order that the newest request is about, else the one spoken of last."""
    named = (str((one.get("values") or {}).get("order_number") or "") for one in requests)
    return next(filter(None, named), known[-1] if known else None)


def _found(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the shopper was shown of orders, parcels and money, each as it was seen last."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for event in events:
        card = ((event.get("data") or {}).get("custom") or {}).get("card")
        if event.get("event") != "bot" or not card:
            continue
        number = card.get("tracking_number") or card.get("number") or ""
        order = card.get("order_number") or number
        key = (card["type"], f"{order} {number}")
        found.pop(key, None)
        found[key] = {
            "type": card["type"],
            "order": order,
            "number": number,
            "status": card.get("status"),
            "amount": card.get("amount") or card.get("total"),
        }
    return list(found.values())[-_FOUND_AT_MOST:]

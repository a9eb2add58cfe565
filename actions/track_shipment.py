"""Where a parcel is, what its scans mean, and what happens now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.base import Outcome, ShopAction, Turn
from actions.cards import order_card, shipment_card
from actions.news import news_buttons
from actions.order_status import arrival, refund_of_cancelled
from actions.orders import line_name
from actions.vocabulary import EXPECTED_BY, PICKUP_UNTIL, SIGNATURES, SOMEWHERE
from actions.wording import listing
from connectors.backends.carriers.model import (
    Diagnosis,
    Shipment,
    Signature,
    diagnose,
    needs_person,
)
from connectors.backends.orders.model import Order, OrderStatus
from kernel.errors import NotFound

# Where there is news to come.
_ON_THE_ROAD = frozenset(
    {
        Diagnosis.NOT_YET_SHIPPED,
        Diagnosis.MOVING,
        Diagnosis.OUT_FOR_DELIVERY,
        Diagnosis.CUSTOMS,
        Diagnosis.FAILED_ATTEMPT,
    }
)
# What a person must look into: the flow offers one, with the reason that the desk knows.
_LATE = frozenset({Diagnosis.STUCK, Diagnosis.OVERDUE})
_TROUBLE = frozenset(
    {
        Diagnosis.LOST,
        Diagnosis.DAMAGED,
        Diagnosis.RETURNED,
        Diagnosis.RETURNING,
        Diagnosis.UNKNOWN,
    }
)


class ActionChoicesParcels(ShopAction):
    """Offers the parcels of the order. Outcomes: ``ok``, ``unsent`` (there is none yet)."""

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_choices_parcels"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        parcels = order.parcels
        if not parcels:
            _say_unsent(turn, order, await news_buttons(self._shop, turn, order))
            return Outcome("unsent")
        if len(parcels) == 1:
            return Outcome("ok", values={"parcel": parcels[0].tracking_number})
        choices = []
        for number in (parcel.tracking_number for parcel in parcels):
            content = _content(turn, order, number)
            choices.append({"id": number, "title": f"{number} · {content}" if content else number})
        return Outcome("ok", choices=choices)


def _content(turn: Turn, order: Order, tracking_number: str) -> str:
    """What is in the parcel, as far as the shop knows."""
    for fulfilment in order.fulfilments:
        if any(parcel.tracking_number == tracking_number for parcel in fulfilment.parcels):
            lines = [order.line(part.line_id) for part in fulfilment.lines]
            return listing(
                [line_name(line, turn.language) for line in lines if line], turn.language
            )
    return ""


def _say_unsent(turn: Turn, order: Order, buttons: Sequence[Mapping[str, str]]) -> None:
    values = {
        "number": order.number,
        "arrival": arrival(turn, order),
        "refund": refund_of_cancelled(turn, order),
    }
    state = {
        OrderStatus.UNPAID: "unpaid",
        OrderStatus.CANCELLED: "cancelled",
    }.get(order.status, "preparing")
    card = order_card(order, turn.language)
    turn.say(f"utter_shipment_none_{state}", values, card=card, buttons=buttons)


class ActionShowShipment(ShopAction):
    """Says where the parcel is and what that means.

    Outcomes: ``shown``; ``delivered`` and ``doubtful`` (signed for, by the recipient or not),
    ``late`` and ``trouble`` (a person should look into it), ``too_late`` (a person must),
    ``untracked``.
    """

    def name(self) -> str:
        """(see parent class for full docstring)"""
        return "action_show_shipment"

    async def serve(self, turn: Turn) -> Outcome:
        """(see parent class for full docstring)"""
        order = await self.order_of(turn)
        tracking_number = turn.frame.values["parcel"]
        try:
            shipment = await self._shop.carriers.track(tracking_number)
        except NotFound:
            turn.say("utter_shipment_untracked", {"tracking": tracking_number})
            return Outcome("untracked")
        diagnosis = diagnose(shipment, turn.now, self._rules.tracking, order.promised_by)
        offer = diagnosis in _ON_THE_ROAD
        turn.say(
            _response(shipment, diagnosis),
            _values(turn, order, shipment),
            card=shipment_card(order.number, shipment, diagnosis, turn.language),
            buttons=await news_buttons(self._shop, turn, order) if offer else (),
        )
        outcome = _outcome(diagnosis)
        if outcome == "late" and needs_person(
            shipment, turn.now, self._rules.tracking, order.promised_by
        ):
            outcome = "too_late"
        return Outcome(outcome, learned={"order_number": order.number})


def _outcome(diagnosis: Diagnosis) -> str:
    if diagnosis is Diagnosis.DELIVERED:
        return "delivered"
    if diagnosis is Diagnosis.SIGNED_NOT_RECEIVED_CANDIDATE:
        return "doubtful"
    return "late" if diagnosis in _LATE else "trouble" if diagnosis in _TROUBLE else "shown"


def _response(shipment: Shipment, diagnosis: Diagnosis) -> str:
    response = f"utter_shipment_{diagnosis.value}"
    if diagnosis is Diagnosis.AWAITING_PICKUP and shipment.pickup is None:
        return f"{response}_plain"
    if diagnosis is Diagnosis.STUCK and shipment.last_scan_at is None:
        return f"{response}_uncollected"
    return response


def _values(turn: Turn, order: Order, shipment: Shipment) -> dict[str, str]:
    language, now = turn.language, turn.now
    newest = shipment.events[0] if shipment.events else None
    scanned_at = newest.at if newest else shipment.announced_at
    due = shipment.expected_by or order.promised_by
    expected = ""
    if due is not None and due > now:
        expected = EXPECTED_BY.of(language).format(day=turn.day(due))
    pickup = shipment.pickup
    until = ""
    if pickup is not None and pickup.until is not None:
        until = PICKUP_UNTIL.of(language).format(day=turn.day(pickup.until))
    return {
        "carrier": shipment.carrier.name.of(language),
        "hotline": shipment.carrier.hotline,
        "tracking": shipment.tracking_number,
        "number": order.number,
        "scanned": turn.moment(scanned_at),
        "where": newest.where if newest and newest.where else SOMEWHERE.of(language),
        "event": newest.description.rstrip("。.!！ ") if newest else "",
        "arrival": arrival(turn, order),
        "expected": expected,
        "due": turn.day(due) if due else "",
        "delivered": turn.moment(shipment.delivered_at or scanned_at),
        "signature": SIGNATURES[shipment.signature or Signature.UNKNOWN].of(language),
        "place": pickup.place if pickup else "",
        "code": pickup.code if pickup else "",
        "until": until,
    }

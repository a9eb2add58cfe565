"""Every state that hurts: how an order of the demo shop gets into each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from connectors.backends.carriers.model import ShipmentStatus as S
from connectors.backends.carriers.model import Signature
from connectors.backends.embedded.demo.scene import PAY_WITHIN, Scene
from connectors.backends.embedded.demo.tracking import Trip
from connectors.backends.embedded.document import OrderPart
from connectors.backends.orders.model import OrderStatus, Tender
from connectors.backends.payments.codes import Failure
from connectors.backends.payments.model import AttemptStatus as A
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import ReturnReason, ReturnStatus

Scenario = Callable[[Scene], OrderPart]
Hours = tuple[float, float]


@dataclass(frozen=True)
class _Plan:
    """A parcel's trip relative to now, in hours: when sent, last scanned (ago), expected (in)."""

    status: S
    shipped: Hours
    last: Hours
    expected: float | None = None
    signature: Signature | None = None
    pickup: float | None = None
    order: OrderStatus = OrderStatus.SHIPPED


_PLANS: dict[str, _Plan] = {
    "label_made": _Plan(S.ANNOUNCED, (8, 30), (8, 30), 90),
    "not_collected": _Plan(S.ANNOUNCED, (80, 140), (80, 140), 40),
    "picked_up": _Plan(S.PICKED_UP, (10, 20), (5, 7), 60),
    "moving": _Plan(S.IN_TRANSIT, (48, 70), (4, 30), 36),
    "out_for_delivery": _Plan(S.OUT_FOR_DELIVERY, (72, 96), (1, 5), 8),
    "failed_attempt": _Plan(S.FAILED_ATTEMPT, (72, 96), (3, 12), 20),
    "awaiting_pickup": _Plan(S.AWAITING_PICKUP, (80, 110), (10, 30), None, None, 42),
    "customs": _Plan(S.CUSTOMS, (120, 150), (20, 60), 96),
    "customs_silent": _Plan(S.CUSTOMS, (240, 300), (140, 200), 24),
    "stuck": _Plan(S.IN_TRANSIT, (190, 260), (120, 170), -40),
    "overdue": _Plan(S.IN_TRANSIT, (170, 220), (15, 40), -72),
    "damaged": _Plan(S.DAMAGED, (96, 140), (20, 40), -10),
    "lost": _Plan(S.LOST, (500, 700), (40, 90), -300),
    "returning": _Plan(S.RETURNING, (140, 200), (10, 50), -40),
}
_SIGNED: dict[str, Signature] = {
    "delivered": Signature.RECIPIENT,
    "signed_by_locker": Signature.LOCKER,
    "signed_by_somebody_else": Signature.SOMEBODY_ELSE,
    "left_at_the_door": Signature.DOORSTEP,
}
_FAILURES: dict[str, tuple[Failure, bool]] = {
    "insufficient_funds": (Failure.INSUFFICIENT_FUNDS, False),
    "limit_exceeded": (Failure.LIMIT_EXCEEDED, False),
    "bank_declined": (Failure.BANK_DECLINED, True),
    "expired_card": (Failure.EXPIRED_CARD, False),
    "wrong_details": (Failure.WRONG_DETAILS, False),
    "tender_not_supported": (Failure.TENDER_NOT_SUPPORTED, False),
    "authentication_needed": (Failure.AUTHENTICATION_NEEDED, False),
    "bank_unavailable": (Failure.BANK_UNAVAILABLE, False),
    "payment_given_up": (Failure.CANCELLED_BY_SHOPPER, False),
    "risk_control": (Failure.RISK_CONTROL, False),
    "failed_without_reason": (Failure.UNKNOWN, True),
}
_CARD_FAILURES = frozenset(
    {
        Failure.BANK_DECLINED,
        Failure.EXPIRED_CARD,
        Failure.WRONG_DETAILS,
        Failure.AUTHENTICATION_NEEDED,
    }
)


def _on_its_way(plan: _Plan) -> Scenario:
    def make(scene: Scene) -> OrderPart:
        shipped_at = scene.hours_ago(*plan.shipped)
        announced = plan.status is S.ANNOUNCED
        scene.start(shipped_at - timedelta(hours=20))
        trip = Trip(
            shipped_at=shipped_at,
            last_at=shipped_at if announced else scene.hours_ago(*plan.last),
            status=plan.status,
            expected_by=None if plan.expected is None else scene.hours_ago(-plan.expected),
            pickup_until=None if plan.pickup is None else scene.hours_ago(-plan.pickup),
        )
        return scene.order(plan.order, **scene.paid(), fulfilments=scene.sent(trip))

    return make


def _delivered_trip(scene: Scene, hours: Hours, signature: Signature = Signature.RECIPIENT) -> Trip:
    """A parcel that was signed for so many hours ago, after three days on the road."""
    last_at = scene.hours_ago(*hours)
    return Trip(
        shipped_at=last_at - timedelta(hours=72),
        last_at=last_at,
        status=S.DELIVERED,
        expected_by=last_at + timedelta(hours=10),
        signature=signature,
    )


def _signed(signature: Signature) -> Scenario:
    def make(scene: Scene) -> OrderPart:
        trip = _delivered_trip(scene, (26, 90), signature)
        scene.start(trip.shipped_at - timedelta(hours=20))
        return scene.order(OrderStatus.DELIVERED, **scene.paid(), fulfilments=scene.sent(trip))

    return make


def _failed(failure: Failure, held: bool) -> Scenario:
    def make(scene: Scene) -> OrderPart:
        placed_at = scene.hours_ago(0.2)
        scene.start(placed_at)
        chinese = scene.person.customer.language == "zh"
        card = Tender.BANK_CARD if chinese else Tender.CREDIT_CARD
        attempt = scene.attempt(
            A.AWAITING_ACTION if failure is Failure.AUTHENTICATION_NEEDED else A.FAILED,
            placed_at + timedelta(minutes=3),
            tender=card if held or failure in _CARD_FAILURES else None,
            failure=failure,
            held=held,
        )
        return scene.order(OrderStatus.UNPAID, attempts=(attempt,))

    return make


def _unpaid(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(0.2))
    return scene.order(OrderStatus.UNPAID)


def _processing(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(5, 9))
    attempt = scene.attempt(A.PROCESSING, scene.placed_at + timedelta(minutes=4))
    return scene.order(OrderStatus.UNPAID, attempts=(attempt,))


def _closed_by_timeout(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(30, 900))
    attempt = scene.attempt(A.CLOSED, scene.placed_at + timedelta(minutes=5))
    return scene.order(
        OrderStatus.CANCELLED,
        attempts=(attempt,),
        cancelled_at=scene.placed_at + PAY_WITHIN,
    )


def _paid_after_closing(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(28, 50))
    late = scene.placed_at + PAY_WITHIN + timedelta(minutes=1)
    attempt = scene.attempt(A.REFUNDING, late)
    return scene.order(
        OrderStatus.CANCELLED,
        attempts=(attempt,),
        cancelled_at=scene.placed_at + PAY_WITHIN,
    )


def _charged_twice(second: A) -> Scenario:
    def make(scene: Scene) -> OrderPart:
        scene.start(scene.hours_ago(9, 20))
        parts = scene.paid()
        first = parts["attempts"][0]
        again = scene.attempt(
            second, first.at + timedelta(minutes=2), tender=first.tender, serial=2
        )
        parts["attempts"] = (first, again)
        return scene.order(OrderStatus.PAID, **parts)

    return make


def _paid_order_unpaid(minutes: float) -> Scenario:
    def make(scene: Scene) -> OrderPart:
        scene.start(scene.hours_ago(minutes / 60))
        attempt = scene.attempt(A.SUCCEEDED, scene.placed_at + timedelta(minutes=2))
        return scene.order(OrderStatus.UNPAID, attempts=(attempt,))

    return make


def _gift_card_not_enough(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(0.3))
    gift = scene.total // 3
    at = scene.placed_at + timedelta(minutes=2)
    return scene.order(
        OrderStatus.UNPAID,
        attempts=(
            scene.attempt(A.SUCCEEDED, at, tender=Tender.GIFT_CARD, amount=gift),
            scene.attempt(
                A.FAILED,
                at + timedelta(minutes=1),
                amount=scene.total - gift,
                failure=Failure.INSUFFICIENT_FUNDS,
                serial=2,
            ),
        ),
    )


def _paid(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(2, 20))
    return scene.order(OrderStatus.PAID, **scene.paid())


def _paid_by_several(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(3, 20))
    gift, balance = scene.total // 4, scene.total // 10
    rest = scene.total - gift - balance
    card = Tender.BANK_CARD if scene.person.customer.language == "zh" else Tender.CREDIT_CARD
    tenders = ((Tender.GIFT_CARD, gift), (Tender.BALANCE, balance), (card, rest))
    return scene.order(OrderStatus.PAID, **scene.paid(tenders))


def _paid_late(scene: Scene) -> OrderPart:
    """Paid eight days ago, promised two days ago, and still not sent."""
    scene.start(scene.hours_ago(192, 220))
    return scene.order(OrderStatus.PREPARING, **scene.paid())


def _preparing(scene: Scene) -> OrderPart:
    scene.start(scene.hours_ago(12, 40))
    return scene.order(OrderStatus.PREPARING, **scene.paid())


def _split(scene: Scene) -> OrderPart:
    """Two parcels: one has arrived, the other one is on its way."""
    here = _delivered_trip(scene, (20, 30))
    there = Trip(
        here.shipped_at + timedelta(hours=12),
        scene.hours_ago(6, 12),
        S.IN_TRANSIT,
        scene.hours_ago(-30),
    )
    scene.start(here.shipped_at - timedelta(hours=20), lines=2)
    return scene.order(OrderStatus.SHIPPED, **scene.paid(), fulfilments=scene.sent(here, there))


def _partly_shipped(scene: Scene) -> OrderPart:
    """One parcel is on its way, the rest of the goods has not been sent."""
    shipped_at = scene.hours_ago(30, 40)
    scene.start(shipped_at - timedelta(hours=20), lines=2)
    trip = Trip(shipped_at, scene.hours_ago(5, 12), S.IN_TRANSIT, scene.hours_ago(-40))
    pending = scene.sent(trip, trip)[:1]
    return scene.order(OrderStatus.PARTLY_SHIPPED, **scene.paid(), fulfilments=pending)


def _several_tenders(scene: Scene) -> OrderPart:
    trip = _delivered_trip(scene, (40, 90))
    scene.start(trip.shipped_at - timedelta(hours=20), plain=True)
    gift, balance = scene.total // 4, scene.total // 10
    rest = scene.total - gift - balance
    tenders = ((Tender.GIFT_CARD, gift), (Tender.BALANCE, balance), (scene.tender, rest))
    return scene.order(OrderStatus.DELIVERED, **scene.paid(tenders), fulfilments=scene.sent(trip))


def _price_fell(scene: Scene) -> OrderPart:
    """Delivered a day ago; everything in it costs less now."""
    trip = _delivered_trip(scene, (26, 60))
    scene.start(trip.shipped_at - timedelta(hours=20), dearer=10)
    return scene.order(OrderStatus.DELIVERED, **scene.paid(), fulfilments=scene.sent(trip))


def _gift_card(scene: Scene) -> OrderPart:
    trip = _delivered_trip(scene, (40, 120))
    scene.start(trip.shipped_at - timedelta(hours=20), plain=True)
    tenders = ((Tender.GIFT_CARD, scene.total),)
    return scene.order(OrderStatus.DELIVERED, **scene.paid(tenders), fulfilments=scene.sent(trip))


def _completed(scene: Scene) -> OrderPart:
    trip = _delivered_trip(scene, (480, 4300))
    scene.start(trip.shipped_at - timedelta(hours=20))
    return scene.order(OrderStatus.COMPLETED, **scene.paid(), fulfilments=scene.sent(trip))


def _returned(status: ReturnStatus, reason: ReturnReason) -> Scenario:
    """Delivered four days ago; the first of two lines is on its way back."""

    def make(scene: Scene) -> OrderPart:
        trip = _delivered_trip(scene, (96, 120))
        scene.start(trip.shipped_at - timedelta(hours=20), lines=2, plain=True)
        parts = scene.paid()
        made = scene.gives_back(status, scene.hours_ago(30, 60), parts["payments"], reason)
        return scene.order(
            OrderStatus.DELIVERED, **parts, fulfilments=scene.sent(trip), returns=(made,)
        )

    return make


def _exchanged(status: ExchangeStatus) -> Scenario:
    """Delivered four days ago; one unit of the first line is exchanged."""

    def make(scene: Scene) -> OrderPart:
        trip = _delivered_trip(scene, (96, 120))
        scene.start(trip.shipped_at - timedelta(hours=20), lines=2, plain=True)
        made = scene.exchanges(status, scene.hours_ago(30, 60))
        return scene.order(
            OrderStatus.DELIVERED,
            **scene.paid(),
            fulfilments=scene.sent(trip),
            exchanges=(made,),
        )

    return make


def _delivered_lately(scene: Scene) -> OrderPart:
    """Delivered ten days ago: too late for a return without a reason, not for an exchange."""
    trip = _delivered_trip(scene, (240, 260))
    scene.start(trip.shipped_at - timedelta(hours=20), plain=True)
    return scene.order(OrderStatus.DELIVERED, **scene.paid(), fulfilments=scene.sent(trip))


def _return_refunded(requested: Hours, arrived: bool, failed: bool = False) -> Scenario:
    """The first of two lines came back; its refund was requested so many hours ago."""

    def make(scene: Scene) -> OrderPart:
        requested_at = scene.hours_ago(*requested)
        last_at = requested_at - timedelta(hours=150)
        trip = Trip(
            last_at - timedelta(hours=72), last_at, S.DELIVERED, last_at, Signature.RECIPIENT
        )
        scene.start(trip.shipped_at - timedelta(hours=20), lines=2, plain=True)
        tender = Tender.WECHAT_PAY if scene.person.customer.language == "zh" else Tender.PAYPAL
        parts = scene.paid(((tender, scene.total),))
        payments = parts["payments"]
        created_at = last_at + timedelta(hours=20)
        made = scene.gives_back(
            ReturnStatus.REFUNDED, created_at, payments, ReturnReason.WRONG_SIZE
        )
        completed_at = requested_at + timedelta(hours=30) if arrived else None
        back = scene.refund(
            payments[0],
            made.total,
            requested_at,
            completed_at=completed_at,
            made=made,
            failed=failed,
        )
        return scene.order(
            OrderStatus.DELIVERED,
            **parts,
            fulfilments=scene.sent(trip),
            returns=(made,),
            refunds=(back,),
        )

    return make


def _cancelled(requested: Hours, arrived: bool) -> Scenario:
    """Cancelled before it was sent; the money goes back whole."""

    def make(scene: Scene) -> OrderPart:
        requested_at = scene.hours_ago(*requested)
        scene.start(requested_at - timedelta(hours=6))
        parts = scene.paid()
        backs = tuple(
            scene.refund(
                payment,
                payment.amount,
                requested_at,
                completed_at=requested_at + timedelta(hours=40) if arrived else None,
                serial=serial,
            )
            for serial, payment in enumerate(parts["payments"], start=1)
        )
        return scene.order(OrderStatus.CANCELLED, **parts, cancelled_at=requested_at, refunds=backs)

    return make


def make_scenarios() -> dict[str, tuple[int, Scenario]]:
    """Every scenario by name, with how many of a thousand orders are in it, about."""
    scenarios: dict[str, tuple[int, Scenario]] = {
        "unpaid": (15, _unpaid),
        "processing": (6, _processing),
        "closed_by_timeout": (30, _closed_by_timeout),
        "paid_after_closing": (4, _paid_after_closing),
        "charged_twice": (5, _charged_twice(A.SUCCEEDED)),
        "charged_twice_returning": (5, _charged_twice(A.REFUNDING)),
        "charged_twice_returned": (4, _charged_twice(A.REFUNDED)),
        "paid_order_unpaid": (4, _paid_order_unpaid(8)),
        "paid_order_unpaid_long": (4, _paid_order_unpaid(90)),
        "gift_card_not_enough": (4, _gift_card_not_enough),
        "paid": (30, _paid),
        "preparing": (30, _preparing),
        "paid_by_several": (5, _paid_by_several),
        "paid_late": (4, _paid_late),
        "split": (15, _split),
        "partly_shipped": (8, _partly_shipped),
        "several_tenders": (15, _several_tenders),
        "price_fell": (6, _price_fell),
        "gift_card": (8, _gift_card),
        "completed": (480, _completed),
        "return_awaiting_approval": (
            4,
            _returned(ReturnStatus.AWAITING_APPROVAL, ReturnReason.NO_LONGER_WANTED),
        ),
        "return_authorised": (8, _returned(ReturnStatus.AUTHORISED, ReturnReason.WRONG_SIZE)),
        "return_sent_back": (8, _returned(ReturnStatus.SENT_BACK, ReturnReason.FAULTY)),
        "partly_returned": (12, _return_refunded((200, 400), True)),
        "refund_pending": (8, _return_refunded((20, 40), False)),
        "refund_late": (8, _return_refunded((190, 260), False)),
        "refund_failed": (4, _return_refunded((60, 70), False, failed=True)),
        "exchange_authorised": (6, _exchanged(ExchangeStatus.AUTHORISED)),
        "exchange_replaced": (4, _exchanged(ExchangeStatus.REPLACED)),
        "delivered_lately": (6, _delivered_lately),
        "cancelled_refunded": (20, _cancelled((100, 900), True)),
        "cancelled_refund_late": (5, _cancelled((300, 400), False)),
    }
    for name, plan in _PLANS.items():
        scenarios[name] = (60 if name == "moving" else 8, _on_its_way(plan))
    for name, signature in _SIGNED.items():
        scenarios[name] = (80 if name == "delivered" else 6, _signed(signature))
    for name, (failure, held) in _FAILURES.items():
        scenarios[name] = (4, _failed(failure, held))
    return scenarios

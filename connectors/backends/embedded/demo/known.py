"""The orders of docs/demo-shop.md: whose they are, their numbers, what state each is in."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.backends.embedded.demo.scene import Picks


@dataclass(frozen=True)
class KnownOrder:
    """An order with a fixed number and fixed goods; its dates move with the day of seeding."""

    number: str
    customer: str
    scenario: str
    picks: Picks


_COAT_AND_MUG: Picks = (("wool-coat", 1), ("mug", 2))
_HOODIE: Picks = (("hoodie", 1),)
_HEADPHONES: Picks = (("headphones", 1),)
_SHOES_AND_SOCKS: Picks = (("running-shoes", 1), ("socks", 2))
_BAG_AND_PEN: Picks = (("backpack", 1), ("fountain-pen", 1))
_THERMOS: Picks = (("thermos", 1),)
_QUILT: Picks = (("quilt", 1),)

# The same stories in both languages: a Chinese shopper has the even tens, an English the odd.
_STORIES: tuple[tuple[tuple[str, str], tuple[tuple[str, Picks], ...]], ...] = (
    (
        ("C0001", "C0002"),
        (
            ("moving", _HOODIE),
            ("delivered", _COAT_AND_MUG),
            ("insufficient_funds", _HEADPHONES),
            ("preparing", _THERMOS),
            ("completed", _QUILT),
        ),
    ),
    (
        ("C0003", "C0004"),
        (
            ("stuck", _SHOES_AND_SOCKS),
            ("signed_by_locker", _HEADPHONES),
            ("overdue", _QUILT),
            ("signed_by_somebody_else", _BAG_AND_PEN),
            ("customs", _THERMOS),
            ("lost", _HOODIE),
        ),
    ),
    (
        ("C0005", "C0006"),
        (
            ("charged_twice", _HEADPHONES),
            ("charged_twice_returning", _HOODIE),
            ("paid_order_unpaid", _QUILT),
            ("paid_order_unpaid_long", _BAG_AND_PEN),
            ("closed_by_timeout", _THERMOS),
            ("risk_control", _SHOES_AND_SOCKS),
            ("bank_declined", _COAT_AND_MUG),
            ("authentication_needed", _HOODIE),
            ("processing", _QUILT),
        ),
    ),
    (
        ("C0007", "C0008"),
        (
            ("split", _BAG_AND_PEN),
            ("several_tenders", _COAT_AND_MUG),
            ("partly_returned", _COAT_AND_MUG),
            ("refund_late", _BAG_AND_PEN),
            ("refund_pending", _COAT_AND_MUG),
            ("cancelled_refunded", _HOODIE),
            ("return_authorised", _BAG_AND_PEN),
        ),
    ),
    (
        ("C0009", "C0010"),
        (
            ("completed", _BAG_AND_PEN),
            ("delivered", (("engraved-necklace", 1), ("notebook", 3))),
            ("delivered", (("cherries", 1), ("nuts", 1))),
            ("delivered", (("earbuds", 1), ("power-bank", 1))),
            ("delivered", (("photo-software", 1), ("keyboard", 1))),
            ("delivered", (("robot-vacuum", 1),)),
            ("awaiting_pickup", _THERMOS),
            ("out_for_delivery", _HOODIE),
        ),
    ),
    (
        ("C0011", "C0012"),
        (
            ("paid", (("hoodie", 1), ("socks", 3), ("mug", 2))),
            ("paid_by_several", (("running-shoes", 1), ("thermos", 2))),
            ("preparing", (("engraved-necklace", 1), ("notebook", 2))),
            ("partly_shipped", _BAG_AND_PEN),
            ("moving", (("desk-lamp", 1),)),
            ("unpaid", (("linen-shirt", 2),)),
            ("paid_late", (("tablet", 1),)),
            ("out_for_delivery", (("keyboard", 1),)),
        ),
    ),
    (
        ("C0013", "C0014"),
        (
            ("price_fell", _COAT_AND_MUG),
            ("completed", _QUILT),
            ("completed", _BAG_AND_PEN),
            ("overdue", _QUILT),
            ("preparing", _THERMOS),
            ("several_tenders", _COAT_AND_MUG),
            ("price_fell", (("folding-chair", 1), ("desk-lamp", 2))),
            ("unpaid", _HEADPHONES),
        ),
    ),
    (
        ("C0015", "C0016"),
        (
            ("completed", _COAT_AND_MUG),
            ("completed", _HEADPHONES),
        ),
    ),
    (
        ("C0021", "C0022"),
        (
            ("delivered", (("linen-shirt", 1), ("running-shoes", 1), ("desk-lamp", 1))),
            ("delivered", (("slippers", 1), ("slippers#6", 1), ("mug", 3), ("wool-coat", 1))),
            ("delivered", (("notebook", 2), ("hand-cream", 1))),
            ("exchange_authorised", (("hoodie", 1), ("wallet", 1))),
            ("delivered_lately", (("jeans", 1),)),
            ("refund_failed", _BAG_AND_PEN),
            ("return_awaiting_approval", _BAG_AND_PEN),
        ),
    ),
)


def make_known_orders() -> tuple[KnownOrder, ...]:
    """All of them. Numbers: KF26010, 1799 and the shopper's number, a digit for the story."""
    return tuple(
        KnownOrder(f"KF26010{1799 + int(customer[1:])}{story}", customer, scenario, picks)
        for customers, stories in _STORIES
        for customer in customers
        for story, (scenario, picks) in enumerate(stories, start=1)
    )

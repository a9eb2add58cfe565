"""How the rest of Kefu asks for coupons and for what a fallen price gives back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from connectors.backends.drafts.model import SHOPPER, Actor
from connectors.backends.offers.model import (
    ClaimGround,
    Coupon,
    PriceClaim,
    PriceDraft,
    PriceLine,
)


class Offers(Protocol):
    """Coupons and price protection. Every method may raise BackendUnavailable.

    A stranger's order or coupon looks like none.
    """

    async def coupons_of(self, customer_id: str) -> tuple[Coupon, ...]:
        """All coupons of this customer, used and expired ones too; what ends soonest first."""

    async def find_coupon(self, customer_id: str, code: str) -> Coupon | None:
        """This customer's coupon of this code, or None. Case and spaces do not matter."""

    async def price_lines(self, customer_id: str, order_number: str) -> tuple[PriceLine, ...]:
        """Every line of the order with what its fallen price gives back; raises NotFound."""

    async def prepare_claim(
        self, customer_id: str, order_number: str, line_ids: Sequence[str]
    ) -> PriceDraft:
        """What a claim for these lines would give back exactly; nothing has happened yet.

        Raises NotFound, or Refused whose ``code`` is a ``PriceRefusal`` and whose ``detail`` is
        the line that is refused.
        """

    async def commit_claim(
        self, customer_id: str, draft_id: str, by: Actor = SHOPPER
    ) -> PriceClaim:
        """Make the prepared claim happen, after checking everything again.

        The money goes back at once unless a person decides first: then it is ``requested``.
        The draft's id is the idempotency key: a repeat gives the first claim. Raises NotFound for
        a draft that is not this customer's, Refused as ``prepare_claim`` does, and with the code
        ``draft_expired`` or ``terms_changed``.
        """

    async def decide_claim(
        self,
        customer_id: str,
        number: str,
        *,
        grant: bool,
        by: Actor,
        ground: ClaimGround | None = None,
    ) -> PriceClaim:
        """Grant or refuse a claim that waits for a person; news to the customer, an audit line.

        ``ground`` says why it is refused, and is told with it. What counts is the price on the day
        of the claim. Granted, the money goes back to what paid,
        and no more to any tender than it paid. Raises NotFound, InvalidTransition if it does not
        wait (any more), Refused with a ``PriceRefusal`` if what would be granted is no longer due,
        and BackendRejected if ``by`` is no person of the shop.
        """

    async def claims_of(
        self, customer_id: str, order_number: str | None = None
    ) -> tuple[PriceClaim, ...]:
        """This customer's claims, newest first; for one order if a number is given."""

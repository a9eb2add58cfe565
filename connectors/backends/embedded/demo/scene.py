"""Where one order of the demo shop is made: its goods, its money, its parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from connectors.backends.embedded.demo.people import Person
from connectors.backends.embedded.demo.tracking import Trip, make_parcel
from connectors.backends.embedded.document import (
    AttemptPart,
    ExchangeLinePart,
    ExchangePart,
    FulfilledPart,
    FulfilmentPart,
    LinePart,
    OrderPart,
    PaymentPart,
    ProductPart,
    RefundPart,
    ReturnLinePart,
    ReturnPart,
    ReturnTenderPart,
)
from connectors.backends.embedded.document_types import Words
from connectors.backends.orders.model import OrderStatus, Tender, Trait
from connectors.backends.payments.codes import Failure, code_of
from connectors.backends.payments.model import AttemptStatus
from connectors.backends.refunds.exchanges import ExchangeStatus
from connectors.backends.refunds.model import (
    FreightPayer,
    RefundStatus,
    ReturnReason,
    ReturnStatus,
)
from connectors.backends.refunds.policy import deadline_after
from connectors.backends.rules import RefundRules, ReturnRules
from connectors.backends.text import Bilingual

ZONE = "Asia/Shanghai"
CURRENCY = "CNY"
FREE_SHIPPING_FROM = 9_900
SHIPPING_FEE = 1_000
PAY_WITHIN = timedelta(hours=24)
_CHINESE_TENDERS = (Tender.WECHAT_PAY, Tender.ALIPAY, Tender.ALIPAY, Tender.BANK_CARD)
_OTHER_TENDERS = (Tender.CREDIT_CARD, Tender.CREDIT_CARD, Tender.PAYPAL)

Picks = tuple[tuple[str, int], ...]
"""Products with units; ``slippers#6`` is the sixth variant instead of the first."""


@dataclass
class Numbers:
    """Serial numbers of a day, for orders and returns."""

    used: Counter[str] = field(default_factory=Counter)

    def next(self, prefix: str, moment: datetime) -> str:
        """``prefix``, the day of ``moment`` and the next serial number of that day."""
        start = f"{prefix}{moment.astimezone(ZoneInfo(ZONE)):%y%m%d}"
        self.used[start] += 1
        return f"{start}{self.used[start]:04d}"


class Scene:
    """One order in the making. ``start`` comes first: it gives the number and the goods."""

    def __init__(
        self,
        random: Random,
        now: datetime,
        products: Sequence[ProductPart],
        numbers: Numbers,
        person: Person,
        number: str | None = None,
        picks: Picks = (),
    ) -> None:
        """An order of ``person``; with a ``number`` and ``picks`` (product, units) of its own."""
        self.random = random
        self.now = now
        self.person = person
        self.placed_at = now
        self.number = ""
        self.lines: tuple[LinePart, ...] = ()
        self._products = products
        self._numbers = numbers
        self._fixed = number
        self._picks = picks
        self._dearer = 0

    def hours_ago(self, low: float, high: float | None = None) -> datetime:
        """``low`` hours before now; a random moment between both, unless the order is fixed."""
        hours = low
        if high is not None and self._fixed is None:
            hours = self.random.uniform(low, high)
        return (self.now - timedelta(hours=hours)).replace(microsecond=0)

    def start(
        self,
        placed_at: datetime,
        lines: int | None = None,
        plain: bool = False,
        dearer: int = 0,
    ) -> None:
        """Place the order; ``plain`` leaves out goods with rules of their own for returns.

        ``dearer``: by how many per cent the goods cost more then than now.
        """
        self._dearer = dearer
        self.placed_at = placed_at
        self.number = self._fixed or self._numbers.next("KF", placed_at)
        self.lines = self._make_lines(lines, plain)

    @property
    def tender(self) -> Tender:
        """A tender that this shopper would use."""
        chinese = self.person.customer.language == "zh"
        return self.random.choice(_CHINESE_TENDERS if chinese else _OTHER_TENDERS)

    @property
    def shipping_fee(self) -> int:
        """Orders above a sum go free."""
        return SHIPPING_FEE if self._goods < FREE_SHIPPING_FROM else 0

    @property
    def total(self) -> int:
        """What the order costs, in minor units."""
        return self._goods + self.shipping_fee

    @property
    def _goods(self) -> int:
        return sum(line.unit_price * line.quantity - line.discount for line in self.lines)

    def _make_lines(self, count: int | None, plain: bool) -> tuple[LinePart, ...]:
        chosen: list[tuple[ProductPart, int]]
        places: list[int] = []
        if self._picks:
            by_id = {product.id: product for product in self._products}
            chosen = [(by_id[key.partition("#")[0]], units) for key, units in self._picks]
            places = [int(key.partition("#")[2] or 1) - 1 for key, _ in self._picks]
        else:
            pool = [product for product in self._products if not (plain and product.traits)]
            count = count or self.random.choice((1, 1, 1, 2, 2, 3))
            chosen = [
                (product, self.random.choice((1, 1, 1, 1, 2, 3)))
                for product in self.random.sample(pool, count)
            ]
        return tuple(
            self._line(number, product, units, places[number - 1] if places else 0)
            for number, (product, units) in enumerate(chosen, start=1)
        )

    def _line(self, number: int, product: ProductPart, units: int, place: int) -> LinePart:
        variant = product.variants[place] if self._fixed else self.random.choice(product.variants)
        price = variant.price * (100 + self._dearer) // 100
        discounted = self._fixed is None and self.random.random() < 0.25
        return LinePart(
            id=f"{self.number}-{number}",
            product=product.id,
            variant=variant.id,
            sku=variant.sku,
            name=product.name,
            category=product.category,
            quantity=units,
            unit_price=price,
            options=variant.options,
            discount=price * units // 10 if discounted else 0,
            traits=product.traits,
            exclusion_confirmed=bool({Trait.HYGIENE, Trait.CLEARANCE} & set(product.traits)),
        )

    def attempt(
        self,
        status: AttemptStatus,
        at: datetime,
        *,
        tender: Tender | None = None,
        amount: int | None = None,
        failure: Failure | None = None,
        held: bool = False,
        serial: int = 1,
    ) -> AttemptPart:
        """An attempt to pay; of the whole order unless ``amount`` says otherwise."""
        tender = tender or self.tender
        card = tender in (Tender.BANK_CARD, Tender.CREDIT_CARD)
        settled = status in (
            AttemptStatus.SUCCEEDED,
            AttemptStatus.REFUNDING,
            AttemptStatus.REFUNDED,
        )
        return AttemptPart(
            id=f"{self.number}-A{serial}",
            tender=tender,
            amount=self.total if amount is None else amount,
            status=status,
            at=at,
            settled_at=at + timedelta(seconds=40) if settled else None,
            failure=failure,
            account_hint=f"{self.random.randint(0, 9999):04d}" if card else "",
            held=held,
            code=code_of(tender, failure),
        )

    def paid(self, tenders: Sequence[tuple[Tender, int]] = ()) -> dict[str, Any]:
        """Attempts and payments of an order that was paid in full, by ``tenders`` or by one."""
        at = self.placed_at + timedelta(minutes=2)
        parts = tenders or ((self.tender, self.total),)
        return {
            "attempts": tuple(
                self.attempt(
                    AttemptStatus.SUCCEEDED, at, tender=tender, amount=amount, serial=serial
                )
                for serial, (tender, amount) in enumerate(parts, start=1)
            ),
            "payments": tuple(
                PaymentPart(
                    id=f"{self.number}-P{serial}",
                    tender=tender,
                    amount=amount,
                    paid_at=at + timedelta(seconds=40),
                    stored=self._stored(tender),
                )
                for serial, (tender, amount) in enumerate(parts, start=1)
            ),
        }

    def _stored(self, tender: Tender) -> str | None:
        """What the shopper has on file of this kind; the first is one that is good."""
        on_file = self.person.customer.tenders
        return next((stored.id for stored in on_file if stored.tender is tender), None)

    def sent(self, *trips: Trip, carrier: str | None = None) -> tuple[FulfilmentPart, ...]:
        """A fulfilment for each trip; the lines are dealt out among them in turn."""
        return tuple(
            FulfilmentPart(
                id=f"{self.number}-F{serial}",
                lines=tuple(
                    FulfilledPart(line=line.id, quantity=line.quantity)
                    for line in self.lines[serial - 1 :: len(trips)]
                ),
                parcels=(make_parcel(self.random, self.person, trip, carrier),),
            )
            for serial, trip in enumerate(trips, start=1)
        )

    def gives_back(
        self,
        status: ReturnStatus,
        created_at: datetime,
        payments: Sequence[PaymentPart],
        reason: ReturnReason = ReturnReason.NO_LONGER_WANTED,
    ) -> ReturnPart:
        """A return of the whole first line, its money going back to the first payment."""
        line = self.lines[0]
        refund = line.unit_price * line.quantity - line.discount
        number = f"RMA{self._fixed[2:]}" if self._fixed else self._numbers.next("RMA", created_at)
        rules = ReturnRules()
        return ReturnPart(
            number=number,
            status=status,
            reason=reason,
            lines=(ReturnLinePart(line=line.id, quantity=line.quantity, refund=refund),),
            tenders=(ReturnTenderPart(payment=payments[0].id, amount=refund),),
            freight=FreightPayer.SHOP if reason.is_our_fault else FreightPayer.SHOPPER,
            send_by=deadline_after(created_at, rules.send_back_days, ZONE),
            return_address=_words(rules.return_address),
            created_at=created_at,
            total=refund,
        )

    def exchanges(self, status: ExchangeStatus, created_at: datetime) -> ExchangePart:
        """An exchange of one unit of the first line, for another variant where there is one."""
        line = self.lines[0]
        (product,) = (one for one in self._products if one.id == line.product)
        others = [one for one in product.variants if one.id != line.variant and one.stock > 0]
        own = next(one for one in product.variants if one.id == line.variant)
        other = others[0] if others else own
        rules = ReturnRules()
        digits = self._fixed[2:] if self._fixed else self._numbers.next("", created_at)
        return ExchangePart(
            number=f"EX{digits}",
            status=status,
            reason=ReturnReason.WRONG_SIZE if others else ReturnReason.FAULTY,
            lines=(
                ExchangeLinePart(
                    line=line.id,
                    quantity=1,
                    variant=other.id,
                    difference=other.price - line.unit_price,
                ),
            ),
            freight=FreightPayer.SHOPPER if others else FreightPayer.SHOP,
            send_by=deadline_after(created_at, rules.send_back_days, ZONE),
            return_address=_words(rules.return_address),
            created_at=created_at,
        )

    def refund(
        self,
        payment: PaymentPart,
        amount: int,
        requested_at: datetime,
        *,
        completed_at: datetime | None = None,
        made: ReturnPart | None = None,
        failed: bool = False,
        serial: int = 1,
    ) -> RefundPart:
        """Money on its way back to ``payment``, there since ``completed_at``, or ``failed``."""
        status = RefundStatus.COMPLETED if completed_at else RefundStatus.PROCESSING
        days = RefundRules().days(payment.tender)
        return RefundPart(
            number=f"RF{self.number[2:]}{serial:02d}",
            tender=payment.tender,
            amount=amount,
            status=RefundStatus.FAILED if failed else status,
            requested_at=requested_at,
            expected_by=requested_at + timedelta(days=days),
            completed_at=completed_at,
            return_number=made.number if made else None,
            payment=payment.id,
        )

    def order(self, status: OrderStatus, **parts: Any) -> OrderPart:
        """The order, made of everything above and ``parts``."""
        paid = status not in (OrderStatus.UNPAID, OrderStatus.CANCELLED)
        defaults: dict[str, Any] = {
            "shipping_fee": self.shipping_fee,
            "promised_by": self.placed_at + timedelta(days=6) if paid else None,
            "pay_by": self.placed_at + PAY_WITHIN,
        }
        return OrderPart(
            number=self.number,
            customer=self.person.customer.id,
            status=status,
            currency=CURRENCY,
            placed_at=self.placed_at,
            address=self.person.address,
            lines=self.lines,
            **(defaults | parts),
        )


def _words(text: Bilingual) -> Words:
    return Words(zh=text.zh, en=text.en)

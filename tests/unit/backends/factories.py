"""Orders and shipments for tests: functions whose keywords have plain defaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.backends.orders.model import (
    Address,
    FulfilledLine,
    Fulfilment,
    Order,
    OrderLine,
    OrderPayment,
    OrderStatus,
    Parcel,
    Tender,
    Trait,
)
from connectors.backends.text import Bilingual
from kernel.money import Money

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def yuan(amount: int) -> Money:
    """Whole yuan."""
    return Money(amount * 100, "CNY")


def make_line(
    key: str = "1",
    price: int = 100,
    quantity: int = 1,
    *,
    discount: Money | None = None,
    traits: frozenset[Trait] = frozenset(),
    category: str = "home",
    confirmed: bool = False,
) -> OrderLine:
    """A line of ``quantity`` at ``price`` yuan."""
    return OrderLine(
        id=key,
        product_id=f"product-{key}",
        variant_id=f"variant-{key}",
        sku=f"SKU-{key}",
        product_name=Bilingual(f"商品{key}", f"Product {key}"),
        options=(),
        category=category,
        image="",
        quantity=quantity,
        unit_price=yuan(price),
        discount=discount or yuan(0),
        traits=traits,
        exclusion_confirmed=confirmed,
    )


def make_payment(
    key: str, tender: Tender, amount: Money, refunded: Money | None = None
) -> OrderPayment:
    """Money received two days ago."""
    return OrderPayment(key, tender, amount, NOW - timedelta(days=2), refunded or yuan(0))


def make_order(
    *,
    lines: tuple[OrderLine, ...] = (),
    status: OrderStatus = OrderStatus.DELIVERED,
    payments: tuple[OrderPayment, ...] | None = None,
    delivered_at: datetime | None = NOW - timedelta(days=2),
    shipping_fee: Money | None = None,
    pay_by: datetime | None = None,
) -> Order:
    """An order of ``lines``, paid by one tender and sent in one parcel unless told otherwise."""
    lines = lines or (make_line(),)
    fee = shipping_fee or yuan(0)
    amount = sum(line.amount.minor for line in lines) + fee.minor
    if payments is None:
        payments = (make_payment("P1", Tender.WECHAT_PAY, Money(amount, "CNY")),)
    parcel = Parcel("SF1", "sf", NOW - timedelta(days=4), delivered_at)
    fulfilment = Fulfilment(
        "F1", tuple(FulfilledLine(line.id, line.quantity) for line in lines), (parcel,)
    )
    return Order(
        number="KF1",
        customer_id="C1",
        status=status,
        placed_at=NOW - timedelta(days=5),
        lines=lines,
        payments=payments,
        fulfilments=(fulfilment,) if payments else (),
        address=Address(
            "张伟", "13800001024", "中国", "浙江省", "杭州市", "西湖区", "路 1 号", "310012"
        ),
        shipping_fee=fee,
        promised_by=NOW,
        pay_by=pay_by,
    )

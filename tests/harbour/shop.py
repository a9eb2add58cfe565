"""Makes Harbour Goods of its two tables, the same for the same moment, as an owner sends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product as combinations
from pathlib import Path
from random import Random
from typing import Any

import yaml

from connectors.backends.carriers.model import ShipmentStatus, Signature
from connectors.backends.embedded.document import (
    FORMAT,
    AddressPart,
    CarrierPart,
    CustomerPart,
    EventPart,
    FulfilledPart,
    FulfilmentPart,
    LinePart,
    OrderPart,
    ParcelPart,
    PaymentPart,
    ProductPart,
    ShopFile,
    StoredAddressPart,
    StoredTenderPart,
    VariantPart,
)
from connectors.backends.embedded.document_types import OptionPart, Words
from connectors.backends.orders.model import OrderStatus, Tender

ORDER_NUMBERS = r"W\d{7}"
CURRENCY = "USD"
_SEED = 75_118
_CUSTOMERS = 60
_ORDERS = 200
_MOST_VARIANTS = 32
_FOLDER = Path(__file__).parent
_CARRIERS = (
    CarrierPart(
        code="northway", name=Words(zh="北途快运", en="Northway"), language="en", hotline="5550100"
    ),
    CarrierPart(code="haiyan", name=Words(zh="海燕快递", en="Haiyan"), language="zh"),
)
_DAYS_AGO = {
    OrderStatus.UNPAID: 0,
    OrderStatus.PAID: 1,
    OrderStatus.PREPARING: 1,
    OrderStatus.SHIPPED: 4,
    OrderStatus.DELIVERED: 7,
    OrderStatus.COMPLETED: 60,
    OrderStatus.CANCELLED: 12,
}
_ARRIVED = (OrderStatus.DELIVERED, OrderStatus.COMPLETED)
_NAMES = {
    "en": [
        "Ada Noor",
        "Ben Castillo",
        "Cora Lindqvist",
        "Dan Abebe",
        "Elif Moreau",
        "Finn Okoye",
        "Gwen Tanaka",
    ],
    "zh": ["郭宁", "沈一帆", "丁可", "白露", "叶舟", "邵安", "汪岚"],
}
_PLACES = {
    "en": ("12 Placeholder Way", "Reno", "NV", "89501", "USA"),
    "zh": ("虚构路 1 号", "南昌市", "江西省", "330008", "中国"),
}
_WALLETS = {
    "en": {"credit card 1200": None, "paypal": None, "gift card 4040": 4_000},
    "zh": {"alipay": None, "wechat pay": None, "gift card 4040": 4_000},
}


@dataclass(frozen=True)
class _Wanted:
    """What somebody has ordered: units of a product in a variant, by the values of its options."""

    units: int
    name: str
    values: tuple[str, ...]


class _Maker:
    """Everything that is drawn by chance or numbered on."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.random = Random(_SEED)
        self.people: list[Mapping[str, Any]] = _table("people")
        self.products = {
            name: made
            for row in _table("goods")
            for name, made in [(_words(row["name"]).en, self._product(row))]
        }

    def _id(self) -> str:
        return str(self.random.randint(1_000_000_000, 9_999_999_999))

    def _product(self, row: Mapping[str, Any]) -> ProductPart:
        name = _words(row["name"])
        axes = [
            [OptionPart(name=_words(axis), value=_words(value)) for value in values]
            for axis, values in row["options"].items()
        ]
        every = list(combinations(*axes))
        known = [
            next(one for one in every if _values(one) == wanted.values)
            for person in self.people
            for order in person["orders"]
            for wanted in map(_wanted, order["goods"])
            if wanted.name == name.en
        ]
        others = [one for one in every if one not in known]
        left = max(_MOST_VARIANTS - len(known), 0)
        chosen = {*known, *self.random.sample(others, min(left, len(others)))}
        return ProductPart(
            id=self._id(),
            name=name,
            category=row["of"],
            category_name=_words(row["of"]),
            description=_described(axes),
            variants=tuple(
                self._variant(row["price"], axes, options) for options in every if options in chosen
            ),
        )

    def _variant(
        self, price: int, axes: Sequence[Sequence[OptionPart]], options: tuple[OptionPart, ...]
    ) -> VariantPart:
        places = [axis.index(one) for axis, one in zip(axes, options, strict=True)]
        dearer = sum(place * price // 20 for place in places) + self.random.randint(0, price // 9)
        number = self._id()
        stock = 0 if self.random.random() < 0.3 else self.random.randint(2, 90)
        return VariantPart(
            id=number, sku=number, price=price + dearer, stock=stock, options=options
        )

    def customer(self, row: Mapping[str, Any]) -> CustomerPart:
        """Somebody with an account, and what they have on file."""
        serial = row["id"].rpartition("_")[2]
        phone = f"1370000{serial}" if row["language"] == "zh" else f"+1 555 010 {serial}"
        addresses = [
            StoredAddressPart(
                id=f"{row['id']}-a{place}",
                label=label,
                address=AddressPart(
                    name=row["name"],
                    phone=phone,
                    country=country,
                    province=region,
                    city=city,
                    district="",
                    street=", ".join(street),
                    postcode=postcode,
                ),
                is_default=place == 1,
            )
            for place, (label, (*street, city, region, postcode, country)) in enumerate(
                row["addresses"].items(), start=1
            )
        ]
        tenders = [
            StoredTenderPart(
                id=_tender_id(row, name),
                tender=Tender("_".join(name.rstrip(" 0123456789").split())),
                hint=name[-4:] if name[-1].isdigit() else "",
                balance=balance,
            )
            for name, balance in row["tenders"].items()
        ]
        return CustomerPart(
            id=row["id"],
            name=row["name"],
            email=f"{row['id']}@example.com",
            phone=phone,
            language=row["language"],
            postcode=addresses[0].address.postcode,
            since=self.now - timedelta(days=500),
            level="regular",
            addresses=tuple(addresses),
            tenders=tuple(tenders),
        )

    def order(self, row: Mapping[str, Any], person: Mapping[str, Any], place: int) -> OrderPart:
        """An order of ``person``, whose ``place``-th it is: each was placed hours after another."""
        customer = self.customer(person)
        status = OrderStatus(row["status"])
        placed = self.now - timedelta(days=_DAYS_AGO[status], hours=1 + 2 * place)
        lines = tuple(
            self._line(f"{row['number']}-{serial}", wanted)
            for serial, wanted in enumerate(map(_wanted, row["goods"]), start=1)
        )
        by_label = {one.label: one.address for one in customer.addresses}
        labels = list(by_label)
        return OrderPart(
            number=row["number"],
            customer=customer.id,
            status=status,
            currency=CURRENCY,
            placed_at=placed,
            address=by_label[row.get("to", labels[0])],
            lines=lines,
            promised_by=placed + timedelta(days=9),
            pay_by=placed + timedelta(days=1),
            cancelled_at=placed + timedelta(hours=3) if status is OrderStatus.CANCELLED else None,
            payments=self._payments(row, person, placed, lines),
            fulfilments=self._sent(row, customer, status, placed, lines),
        )

    def _line(self, key: str, wanted: _Wanted) -> LinePart:
        product = self.products[wanted.name]
        variant = next(one for one in product.variants if _values(one.options) == wanted.values)
        return LinePart(
            id=key,
            product=product.id,
            variant=variant.id,
            sku=variant.sku,
            name=product.name,
            category=product.category,
            quantity=wanted.units,
            unit_price=variant.price,
            options=variant.options,
        )

    def _payments(
        self,
        row: Mapping[str, Any],
        person: Mapping[str, Any],
        placed: datetime,
        lines: Sequence[LinePart],
    ) -> tuple[PaymentPart, ...]:
        if row["status"] in (OrderStatus.UNPAID, OrderStatus.CANCELLED):
            return ()
        name = next(one for one in person["tenders"] if one.startswith(row["paid"]))
        stored = next(one for one in self.customer(person).tenders if one.id.endswith(_slug(name)))
        return (
            PaymentPart(
                id=f"{row['number']}-P",
                tender=stored.tender,
                amount=sum(line.unit_price * line.quantity for line in lines),
                paid_at=placed + timedelta(minutes=3),
                stored=stored.id,
            ),
        )

    def _sent(
        self,
        row: Mapping[str, Any],
        customer: CustomerPart,
        status: OrderStatus,
        placed: datetime,
        lines: Sequence[LinePart],
    ) -> tuple[FulfilmentPart, ...]:
        if status not in (*_ARRIVED, OrderStatus.SHIPPED):
            return ()
        shipped, arrived = placed + timedelta(days=1), placed + timedelta(days=4)
        there = status in _ARRIVED
        signed = "已签收" if customer.language == "zh" else "Handed over"
        taken = "已揽收" if customer.language == "zh" else "Collected from the sender"
        scan = EventPart(at=shipped, status=ShipmentStatus.IN_TRANSIT, description=taken)
        last = EventPart(at=arrived, status=ShipmentStatus.DELIVERED, description=signed)
        parcel = ParcelPart(
            tracking_number=f"{self.random.randint(10**11, 10**12 - 1)}",
            carrier="haiyan" if customer.language == "zh" else "northway",
            shipped_at=shipped,
            announced_at=shipped,
            status=ShipmentStatus.DELIVERED if there else ShipmentStatus.IN_TRANSIT,
            events=(last, scan) if there else (scan,),
            delivered_at=arrived if there else None,
            expected_by=placed + timedelta(days=6),
            signature=Signature.RECIPIENT if there else None,
        )
        sent = tuple(FulfilledPart(line=line.id, quantity=line.quantity) for line in lines)
        return (FulfilmentPart(id=f"{row['number']}-F", lines=sent, parcels=(parcel,)),)

    def others(self, count: int, orders: int) -> list[Mapping[str, Any]]:
        """So many further people, with so many orders among them."""
        people: list[dict[str, Any]] = []
        for serial in range(1, count + 1):
            language = self.random.choice(("en", "zh"))
            street, *rest = _PLACES[language]
            people.append(
                {
                    "id": f"guest_{serial:04d}",
                    "name": self.random.choice(_NAMES[language]),
                    "language": language,
                    "addresses": {"Home": [f"{street} {serial}", *rest]},
                    "tenders": _WALLETS[language],
                    "orders": [],
                }
            )
        for serial in range(orders):
            person = self.random.choice(people)
            goods = self.random.sample(list(self.products.values()), self.random.randint(1, 4))
            person["orders"].append(
                {
                    "number": f"W{1_000_000 + serial * 37}",
                    "status": self.random.choice(list(_DAYS_AGO)).value,
                    "paid": next(iter(person["tenders"])),
                    "goods": [self._any_of(one) for one in goods],
                }
            )
        return [*people]

    def _any_of(self, product: ProductPart) -> str:
        values = _values(self.random.choice(product.variants).options)
        return "/".join((f"{self.random.randint(1, 2)} {product.name.en}", *values))


def make_harbour(now: datetime) -> ShopFile:
    """The whole shop as it stands at ``now`` (aware): the people of people.yml, and others."""
    maker = _Maker(now)
    known = sum(len(person["orders"]) for person in maker.people)
    people = [*maker.people, *maker.others(_CUSTOMERS - len(maker.people), _ORDERS - known)]
    return ShopFile(
        format=FORMAT,
        currency=CURRENCY,
        products=tuple(maker.products.values()),
        carriers=_CARRIERS,
        customers=tuple(map(maker.customer, people)),
        orders=tuple(
            maker.order(order, person, place)
            for person in people
            for place, order in enumerate(person["orders"])
        ),
    )


def _table(name: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = yaml.safe_load((_FOLDER / f"{name}.yml").read_text("utf-8"))
    return rows


def _words(text: str) -> Words:
    en, _, zh = text.partition("/")
    return Words(zh=zh or en, en=en)


def _described(axes: Sequence[Sequence[OptionPart]]) -> Words:
    names = [axis[0].name for axis in axes]
    return Words(
        zh=f"可选{'、'.join(name.zh for name in names)}",
        en=f"in several versions of {', '.join(name.en for name in names)}",
    )


def _wanted(text: str) -> _Wanted:
    units, _, what = text.partition(" ")
    name, *values = what.split("/")
    return _Wanted(int(units), name, tuple(values))


def _values(options: Sequence[OptionPart]) -> tuple[str, ...]:
    return tuple(option.value.en for option in options)


def _slug(name: str) -> str:
    return name.replace(" ", "_")


def _tender_id(row: Mapping[str, Any], name: str) -> str:
    return f"{row['id']}-{_slug(name)}"

"""A whole invented shop, the same for the same seed and moment, to try everything on."""

from __future__ import annotations

from datetime import datetime
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.embedded.demo.known import make_known_orders
from connectors.backends.embedded.demo.people import KNOWN_PEOPLE, make_people
from connectors.backends.embedded.demo.products import make_products
from connectors.backends.embedded.demo.scenarios import make_scenarios
from connectors.backends.embedded.demo.scene import CURRENCY, Numbers, Scene
from connectors.backends.embedded.demo.service import (
    make_coupons,
    make_feedback,
    make_tickets,
    with_invoices,
)
from connectors.backends.embedded.demo.tracking import CARRIERS
from connectors.backends.embedded.document import FORMAT, OrderPart, ShopFile
from connectors.backends.embedded.exchange import store_first_shop

SEED = 20260101
CUSTOMERS = 300
ORDERS = 1500
EACH = 4
KNOWN_CUSTOMERS = tuple(person.id for person in KNOWN_PEOPLE)


def make_demo_shop(
    now: datetime, seed: int = SEED, orders: int = ORDERS, each: int = EACH
) -> ShopFile:
    """The demo shop as it stands at ``now`` (aware): every date is relative to it.

    It has the known orders of docs/demo-shop.md, every scenario ``each`` times, and then as many
    others as make ``orders`` in all.
    """
    random = Random(seed)  # noqa: S311 - goods and names, no secret
    products = make_products()
    people = make_people(random, now, CUSTOMERS)
    numbers = Numbers()
    scenarios = make_scenarios()
    by_id = {person.customer.id: person for person in people}
    made: list[OrderPart] = []
    for known in make_known_orders():
        _, scenario = scenarios[known.scenario]
        person = by_id[known.customer]
        made.append(
            scenario(Scene(random, now, products, numbers, person, known.number, known.picks))
        )
    names = [name for name in scenarios for _ in range(each)]
    weights = [weight for weight, _ in scenarios.values()]
    names += random.choices(list(scenarios), weights, k=max(orders - len(made) - len(names), 0))
    # The known people have their known orders only, so that "my last order" is predictable.
    others = people[len(KNOWN_CUSTOMERS) :]
    for name in names:
        _, scenario = scenarios[name]
        made.append(scenario(Scene(random, now, products, numbers, random.choice(others))))
    emails = {person.customer.id: person.customer.email for person in people}
    papers = tuple(with_invoices(order, emails[order.customer], now) for order in made)
    return ShopFile(
        format=FORMAT,
        currency=CURRENCY,
        products=products,
        carriers=CARRIERS,
        customers=tuple(person.customer for person in people),
        orders=papers,
        coupons=make_coupons(now, papers, CURRENCY),
        tickets=make_tickets(now),
        feedback=make_feedback(now),
    )


async def seed_demo(engine: AsyncEngine, now: datetime, seed: int = SEED) -> bool:
    """Give an embedded shop without goods and orders the demo shop; whether it got it."""
    return await store_first_shop(engine, make_demo_shop(now, seed))

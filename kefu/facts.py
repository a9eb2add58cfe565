"""What the shop knows of the customer of a conversation, for the agent who has it before them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from connectors.backends.news.model import Wish
from connectors.backends.orders.model import Order
from connectors.backends.shop import Shop
from connectors.channels.carrying import Templates
from desk.model import Conversation

_ORDERS_SHOWN = 10


Told = Callable[[Conversation], Awaitable[list[dict[str, Any]]]]


async def _nothing(_: Conversation) -> list[dict[str, Any]]:
    return []


def make_facts(
    shop: Shop, consents: Told = _nothing
) -> Callable[[Conversation], Awaitable[dict[str, Any]]]:
    """The console's question about a conversation, answered from ``shop``; may raise NotFound.

    ``consents`` are the shopper's to a platform's message templates, as ``consents_by`` tells them.
    """

    async def facts(conversation: Conversation) -> dict[str, Any]:
        allowed = await consents(conversation)
        if conversation.customer is None:
            return {"customer": None, "orders": [], "consents": allowed}
        customer_id = str(conversation.customer["id"])
        customer = await shop.customers.get(customer_id)
        orders = await shop.orders.latest_of(customer_id, _ORDERS_SHOWN)
        wishes = await shop.wishes.wishes_of(customer_id)
        return {
            "customer": {
                "id": customer.id,
                "name": customer.name,
                "level": customer.level,
                "language": customer.language,
                "since": customer.since.isoformat(),
                "proof": conversation.customer.get("proof"),
                "news": _news(wishes),
            },
            "orders": [_card(order) for order in orders],
            "consents": allowed,
        }

    return facts


def consents_by(templates: Mapping[str, Templates]) -> Told:
    """Asks the templates of a conversation's channel; ``templates`` by name of the channel.

    Told by template: ``kinds`` of news, ``state``, how many messages are ``left``, and since when.
    """

    async def told(conversation: Conversation) -> list[dict[str, Any]]:
        of_channel = templates.get(conversation.channel)
        if of_channel is None:
            return []
        return [
            {
                "kinds": list(kinds),
                "state": consent.state.value,
                "left": consent.messages,
                "at": consent.updated_at.isoformat(),
            }
            for kinds, consent in await of_channel.consents_of(conversation.shopper_id)
        ]

    return told


def _news(wishes: Sequence[Wish]) -> list[dict[str, Any]]:
    """What the customer asked to be told, by kind: of which orders, of every one if none stands."""
    orders: dict[str, list[str]] = {}
    for wish in wishes:
        told_of = orders.setdefault(wish.kind.value, [])
        if wish.order_number is not None and wish.order_number not in told_of:
            told_of.append(wish.order_number)
    every = {wish.kind.value for wish in wishes if wish.order_number is None}
    return [
        {"kind": kind, "orders": [] if kind in every else told_of}
        for kind, told_of in orders.items()
    ]


def _card(order: Order) -> dict[str, Any]:
    """An order as the console draws it; names in both languages, the agent chooses."""
    return {
        "type": "order",
        "number": order.number,
        "status": order.status.value,
        "placed_at": order.placed_at.isoformat(),
        "total": str(order.total),
        "lines": [
            {
                "name": {"zh": line.product_name.zh, "en": line.product_name.en},
                "options": {"zh": line.options_text("zh"), "en": line.options_text("en")},
                "quantity": line.quantity,
                "amount": str(line.amount),
            }
            for line in order.lines
        ],
        "tracking": [parcel.tracking_number for parcel in order.parcels],
    }

"""What the shop's ports look like over HTTP: one request for each verb, read off the ports."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, get_type_hints

import msgspec

from connectors.backends.accounts.model import AccountRefusal
from connectors.backends.carriers.intercepting import InterceptRefusal
from connectors.backends.invoices.model import InvoiceRefusal
from connectors.backends.offers.model import PriceRefusal
from connectors.backends.orders.addressing import AddressRefusal
from connectors.backends.orders.cancelling import CancelRefusal
from connectors.backends.orders.modifying import ModifyRefusal
from connectors.backends.orders.packing import PackRefusal
from connectors.backends.orders.urging import UrgeRefusal
from connectors.backends.refunds.exchanges import ExchangeRefusal
from connectors.backends.refunds.model import ReturnRefusal
from connectors.backends.shop import Shop
from connectors.backends.tickets.model import FeedbackRefusal, TicketRefusal

VERSION = "1"
# Asking changes nothing. Whatever else a port has is sent once, unless it carries a key.
_ASKING = frozenset(
    {
        "addresses_of",
        "attempts_of",
        "cancellable",
        "claims_of",
        "coupons_of",
        "exchanges_of",
        "find_by_parcel",
        "find_coupon",
        "find_of",
        "find_return",
        "get",
        "intercepts_of",
        "invoices_of",
        "latest_of",
        "modifiable",
        "notes_of",
        "of_product",
        "price_lines",
        "product",
        "products",
        "quote_modification",
        "refunds_of",
        "refusal",
        "refusal_of",
        "returnable_lines",
        "returns_of",
        "search",
        "tenders_of",
        "tickets_of",
        "track",
        "under_way",
        "untold",
        "wishes_of",
    }
)
# A draft that nobody confirms is nothing, so preparing it twice does no harm either.
_PREPARING = "prepare"
_KEYS = ("draft_id", "key")
# Why a verb is refused: of a whole port, or of one verb. Where nothing is said any code goes.
_REFUSALS: dict[str, type[StrEnum]] = {
    "accounts": AccountRefusal,
    "address_changes": AddressRefusal,
    "cancellations": CancelRefusal,
    "intercepts": InterceptRefusal,
    "invoices": InvoiceRefusal,
    "modifications": ModifyRefusal,
    "offers": PriceRefusal,
    "packing": PackRefusal,
    "refunds": ReturnRefusal,
    "refunds/commit_exchange": ExchangeRefusal,
    "refunds/decide_exchange": ExchangeRefusal,
    "refunds/prepare_exchange": ExchangeRefusal,
    "tickets": TicketRefusal,
    "tickets/keep_feedback": FeedbackRefusal,
    "urging": UrgeRefusal,
}


@dataclass(frozen=True)
class Verb:
    """One method of a port as a request.

    ``request`` is a structure with the method's parameters, ``result`` the type of its answer.
    ``key`` names the parameter that is the idempotency key, if there is one. ``repeatable``:
    sending it twice has the effect of sending it once. ``refusals`` are the codes that it may be
    refused with, None if any is good. ``contract`` is the method's docstring.
    """

    port: str
    name: str
    request: type[msgspec.Struct]
    result: Any
    key: str | None
    repeatable: bool
    refusals: type[StrEnum] | None
    contract: str
    signature: inspect.Signature

    @property
    def path(self) -> str:
        """Where it is posted to, below the address of the shop."""
        return f"/{self.port}/{self.name}"


@cache
def verbs() -> Mapping[str, Mapping[str, Verb]]:
    """Every verb of every port of ``Shop``, by the port's name there and the method's."""
    return {
        port: {
            name: _verb(port, name, method)
            for name, method in inspect.getmembers(protocol, inspect.isfunction)
            if not name.startswith("_")
        }
        for port, protocol in get_type_hints(Shop).items()
    }


def _verb(port: str, name: str, method: Callable[..., Any]) -> Verb:
    hints = get_type_hints(method)
    signature = inspect.signature(method)
    parameters = [one for one in signature.parameters.values() if one.name != "self"]
    fields = [
        (one.name, hints[one.name])
        if one.default is inspect.Parameter.empty
        else (one.name, hints[one.name], one.default)
        for one in parameters
    ]
    key = next((one.name for one in parameters if one.name in _KEYS), None)
    return Verb(
        port=port,
        name=name,
        request=msgspec.defstruct(
            f"{port}_{name}", fields, frozen=True, kw_only=True, forbid_unknown_fields=True
        ),
        result=hints["return"],
        key=key,
        repeatable=key is not None or name in _ASKING or name.startswith(_PREPARING),
        refusals=_REFUSALS.get(f"{port}/{name}", _REFUSALS.get(port)),
        contract=inspect.getdoc(method) or "",
        signature=signature.replace(parameters=parameters),
    )

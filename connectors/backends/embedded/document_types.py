"""What all parts of a shop file are made of: numbers, texts, amounts, moments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=64, description="Unique among its kind.")]
Number = Annotated[
    str,
    Meta(
        pattern=r"^[0-9A-Z-]{1,32}$",
        description="A number that shoppers are told: capital letters, digits, hyphens.",
    ),
]
TrackingNumber = Annotated[
    str,
    Meta(
        pattern=r"^[0-9A-Z-]{4,64}$",
        description="A carrier's number of a parcel: capital letters, digits, hyphens.",
    ),
]
Line = Annotated[str, Meta(min_length=1, description="A text that is not empty.")]
Minor = Annotated[
    int, Meta(ge=0, description="An amount in minor units of the currency (fen, cents).")
]
Units = Annotated[int, Meta(ge=1, description="A number of units.")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset from UTC.")]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", description="ISO 4217 code.")]
Language = Literal["zh", "en"]


class Part(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What all parts of a shop file share: nothing unknown in it, defaults left out."""


class Words(Part, frozen=True):
    """The same words in both languages."""

    zh: Line
    en: Line


class OptionPart(Part, frozen=True):
    """A property in which variants differ, and its value."""

    name: Words
    value: Words

"""How goods come back, and what is asked of the rules of returns, in a shopper's own words."""

from __future__ import annotations

import pytest

from actions.return_policy import ReturnTerms, asks_who_pays_freight, kind_asked
from actions.return_request import said_handover
from connectors.backends.refunds.model import Handover


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("myself", Handover.DROP_OFF),
        ("I'll drop it off", Handover.DROP_OFF),
        ("I'll take it to the parcel shop", Handover.DROP_OFF),
        ("I will send them back myself", Handover.DROP_OFF),
        ("我自己拿去驿站寄", Handover.DROP_OFF),
        ("自己去寄吧", Handover.DROP_OFF),
        ("please have it picked up", Handover.PICK_UP),
        ("快递上门取", Handover.PICK_UP),
        ("I bought it for myself", None),
        ("我自己买的", None),
    ],
)
def test_the_way_back_is_read_where_sending_is_meant(text: str, way: Handover | None) -> None:
    assert said_handover(text) is way


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("退货运费谁出", True),
        ("运费要我自己承担吗", True),
        ("你们出运费吗", True),
        ("Who pays for return shipping?", True),
        ("are returns free", True),
        ("do I have to pay for sending it back", True),
        ("退货几天内可以", False),
        ("运费险怎么赔", False),
        ("how long do I have to return it", False),
    ],
)
def test_who_pays_the_freight_is_heard(text: str, asks: bool) -> None:
    assert asks_who_pays_freight(text) is asks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("杂志能退吗", (ReturnTerms.PRESS, "杂志")),
        ("can newspapers be returned", (ReturnTerms.PRESS, "newspapers")),
        ("定制的东西可以退吗", (ReturnTerms.CUSTOM_MADE, "定制的东西")),
        ("do you take back custom-made items", (ReturnTerms.CUSTOM_MADE, "custom-made items")),
        ("水果坏了能退吗", (ReturnTerms.PERISHABLE, "水果")),
        ("is software returnable", (ReturnTerms.DIGITAL, "software")),
        ("衣服能退吗", None),
        ("can I return shoes", None),
    ],
)
def test_a_kind_of_goods_with_terms_of_its_own_is_heard(
    text: str, kind: tuple[ReturnTerms, str] | None
) -> None:
    assert kind_asked(text) == kind

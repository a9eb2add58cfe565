"""A bad shop file is refused as a whole, with line and reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.backends.embedded.demo import make_demo_shop
from connectors.backends.embedded.exchange import BadShopFile, parse_shop, read_shop_file
from connectors.backends.embedded.json_lines import line_of, path_of, pointer
from tests.unit.backends.factories import NOW

Document = dict[str, Any]
RETURNED = "KF2601018063"


@pytest.fixture(scope="module")
def good() -> str:
    """A good file, indented: every value stands on a line of its own."""
    built = msgspec.to_builtins(make_demo_shop(NOW, orders=0, each=0))
    return json.dumps(built, ensure_ascii=False, indent=2)


def _order(document: Document, number: str) -> Document:
    found: Document = next(one for one in document["orders"] if one["number"] == number)
    return found


def _set(*path: str | int, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        part: Any = document
        for step in path[:-1]:
            part = part[step]
        part[path[-1]] = value

    return change


def _in_order(*path: str | int, value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        _set(*path, value=value)(_order(document, RETURNED))

    return change


def _repeat(part: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document[part].append(document[part][0])

    return change


def _drop(part: str, key: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        del document[part][0][key]

    return change


CASES: list[tuple[Callable[[Document], None], str, str]] = [
    (_set("format", value=2), "/format", "Invalid enum value 2"),
    (_set("shop", value="x"), "/", "unknown field `shop`"),
    (_set("orders", 1, "colour", value="x"), "/orders/1", "unknown field `colour`"),
    (_drop("orders", "address"), "/orders/0", "missing required field `address`"),
    (_set("orders", 0, "status", value="lost"), "/orders/0/status", "Invalid enum value 'lost'"),
    (_set("orders", 0, "lines", value=[]), "/orders/0/lines", "length >= 1"),
    (_set("orders", 0, "number", value="kf 1"), "/orders/0/number", "regex"),
    (_set("orders", 0, "placed_at", value="2026-01-01T00:00:00"), "/orders/0/placed_at", "time"),
    (_set("products", 0, "variants", 0, "price", value=9.5), "/products/0/variants/0/price", "int"),
    (_set("products", 0, "variants", 0, "price", value=-1), "/products/0/variants/0/price", ">= 0"),
    (_set("customers", 0, "email", value="nobody"), "/customers/0/email", "regex"),
    (_set("products", 0, "name", "en", value=""), "/products/0/name/en", "length >= 1"),
    (_repeat("products"), "/products/70/id", "another product down-jacket"),
    (_repeat("customers"), "/customers/300/id", "another customer C0001"),
    (_repeat("orders"), "/number", "another order KF2601018001"),
    (_set("orders", 0, "customer", value="C9"), "/orders/0/customer", "no customer C9"),
    (
        _set("orders", 0, "fulfilments", 0, "parcels", 0, "carrier", value="pigeon"),
        "/orders/0/fulfilments/0/parcels/0/carrier",
        "no carrier pigeon",
    ),
    (
        _set("orders", 0, "fulfilments", 0, "lines", 0, "line", value="L"),
        "/orders/0/fulfilments/0/lines/0/line",
        "no line L",
    ),
    (
        _set("orders", 0, "fulfilments", 0, "lines", 0, "quantity", value=9),
        "/orders/0/fulfilments/0/lines/0/quantity",
        "more of line",
    ),
    (_set("orders", 0, "lines", 0, "discount", value=10**9), "/discount", "exceeds the price"),
    (_set("orders", 0, "payments", 0, "amount", value=1), "/orders/0/status", "only 1 of 19900"),
    (_set("orders", 0, "payments", 0, "amount", value=10**6), "/orders/0/payments", "were paid"),
    (_set("orders", 0, "status", value="unpaid"), "/orders/0/status", "in full, yet unpaid"),
    (_set("orders", 0, "status", value="cancelled"), "/orders/0/status", "cancelled_at"),
    (
        _set("orders", 0, "fulfilments", 0, "parcels", 0, "status", value="delivered"),
        "/orders/0/fulfilments/0/parcels/0/status",
        "go together",
    ),
    (_in_order("returns", 0, "lines", 0, "line", value="L"), "/returns/0/lines/0/line", "no line"),
    (_in_order("returns", 0, "lines", 0, "quantity", value=9), "/quantity", "more of line"),
    (_in_order("returns", 0, "tenders", 0, "payment", value="P"), "/payment", "no payment P"),
    (_in_order("refunds", 0, "amount", value=10**7), "/refunds/0/amount", "more goes back"),
    (_in_order("refunds", 0, "return_number", value="RMA0"), "/return_number", "no return RMA0"),
    (_in_order("refunds", 0, "status", value="processing"), "/refunds/0/status", "go together"),
    (_set("orders", 0, "lines", 0, "cancelled", value=9), "/lines/0/cancelled", "than was bought"),
    (_set("orders", 0, "payments", 0, "stored", value="T"), "/payments/0/stored", "tender T"),
    (
        _set("customers", 0, "tenders", 0, "balance", value=1),
        "/tenders/0/balance",
        "have a balance",
    ),
    (_set("customers", 0, "addresses", 1, "is_default", value=True), "/addresses", "only one"),
    (_set("customers", 1, "addresses", 0, "id", value="AD-C0001-1"), "/0/id", "another address"),
    (
        _set(
            "orders",
            0,
            "intercepts",
            value=[
                {
                    "number": "IC1",
                    "parcel": "SF0000",
                    "kind": "redirect",
                    "status": "requested",
                    "requested_at": NOW.isoformat(),
                    "answer_by": NOW.isoformat(),
                }
            ],
        ),
        "/intercepts/0/parcel",
        "no parcel SF0000",
    ),
]


@pytest.mark.parametrize(("change", "where", "reason"), CASES)
def test_a_misfit_is_told_with_line_place_and_reason(
    good: str, change: Callable[[Document], None], where: str, reason: str
) -> None:
    document = json.loads(good)
    change(document)
    text = json.dumps(document, ensure_ascii=False, indent=2)
    with pytest.raises(BadShopFile) as caught:
        parse_shop(text, "shop.json")
    problem = next(one for one in caught.value.problems if reason in one)
    line, place, _ = problem.split(": ", 2)
    assert place.endswith(where)
    number = int(line.removeprefix("line "))
    *_, last = place.split("/")
    shown = text.splitlines()[number - 1]
    assert last.isdigit() or not last or f'"{last}": ' in shown


def test_all_misfits_are_told_at_once_up_to_twenty(good: str) -> None:
    document = json.loads(good)
    for order in document["orders"]:
        order["customer"] = "C9"
    with pytest.raises(BadShopFile) as caught:
        parse_shop(json.dumps(document), "shop.json")
    assert len(caught.value.problems) == 20
    assert str(caught.value).startswith("shop.json: line 1: /orders/0/customer: ")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: not JSON"),
        ('{\n "format": 1,\n oops\n}', "line 3: not JSON"),
        ('{\n "format": 1,\n\n}', "line 4: not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"format": NaN}', "not JSON: NaN"),
        ("[]", "line 1: /: Expected `object`, got `array`"),
    ],
)
def test_what_is_not_json_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(BadShopFile) as caught:
        parse_shop(text, "shop.json")
    assert caught.value.problems[0].startswith(problem)


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadShopFile, match="No such file"):
        read_shop_file(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b'{\n"format": "\xff"}')
    with pytest.raises(BadShopFile, match="line 2: not UTF-8"):
        read_shop_file(tmp_path / "binary.json")


def test_a_value_is_found_whatever_stands_before_it() -> None:
    text = '{"a": [1, "]}\\"", {"b": null}],\n "a~/b": {\n  "c": [\n true,\n -1.5e3]}}'
    assert json.loads(text)
    assert line_of(text, ["a", 2, "b"]) == 1
    assert line_of(text, ["a~/b"]) == 2
    assert line_of(text, ["a~/b", "c", 0]) == 4
    assert line_of(text, ["a~/b", "c", 1]) == 5
    assert line_of(text, ["a~/b", "nothing"]) == 2
    assert line_of(text, ["a", 7]) == 1
    assert pointer(["a~/b", "c", 0]) == "/a~0~1b/c/0"
    assert path_of("$.orders[3].lines[0].name") == ("orders", 3, "lines", 0, "name")

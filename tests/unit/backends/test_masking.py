"""What of a person is shown."""

from __future__ import annotations

import pytest

from connectors.backends.orders.model import Address
from connectors.backends.text import masked_email, masked_name, masked_phone


@pytest.mark.parametrize(
    ("name", "shown"),
    [("张伟", "张*"), ("欧阳小满", "欧***"), ("Emma Clark", "E*** C***"), ("", "")],
)
def test_a_name_keeps_its_first_letter(name: str, shown: str) -> None:
    assert masked_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001024", "138****1024"),
        ("+44 7700 900117", "447*****0117"),
        ("12345", "*****"),
        ("", ""),
    ],
)
def test_a_phone_keeps_its_ends(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


def test_an_email_keeps_one_letter_and_its_host() -> None:
    assert masked_email("emma.clark@example.com") == "e***@example.com"


CHINESE = Address(
    name="张伟",
    phone="13800001024",
    country="中国",
    province="上海市",
    city="上海市",
    district="浦东新区",
    street="样板街 1 号",
    postcode="200120",
)
ENGLISH = Address(
    name="Emma Clark",
    phone="+44 7700 900117",
    country="United Kingdom",
    province="Greater London",
    city="London",
    district="",
    street="14 Example Street",
    postcode="SW1A 9ZZ",
)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (CHINESE, "张* 138****1024 上海市浦东新区***"),
        (ENGLISH, "E*** C*** 447*****0117, ***, London, Greater London, United Kingdom"),
    ],
)
def test_an_address_has_no_street(address: Address, shown: str) -> None:
    assert address.masked() == shown
    assert address.street not in address.masked()

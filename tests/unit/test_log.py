"""What a log line says of people: nothing by which they could be found or called."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from kernel.log import configure_logging

NUMBERS = (
    "057188886666",
    "0571-8888 6666",
    "(0571) 88886666",
    "13800138000",
    "+86 138 0013 8000",
    "+44 7700 900123",
    "4155550123",
)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards logging is as before."""
    root, held = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging(logging.StreamHandler(stream), "INFO")
    yield stream
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**held)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_number_of_a_wish_to_be_called_stays_out_of_the_log(
    written: io.StringIO, number: str
) -> None:
    wish = {"conversation": "c1", "callback": {"at": "12:00", "contact": number}}
    structlog.get_logger().info("desk.called", contact=number, wish=wish, wishes=[wish])
    line = json.loads(written.getvalue())
    assert number not in written.getvalue()
    assert line["contact"] == line["wish"]["callback"]["contact"] == "<private>"
    # What finds the conversation again is still there.
    assert line["wish"]["conversation"] == line["wishes"][0]["conversation"] == "c1"


@pytest.mark.parametrize("number", [one for one in NUMBERS if one != "4155550123"])
def test_a_number_in_a_sentence_of_any_library_is_masked(written: io.StringIO, number: str) -> None:
    logging.getLogger("library").warning("cannot call %s of mei@example.com", number)
    try:
        raise ValueError(f"no line to {number}")
    except ValueError:
        structlog.get_logger().exception("desk.call.failed", shopper=f"call {number} please")
    logged = written.getvalue()
    assert number not in logged
    assert "mei@example.com" not in logged
    assert logged.count("<phone>") >= 3
    assert "ValueError" in logged


def test_numbers_of_orders_and_parcels_can_still_be_read(written: io.StringIO) -> None:
    structlog.get_logger().info("shop.order", number="KF2611220001", parcel="SF1234567890123")
    assert "KF2611220001" in written.getvalue()
    assert "SF1234567890123" in written.getvalue()

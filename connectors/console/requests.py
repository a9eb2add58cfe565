"""Reads agents' requests and refuses what makes no sense."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from connectors.console.sessions import HEADER, is_own_origin


class Refused(Exception):
    """The request cannot be served; ``code`` is what the page has words for."""

    def __init__(self, status: int, code: str, **more: Any) -> None:
        super().__init__(code)
        self.status = status
        self.error = {"code": code, **more}


def bad_request() -> Refused:
    """The refusal of what no page of ours sends."""
    return Refused(400, "bad_request")


def demand_own_page(request: web.Request) -> None:
    """Refuse what another site's page might have made the browser send."""
    if HEADER not in request.headers or not is_own_origin(request):
        raise Refused(403, "foreign_page")


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object that came with ``request``."""
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request() from error
    if not isinstance(body, dict):
        raise bad_request()
    return body


def text_of(body: dict[str, Any], name: str, longest: int, default: str | None = None) -> str:
    """The text ``name``; without one ``default``, or a refusal if that is None."""
    value = body.get(name, default)
    if not isinstance(value, str) or not is_storable(value):
        raise bad_request()
    if len(value) > longest:
        raise Refused(400, "too_long", most=longest)
    return value


def optional_text_of(body: dict[str, Any], name: str, longest: int) -> str | None:
    """The text ``name``, or None if it is null or missing."""
    return None if body.get(name) is None else text_of(body, name, longest)


def texts_of(body: dict[str, Any], name: str, longest: int, most: int) -> list[str]:
    """The list of texts ``name``; an empty one if it is missing."""
    values = body.get(name, [])
    if not isinstance(values, list) or len(values) > most:
        raise bad_request()
    return [text_of({name: value}, name, longest) for value in values]


def whole_of(body: dict[str, Any], name: str, least: int, most: int) -> int:
    """The whole number ``name`` within its bounds."""
    value = body.get(name)
    # True and False are numbers to Python.
    if type(value) is not int or not least <= value <= most:
        raise bad_request()
    return value


def moment_of(text: str) -> datetime:
    """An ISO time with its zone, in UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise bad_request() from error
    if at.tzinfo is None:
        raise bad_request()
    return at.astimezone(UTC)


def is_storable(text: str) -> bool:
    """Whether every database can keep ``text``: no NUL, no half of a character."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def number_of(request: web.Request, name: str) -> int | None:
    """The whole number ``name`` of the query, if it is there."""
    value = request.query.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise bad_request()
    return int(value)


def asked_for(request: web.Request, name: str, longest: int = 200) -> str | None:
    """The text ``name`` of the query, or None if it is missing or empty."""
    value = request.query.get(name) or None
    if value is not None and (len(value) > longest or not is_storable(value)):
        raise bad_request()
    return value

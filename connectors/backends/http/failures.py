"""How the errors of the ports travel in an answer, in both directions."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kernel.errors import (
    BackendRejected,
    BackendUnavailable,
    ConnectorError,
    InvalidTransition,
    NotFound,
    Refused,
)


class Kind(StrEnum):
    """Why there is no result."""

    NOT_FOUND = "not_found"
    """There is no such thing, or it belongs to somebody else: the same answer, in the same time."""
    REFUSED = "refused"
    """A rule of the shop says no; ``code`` is the value of the refusal."""
    INVALID_TRANSITION = "invalid_transition"
    """The thing is no longer in a state that allows this."""
    REJECTED = "rejected"
    """The request is not understood."""
    UNAVAILABLE = "unavailable"
    """The shop cannot answer now."""
    NOT_OFFERED = "not_offered"
    """The shop does not have this verb (yet)."""
    UNAUTHORISED = "unauthorised"
    """The token is missing or wrong."""


class Failure(msgspec.Struct, frozen=True):
    """Why there is no result. ``detail``: for ``refused`` what is refused (the id of a line)."""

    kind: Kind
    code: str = ""
    detail: str = ""


class FailedAnswer(msgspec.Struct, frozen=True):
    """The body of every answer whose status is not 200."""

    error: Failure


STATUS = {
    Kind.REJECTED: 400,
    Kind.UNAUTHORISED: 401,
    Kind.NOT_FOUND: 404,
    Kind.REFUSED: 409,
    Kind.INVALID_TRANSITION: 409,
    Kind.NOT_OFFERED: 501,
    Kind.UNAVAILABLE: 503,
}


def failure_of(error: ConnectorError) -> Failure:
    """What an answer says of ``error``."""
    if isinstance(error, Refused):
        return Failure(Kind.REFUSED, error.code, error.detail)
    kinds: dict[type[ConnectorError], Kind] = {
        NotFound: Kind.NOT_FOUND,
        InvalidTransition: Kind.INVALID_TRANSITION,
        BackendRejected: Kind.REJECTED,
    }
    return Failure(kinds.get(type(error), Kind.UNAVAILABLE), detail=str(error))


def error_of(failure: Failure, shop: str) -> ConnectorError:
    """The error that ``failure`` was; ``shop`` names who says so."""
    if failure.kind is Kind.REFUSED:
        return Refused(failure.code, failure.detail)
    if failure.kind is Kind.NOT_FOUND:
        return NotFound(failure.detail)
    if failure.kind is Kind.INVALID_TRANSITION:
        return InvalidTransition(failure.detail)
    if failure.kind is Kind.REJECTED:
        return BackendRejected(failure.detail)
    return BackendUnavailable(shop)

"""Structured logs in which no phone number, e-mail, card number or address survives."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<email>"),
    (re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)"), "<card>"),
    (re.compile(r"(?<![\dA-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "<phone>"),
    # A fixed line with its area.
    (re.compile(r"(?<![\dA-Za-z])\(?0\d{2,3}\)?[- ]?[2-9]\d{2,3}[- ]?\d{4}(?!\d)"), "<phone>"),
    (re.compile(r"(?<![\w.])\+\d{1,3}[- ]?(?:\d[- ]?){6,12}\d(?!\d)"), "<phone>"),
)
# What shoppers write, and who they are, never reaches a log line under any of these keys.
_PRIVATE_KEYS = frozenset(
    {
        "text",
        "name",
        "address",
        "recipient",
        "phone",
        "contact",
        "email",
        "password",
        "token",
        "postcode",
    }
)


def mask(text: str) -> str:
    """``text`` with e-mail addresses, phone and card numbers replaced by what they were."""
    for pattern, replacement in _MASKS:
        text = pattern.sub(replacement, text)
    return text


def mask_event(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor that masks every value and drops private keys."""
    return {key: _masked(key, value) for key, value in event.items()}


def _masked(key: str, value: Any) -> Any:
    if key in _PRIVATE_KEYS and value:
        return "<private>"
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {inner: _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", item) for item in value]
    return value


def configure_logging(handler: logging.Handler, level: str = "INFO") -> None:
    """Send structlog's and the standard library's logs to ``handler``: masked, a JSON line each."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    # Deprecations inside libraries are their authors' business, not the operator's.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)

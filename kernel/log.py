"""Structured logs in which no phone number, e-mail, card number or address survives."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from kernel.masking import mask

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

"""What differs between two exports of a shop, short enough to be written down by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_KEYS = ("number", "id", "code", "tracking_number", "sku")


def shop_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Every value that changed, by its path; parts are named by number or id, not by place.

    What was added is told by its path and ``+`` (with its amount, status or kind), what was
    removed by ``-``. Moments are left out: they follow the clock.
    """
    return dict(sorted(_differences("", before, after)))


def _differences(path: str, before: Any, after: Any) -> Iterator[tuple[str, Any]]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            where = f"{path}/{key}" if path else key
            if key in before and key in after:
                yield from _differences(where, before[key], after[key])
            elif key in after:
                yield from _added(where, after[key])
            else:
                yield f"{where} -", True
    elif isinstance(before, list) and isinstance(after, list):
        yield from _differences(path, _named(before), _named(after))
    elif not _is_moment(after):
        yield path, after


def _added(where: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for name, part in _named(value).items():
            yield from _added(f"{where}/{name}", part)
    elif isinstance(value, Mapping):
        told = value.get("amount") or value.get("status") or value.get("kind") or True
        yield f"{where} +", told
    elif not _is_moment(value):
        yield where, value


def _named(parts: list[Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for place, part in enumerate(parts):
        keys = [part[key] for key in _KEYS if isinstance(part, Mapping) and key in part]
        named[str(keys[0] if keys else place)] = part
    return named


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and len(value) >= 20 and value[4:5] == "-" and value[10:11] == "T"

"""Finds the line of a JSON text on which a value stands, so that errors can say where."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")


def line_of(text: str, path: Sequence[str | int]) -> int:
    """The line (from 1) of the value at ``path``; of its nearest ancestor if it is not there.

    ``text`` must be valid JSON.
    """
    position = _skip_space(text, 0)
    for step in path:
        found = _child(text, position, step)
        if found is None:
            break
        position = found
    return text.count("\n", 0, position) + 1


def pointer(path: Sequence[str | int]) -> str:
    """``path`` as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def path_of(text: str) -> tuple[str | int, ...]:
    """The path in msgspec's notation, for instance ``$.orders[0].lines``."""
    return tuple(
        int(index) if index else name for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", text)
    )


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _child(text: str, position: int, step: str | int) -> int | None:
    """Where the member ``step`` of the object or array at ``position`` begins."""
    opening = text[position]
    if opening not in "{[" or isinstance(step, int) != (opening == "["):
        return None
    index = 0
    position = _skip_space(text, position + 1)
    while text[position] not in "}]":
        key: str | int = index
        if opening == "{":
            key, position = scanstring(text, position + 1)
            position = _skip_space(text, _skip_space(text, position) + 1)
        if key == step:
            return position
        position = _skip_space(text, _end(text, position))
        if text[position] == ",":
            position = _skip_space(text, position + 1)
        index += 1
    return None


def _end(text: str, position: int) -> int:
    """Just behind the value that begins at ``position``."""
    if text[position] in '{["':
        _, end = json.JSONDecoder().raw_decode(text, position)
        return end
    match = _SCALAR.match(text, position)
    return match.end() if match else position

"""Reads the small, flat XML of callbacks; whatever could explode or reach outside is refused."""

from __future__ import annotations

from collections import Counter
from xml.parsers import expat
from xml.sax.saxutils import escape

from kernel.errors import KefuError

LONGEST = 64 * 1024
_MOST_ELEMENTS = 300
_DEEPEST = 8


class BadXml(KefuError):
    """Not XML, or XML of a kind that no platform sends; the message never quotes it."""


def read_xml(body: bytes) -> dict[str, str]:
    """The texts of all leaves below the root, nested ones as ``Outer.Inner``.

    The second element of a name is called ``Name#2``, so that the first one keeps its place.

    Refuses document types, so no entity can be declared, multiplied or fetched; also what is
    longer than 64 KiB, deeper than 8 or has more than 300 elements. Raises BadXml.
    """
    if len(body) > LONGEST:
        raise BadXml("too long")
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.buffer_text = True
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        # LookupError, ValueError: an encoding that nobody knows, or that is none.
        raise BadXml("not well-formed") from error
    return reader.leaves


def write_xml(fields: dict[str, str | int]) -> str:
    """``<xml>`` with one element a field; texts as CDATA, numbers bare."""
    return f"<xml>{''.join(_element(name, value) for name, value in fields.items())}</xml>"


def _element(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    # A section cannot contain its own end: such a text is escaped instead.
    inside = escape(value) if "]]>" in value else f"<![CDATA[{value}]]>"
    return f"<{name}>{inside}</{name}>"


def _refuse(*_: object) -> int:
    raise BadXml("it declares a document type")


class _Reader:
    def __init__(self) -> None:
        self.leaves: dict[str, str] = {}
        self._path: list[str] = []
        self._texts: list[list[str]] = []
        self._has_children: list[bool] = []
        self._seen: Counter[str] = Counter()
        self._count = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_ELEMENTS or len(self._path) >= _DEEPEST:
            raise BadXml("too many elements")
        if self._has_children:
            self._has_children[-1] = True
        whole = ".".join((*self._path, name))
        self._seen[whole] += 1
        # The first of several of one name keeps it, the others are told apart.
        again = self._seen[whole]
        self._path.append(name if again == 1 else f"{name}#{again}")
        self._texts.append([])
        self._has_children.append(False)

    def text(self, text: str) -> None:
        self._texts[-1].append(text)

    def end(self, _name: str) -> None:
        name = ".".join(self._path[1:])
        text = "".join(self._texts.pop())
        if not self._has_children.pop() and name:
            self.leaves.setdefault(name, text.strip())
        self._path.pop()

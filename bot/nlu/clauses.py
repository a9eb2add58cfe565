"""Cut a message where one request may end and the next begin."""

from __future__ import annotations

import re

# A message is cut into at most so many pieces; the rest stays together in the last one.
MAX_CLAUSES = 12

_HAN = r"\u3400-\u9fff"
_END = re.compile(
    rf"""
    [!?;。…~\n]+\s*              # ends of sentences in both scripts
  | (?<!\d)[.,:、]+(?!\d)\s*     # not the point or comma of a number
  | (?<=[{_HAN}])\s+(?=[{_HAN}]) # Chinese shoppers type a space for a comma
  | \s-+\s
    """,
    re.VERBOSE,
)
_CONNECTIVE = re.compile(
    r"""
    (?<!^)(?=(?:另外|还有就是|还有|顺便|再就是|对了|以及|并且|而且|同时|然后|再帮|再问|还想))
  | \b(?=(?:and\ also|also|and\ then|plus|besides|by\ the\ way|btw|another\ thing)\b)
  | \b(?=(?:in\ addition|additionally)\b)
  | \b(?=and\ (?:i|i'd|i'm|can|could|please|how|what|when|where|why|is|are|do|does|would|will|if)\b)
    """,
    re.VERBOSE,
)
_LEADING = re.compile(
    r"^(?:另外|还有就是|还有|顺便|再就是|对了|以及|并且|而且|同时|然后"
    r"|(?:and also|also|and then|and|plus|besides|by the way|btw|another thing)\b"
    r"|(?:in addition|additionally)\b"
    r"|[\s,.:、!?;。…~-]+)+"
)
_HAN_CHARACTER = re.compile(rf"[{_HAN}]")
_LATIN_WORD = re.compile(r"[a-z0-9]+")


def split_clauses(text: str) -> list[str]:
    """The pieces of a normalised ``text`` that could each be a request; at least ``[text]``.

    A piece too short to say anything joins the one after it.
    """
    pieces: list[str] = []
    for sentence in _END.split(text):
        pieces.extend(_CONNECTIVE.split(sentence))
    clauses: list[str] = []
    held = ""
    for piece in pieces:
        candidate = f"{held} {piece}".strip() if held else piece.strip()
        bare = _LEADING.sub("", candidate)
        if _says_something(bare):
            clauses.append(bare)
            held = ""
        else:
            held = bare
    if held and clauses:
        clauses[-1] = f"{clauses[-1]} {held}"
    if not clauses:
        return [text]
    if len(clauses) > MAX_CLAUSES:
        clauses[MAX_CLAUSES - 1 :] = [" ".join(clauses[MAX_CLAUSES - 1 :])]
    return clauses


def _says_something(piece: str) -> bool:
    return len(_HAN_CHARACTER.findall(piece)) + len(_LATIN_WORD.findall(piece)) >= 2

"""Cut a message where one request may end and the next begin."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

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
  | \b(?=and\ (?:i|i'd|i'm|can|could|please|when|where|why|is|are|do|does|would|will|if)\b)
  | \b(?=and\ (?:how|what)\b(?!\ about\b))
  | \b(?=and\ (?:tell|show|let\ me\ know|check|find\ out|look\ up|track|cancel)\b)
  | \b(?=and\ (?:return|exchange|swap|ship|deliver|change)\b)
  | \b(?=and\ use\ (?:my|the)\ (?:\w+\ ){0,2}address\b)
  | \b(?=and\ send\ (?!me\b|back\b|(?:it|them)\ back\b|(?:my|the)\ money\b))
    """,
    re.VERBOSE,
)
_LEADING = re.compile(
    r"^(?:另外|还有就是|还有|顺便|再就是|对了|以及|并且|而且|同时|然后"
    r"|(?:and also|also|and then|and|plus|besides|by the way|btw|another thing)\b"
    r"|(?:in addition|additionally)\b"
    r"|[\s,.:、!?;。…~-]+)+"
)
# "Return the lamp in KF1 and change the address of KF2"; "KF1 and KF2" are said of one thing.
_AND = re.compile(
    r"\band (?=[a-z])(?!(?:the|my|an?|order|number|from|in|of|for|to|this|that|it)\b)"
)
_NUMBER = re.compile(r"\d{5}")
_WHERE = re.compile(
    r"^(?:(?:tell|let) me (?:know )?)?where(?:'s| is| are|s)? (?:my|the|all|other)\b"
    r"|(?:到哪|在哪|去哪)[里儿]?了"
)
# What shall happen if what was asked for cannot be is no request of its own.
_OTHERWISE = re.compile(
    r"(?:要是|如果|若|实在)?也?(?:没有|没货|缺货|卖完|不行)(?:了|的话)?(?:就|那就|，|,)|否则|不然"
    r"|(?:or )?(?:otherwise|else|failing that|if not"
    r"|if (?:there|you|it|that|they)(?: is| are|'s|'re)?"
    r" ?(?:none|no|not|isn't|don't|haven't|gone|sold out))\b"
)
# What somebody tells the shop to do is no part of a story: "change it and send it to my office".
_POLITELY = (
    r"(?:please|pls|plz|kindly|just|then|now|first|can you|could you|would you|will you|i want to"
    r"|i'd like to|i would like to|i wanna|i need to|i need you to|help me|let's)"
)
_COMMAND = re.compile(
    rf"^(?:{_POLITELY}[\s,]+)*(?:cancel|return|exchange|swap|change|switch|replace|send|ship|deliver"
    r"|redirect|update|track|invoice|chase|refund|move|make|put|get rid|check on)\b(?! me\b)"
    r"|^(?:请|麻烦|帮忙|帮我|给我|先|再|我?想要?|我?要)*(?:把|将)[^,?]{1,12}"
    r"(?:取消|退掉|退了|退货|换成|换个|换货|改成|改为|改到|改寄|寄到|送到|发到|寄给)"
    r"|^(?:请|麻烦|帮忙|给我|先|再|然后|我?想要?|我?要)*(?:帮我|帮忙)"
    r"|^(?:请|麻烦|再|也|顺便|先|要)*(?:催|取消(?!.*了))"
    r"|^(?!.*(?:怎么|为什么|已经|[被了吗没哪]))[^,?]{1,10}(?:(?:换|改)[成为]|[寄送发][到给])"
    r"|^(?:然后|再|顺便|都)?(?:寄到|送到|发到|寄给|改寄)"
)
# Beside such a command this is one, too; by itself it may tell what was done.
_GIVEN_BACK = re.compile(r"^[^,?]{1,8}退(?:了|掉|货)吧?$")
_HAN_CHARACTER = re.compile(rf"[{_HAN}]")
_LATIN_WORD = re.compile(r"[a-z0-9]+")


def split_clauses(text: str) -> list[str]:
    """The pieces of a normalised ``text`` that could each be a request; at least ``[text]``.

    A piece too short to say anything joins the one after it.
    """
    pieces: list[str] = []
    for sentence in _END.split(text):
        for piece in _CONNECTIVE.split(sentence):
            pieces.extend(_between_numbers(piece))
    clauses: list[str] = []
    held = ""
    for piece in pieces:
        candidate = f"{held} {piece}".strip() if held else piece.strip()
        bare = _LEADING.sub("", candidate)
        if clauses and _OTHERWISE.match(bare):
            clauses[-1] = f"{clauses[-1]}, {bare}"
            held = ""
        elif _says_something(bare):
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


def stand_apart(clauses: Sequence[str], goods: Sequence[Collection[str]] = ()) -> Sequence[int]:
    """Which of the ``clauses`` speak of something of their own, whatever the others say.

    They have a long number, as orders have, where another one has, too; or they ask where a parcel
    is; or tell the shop to do something; or name other ``goods`` (those of each clause) than all
    the others.
    """
    found = [place for place, clause in enumerate(clauses) if _NUMBER.search(clause)]
    if len(found) < 2:
        found = []
    asking = (place for place, clause in enumerate(clauses) if _WHERE.search(clause))
    telling = [place for place, clause in enumerate(clauses) if _COMMAND.search(clause)]
    if telling:
        telling += [place for place, clause in enumerate(clauses) if _GIVEN_BACK.search(clause)]
    return sorted({*found, *asking, *telling, *_of_other_goods(goods)})


def _of_other_goods(goods: Sequence[Collection[str]]) -> list[int]:
    naming = [place for place, named in enumerate(goods) if named]
    if len(naming) < 2:
        return []
    return [
        place
        for place in naming
        if all(set(goods[place]).isdisjoint(goods[other]) for other in naming if other != place)
    ]


def _between_numbers(piece: str) -> list[str]:
    """``piece`` cut at an "and" that has a long number, such as an order's, on either side."""
    for match in _AND.finditer(piece):
        before, after = piece[: match.start()], piece[match.start() :]
        if _NUMBER.search(before) and _NUMBER.search(after):
            return [before, *_between_numbers(after.removeprefix("and "))]
    return [piece]


def _says_something(piece: str) -> bool:
    return len(_HAN_CHARACTER.findall(piece)) + len(_LATIN_WORD.findall(piece)) >= 2

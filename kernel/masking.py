"""Hides what nobody may read in what people write: one place for logs and for transcripts."""

from __future__ import annotations

import re
from typing import Any

_HIDDEN = "*"
_SHOWN_OF_A_CARD = 4
# Nobody learns from the mask how long a password was.
_SHORT = _HIDDEN * 6

_OF_PEOPLE = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<email>"),
    (re.compile(r"(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)"), "<card>"),
    (re.compile(r"(?<![\dA-Za-z])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "<phone>"),
    # A fixed line with its area.
    (re.compile(r"(?<![\dA-Za-z])\(?0\d{2,3}\)?[- ]?[2-9]\d{2,3}[- ]?\d{4}(?!\d)"), "<phone>"),
    (re.compile(r"(?<![\w.])\+\d{1,3}[- ]?(?:\d[- ]?){6,12}\d(?!\d)"), "<phone>"),
)

_SEPARATED = re.compile(r"\d+(?:[ \u00a0-]\d+)*")
_GROUP = re.compile(r"\d+")
_DIGIT = re.compile(r"\d")
# How card numbers begin (ISO/IEC 7812), by how many digits they have.
_CARDS = {
    14: re.compile(r"3(?:0[0-5]|[689])"),
    15: re.compile(r"3[47]"),
    16: re.compile(
        r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|6(?:011|4[4-9]|5|2)|81|35(?:2[89]|[3-8])"
    ),
    17: re.compile(r"62"),
    18: re.compile(r"62"),
    19: re.compile(r"62|9558"),
}
# "Order 4111…" is no card, whatever its last digit says.
_NO_CARD = re.compile(
    r"(?:[单票]号|订单|运单|快递|包裹|\b(?:order|tracking|parcel|waybill|shipment)\b)"
    r"[^\d\n,，。;；]{0,12}$|[0-9A-Za-z]$",
    re.IGNORECASE,
)

# Neither a number by which the shop knows something, nor a phone or an e-mail address; somebody
# made it up, and the sentence goes on after it.
_TOLD = (
    r"(?![A-Za-z]{1,4}\d{8,}|\+?\d{8,}|[^\s@]+@)(?=[!-~]*[0-9#$%^&*_+=~@])"
    r"(?P<secret>[!-~]{3,63}[^\s,.;:!?'\")\]，。；：！？、”’）])"
)
_PASSWORDS = (
    re.compile(rf"(?:密码|口令)\s?(?:就?是|为|[:：=])?\s?[「“\"']?{_TOLD}"),
    re.compile(
        rf"\b(?:password|passwd|pwd)\b(?:\s?(?:is|was|[:=])\s?[\"“']?|\s(?=[!-~]*[A-Za-z])){_TOLD}",
        re.IGNORECASE,
    ),
)
_SECURITY_CODES = re.compile(
    r"(?:(?<![A-Za-z])(?:cvv2?|cvc2?|cvn2?|csc)(?![A-Za-z])|安全码|\bsecurity code\b)"
    r"(?:\s?(?:就?是|为|is|was|[:：=]))?\s?(?P<secret>\d{3,4})(?!\d)"
    r"|(?<![A-Za-z])pin(?:码| code| number)?(?:\s?(?:就?是|为|is|was|[:：=]))?\s?"
    r"(?P<pin>\d{4,6})(?!\d)",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """``text`` as a log may have it: no secret, no e-mail address, no phone or card number."""
    for pattern, replacement in _OF_PEOPLE:
        text = pattern.sub(replacement, text)
    return without_secrets(text)


def without_secrets(text: str) -> str:
    """``text`` without card numbers but for their last four digits, security codes, passwords.

    Nobody at the shop needs them, and whoever types them does so by mistake.
    """
    text = _SEPARATED.sub(lambda run: _without_cards(run, text[: run.start()]), text)
    for pattern in _PASSWORDS:
        text = pattern.sub(lambda told: _blotted(told, "secret", _SHORT), text)
    return _SECURITY_CODES.sub(_without_code, text)


def hide_digits(value: Any, digits: str) -> Any:
    """``value``, JSON, with ``digits`` hidden wherever it has them, grouped or wide as well.

    A text keeps its length, so that places in it stay where they are.
    """
    return _hidden(value, _written(digits), int(digits))


def places_of(text: str, digits: str) -> list[tuple[int, int]]:
    """From where to where ``digits`` stand in ``text``, grouped or wide as well."""
    return [found.span() for found in _written(digits).finditer(text)]


def _hidden(value: Any, written: re.Pattern[str], number: int) -> Any:
    if isinstance(value, str):
        return written.sub(lambda found: _DIGIT.sub(_HIDDEN, found.group()), value)
    if isinstance(value, dict):
        return {key: _hidden(item, written, number) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(item, written, number) for item in value]
    # What was read as a number is one; True is none.
    return _SHORT if type(value) in (int, float) and value == number else value


def _written(digits: str) -> re.Pattern[str]:
    wide = (f"[{digit}{chr(0xFF10 + int(digit))}]" for digit in digits)
    return re.compile(rf"(?<!\d){'[ ()-]{0,2}'.join(wide)}(?!\d)")


def _without_cards(run: re.Match[str], before: str) -> str:
    """The digits of ``run``, groups that follow each other, without those that are a card's."""
    written = run.group()
    if _NO_CARD.search(before):
        return written
    groups = [group.span() for group in _GROUP.finditer(written)]
    for first, (start, _) in enumerate(groups):
        for _, end in groups[first:]:
            if _is_card(written[start:end]):
                # What follows may be another card's.
                rest = _SEPARATED.sub(lambda run: _without_cards(run, ""), written[end:])
                return written[:start] + _but_its_end(written[start:end]) + rest
    return written


def _but_its_end(card: str) -> str:
    digits = [place for place, character in enumerate(card) if character.isdecimal()]
    covered = set(digits[:-_SHOWN_OF_A_CARD])
    return "".join(_HIDDEN if place in covered else one for place, one in enumerate(card))


def _is_card(written: str) -> bool:
    digits = "".join(str(int(one)) for one in written if one.isdecimal())
    begins = _CARDS.get(len(digits))
    if begins is None or not begins.match(digits):
        return False
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _blotted(told: re.Match[str], group: str, by: str) -> str:
    start, end = told.span(group)
    whole, begin = told.group(), told.start()
    return whole[: start - begin] + by + whole[end - begin :]


def _without_code(told: re.Match[str]) -> str:
    group = "secret" if told["secret"] is not None else "pin"
    return _blotted(told, group, _HIDDEN * len(told[group]))

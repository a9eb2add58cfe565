"""What a shopper tells of themselves when asked who they are, read from messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from actions.base import Turn
from kernel.people import name_alone

_TAIL = re.compile(r"(?<![0-9A-Za-z.@-])\d{4}(?![0-9A-Za-z@-])")
_POSTCODE = re.compile(r"(?<![0-9A-Za-z.@-])\d{6}(?![0-9A-Za-z@-])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Digits in one piece or in groups; those of an order's or a parcel's number begin with letters.
_GROUPS = re.compile(r"(?<![0-9A-Za-z.@])\+?\(?[0-9](?:[ ()-]{0,2}[0-9])*(?![0-9A-Za-z@])")
_CODE_DIGITS = 6
_PHONE_DIGITS = range(8, 16)
_PHONE_BEGINS = ("0", "+")
_WANTS_CODE = re.compile(
    r"验证码|短信|\b(?:sms|otp|passcode|text me)\b"
    r"|(?<!coupon )(?<!promo )(?<!voucher )(?<!discount )\bcode\b",
    re.IGNORECASE,
)
# Kinds of answer that give an order number; a question may also be answered by other words.
_ORDER_SOURCES = frozenset({"order_number", "learned", "action", "choice"})
_DIGITS = re.compile(r"\D")
_NAME_WORDS = re.compile(
    r"^(?:我叫|我是|姓名是?|名字是?|收货人是?|叫|my name is|i am|i'm|it's|name)[\s:：]*",
    re.IGNORECASE,
)
_NAME_NOISE = re.compile(r"[,，。.;；:：、!！?？\s]+$")


@dataclass(frozen=True)
class Facts:
    """What the shopper has told of themselves; empty means not told.

    ``phone`` is a whole number, of which ``phone_tail`` is the end.
    """

    order_number: str = ""
    phone_tail: str = ""
    phone: str = ""
    email: str = ""
    name: str = ""
    postcode: str = ""

    @property
    def contact(self) -> str:
        """Where a one-time code may go."""
        return self.email or self.phone

    def with_earlier(self, earlier: Mapping[str, str]) -> Facts:
        """These facts, and for what is missing the ones told before."""
        told = {
            field.name: getattr(self, field.name) or earlier.get(field.name, "")
            for field in fields(self)
        }
        return Facts(**told)

    def told(self) -> dict[str, str]:
        """What is not empty, as it is kept in the frame."""
        return {name: value for name, value in asdict(self).items() if value}


def told_before(turn: Turn, phone: str) -> dict[str, str]:
    """What earlier messages said, and the order that the request is about.

    ``phone``: the number that the latest one names.
    """
    told: dict[str, str] = dict(turn.frame.values.get("told") or {})
    about = str(turn.frame.values.get("order_number") or "")
    if turn.frame.sources.get("order_number") in _ORDER_SOURCES and not _is_end(about, phone):
        told.setdefault("order_number", about)
    return told


def facts_in(turn: Turn) -> Facts:
    """What the latest message says, by entity and, for lone digits or a name, by shape."""
    asked = str(turn.frame.values.get("asked_for") or "")
    text = turn.text
    email = turn.entity("email") or ""
    if not email and (found := _EMAIL.search(text)):
        email = found.group()
    tail_in = _TAIL.search(text.replace(email, " ") if email else text)
    named = _DIGITS.sub("", turn.entity("phone") or "")
    phone = _phone_in(text, asked, named)
    tail = named or phone
    postcode = turn.entity("postcode") or ""
    if not postcode and asked == "postcode" and (found := _POSTCODE.search(text)):
        postcode = found.group()
    name = turn.entity("person_name") or ""
    if not name and asked == "name" and not wants_code(text):
        name = _NAME_NOISE.sub("", _NAME_WORDS.sub("", text.strip()))
    if not name and asked == "proof":
        name = name_alone(_NAME_WORDS.sub("", text.strip()))
    return Facts(
        order_number=_order_said(turn, phone),
        phone_tail=tail[-4:] if len(tail) >= 4 else tail_in.group() if tail_in else "",
        phone=phone,
        email=email,
        name=name,
        postcode=postcode,
    )


def wants_code(text: str) -> bool:
    """Whether ``text`` speaks of a one-time code, as "send me a code" does before there is one."""
    return _WANTS_CODE.search(text) is not None


def code_in(text: str) -> str | None:
    """The one-time code in ``text``, however its digits are grouped and as wide as they are."""
    codes = [digits for digits, _ in _groups(text) if len(digits) == _CODE_DIGITS]
    return codes[0] if len(codes) == 1 else None


def _phone_in(text: str, asked: str, named: str) -> str:
    """A whole phone number as it is written: the one ``named``, or one where it was asked for."""
    may_be_any = asked == "contact"
    may_be = may_be_any or asked in ("code", "proof")
    for digits, written in _groups(text):
        if len(digits) not in _PHONE_DIGITS:
            continue
        # Where anything may be told, long digits are as likely an order's or a parcel's.
        begins = written.lstrip("(").startswith(_PHONE_BEGINS)
        if (named and named.endswith(digits)) or may_be_any or (may_be and begins):
            return digits
    return named if len(named) in _PHONE_DIGITS else ""


def _groups(text: str) -> list[tuple[str, str]]:
    """The numbers in ``text``: their digits alone, and as they are written."""
    folded = unicodedata.normalize("NFKC", text)
    return [(_DIGITS.sub("", found), found) for found in _GROUPS.findall(folded)]


def _order_said(turn: Turn, phone: str) -> str:
    """The order that the message names; of several the one that the request is about."""
    named = [one for one in turn.entities("order_number") if not _is_end(one, phone)]
    about = str(turn.frame.values.get("order_number") or "")
    return about if about in named else next(iter(named), "")


def _is_end(order_number: str, phone: str) -> bool:
    """Whether the bare digits of a phone number were read as an order's."""
    return bool(phone) and phone.endswith(_DIGITS.sub("", order_number) or order_number)

"""Phones, the last digits of one, e-mail addresses, postcodes and names of people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

import phonenumbers

from bot.nlu.extraction.found import Claims, Found
from kernel.people import SURNAMES

_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_LINK = re.compile(r"(?:https?://|www\.)[^\s\u3400-\u9fff]+")
_CHINESE_MOBILE = re.compile(
    r"(?<![A-Za-z0-9.])(?:(?:\+|00)?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(?![A-Za-z0-9])"
)
_PHONE_CUE = re.compile(
    r"(?:手机|电话|联系方式|phone|mobile|cell|call|tel|number is)\D{0,12}$", re.IGNORECASE
)
_FEWEST_PHONE_DIGITS = 7

_TAIL_AFTER = re.compile(
    r"(?:(?<!订单)(?<!单号)尾号|[后末]四位(?:数字?)?|(?<!card )\bending(?: in| with)?|(?<!card"
    r" )\bends (?:in|with)"
    r"|\blast (?:four|4)(?: digits)?(?: of (?:my |the )?(?:phone|mobile|number)(?: number)?)?)"
    r"(?:\s*(?:是|为|是:|are|is|:))*\s*(\d{4})(?!\d)",
    re.IGNORECASE,
)
_TAIL_BEFORE = re.compile(
    r"(?<!\d)(\d{4})\s*(?:是|are|is)?\s*(?:我的?|my|the)?\s*(?:手机号?|电话|phone)?的?"
    r"(?:尾号|[后末]四位|last (?:four|4))",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?:银行卡|信用卡|卡|card)\W*$", re.IGNORECASE)

_POSTCODE = re.compile(
    r"(?:邮编|邮政编码|邮码|zip(?: ?code)?|post(?:al)? ?code)\W*(?:is|是|为)?\W*"
    r"(\d{5,6}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[\dW] ?[A-Z\d]{4})"
    r"(?![A-Za-z0-9])",
    re.IGNORECASE,
)
# British ones, and Irish ones where letters are in the second half.
_ISLES_POSTCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[\dW] (?=[\dA-Z]*[A-Z])[A-Z\d]{4})"
    r"(?![A-Za-z0-9])"
)

_CHINESE_NAME = re.compile(
    rf"(?:我叫|我是|名字(?:是|叫)?|姓名(?:是)?|收[件货]人(?:是|叫)?|本人)[:,\s]*"
    rf"([{SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=$|[^\u4e00-\u9fff]|的|手机|电话|邮编|地址|订单"
    rf"|收件)"
)
# After 我叫 anything that looks like a name is one, whatever the surname.
_CHINESE_NAME_CALLED = re.compile(
    r"(?:我叫|收[件货]人(?:是|叫)|姓名(?:是|:))\s*([\u4e00-\u9fff]{2,4})(?=$|[^\u4e00-\u9fff])"
)
_ENGLISH_NAME = re.compile(
    r"\b(?:my (?:full )?name is|my name's|name:|name is|i am called|call me)\s+"
    r"([A-Za-z][A-Za-z'-]+(?: [A-Z][A-Za-z'-]+){0,2}|[a-z][a-z'-]+ [a-z][a-z'-]+(?=$|[,.]))",
    re.IGNORECASE,
)
_ENGLISH_INTRODUCTION = re.compile(
    r"\b(?:I'm|I am|[Tt]his is)\s+([A-Z][a-z'-]+(?: [A-Z][a-z'-]+){0,2})(?=$|[,.!\n]| and | here)"
)
_NOT_NAMES = frozenset(
    {"not", "here", "there", "on", "the", "a", "an", "in", "looking", "writing", "calling"}
    | {"sorry", "i", "and", "but", "my", "your", "our", "trying", "order", "just", "so", "very"}
    | {"still", "really", "unable", "happy", "waiting", "at", "back", "when", "if", "to", "later"}
    | {"now", "asap", "tomorrow", "today", "please", "from", "with", "for", "it", "that", "is"}
)


def emails(text: str) -> Iterator[Found]:
    """E-mail addresses, in lower case."""
    for match in _EMAIL.finditer(text):
        yield Found("email", match.group().lower(), *match.span())


def links(text: str) -> list[tuple[int, int]]:
    """Where addresses of web pages stand: no value is read out of one."""
    return [match.span() for match in _LINK.finditer(text)]


def phones(text: str, claims: Claims, regions: tuple[str, ...]) -> Iterator[Found]:
    """Phone numbers as E.164, where nothing was found before.

    Bare digits are a phone only as a Chinese mobile number or after a word for phone; numbers of
    ``regions`` written as such (``+``, brackets, groups) always are.
    """
    for match in _CHINESE_MOBILE.finditer(text):
        if claims.is_free(*match.span()):
            yield Found("phone", "+86" + "".join(match.groups()), *match.span())
    digits = [place for place, character in enumerate(text) if character.isdigit()]
    # Those of an order number are taken: to look for phones costs more than all the rest.
    if sum(claims.is_free(place, place + 1) for place in digits) < _FEWEST_PHONE_DIGITS:
        return
    seen: set[tuple[int, int]] = set()
    for region in regions:
        for number in phonenumbers.PhoneNumberMatcher(text, region):
            span = (number.start, number.end)
            if span in seen or not claims.is_free(*span):
                continue
            if _looks_dialled(number.raw_string) or _PHONE_CUE.search(text[: number.start]):
                seen.add(span)
                value = phonenumbers.format_number(
                    number.number, phonenumbers.PhoneNumberFormat.E164
                )
                yield Found("phone", value, *span)


def _looks_dialled(raw: str) -> bool:
    """Whether a number is written as one writes phones, not merely of digits."""
    return raw.startswith("+") or bool(re.search(r"\(\d+\)|\d[-. ]\d+[-. ]\d", raw))


def phone_tails(text: str) -> Iterator[Found]:
    """The last four digits of a phone, said to be that; those of a card are not."""
    for pattern in (_TAIL_AFTER, _TAIL_BEFORE):
        for match in pattern.finditer(text):
            if not _CARD.search(text[: match.start()]):
                yield Found("phone_tail", match[1], *match.span(1))


def postcodes(text: str) -> Iterator[Found]:
    """Postcodes after a word for it, and British and Irish ones by their shape."""
    for match in _POSTCODE.finditer(text):
        yield Found("postcode", match[1].upper(), *match.span(1))
    for match in _ISLES_POSTCODE.finditer(text):
        yield Found("postcode", match.group(), *match.span())


def person_names(text: str) -> Iterator[Found]:
    """Names of people after words that introduce them."""
    patterns = (_CHINESE_NAME, _CHINESE_NAME_CALLED, _ENGLISH_NAME, _ENGLISH_INTRODUCTION)
    for pattern in patterns:
        for match in pattern.finditer(text):
            words = list(takewhile(lambda word: word.lower() not in _NOT_NAMES, match[1].split()))
            if words:
                name = " ".join(words)
                value = name.title() if name.islower() else name
                yield Found("person_name", value, match.start(1), match.start(1) + len(name))

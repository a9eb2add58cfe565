"""What a shopper's words say of an invoice: which step, whose title, which tax number."""

# ruff: noqa: E501 - words of shoppers are tables: one meaning a row

from __future__ import annotations

import re
from typing import Any

from actions.base import Turn
from actions.wishes import Wishes
from connectors.backends.invoices.model import InvoiceKind
from connectors.backends.invoices.tax_number import is_tax_number, tax_number_key
from connectors.backends.text import is_chinese

WISHES = Wishes(
    {
        "special": r"专票|专用发票|\bspecial vat\b|\bvat special\b",
        "paper": r"纸质|纸票|寄发票|寄一?张|\bpaper (?:invoice|fapiao)\b",
        "change": r"改|换抬头|抬头.{0,6}错|税号.{0,6}错|写错|填错|开错|重开|重新开|冲红|红字"
        r"|\b(?:change|correct|wrong|fix|re-?issue|reissue|update|amend)\w*\b|\bshould (?:be|say|read)\b|应该是|应为",
        "resend": r"重发|再发|补发|重新发|没收到|收不到|打不开|下载不了|丢了"
        r"|\b(?:resend|send (?:it |the invoice |my invoice )?again|re-?send|did(?:n'?t| not) (?:get|receive|arrive)|never (?:got|came|arrived)|lost)\b",
        "issue": r"开(?:一?张|个|具)?.{0,8}(?:发票|票|抬头)|要.{0,8}发票|需要.{0,8}发票|补开|补一?张|给我开|发票"
        r"|\b(?:need|want|get|issue|send|give|request|make)\b.{0,24}\b(?:invoice|fapiao|receipt)\b|\binvoice (?:me|for)\b",
    }
)
STATUS_QUESTION = re.compile(
    r"开(?:好|出来)了?[吗没]|还没开|什么时候(?:能)?(?:开|到|收)|多久能?(?:开|到|收)|\b(?:when|how long|yet)\b",
    re.IGNORECASE,
)
_TAX_LIKE = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Za-z]{15,20}|(?:\d[0-9A-Z]{1,7}[ -]){2,6}[0-9A-Z]{1,8})(?![0-9A-Za-z])"
)
_FEWEST_DIGITS = 8
EMAIL = re.compile(r"[^\s@，,；;：:]+@[^\s@，,；;]+")
_LABELS = re.compile(
    r"(?:发票)?(?:抬头|公司名称?|单位名称?|名称|title|company(?: name)?)\s*(?:是|为|写|开|就写|[:：]|\bis\b)?|"
    r"(?:纳税人识别号|统一社会信用代码|税号|税務編號|tax (?:number|id|no\.?)|tin)\s*(?:是|为|[:：]|\bis\b)?|邮箱|e-?mail",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"[?？]\s*$|[吗嘛呢]\s*[。.!！~～]*$|^(?:what|how|when|where|which|do|does|can|is|are)\b",
    re.IGNORECASE,
)
_EDGES = " ,，。.;；:：、和与\n\t"
_TITLE_IN = re.compile(
    r"[\u4e00-\u9fffA-Za-z（）()&·]{2,40}?(?:有限责任公司|股份有限公司|有限公司|事务所|研究院|大学|医院|工作室|经营部|中心)"
    r"|\b[A-Z][\w&. -]{1,60}?\b(?:Co\.?,? ?Ltd\.?|Ltd\.?|Inc\.?|LLC|GmbH|Limited|Company)"
)
_PERSON = re.compile(r"个人|我自己|\b(?:individual|personal|myself|private)\b", re.IGNORECASE)
_LEAD = re.compile(
    r"^.*(?:抬头|公司名称?|单位|名称|开给|开成|改成|改为|换成|写成|写)(?:是|为|成|写|开)?|^(?:我们?|帮我|麻烦|请)?(?:要|想)?开"
)


def details_in(turn: Turn, said: str) -> dict[str, Any]:
    """What of an invoice the first words hold already."""
    values: dict[str, Any] = {}
    number = tax_number_in(said)
    if number:
        values |= {"tax_number": number, "invoice_kind": InvoiceKind.COMPANY.value}
    email = turn.entity("email")
    if email:
        values["invoice_email"] = email
    return values


def tax_number_in(text: str) -> str:
    """The first thing in ``text`` that is a tax number or nearly looks like one; empty if none."""
    found = [tax_number_key(match.group()) for match in _TAX_LIKE.finditer(EMAIL.sub(" ", text))]
    good = [number for number in found if is_tax_number(number)]
    near = [one for one in found if sum(map(str.isdigit, one)) >= _FEWEST_DIGITS]
    return (good or near or [""])[0]


def title_in(text: str) -> str:
    """A company's name that stands in the first words; empty if there is none."""
    match = _TITLE_IN.search(text)
    if match is None:
        return ""
    found = match.group()
    return _LEAD.sub("", found).strip(_EDGES) if is_chinese(found) else found.strip(_EDGES)


def names_a_person(text: str) -> bool:
    """Whether an invoice for an individual is wanted."""
    return _PERSON.search(text) is not None


def title_said(said: str) -> str:
    """What ``said`` names when a title was asked for, without labels, tax number and mailbox.

    Empty if that is no name: a question in between, for instance.
    """
    number = tax_number_in(said)
    title = EMAIL.sub(" ", said)
    for match in _TAX_LIKE.finditer(title):
        if number and tax_number_key(match.group()) == number:
            title = title[: match.start()] + title[match.end() :]
            break
    title = " ".join(_LABELS.sub(" ", title).split()).strip(_EDGES)
    if len(title) < 2 or (_QUESTION.search(said) and not _TITLE_IN.search(said)):
        return ""
    return title

"""Reads what shall be changed of an order before it is sent: variants, quantities, a time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from actions.choosing_lines import choose_lines, line_thing, lines_named
from actions.choosing_mentions import fold, mentions_in
from actions.choosing_regions import has_all, has_both
from actions.choosing_variants import Otherwise, VariantChoice, choose_variant
from actions.exchange_lines import shared_words_for, words_for
from actions.general_questions import asks_when_we_deliver
from actions.sharing_out import parted, share_in_vain
from connectors.backends.catalogue.model import Product
from connectors.backends.orders.model import OrderLine
from connectors.backends.orders.modifying import LineWish

_ZH = {c: i for i, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "俩": 2}
_EN = {
    word: i
    for i, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
} | {"a": 1, "an": 1}
_N = r"(?P<n>[一两俩二三四五六七八九十]|\d{1,2})"
_M = r"[个件双只条支本盒袋台副套瓶份把包张顶对枚块箱]"
_W = r"(?P<n>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
# "To the 22nd of November" is no quantity.
_NO_DATE = (
    r"(?! ?(?:st|nd|rd|th|am|pm|o'?clock|:|/|-)"
    r"| ?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
_TOO_MANY = (
    rf"(?:多(?:拍|买|下|点|订)了?|(?:拍|买|下|点|订)多了){_N}{_M}",
    rf"(?:再)?(?:减|去|少要|少买|拿)(?:去|掉|少)?{_N}{_M}",
    rf"少{_N}{_M}(?!钱)",
    rf"{_W} (?:[a-z-]+ )?(?:fewer|less)\b",
    rf"\b(?:remove|take (?:out|off|away)|drop|lose) {_W}\b",
    rf"\btake {_W} (?:[a-z-]+ ){{0,3}}?(?:out|off|away)\b",
)
_TOO_FEW = (
    rf"(?:少(?:拍|买|下|点|订)了?|(?:拍|买|下|点|订)少了){_N}{_M}",
    rf"(?:再|多|增)(?:加|要|来|买|拍|添|发|订)?{_N}{_M}",
    rf"加{_N}{_M}",
    rf"{_W} (?:more|extra|additional)\b",
    rf"\badd {_W}\b",
    # "Another delivery slot" is no further piece.
    r"\b(?P<n>an?)(?:other| extra| additional)\b"
    r"(?! (?:\w+ )?(?:slot|times?|day|date|delivery|payment|way|method|card|address)\b)",
)
_SET = (
    rf"[一两二三四五六七八九十\d]{_M}(?:的)?(?:改|换|变)(?:成|为)?{_N}{_M}",
    rf"(?:改|换|变|减|增|调|加)(?:少|加)?(?:成|为|到){_N}(?:{_M}|$|[,，。;；!！吧可行])",
    rf"数量(?:要|是|改|换|变|调)?(?:成|为|到)?{_N}",
    rf"(?:只|就)(?:要|想要|买|留|需要){_N}{_M}",
    rf"{_W} (?:of (?:them|these|those) )?(?:instead of|rather than|not) (?:\d{{1,2}}|[a-z]+)\b",
    rf"\b(?:quantity|number|amount) (?:of [\w ]+ )?(?:to|should be|of) {_W}\b",
    rf"\bmake (?:it|that|them)(?: just| only)? {_W}\b",
    rf"\b(?:only|just) (?:want|need|wanted) {_W}\b",
    rf"\bfrom (?:\d{{1,2}}|[a-z]+) to {_W}\b{_NO_DATE}",
    rf"\b(?:change|increase|reduce|raise|lower|cut) [\w ,']*?\bto (?:just )?{_W}\b{_NO_DATE}",
    rf"\bplease send {_W}\b",
)
_REMOVE = re.compile(
    # "先不要了" puts everything off.
    r"去掉|去除|(?<!先)不要了?(?!再|求)|删[掉除]|拿掉|移除|取消掉?"
    r"|\b(?:remove|take (?:out|off)|drop|delete|without|leave out|don'?t want|no longer want)\b"
)
_OPEN_QUANTITY = re.compile(
    r"数量|件数|几[件个双]|拍少|拍多|\bquantity\b|\bhow many\b|\bnumber of\b"
)
_BARE = re.compile(
    rf"(?:就|只|我)?(?:要|想要)?(?P<zh>[一两俩二三四五六七八九十]|\d{{1,2}}){_M}?(?:吧|就行|就好|就够了?|的)?[。!！]?"
    r"|(?:i (?:want|need|would like) |i'?d like |make it )?(?:just |only )?"
    r"(?P<en>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)"
    r"(?: (?:pairs?|pieces?|units?|of them))?(?:,? please)?[.!]?"
)
_PARTS_OF_DAY = (
    (re.compile(r"上午|早上|早晨|一早|\bmorning\b"), 10),
    (re.compile(r"中午|午间|\bnoon\b|\bmidday\b|\blunch"), 13),
    (re.compile(r"下午|\bafternoon\b"), 15),
    (re.compile(r"晚上|傍晚|夜里|下班后|\bevening\b|\bafter work\b|\bat night\b|\btonight\b"), 19),
)
_HOURS = re.compile(
    # 2026-11-26 are no hours.
    r"(?<![\d:/.-])(?P<from>\d{1,2})(?::00)? ?(?P<half>[ap]m)? ?(?:点|时)? ?(?:-|–|到|至|~|to|and)"
    r" ?(?P<to>\d{1,2})(?::00)? ?(?P<half2>[ap]m)? ?(?:点|时)?(?![\d月号日])"
)
_WEEKDAY = re.compile(
    r"(?:周|星期|礼拜)[一二三四五六日天末](?![^,，。]*\d+[号日])"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b(?!.*\d(?:st|nd|rd|th)?\b)"
)
_MOMENT = re.compile(r"T(\d{2}):")
_TIME_WORDS = re.compile(
    r"配送|送货|送达|派送|送到|到货时间|收货时间|(?:晚|早|推迟|延后|延迟|改)[几一两三]?[天点]|改[天期约]|延后|推迟|改约|预约|时间"
    r"|(?:周末|(?:周|星期|礼拜)[一二三四五六日天]|[号日天]|早上|上午|中午|下午|傍晚|晚上)[^,，。]{0,3}[送派]"
    r"|\bdeliver(?:y|ed)?\b|\bbring it\b|\bship (?:it )?(?:on|after|later)\b|\btime ?slot\b"
    r"|\b(?:later|another|different) (?:day|date|time)\b|\barrive\b|\bcome on\b"
)
_PAY_WORDS = re.compile(
    r"支付方式|付款方式|(?:换|改)[一个种用成]{0,3}(?:支付|付款|付)|改付|怎么付"
    r"|\bpayment (?:method|option)\b|\bway (?:to pay|i pay|of paying)\b"
    r"|\bpay(?:ing)? (?:for it )?(?:with|by|using)\b|\bcharge (?:it )?to\b|\bpaid (?:with|by)\b"
)
_DIFFERENCE = re.compile(r"差价|补差|差额|多的钱|退的钱|\bdifference\b|\bextra cost\b")


@dataclass(frozen=True)
class OpenLine:
    """A line of which it is said that it changes, and not to what; ``choice`` says what comes into
    question, and what was wanted and cannot be had."""

    line_id: str
    choice: VariantChoice = field(default_factory=VariantChoice)


@dataclass(frozen=True)
class Reading:
    """What a message says of an order's lines.

    ``which`` are the lines between which the words leave open which one is meant; ``vain`` are
    those of which it is said what becomes of them, for what is wanted cannot be had.
    """

    wishes: tuple[LineWish, ...] = ()
    open: tuple[OpenLine, ...] = ()
    which: tuple[str, ...] = ()
    vain: tuple[OpenLine, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wishes or self.open or self.which or self.vain)


def read_lines_changed(
    text: str,
    lines: Sequence[OrderLine],
    units: Mapping[str, int],
    products: Mapping[str, Product],
    before: Mapping[str, str] | None = None,
) -> Reading:
    """What ``text`` wants of ``lines``, of each of which ``units`` can be changed.

    ``before`` is what was wanted before, variants by line: ``text`` may correct a part of it.
    """
    corrected = before or {}
    folded = fold(text)
    named = mentions_in(folded, [line_thing(line) for line in lines])
    spoken_of = {key for one in named if not one.narrows for key in one.ids}
    if len(lines) > 1 and not spoken_of:
        return _without_names(folded, lines, units, products, corrected)
    reading = Reading()
    groups: dict[str, list[str]] = {}
    for line in lines:
        words = folded if len(lines) == 1 else words_for(line, lines, text)
        found = words and _of_line(words, line, units, products, corrected)
        if words and not found:
            # "The hoodie and the socks have to go" says it of both.
            words = shared_words_for(line, lines, text)
            found = words and _of_line(words, line, units, products, corrected)
        if not found:
            continue
        # "The slippers in 39" while there are two lines of slippers.
        twins = [one.id for one in lines if one.product_id == line.product_id]
        same = [one for one in lines if one.id in twins]
        meant = lines_named(words, same, units) if len(same) > 1 else (line.id,)
        if not meant and not _all(words):
            groups.setdefault(line.product_id, twins)
            continue
        if not meant or line.id in meant:
            reading = _joined(reading, found)
    which = tuple(key for ids in groups.values() for key in ids)
    return replace(reading, which=which)


def _all(words: str) -> bool:
    return has_all(words) or has_both(words) or bool(re.search(r"都|全", words))


def _without_names(
    folded: str,
    lines: Sequence[OrderLine],
    units: Mapping[str, int],
    products: Mapping[str, Product],
    corrected: Mapping[str, str],
) -> Reading:
    found = {
        line.id: reading
        for line in lines
        if (reading := _of_line(folded, line, units, products, corrected))
    }
    # "In pink" is said of what comes in pink.
    found = {key: one for key, one in found.items() if not _is_unknown(one)} or found
    if len(found) > 1 and not _all(folded):
        return Reading(which=tuple(found))
    joined = Reading()
    for reading in found.values():
        joined = _joined(joined, reading)
    return joined


def _is_unknown(reading: Reading) -> bool:
    return any(one.choice.unknown for one in (*reading.open, *reading.vain))


def _joined(one: Reading, other: Reading) -> Reading:
    return Reading(
        (*one.wishes, *other.wishes),
        (*one.open, *other.open),
        vain=(*one.vain, *other.vain),
    )


def _of_line(
    words: str,
    line: OrderLine,
    changeable: Mapping[str, int],
    products: Mapping[str, Product],
    corrected: Mapping[str, str],
) -> Reading | None:
    """What ``words`` want of this one line; None if nothing."""
    product, units = products[line.product_id], changeable[line.id]
    has = product.variant(line.variant_id)
    present = product.variant(corrected.get(line.id))
    shares = Counter(parted(words, line, units, product) if units > 1 else ())
    if shares:
        wishes = (LineWish(line.id, key, n, n) for key, n in shares.items())
        return Reading(tuple(one for one in wishes if one.variant_id != line.variant_id))
    vain = share_in_vain(words, line, units, product) if units > 1 else None
    if vain is not None:
        return Reading(open=(OpenLine(line.id, vain),))
    said, kind, count = _quantity(words, product)
    rest = words.replace(said, " ", 1) if said else words
    choice = choose_variant(rest, product, has, present)
    if choice is not None and choice.variant is not None and choice.variant == has:
        choice = None
    if choice is not None and choice.otherwise is Otherwise.REFUND:
        gone = LineWish(line.id, line.variant_id, units, 0)
        return Reading((gone,), vain=(OpenLine(line.id, choice),))
    if choice is not None and choice.otherwise is not None:
        return Reading(vain=(OpenLine(line.id, choice),))
    if choice is not None and choice.variant is None:
        return Reading(open=(OpenLine(line.id, choice),))
    variant = choice.variant.id if choice is not None and choice.variant else line.variant_id
    if kind == "set" and choice is None and present is not None:
        # "Make it two" of what it is to become.
        variant = present.id
    if kind == "set":
        return (
            _wish(line.id, variant, units, count)
            if variant != line.variant_id
            else _wish(line.id, variant, max(units - count, 0), max(count - units, 0))
        )
    if kind == "more":
        return _wish(line.id, variant, 0, count)
    if kind == "less":
        return _wish(line.id, line.variant_id, count, 0)
    if choice is not None:
        touched = read_part(rest, line, units) or units
        return _wish(line.id, variant, touched, touched)
    if _REMOVE.search(words):
        return _wish(line.id, line.variant_id, units, 0)
    return Reading(open=(OpenLine(line.id),)) if _OPEN_QUANTITY.search(words) else None


def _wish(line_id: str, variant_id: str, taken: int, given: int) -> Reading | None:
    if not taken and not given:
        return None
    return Reading((LineWish(line_id, variant_id, taken, given),))


def _quantity(words: str, product: Product) -> tuple[str, str, int]:
    """The words of a quantity, whether it is set, more or less, and the number."""
    values = {fold(option.value.en) for one in product.variants for option in one.options}
    for kind, patterns in (("less", _TOO_MANY), ("set", _SET), ("more", _TOO_FEW)):
        for pattern in patterns:
            match = re.search(pattern, words)
            if match is None or (match["n"] in values and not re.search(_M, match.group())):
                continue
            return match.group(), kind, _number(match["n"])
    return "", "", 0


def _number(word: str) -> int:
    return _ZH[word] if word in _ZH else _EN[word] if word in _EN else int(word)


def read_bare_quantity(text: str, line: OrderLine, units: int) -> Reading:
    """ "Four pairs" where it was asked what a line shall be; ``units`` there are now."""
    match = _BARE.fullmatch(fold(text))
    if match is None:
        return Reading()
    count = _number(match["zh"] or match["en"])
    wish = _wish(line.id, line.variant_id, max(units - count, 0), max(count - units, 0))
    return wish or Reading()


def read_part(text: str, line: OrderLine, units: int) -> int | None:
    """How many of the units of ``line`` are meant: "just one of them"; None if not said."""
    choice = choose_lines(text, [line], units={line.id: units})
    count = choice.units.get(line.id) if choice is not None and choice.is_clear else None
    return count if count is not None and 0 < count < units else None


def names_delivery(text: str, day: str | None) -> bool:
    """Whether ``text`` is about when the order is delivered; ``day``: a date found in it.

    "Do you deliver at weekends?" asks about the shop, not for a day.
    """
    folded = fold(text)
    if asks_when_we_deliver(folded):
        return False
    return bool(_TIME_WORDS.search(folded)) or (
        day is not None and read_hour(folded, day) is not None
    )


def read_day(day: str | None) -> date | None:
    """The day of a date as the language side writes it; of a span its first day."""
    return date.fromisoformat(day.partition("/")[0].partition("T")[0]) if day else None


def next_weekday(day: date, text: str, first: date) -> date:
    """``day``, or where ``text`` names it as a weekday alone, that weekday from ``first`` on."""
    if not _WEEKDAY.search(fold(text)) or day >= first:
        return day
    return day + timedelta(days=-((day - first).days // 7) * 7)


def read_span(days: str) -> tuple[date, date] | None:
    """The first and the last day of a span as the language side writes it; None for one day."""
    first, _, last = days.partition("/")
    if not last or "T" in days:
        return None
    return date.fromisoformat(first), date.fromisoformat(last)


def read_hour(text: str, day: str | None) -> int | None:
    """The hour at which a delivery is wanted, for instance 10 for "in the morning"."""
    moment = _MOMENT.search(day or "")
    if moment:
        return int(moment[1])
    folded = fold(text)
    span = _HOURS.search(folded)
    if span:
        hour = int(span["from"])
        later = "pm" in (span["half"] or span["half2"] or "") or re.search(r"下午|晚上", folded)
        return hour + 12 if later and hour < 12 else hour
    return next((hour for pattern, hour in _PARTS_OF_DAY if pattern.search(folded)), None)


def slot_hours(hour: int, slots: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """The slot that ``hour`` lies in."""
    return next((slot for slot in slots if slot[0] <= hour < slot[1]), None)


def names_payment(text: str) -> bool:
    """Whether ``text`` is about what the order is paid with."""
    return bool(_PAY_WORDS.search(fold(text)))


def names_difference(text: str) -> bool:
    """Whether ``text`` is about who pays, or gets, a difference in price."""
    return bool(_DIFFERENCE.search(fold(text)))

"""Reads a message as the answer to a question: by choice, place in a list, entity, yes or words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

from bot.policies.flow import CHOICE, FROM_LEARNED, REFERENCE, TEXT, YES_NO, Collect
from bot.policies.understanding import Entity, Understanding

ORDINAL = "ordinal"
GOODS = "product"
_LATIN = re.compile(r"[a-z0-9']+")
_SHORTEST_SLIP = 5
_MOSTLY_THE_WORDS = 0.4
MOST = 0.5
"""From this share on, words are what their message says."""


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


# Whole short answers that a classifier trained on sentences need not know.
_YES = _words(
    "yes y yep yeah yup ok okay sure correct right confirm 是 是的 对 对的 好 好的 好吧 行 可以 嗯",
    "嗯嗯 确认 没错 要 要的 同意 没问题 就这样 提交 提交吧 确认提交 办吧",
)
_NO = _words(
    "no n nope nah not 否 不 不是 不对 不要 不用 不用了 不行 不了 不同意 不需要 没有 没有了",
    "没了 别 先不用了 不要提交 不要提交了 别提交 先别提交 不提交了 不办了 先不办了 不弄了",
)
# "确认取消" where that is what was asked; not "确认取消了吗".
_SAYS_IT_AGAIN = re.compile(
    r"(?:确认|确定)(?![^吗不没?？]*[吗不没?？])[\u4e00-\u9fff]{1,8}[。.!！~～]*"
)
# What goes with a yes or a no and changes nothing.
_COURTESY = _words("please thanks thank you do it go ahead 谢谢 谢谢你 谢谢您 麻烦了 吧 的 哦 啊")
_POLITE = re.compile(
    r"\b(?:please|pls|plz|thanks|thank you|thx)\b|谢谢[你您]?|麻烦了?", re.IGNORECASE
)
_ALL = _words("all both everything 全部 都要 所有 全都 都 两个都 全退 都退")
# Words around the order that was meant all along: "wait, it should be KF…". One of the first kind
# must be among them, and nothing else may be.
_PUTS_RIGHT = re.compile(
    r"\b(?:no|nope|not|wrong|sorry|wait|oops|hang on|hold on|meant|mean|should be|mistake|typo"
    r"|mistyped|instead)\b|不是|不对|错|等一?下|等等|应该|指的|说的是|要的是|抱歉|不好意思"
)
_AROUND_IT = re.compile(
    r"\b(?:no|nope|not|wrong|sorry|wait|oops|hang on|hold on|i|meant|mean|it|should|be|is|was|s|my"
    r"|a|mistake|typo|mistyped|instead|that|this|the|one|order|number|parcel|actually|please|of"
    r"|course|for)\b|不是|不对|搞|打|说|发|写|错|了|一?下|等|应该|指|我|的|是|要|抱歉|不好意思|那|这|个|单号?"
    r"|订|号|才|对|啊|哦|呀|看|查|而|另|一|包裹"
)
# Asks for something to be told: "where is the lamp", not "how about the lamp".
_ASKS_TO_BE_TOLD = re.compile(
    r"哪[里儿个些种天几]|在哪|什么时候|啥时候|怎么(?:付|支付|样|还|没)|多少|几[个种款天点号码]"
    r"|\b(?:which|where|when|who)\b|\b(?:how|what)(?! about)\b"
)
# A reference to what was spoken of just now, as opposed to "my last order".
_THAT = frozenset({"that", "this", "it", "same", "current", "mentioned"})
_CLAUSE = re.compile(r"[,，.。!！;；、~\s]+")
_PUNCTUATION = re.compile(r"[\s,，.。!！?？;；:：、~\"'“”‘’]+")


@dataclass(frozen=True)
class Answer:
    """A value read from a message, the kind of answer it was, and how much of the text it is."""

    value: Any
    source: str
    coverage: float = 1.0

    @property
    def is_most(self) -> bool:
        """Whether it is most of its message: an answer whatever else that resembles."""
        return self.coverage >= MOST


def fold(text: str) -> str:
    """``text`` without differences of width, case and spacing."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def yes_or_no(heard: Understanding, accept: float) -> bool | None:
    """Whether the message says yes or no; None for neither.

    A yes must be certain (``accept``), because something may be done upon it; a no need only be
    the likeliest meaning.
    """
    if heard.is_button:
        return {"affirm": True, "deny": False}.get(heard.intent)
    clauses = [clause for clause in _CLAUSE.split(fold(heard.text)) if clause]
    if clauses and clauses[0] in _NO:
        return False
    if any(meaning.intent == "deny" for meaning in heard.meanings[:1]):
        return False
    if clauses and clauses[0] in _YES:
        return True
    if heard.intent == "affirm" and heard.confidence >= accept:
        return True
    if heard.ranking and heard.ranking[0].intent == "deny":
        return False
    return None


def says_it_again(heard: Understanding) -> bool:
    """Whether the message may be a yes in the words of the question: "Really cancel" to "Cancel?".

    It is one only where what it names is what was asked.
    """
    return not heard.is_button and bool(_SAYS_IT_AGAIN.fullmatch(fold(heard.text)))


def is_plain(heard: Understanding) -> bool:
    """Whether the message is a yes or a no and nothing else."""
    clauses = [clause for clause in _CLAUSE.split(fold(heard.text)) if clause]
    return bool(clauses) and all(clause in _YES | _NO | _COURTESY for clause in clauses)


def objects(heard: Understanding) -> bool:
    """Whether the message begins by saying no, as a correction does."""
    first = next((clause for clause in _CLAUSE.split(fold(heard.text)) if clause), "")
    return first in _NO or heard.intent == "deny"


def asks_to_be_told(text: str) -> bool:
    """Whether ``text`` is a question about something, not whether something may be done."""
    return _ASKS_TO_BE_TOLD.search(fold(text)) is not None


def puts_right(text: str, entities: Sequence[Entity]) -> bool:
    """Whether ``text`` says of ``entities`` that they were meant instead, and says nothing else."""
    folded = fold(text)
    for entity in entities:
        folded = folded.replace(fold(entity.text), " ")
    left = _PUNCTUATION.sub("", _AROUND_IT.sub(" ", folded))
    return not left and _PUTS_RIGHT.search(folded) is not None


def entity_values(names: Iterable[str], entities: Iterable[Entity]) -> dict[str, list[Entity]]:
    """The entities of each of ``names``, one of each value, in the order of the message."""
    found: dict[str, list[Entity]] = {}
    wanted = tuple(names)
    for entity in entities:
        if entity.name in wanted:
            same = found.setdefault(entity.name, [])
            if all(other.value != entity.value for other in same):
                same.append(entity)
    return found


def read_entity(step: Collect, entities: Sequence[Entity], text: str) -> Answer | None:
    """The value that an entity named by the step gives; None when there is none or a doubt."""
    found = entity_values(step.sources, entities)
    for name in step.sources:
        if name == REFERENCE or name not in found:
            continue
        values = found[name]
        if step.many:
            return Answer([entity.value for entity in values], name, _share(values, text))
        if len(values) == 1:
            return Answer(values[0].value, name, _share(values, text))
        return None
    return None


def read_reference(
    step: Collect, entities: Sequence[Entity], learned: Mapping[str, Any], text: str
) -> Answer | None:
    """What "it" or "my last order" stands for, as far as this conversation knows."""
    if REFERENCE not in step.sources:
        return None
    found = [entity for entity in entities if entity.name == REFERENCE]
    if not found:
        return None
    if str(found[0].value) in _THAT and step.slot in learned:
        return Answer(learned[step.slot], FROM_LEARNED, _share(found, text))
    return Answer(found[0].value, REFERENCE, _share(found, text))


def rivals(step: Collect, entities: Sequence[Entity]) -> list[dict[str, Any]]:
    """The values between which a message leaves open which one is meant, as choices.

    Several goods may describe one order: where an order is asked they are no rivals.
    """
    if step.many:
        return []
    only_describes = {REFERENCE, GOODS} if REFERENCE in step.sources else {REFERENCE}
    for name, values in entity_values(step.sources, entities).items():
        if name not in only_describes and len(values) > 1:
            return [{"id": str(entity.value), "title": str(entity.value)} for entity in values]
    return []


def read_choice(
    step: Collect, choices: Sequence[Mapping[str, Any]], heard: Understanding
) -> Answer | None:
    """Which of ``choices`` the message names: by id, by its place in the list, by its words."""
    if not choices:
        return None
    ids = [str(choice["id"]) for choice in choices]
    if heard.pressed is not None:
        pressed = heard.pressed.get(step.slot)
        asked = [str(one) for one in (pressed if isinstance(pressed, list) else [pressed])]
        known = [one for one in asked if one in ids]
        return _chosen(step, known, 1.0) if known else None
    by_id = [entity for entity in heard.entities if str(entity.value) in ids]
    if by_id:
        named = list(dict.fromkeys(str(entity.value) for entity in by_id))
        return _chosen(step, named, _share(by_id, heard.text))
    if heard.text.strip() in ids:
        # Of 5 to 1, "4" is the second.
        return _chosen(step, [heard.text.strip()], 1.0)
    by_place = _by_place(ids, heard)
    if by_place:
        return _chosen(step, by_place, 1.0)
    by_words, coverage = match_words(choices, heard.text)
    if not by_words:
        by_words, coverage = _match_slips(choices, heard.text)
    if by_words:
        return _chosen(step, by_words, coverage)
    if step.many and set(_CLAUSE.split(fold(heard.text))) & _ALL:
        return Answer(ids, CHOICE)
    if step.many and any(word in fold(heard.text) for word in ("全部", "所有", "都要", "都退")):
        return Answer(ids, CHOICE)
    return None


def read_answer(
    step: Collect,
    choices: Sequence[Mapping[str, Any]],
    heard: Understanding,
    learned: Mapping[str, Any],
    accept: float,
) -> Answer | None:
    """``heard`` as the answer to the question of ``step``; None if it is none."""
    if heard.pressed and step.slot in heard.pressed and not choices:
        return Answer(heard.pressed[step.slot], CHOICE)
    chosen = read_choice(step, choices, heard)
    if chosen is not None:
        return chosen
    if len(choices) == 1 and yes_or_no(heard, accept):
        return _chosen(step, [str(choices[0]["id"])], 1.0)
    read = read_entity(step, heard.entities, heard.text) or read_reference(
        step, heard.entities, learned, heard.text
    )
    if read is not None:
        return read
    if YES_NO in step.sources:
        answer = yes_or_no(heard, accept)
        return None if answer is None else Answer(answer, YES_NO)
    if TEXT in step.sources and heard.text.strip() and not heard.is_button:
        return Answer(heard.text.strip(), TEXT, 0.0)
    return None


def match_words(choices: Sequence[Mapping[str, Any]], text: str) -> tuple[list[str], float]:
    """The choices whose title, id or words occur in ``text``, and the share of text they are.

    What lies within a longer match does not count: "blue lamp" is not also "lamp". A word that
    several choices have in common names those of them that are named by a word of their own, too.
    """
    folded = fold(text)
    phrases = {str(choice["id"]): _phrases(choice) for choice in choices}
    spans = [
        (*span, name, phrase)
        for name, each in phrases.items()
        for phrase in each
        for span in _occurrences(phrase, folded)
    ]
    longest = [
        span
        for span in spans
        if not any(
            other[2] != span[2]
            and other[0] <= span[0]
            and span[1] <= other[1]
            and other[1] - other[0] > span[1] - span[0]
            for other in spans
        )
    ]
    sharing = {
        phrase: {name for name, each in phrases.items() if phrase in each}
        for _, _, _, phrase in longest
    }
    by_own = {name for _, _, name, phrase in longest if len(sharing[phrase]) == 1}
    kept = [
        (start, end, name)
        for start, end, name, phrase in longest
        if name in by_own or not sharing[phrase] & by_own
    ]
    covered = len({place for start, end, _ in kept for place in range(start, end)})
    return list(dict.fromkeys(name for _, _, name in sorted(kept))), covered / max(1, len(folded))


def narrowed(
    choices: Sequence[Mapping[str, Any]], named: Collection[str]
) -> list[Mapping[str, Any]]:
    """Those of ``choices`` between which a message that has ``named`` them leaves it open.

    None where one alone was named, or all were: then nothing is narrower than the question was.
    """
    if not 1 < len(named) < len(choices):
        return []
    return [choice for choice in choices if str(choice["id"]) in named]


def _match_slips(choices: Sequence[Mapping[str, Any]], text: str) -> tuple[list[str], float]:
    """The choices whose words occur in ``text`` with a slip of the pen, one in five letters.

    Latin letters only; a message that is much longer than the words says something else.
    """
    said = _LATIN.findall(fold(text))
    found: dict[str, int] = {}
    for choice in choices:
        for phrase in _phrases(choice):
            size = len(phrase.split())
            if len(phrase) < _SHORTEST_SLIP or not phrase.isascii():
                continue
            windows = [" ".join(said[at : at + size]) for at in range(len(said) - size + 1)]
            slips = min(len(phrase) // _SHORTEST_SLIP, 2)
            if any(DamerauLevenshtein.distance(one, phrase) <= slips for one in windows):
                found[str(choice["id"])] = max(found.get(str(choice["id"]), 0), len(phrase))
    covered = max(found.values(), default=0) / max(1, len(fold(text)))
    return (list(found), min(1.0, covered)) if covered >= _MOSTLY_THE_WORDS else ([], 0.0)


def _chosen(step: Collect, ids: list[str], coverage: float) -> Answer | None:
    if step.many:
        return Answer(ids, CHOICE, coverage)
    return Answer(ids[0], CHOICE, coverage) if len(ids) == 1 else None


def _by_place(ids: Sequence[str], heard: Understanding) -> list[str]:
    places: list[int] = []
    for entity in heard.entities:
        if entity.name == ORDINAL and re.fullmatch(r"-?\d+", str(entity.value)):
            places.append(int(entity.value))
    bare = _PUNCTUATION.sub("", fold(heard.text))
    if not places and re.fullmatch(r"\d{1,2}", bare):
        places.append(int(bare))
    chosen = [ids[place - 1 if place > 0 else place] for place in places if _fits(place, ids)]
    return list(dict.fromkeys(chosen))


def _fits(place: int, ids: Sequence[str]) -> bool:
    return 0 < abs(place) <= len(ids)


def _phrases(choice: Mapping[str, Any]) -> set[str]:
    title = choice.get("title", "")
    titles = list(title.values()) if isinstance(title, dict) else [title]
    phrases = {fold(str(phrase)) for phrase in (*titles, choice["id"], *choice.get("words", ()))}
    return {phrase for phrase in phrases if phrase}


def _occurrences(phrase: str, text: str) -> list[tuple[int, int]]:
    # Latin letters and digits must stand as whole words; Chinese has no spaces to go by.
    before = r"(?<![a-z0-9])" if phrase[0].isascii() and phrase[0].isalnum() else ""
    after = r"(?![a-z0-9])" if phrase[-1].isascii() and phrase[-1].isalnum() else ""
    return [match.span() for match in re.finditer(before + re.escape(phrase) + after, text)]


def _share(entities: Sequence[Entity], text: str) -> float:
    """How much of ``text`` the entities are, but for the words of courtesy around them."""
    whole = len(_PUNCTUATION.sub("", _POLITE.sub("", text))) or 1
    named = sum(len(_PUNCTUATION.sub("", entity.text)) for entity in entities)
    return min(1.0, named / whole)

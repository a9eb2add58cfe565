"""One content, drawn by what a channel can show; what it cannot show is said in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.channels.card_words import Language, card_in_words
from connectors.channels.long_text import cut, size
from kernel.content import Button, Content

_NUMBERS_HINT = {"zh": "回复序号即可选择", "en": "Reply with a number to choose"}
_PICTURE = {"zh": "[图片]", "en": "[picture]"}
_FILE = {"zh": "[文件]", "en": "[file]"}
_MORE = {"zh": "（还有内容，回复任意消息继续查看）", "en": "(There is more: reply with anything.)"}


@dataclass(frozen=True)
class Capabilities:
    """What one channel can show. Sizes are bytes of UTF-8, as platforms count.

    ``menu_items``: how many choices a menu of the platform holds, 0 if it has none.
    ``choice_link``: the address behind a choice in a text, with ``{id}`` and ``{title}``, where
    the platform has such links. ``pages``: the page of our mini program for a type of card, with
    the card's fields in braces.
    """

    text_bytes: int = 2048
    menu_items: int = 0
    menu_text_bytes: int = 1024
    choice_bytes: int = 128
    choice_link: str = ""
    pictures: bool = False
    links: bool = False
    pages: Mapping[str, str] = field(default_factory=dict)

    def without(self, part: Part) -> Capabilities | None:
        """The same for a channel that cannot show such a part; None for words: all show them."""
        match part:
            case MenuPart():
                return replace(self, menu_items=0)
            case PicturePart():
                return replace(self, pictures=False)
            case LinkPart():
                return replace(self, links=False)
            case PagePart():
                return replace(self, pages={})
            case TextPart():
                return None


@dataclass(frozen=True)
class Choice:
    """One entry of a menu; ``id`` comes back when it is pressed."""

    id: str
    title: str


@dataclass(frozen=True)
class TextPart:
    """Words."""

    text: str


@dataclass(frozen=True)
class MenuPart:
    """Words and choices below them."""

    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class PicturePart:
    """A picture that lies in our upload store."""

    upload_id: str


@dataclass(frozen=True)
class LinkPart:
    """A card that opens a page of the web; ``picture`` is an address or empty."""

    title: str
    description: str
    url: str
    picture: str = ""


@dataclass(frozen=True)
class PagePart:
    """A card that opens a page of our mini program."""

    title: str
    page: str


Part = TextPart | MenuPart | PicturePart | LinkPart | PagePart


@dataclass(frozen=True)
class Outgoing:
    """One message for the platform: ``part``, and which deliveries it completes.

    ``touched`` are the indexes of all contents that it carries something of; ``partly`` is
    (index, parts said by then) of the one that goes on in the next message.
    """

    part: Part
    touched: tuple[int, ...]
    complete: tuple[int, ...]
    partly: tuple[int, int] | None


def choice_id(payload: str) -> str:
    """The id of the choice that stands for ``payload``: short, and the same everywhere."""
    return hashlib.sha256(payload.encode()).hexdigest()[:16]


def parts_of(
    content: Content, can: Capabilities, language: Language, *, tight: bool = False
) -> list[Part]:
    """``content`` for a channel that ``can`` do so much, in order; at least one part.

    ``tight``: as few messages as possible, so everything that can be said is said in words.
    """
    paragraphs = [content.text]
    after: list[Part] = []
    custom = content.custom or {}
    if content.card:
        page = _page_of(content, can)
        if page and not tight:
            after.append(page)
        else:
            paragraphs.append(card_in_words(content.card, language))
    if link := _link_of(custom.get("link")):
        if can.links and not tight:
            after.append(link)
        else:
            paragraphs.append(f"{link.title} {link.url}".strip())
    if content.image:
        if can.links and not tight and content.image.startswith("http"):
            after.append(LinkPart(content.text[:20] or "图片", "", content.image, content.image))
        else:
            paragraphs.append(f"{_PICTURE[language]} {content.image}")
    for attachment in content.attachments:
        is_picture = attachment.media_type.startswith("image/")
        if is_picture and can.pictures:
            after.append(PicturePart(attachment.id))
        else:
            label = _PICTURE if is_picture else _FILE
            paragraphs.append(f"{label[language]} {attachment.name}".strip())
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    said = _said(text, content.buttons, can, language)
    # Choices come last, where the shopper's thumb is.
    if said and isinstance(said[-1], MenuPart):
        return [*said[:-1], *after, said[-1]]
    return [*said, *after] or [TextPart("…")]


def _said(
    text: str, buttons: Sequence[Button], can: Capabilities, language: Language
) -> list[Part]:
    if not buttons:
        return [TextPart(piece) for piece in cut(text, can.text_bytes)]
    titles = [button.title for button in buttons]
    fits_menu = len(buttons) <= can.menu_items and all(
        size(title) <= can.choice_bytes for title in titles
    )
    if not fits_menu:
        return _numbered(text, buttons, can, language)
    pieces = cut(text, can.menu_text_bytes) or [_NUMBERS_HINT[language]]
    if len(pieces) > 1:
        whole = cut(text, can.text_bytes)
        pieces = [*whole[:-1], *(cut(whole[-1], can.menu_text_bytes))]
    choices = tuple(Choice(choice_id(one.payload), one.title) for one in buttons)
    return [*(TextPart(piece) for piece in pieces[:-1]), MenuPart(pieces[-1], choices)]


def _numbered(
    text: str, buttons: Sequence[Button], can: Capabilities, language: Language
) -> list[Part]:
    """The choices as numbered lines, kept in one message with the end of the text."""
    lines = [f"{number}. {_linked(button, can)}" for number, button in enumerate(buttons, start=1)]
    listing = "\n".join([*lines, _NUMBERS_HINT[language]])
    if size(listing) > can.text_bytes:
        plain = [f"{number}. {one.title}" for number, one in enumerate(buttons, start=1)]
        return [
            TextPart(piece)
            for piece in cut("\n".join([text, *plain, _NUMBERS_HINT[language]]), can.text_bytes)
        ]
    pieces = cut(text, can.text_bytes)
    if pieces and size(pieces[-1]) + size(listing) + 1 <= can.text_bytes:
        listing = f"{pieces.pop()}\n{listing}"
    return [*(TextPart(piece) for piece in pieces), TextPart(listing)]


def _linked(button: Button, can: Capabilities) -> str:
    if not can.choice_link or any(sign in button.title for sign in '<>&"'):
        return button.title
    address = can.choice_link.format(id=choice_id(button.payload), title=button.title)
    return f'<a href="{address}">{button.title}</a>'


def _page_of(content: Content, can: Capabilities) -> PagePart | None:
    card = content.card or {}
    page = can.pages.get(str(card.get("type")))
    if page is None:
        return None
    values = {name: value for name, value in card.items() if isinstance(value, str)}
    try:
        return PagePart(title=content.text[:20], page=page.format(**values))
    except (KeyError, IndexError):
        # The page wants a field that this card has not.
        return None


def _link_of(data: object) -> LinkPart | None:
    if not isinstance(data, dict) or not isinstance(data.get("url"), str):
        return None
    return LinkPart(
        title=str(data.get("title", "")),
        description=str(data.get("description", "")),
        url=data["url"],
        picture=str(data.get("picture", "")),
    )


def compose(
    contents: Sequence[Content],
    can: Capabilities,
    language: Language,
    *,
    said: int = 0,
    tight: bool = False,
) -> list[Outgoing]:
    """``contents`` as few messages as possible, in order.

    ``said``: so many parts of the first content are said already.
    """
    flat: list[tuple[int, int, Part]] = []
    counts: list[int] = []
    for index, content in enumerate(contents):
        parts = parts_of(content, can, language, tight=tight)
        counts.append(len(parts))
        skipped = min(said, len(parts)) if index == 0 else 0
        flat += [(index, number, part) for number, part in enumerate(parts)][skipped:]
    messages: list[Outgoing] = []
    group: list[tuple[int, int, Part]] = []
    merged: Part | None = None
    for place in flat:
        together = _together(merged, place[2], can) if merged is not None else place[2]
        if together is None:
            messages.append(_outgoing(merged, group, counts))
            group, together = [], place[2]
        group.append(place)
        merged = together
    if merged is not None:
        messages.append(_outgoing(merged, group, counts))
    return messages


def within(
    contents: Sequence[Content],
    can: Capabilities,
    language: Language,
    *,
    said: int = 0,
    at_most: int | None = None,
) -> tuple[list[Outgoing], bool]:
    """The messages of ``contents`` that may go out now, and whether they had to be tight.

    What does not fit is left out; the last one then says that there is more.
    """
    messages = compose(contents, can, language, said=said)
    if at_most is None or len(messages) <= at_most:
        return messages, False
    messages = compose(contents, can, language, said=said, tight=True)
    if len(messages) <= at_most:
        return messages, True
    fitting = messages[:at_most]
    if fitting and isinstance(last := fitting[-1].part, TextPart):
        told = f"{last.text}\n{_MORE[language]}"
        if size(told) <= can.text_bytes:
            fitting[-1] = replace(fitting[-1], part=TextPart(told))
    return fitting, True


def _together(first: Part | None, second: Part, can: Capabilities) -> Part | None:
    """Both in one message, None if the platform has no such message."""
    if not isinstance(first, TextPart):
        return None
    if isinstance(second, TextPart):
        text = f"{first.text}\n\n{second.text}"
        return TextPart(text) if size(text) <= can.text_bytes else None
    if isinstance(second, MenuPart):
        text = f"{first.text}\n\n{second.text}"
        return replace(second, text=text) if size(text) <= can.menu_text_bytes else None
    return None


def _outgoing(
    part: Part | None, group: Iterable[tuple[int, int, Part]], counts: Sequence[int]
) -> Outgoing:
    if part is None:
        raise ValueError("a message needs a part")
    ends: dict[int, int] = {}
    for index, number, _ in group:
        ends[index] = number + 1
    complete = tuple(index for index, end in ends.items() if end == counts[index])
    partly = [(index, end) for index, end in ends.items() if end < counts[index]]
    return Outgoing(part, tuple(ends), complete, partly[-1] if partly else None)

"""The page on which a shopper rates a conversation, behind a link that expires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape

import jwt
from aiohttp import web

from desk.errors import BadIncoming
from desk.reports.model import Reason, Survey
from desk.reports.survey_words import SCORES
from desk.reports.surveys import LONGEST_COMMENT, SurveyGone, Surveys

_ALGORITHM = "HS256"
_AUDIENCE = "rating"
_LONGEST_TOKEN = 1000
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class _Words:
    """Everything the page says in one language."""

    title: str
    score: str
    solved: str
    yes: str
    no: str
    why: str
    comment: str
    send: str
    thanks: str
    gone: str
    reasons: Mapping[Reason, str]


_WORDS = {
    "zh": _Words(
        title="服务评价",
        score="您对本次服务满意吗？",
        solved="问题解决了吗？",
        yes="解决了",
        no="没有解决",
        why="是什么让您这样评价？（可多选）",
        comment="还有什么想告诉我们的？（选填）",
        send="提交评价",
        thanks="谢谢您的评价！",
        gone="这个评价链接已过期，或者已经评价过了。",
        reasons={
            Reason.FAST: "回复快",
            Reason.KIND: "态度亲切",
            Reason.CLEAR: "解释清楚",
            Reason.SOLVED: "解决了问题",
            Reason.SLOW: "等太久",
            Reason.UNSOLVED: "没解决问题",
            Reason.UNCLEAR: "说不清楚",
            Reason.UNKIND: "态度不好",
            Reason.REPEATED: "要反复说明",
            Reason.POLICY: "规则不合理",
        },
    ),
    "en": _Words(
        title="Rate our service",
        score="How content are you with our service?",
        solved="Is your problem solved?",
        yes="Yes",
        no="No",
        why="What made it so? (any number)",
        comment="Anything else you want to tell us? (optional)",
        send="Send",
        thanks="Thank you for your rating!",
        gone="This link has expired, or you have rated already.",
        reasons={
            Reason.FAST: "Fast",
            Reason.KIND: "Kind",
            Reason.CLEAR: "Clear",
            Reason.SOLVED: "Solved it",
            Reason.SLOW: "Too slow",
            Reason.UNSOLVED: "Not solved",
            Reason.UNCLEAR: "Unclear",
            Reason.UNKIND: "Unkind",
            Reason.REPEATED: "Had to repeat myself",
            Reason.POLICY: "Unfair rules",
        },
    ),
}
_STYLE = """
:root { color-scheme: light dark;
  font: 17px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
body { margin: 0 auto; max-width: 32rem; padding: 1.5rem 1.2rem 3rem; }
fieldset { border: 0; padding: 0; margin: 0 0 1.4rem; }
legend { font-weight: 600; padding: 0 0 .5rem; }
label { display: flex; align-items: center; gap: .6rem; min-height: 44px; }
input { width: 1.25rem; height: 1.25rem; accent-color: #0f6b5c; }
textarea { width: 100%; box-sizing: border-box; min-height: 6rem; font: inherit; padding: .6rem; }
button { font: inherit; font-weight: 600; width: 100%; min-height: 48px; border: 0;
  border-radius: 12px; background: #0f6b5c; color: #fff; }
"""


class RatingPage:
    """Makes the links and serves what is behind them; the link alone is the right to answer."""

    def __init__(self, surveys: Surveys, key: str, public_url: str | None) -> None:
        """``public_url``: where shoppers reach this server; without it there are no links."""
        self._surveys = surveys
        self._key = key
        self._public_url = public_url.rstrip("/") if public_url else None

    def link(self, survey_id: str, expires_at: datetime) -> str | None:
        """The address at which a survey is answered until it expires."""
        if self._public_url is None:
            return None
        claims = {"sub": survey_id, "aud": _AUDIENCE, "exp": int(expires_at.timestamp())}
        return f"{self._public_url}/rate/{jwt.encode(claims, self._key, algorithm=_ALGORITHM)}"

    def add_to(self, app: web.Application) -> None:
        """Mount ``/rate/…``."""
        app.router.add_get("/rate/{token}", self._show)
        app.router.add_post("/rate/{token}", self._take)

    async def _show(self, request: web.Request) -> web.Response:
        language = _language(request)
        try:
            survey = await self._open(request)
        except SurveyGone:
            return _page(language, _told(_WORDS[language].gone), status=410)
        if survey.reasons or survey.comment:
            return _page(language, _told(_WORDS[language].thanks))
        return _page(language, _form(language, survey.score))

    async def _take(self, request: web.Request) -> web.Response:
        language = _language(request)
        given = await request.post()
        try:
            survey = await self._open(request)
            await self._surveys.answer(
                survey.id,
                int(str(given.get("score", ""))),
                solved={"yes": True, "no": False}.get(str(given.get("solved", ""))),
                reasons=tuple(one for one in Reason if f"reason_{one.value}" in given),
                comment=str(given.get("comment", "")),
            )
        except SurveyGone:
            return _page(language, _told(_WORDS[language].gone), status=410)
        except (BadIncoming, ValueError):
            return _page(language, _form(language), status=400)
        return _page(language, _told(_WORDS[language].thanks))

    async def _open(self, request: web.Request) -> Survey:
        token = request.match_info["token"]
        try:
            if len(token) > _LONGEST_TOKEN:
                raise SurveyGone("not a token")
            # The desk's own clock says what has expired.
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"verify_exp": False},
            )
            return await self._surveys.survey(str(claims["sub"]))
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise SurveyGone("forged or broken") from error


def _language(request: web.Request) -> str:
    accepted = request.headers.get("Accept-Language", "zh").lower()
    zh, en = accepted.find("zh"), accepted.find("en")
    return "en" if en != -1 and (zh == -1 or en < zh) else "zh"


def _told(sentence: str) -> str:
    return f"<p>{escape(sentence)}</p>"


def _form(language: str, score: int | None = None) -> str:
    """The questions; ``score`` is what was pressed in the chat already, and stays."""
    say = _WORDS[language]
    scores = "".join(
        _choice(
            "radio",
            "score",
            str(one),
            f"{'★' * one} {SCORES[language][one - 1]}",
            "required checked" if one == score else "required",
        )
        for one in (5, 4, 3, 2, 1)
        if score in (None, one)
    )
    solved = _choice("radio", "solved", "yes", say.yes) + _choice("radio", "solved", "no", say.no)
    reasons = "".join(
        _choice("checkbox", f"reason_{reason.value}", "1", word)
        for reason, word in say.reasons.items()
    )
    return (
        f'<form method="post"><fieldset><legend>{say.score}</legend>{scores}</fieldset>'
        f"<fieldset><legend>{say.solved}</legend>{solved}</fieldset>"
        f"<fieldset><legend>{say.why}</legend>{reasons}</fieldset>"
        f'<p><label for="comment">{say.comment}</label><textarea id="comment" name="comment"'
        f' maxlength="{LONGEST_COMMENT}"></textarea></p><button>{say.send}</button></form>'
    )


def _choice(kind: str, name: str, value: str, label: str, more: str = "") -> str:
    box = f'<input type="{kind}" name="{name}" value="{value}" {more}>'
    return f"<label>{box}{escape(label)}</label>"


def _page(language: str, body: str, status: int = 200) -> web.Response:
    title = escape(_WORDS[language].title)
    lang = "en" if language == "en" else "zh-CN"
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport"'
        f' content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    response = web.Response(text=html, status=status, content_type="text/html")
    response.headers.update(
        {
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
    return response

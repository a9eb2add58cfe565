"""Who a browser's request comes from: a cookie no script can read and no other site can use."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from desk.agents import SESSION_LIFETIME
from desk.errors import NoSession
from desk.model import Agent
from desk.service import Desk

COOKIE = "kefu_console"
# Only our own pages can add a header to a request, so it proves that no other site made it.
HEADER = "X-Kefu-Console"


def set_session(response: web.StreamResponse, token: str, *, secure: bool) -> None:
    """Let the browser keep ``token``; it is sent to every path because sockets share one."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/",
        httponly=True,
        samesite="Strict",
        secure=secure,
    )


def forget_session(response: web.StreamResponse) -> None:
    """Let the browser forget its token."""
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")


async def access_agent(desk: Desk, request: web.Request) -> Agent:
    """The agent who sent ``request``; raises NoSession."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise NoSession
    return await desk.session(token)


async def is_agent(desk: Desk, request: web.Request) -> bool:
    """Whether an agent sent ``request``; for doors that shoppers use as well."""
    try:
        await access_agent(desk, request)
    except NoSession:
        return False
    return True


def is_own_origin(request: web.Request) -> bool:
    """Whether a page of this very server made the request, if a page made it."""
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host

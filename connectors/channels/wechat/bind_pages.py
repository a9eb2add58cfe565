"""The pages by which a shopper tells us who they are in the shop: openid ↔ customer.

A signed link that expires leads to WeChat's login, which says whose browser it is; only the one the
link was made for gets on to the shop's login, and only the same browser comes back from there. So
nobody can be talked into binding their customer account to somebody else's WeChat.
"""

from __future__ import annotations

import hashlib
import hmac
import html
import secrets
from urllib.parse import urlencode

import structlog
from aiohttp import web

from connectors.channels.binding import Bindings
from connectors.channels.refusals import known_language
from connectors.channels.tokens import BadToken, CustomerTokens
from connectors.channels.wechat.account import SAYS, Account
from connectors.channels.wechat.client import WeChatClient
from connectors.channels.wechat.payloads import Inbound, Kind
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_COOKIE = "kefu_bind"
_LINK, _LOGIN = "link", "login"
_ASKED = frozenset({"绑定", "绑定账号", "绑定账户", "bind", "bind account", "bind my account"})
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_WORDS = {
    "zh": {
        "link": "点击绑定您的商城账号（15 分钟内有效）：{url}",
        "title": "绑定商城账号",
        "go": "登录商城并绑定",
        "why": "绑定后，在这里查订单、退换货不用再核对身份。",
        "done": "绑定成功。可以关闭本页，回到公众号继续咨询。",
        "expired": "链接已失效，请回到公众号发送“绑定账号”重新获取。",
        "other": "这个链接是给另一位微信用户的，请用收到链接的微信打开。",
        "down": "微信暂时没有回应，请稍后再试。",
    },
    "en": {
        "link": "Connect your shop account (good for 15 minutes): {url}",
        "title": "Connect your shop account",
        "go": "Sign in at the shop and connect",
        "why": "Once connected, you need not prove who you are for orders and returns here.",
        "done": "Connected. You can close this page and go on in the chat.",
        "expired": "This link has expired. Send “bind account” in the chat to get a new one.",
        "other": "This link is for another WeChat user: open it in the WeChat that received it.",
        "down": "WeChat does not answer right now. Please try again in a moment.",
    },
}


class BindPages:
    """Serves the pages of one account; off unless our address and the shop's login are known."""

    def __init__(
        self,
        account: Account,
        client: WeChatClient,
        bindings: Bindings,
        customers: CustomerTokens,
        public_url: str,
    ) -> None:
        self._account = account
        self._client = client
        self._bindings = bindings
        self._customers = customers
        self._base = f"{public_url.rstrip('/')}/channels/{account.channel}/bind"
        self.is_on = bool(public_url and account.settings.shop_login)

    def add_to(self, app: web.Application) -> None:
        """Mount the three pages."""
        path = f"/channels/{self._account.channel}/bind"
        app.router.add_get(path, self._begin)
        app.router.add_get(f"{path}/back", self._back)
        app.router.add_get(f"{path}/done", self._done)

    def answer_to(self, inbound: Inbound) -> str | None:
        """The link, for whoever asks for it; it never stands in a transcript."""
        said = inbound.key.removeprefix(SAYS) if inbound.kind is Kind.MENU_CLICK else inbound.text
        may_ask = inbound.kind in (Kind.TEXT, Kind.MENU_CLICK)
        asked = may_ask and said.strip().casefold() in _ASKED
        if not self.is_on or not asked:
            return None
        ticket = self._bindings.ticket(self._account.channel, _LINK, inbound.openid)
        url = f"{self._base}?{urlencode({'ticket': ticket})}"
        language = known_language(None, inbound.text) or self._account.settings.language
        return _WORDS["en" if language == "en" else "zh"]["link"].format(url=url)

    async def _begin(self, request: web.Request) -> web.Response:
        ticket = request.query.get("ticket", "")
        try:
            self._bindings.subject_of(ticket, self._account.channel, _LINK)
        except BadToken:
            return _page(request, "expired", 403)
        settings = self._account.settings
        asked = {
            "appid": settings.appid,
            "redirect_uri": f"{self._base}/back",
            "response_type": "code",
            "scope": "snsapi_base",
            "state": ticket,
        }
        raise web.HTTPFound(f"{settings.oauth}?{urlencode(asked)}#wechat_redirect")

    async def _back(self, request: web.Request) -> web.Response:
        channel = self._account.channel
        try:
            openid = self._bindings.subject_of(request.query.get("state", ""), channel, _LINK)
            visitor = await self._client.openid_of(request.query.get("code", ""))
        except (BadToken, BackendRejected):
            return _page(request, "expired", 403)
        except BackendUnavailable as error:
            log.warning("wechat.bind.unavailable", error=str(error))
            return _page(request, "down", 503)
        if not hmac.compare_digest(visitor.encode(), openid.encode()):
            return _page(request, "other", 403)
        nonce = secrets.token_urlsafe(24)
        ticket = self._bindings.ticket(channel, _LOGIN, f"{_digest(nonce)}:{openid}")
        back = f"{self._base}/done?{urlencode({'ticket': ticket})}"
        login = self._account.settings.shop_login
        address = f"{login}{'&' if '?' in login else '?'}{urlencode({'return': back})}"
        response = _page(request, "why", 200, address)
        response.set_cookie(
            _COOKIE, nonce, max_age=900, httponly=True, samesite="Lax", path="/channels"
        )
        return response

    async def _done(self, request: web.Request) -> web.Response:
        channel = self._account.channel
        try:
            subject = self._bindings.subject_of(request.query.get("ticket", ""), channel, _LOGIN)
            customer = self._customers.verify(request.query.get("customer_token"))
        except BadToken:
            return _page(request, "expired", 403)
        digest, _, openid = subject.partition(":")
        if not hmac.compare_digest(digest, _digest(request.cookies.get(_COOKIE, ""))):
            return _page(request, "other", 403)
        await self._bindings.bind(channel, openid, customer)
        log.info("wechat.bound", channel=channel)
        response = _page(request, "done", 200)
        response.del_cookie(_COOKIE, path="/channels")
        return response


def _digest(nonce: str) -> str:
    return hashlib.sha256(nonce.encode("utf-8", "surrogatepass")).hexdigest()


def _page(request: web.Request, name: str, status: int, link: str = "") -> web.Response:
    language = known_language(request.headers.get("Accept-Language")) or "zh"
    words = _WORDS[language]
    button = f'<p><a href="{html.escape(link)}">{words["go"]}</a></p>' if link else ""
    body = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{words['title']}</title>"
        "<style>body{font:17px/1.6 system-ui;max-width:26em;margin:3em auto;padding:0 1em}"
        "a{display:block;padding:.7em;background:#0f6b5c;color:#fff;text-align:center;"
        "border-radius:8px;text-decoration:none}</style>"
        f"<h1>{words['title']}</h1><p>{words[name]}</p>{button}</html>"
    )
    headers = {
        "Content-Security-Policy": _POLICY,
        # The addresses carry tickets.
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return web.Response(text=body, content_type="text/html", status=status, headers=headers)

"""Mounts every door of the application: channels, platforms and the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import socketio
from aiohttp import web
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from connectors.backends.shop import Shop
from connectors.channels.binding import Bindings
from connectors.channels.callback.channel import CallbackChannel
from connectors.channels.carrying import Templates
from connectors.channels.incoming import Intake
from connectors.channels.limits import MemoryRateLimiter, RedisRateLimiter
from connectors.channels.ports import RateLimiter
from connectors.channels.rating import RatingPage
from connectors.channels.rest.channel import RestChannel
from connectors.channels.socketio.channel import SocketIOChannel
from connectors.channels.tokens import CustomerTokens, Sessions
from connectors.channels.web.channel import WebChannel
from connectors.channels.web.routes import WebRoutes
from connectors.channels.web.uploads import UploadStore
from connectors.channels.wechat.channel import WeChatChannel
from connectors.channels.wecom.channel import KfChannel
from connectors.console.api import ConsoleParts, ConsoleSettings, make_console
from connectors.console.pages import add_pages
from connectors.console.sessions import is_agent as is_agent_of
from connectors.console.sockets import ConsoleSockets
from desk.service import Desk
from kefu.channel_accounts import wechat_accounts, wecom_account
from kefu.desk_rules import DeskRulesText
from kefu.facts import consents_by, make_facts
from kefu.gate import Gate
from kefu.order_deeds import OrderDeeds
from kefu.pictures import AgentsPictures
from kefu.settings import Settings
from kefu.suggestions import make_suggestions
from kefu.wechat import Surroundings, make_wechat
from kefu.wecom import make_wecom
from kernel.clock import SystemClock

REQUEST_BYTES = 1024 * 1024
_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Channels:
    """The channels every installation has, and what all channels share."""

    web: WebChannel
    rest: RestChannel
    socketio: SocketIOChannel
    intake: Intake
    uploads: UploadStore


def socket_server(redis_url: str | None) -> socketio.AsyncServer:
    """The sockets of widget and console; with Redis, an event reaches those of all replicas."""
    manager = socketio.AsyncRedisManager(redis_url) if redis_url else None
    return socketio.AsyncServer(
        async_mode="aiohttp",
        client_manager=manager,
        cors_allowed_origins="*",
        max_http_buffer_size=REQUEST_BYTES,
        namespaces="*",
    )


@dataclass(frozen=True)
class _Limiters:
    messages: RateLimiter
    daily_uploads: RateLimiter
    new_sessions: RateLimiter
    addresses: RateLimiter


def _limiters(settings: Settings, redis: Redis | None) -> _Limiters:
    limits = settings.rulebook.limits

    def limiter(name: str, burst: int, per_minute: float) -> RateLimiter:
        if redis is not None:
            prefix = f"kefu:rate:{name}:"
            return RedisRateLimiter(redis, burst=burst, per_minute=per_minute, prefix=prefix)
        return MemoryRateLimiter(SystemClock(), burst=burst, per_minute=per_minute)

    return _Limiters(
        messages=limiter("messages", limits.burst, limits.messages_per_minute),
        daily_uploads=limiter(
            "uploads", limits.uploads_per_day, limits.uploads_per_day / _MINUTES_A_DAY
        ),
        new_sessions=limiter(
            "sessions", limits.new_sessions_per_minute, limits.new_sessions_per_minute
        ),
        addresses=limiter(
            "addresses", limits.rasa_messages_per_minute, limits.rasa_messages_per_minute
        ),
    )


def mount_channels(
    app: web.Application,
    sio: socketio.AsyncServer,
    settings: Settings,
    desk: Desk,
    gate: Gate,
    redis: Redis | None,
) -> Channels:
    """The channels every installation has; limits are shared by replicas where there is Redis."""
    limiters = _limiters(settings, redis)
    clock = SystemClock()
    limits = settings.rulebook.limits
    intake = Intake(gate, desk, limiters.messages, limits.message_characters)
    sessions = Sessions(settings.secrets.session_key, clock, audience="web")
    customers = CustomerTokens(settings.secrets.shop_key, clock)
    uploads = UploadStore(settings.uploads, limits.upload_megabytes * 1024 * 1024)

    async def is_agent(request: web.Request) -> bool:
        return await is_agent_of(desk, request)

    routes = WebRoutes(
        sessions,
        uploads,
        limiters.messages,
        daily_uploads=limiters.daily_uploads,
        is_agent=is_agent,
    )
    routes.add_to(app)
    if settings.rulebook.shop.demo:
        routes.add_demo_page(app)
    at_door: dict[str, Any] = {"addresses": limiters.addresses, "proxies": limits.proxies}
    rest = RestChannel(gate, desk, intake, customers, api_token=settings.rest_token, **at_door)
    rest.add_to(app)
    return Channels(
        web=WebChannel(
            sio,
            desk,
            intake,
            sessions,
            customers,
            uploads,
            limiters.new_sessions,
            proxies=limits.proxies,
        ),
        rest=rest,
        socketio=SocketIOChannel(sio, desk, intake, customers, **at_door),
        intake=intake,
        uploads=uploads,
    )


def mount_callback(
    app: web.Application, settings: Settings, http: aiohttp.ClientSession, channels: Channels
) -> dict[str, CallbackChannel]:
    """Rasa's callback channel, if there is an address to post replies to."""
    url = settings.rulebook.channels.callback.url
    if not url:
        return {}
    channel = CallbackChannel(channels.intake, http, url=url, api_token=settings.rest_token)
    channel.add_to(app)
    return {"callback": channel}


def mount_platforms(
    app: web.Application,
    settings: Settings,
    http: aiohttp.ClientSession,
    engine: AsyncEngine,
    callbacks: AsyncEngine,
    desk: Desk,
    gate: Gate,
    channels: Channels,
    worker: str,
) -> dict[str, WeChatChannel | KfChannel]:
    """The channels of platforms that are enabled, by name, mounted and not started yet."""
    accounts, kf = wechat_accounts(settings), wecom_account(settings)
    if not accounts and kf is None:
        return {}
    clock = SystemClock()
    around = Surroundings(
        engine=engine,
        callbacks=callbacks,
        clock=clock,
        session=http,
        gate=gate,
        desk=desk,
        intake=channels.intake,
        pictures=channels.uploads,
        bindings=Bindings(engine, clock, settings.secrets.session_key),
        customers=CustomerTokens(settings.secrets.shop_key, clock),
        public_url=settings.rulebook.channels.public_url,
        news_reserve=settings.rulebook.news.reserve,
        worker=worker,
    )
    platforms: dict[str, WeChatChannel | KfChannel] = {}
    for account in accounts:
        channel, _client = make_wechat(account, around)
        channel.add_to(app)
        platforms[account.channel] = channel
    if kf is not None:
        platforms[kf.channel] = make_wecom(kf, around)
        platforms[kf.channel].add_to(app)
    return platforms


def mount_console(
    app: web.Application,
    sio: socketio.AsyncServer,
    settings: Settings,
    desk: Desk,
    gate: Gate,
    shop: Shop,
    channels: Channels,
    templates: Mapping[str, Templates],
) -> ConsoleSockets:
    """Pages, API and sockets of the console, and the page on which shoppers rate.

    ``templates`` are those of the platforms, by the channel's name.
    """
    names = settings.rulebook.shop.name
    rules = ConsoleSettings(
        message_characters=settings.rulebook.limits.message_characters,
        secure_cookies=settings.rulebook.desk.secure_cookies,
        limiter=MemoryRateLimiter(SystemClock(), burst=10, per_minute=10),
        shop={"zh": names.zh, "en": names.en},
    )
    rating = RatingPage(
        desk.surveys,
        settings.secrets.session_key,
        settings.rulebook.desk.public_url or settings.rulebook.channels.public_url,
    )
    rating.add_to(app)
    desk.surveys.link = rating.link
    desk.cases.zone = ZoneInfo(settings.rulebook.rules.timezone)
    parts = ConsoleParts(
        desk,
        gate,
        make_facts(shop, consents_by(templates)),
        AgentsPictures(channels.uploads),
        channels.web,
        make_suggestions(shop),
        DeskRulesText(settings),
        OrderDeeds(shop, settings.rulebook.rules),
    )
    app.add_subapp("/console/api", make_console(parts, rules))
    add_pages(app)
    sockets = ConsoleSockets(sio, desk, channels.web)
    desk.listen(sockets.observe)
    channels.web.show_signs_to(sockets)
    return sockets

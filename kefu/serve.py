"""Assembles the parts of Kefu into one serving process, and takes them apart at its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.runtime.bot import Bot
from connectors.backends.embedded.demo.people import KNOWN_PEOPLE
from connectors.backends.shop import Shop
from connectors.channels.wechat.channel import WeChatChannel
from desk.events import DeskEvent, MessageAppended
from desk.service import Desk
from kefu.assistant import make_bot
from kefu.callbacks import open_callbacks
from kefu.demo import seed_if_empty
from kefu.doors import (
    REQUEST_BYTES,
    mount_callback,
    mount_channels,
    mount_console,
    mount_platforms,
    socket_server,
)
from kefu.gate import Gate
from kefu.gate_times import GateTimes
from kefu.handoffs import GroupOf, HandoffLimits
from kefu.hot_swap import follow_choice
from kefu.http import (
    Tracker,
    add_demo_shop,
    add_operations,
    add_rasa_api,
    guard,
    uncompressed_sockets,
)
from kefu.keeper import Keeper
from kefu.listening import url_of
from kefu.metrics import MESSAGES
from kefu.migrate import upgrade
from kefu.news import (
    Newsroom,
    PushSurroundings,
    carried_by,
    mount_pushes,
    news_rules,
    vendors_of,
)
from kefu.people import ensure_supervisor
from kefu.retention import forget_daily, tend_shop
from kefu.settings import Settings
from kefu.shop import open_shop
from kefu.stopping import until_told_to_stop
from kefu.surroundings import CatalogueWatch, follow_vip_groups
from kefu.threads import share_interpreter
from kefu.upkeep import keep_up
from kefu.watching import make_watcher
from kernel.clock import SystemClock
from kernel.database import make_engine

Say = Callable[[str], None]
# A lease outlives the longest turn by so much, so that two turns never overlap.
_TURN_MARGIN = timedelta(seconds=12)


async def serve(
    settings: Settings, model: Path, bound: socket.socket, say: Say, *, latest: Path
) -> int:
    """Serve at ``bound`` until SIGINT or SIGTERM.

    ``model`` is the one to begin with, ``latest`` the one to go on with when none is chosen.
    """
    share_interpreter()
    say("preparing the database ...")
    await upgrade(settings.database_url)
    async with _assembled(settings, model, latest, say) as (app, supervisor):
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.SockSite(runner, bound).start()
        try:
            _announce(supervisor, url_of(bound), settings, say)
            await until_told_to_stop()
        finally:
            say("stopping ...")
            await runner.cleanup()
    return 0


@contextlib.asynccontextmanager
async def _assembled(
    settings: Settings, model: Path, latest: Path, say: Say
) -> AsyncIterator[tuple[web.Application, tuple[str, str] | None]]:
    """Every part, built and started; ended in the opposite order.

    Yields the application, and login and password of the first supervisor if one was added.
    """
    async with contextlib.AsyncExitStack() as at_end:
        clock = SystemClock()
        engine = make_engine(settings.database_url)
        at_end.push_async_callback(engine.dispose)
        callbacks = await open_callbacks(settings.database_url)
        at_end.push_async_callback(callbacks.dispose)
        redis = None
        if settings.redis_url:
            redis = Redis.from_url(settings.redis_url)
            at_end.push_async_callback(redis.aclose)

        opened = open_shop(settings, engine, clock)
        at_end.push_async_callback(opened.close)
        shop = opened.ports
        if settings.rulebook.shop.has_demo and await seed_if_empty(engine, clock):
            say("seeded the demo shop")

        watch = CatalogueWatch(shop.catalogue, clock)
        if not (fresh := await watch.refreshed()):
            say("the shop does not answer; going on without its catalogue until it does")
        watching = asyncio.create_task(watch.run(fresh))
        at_end.callback(watching.cancel)

        bot = make_bot(settings, model)
        at_end.push_async_callback(bot.stop)
        say("loading the assistant ...")
        await bot.start()
        following = asyncio.create_task(
            follow_choice(settings.models, settings.data, latest, bot.load)
        )
        at_end.callback(following.cancel)
        desk = Desk(engine, clock, rules=settings.desk_rules)
        desk.news.rules = news_rules(settings)
        newsroom = Newsroom(shop, desk)
        worker = f"{socket.gethostname()}:{os.getpid()}"
        gate = Gate(
            desk,
            bot,
            clock,
            worker=worker,
            times=_gate_times(settings),
            proof_valid=timedelta(minutes=settings.rulebook.rules.identity.valid_minutes),
            limits=_handoff_limits(settings),
            group_of=_groups(shop),
            end_news=newsroom.end,
        )
        app = web.Application(
            client_max_size=REQUEST_BYTES, middlewares=[guard, uncompressed_sockets]
        )
        sio = socket_server(settings.redis_url)
        sio.attach(app)
        channels = mount_channels(app, sio, settings, desk, gate, redis)
        memory_days = settings.rulebook.assistant.memory_days
        upload_days = settings.rulebook.limits.upload_days
        for memory, days in (
            (bot, memory_days),
            (desk.calls, memory_days),
            (channels.uploads, upload_days),
        ):
            forgetting = asyncio.create_task(forget_daily(memory, clock, timedelta(days=days)))
            at_end.callback(forgetting.cancel)
        if settings.rulebook.shop.is_embedded:
            await at_end.enter_async_context(
                _running(tend_shop(engine, clock, settings.rulebook.rules))
            )
        desk.listen(_count)
        desk.listen(channels.web.observe)
        add_operations(app, _readiness(desk, redis))
        add_rasa_api(app, settings.secrets.api_token, bot.parse, _trackers(desk, bot))
        if settings.rulebook.shop.demo:
            add_demo_shop(app, shop, settings.secrets.shop_key, _demo_people())

        http = await at_end.enter_async_context(aiohttp.ClientSession())
        platforms = mount_platforms(
            app, settings, http, engine, callbacks, desk, gate, channels, worker
        )
        templates = {
            name: one.templates for name, one in platforms.items() if isinstance(one, WeChatChannel)
        }
        desk.news.may_carry = carried_by(templates)
        sockets = mount_console(app, sio, settings, desk, gate, shop, channels, templates)
        callback = mount_callback(app, settings, http, channels)
        around = PushSurroundings(callbacks, clock, worker)
        doors = mount_pushes(app, vendors_of(settings), newsroom, around)
        await gate.start(
            {
                "web": channels.web,
                "rest": channels.rest,
                "socketio": channels.socketio,
                **platforms,
                **callback,
            }
        )
        at_end.push_async_callback(gate.stop)
        idle = timedelta(minutes=settings.rulebook.desk.close_idle_minutes)
        keeping_up = asyncio.create_task(keep_up(desk, idle))
        at_end.callback(keeping_up.cancel)
        for edge in (*platforms.values(), *doors):
            await edge.start()
            at_end.push_async_callback(edge.stop)
        await at_end.enter_async_context(_running(newsroom.run()))
        newsroom.watcher = make_watcher(settings, shop, engine, clock, http, newsroom.take)
        if newsroom.watcher is not None:
            await at_end.enter_async_context(_running(newsroom.watcher.run()))
        followed = partial(follow_vip_groups, settings.rulebook.handoff.vip_at_once)
        keeper = Keeper(desk, clock, worker, settings.holidays, followed=followed)
        desk.listen(keeper.observe)
        await at_end.enter_async_context(_running(keeper.run()))
        await at_end.enter_async_context(_running(sockets.keep_beating()))
        yield app, await ensure_supervisor(desk)


@contextlib.asynccontextmanager
async def _running(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """``work`` in the background, cancelled and ended before what it uses goes away."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _demo_people() -> dict[str, str]:
    return {person.id: person.email for person in KNOWN_PEOPLE}


def _handoff_limits(settings: Settings) -> HandoffLimits:
    handoff = settings.rulebook.handoff
    return HandoffLimits(
        slow_turns=handoff.slow_turns,
        failed_turns=handoff.failed_turns,
        within=timedelta(minutes=handoff.within_minutes),
    )


def _groups(shop: Shop) -> GroupOf:
    async def group_of(customer_id: str) -> str:
        return (await shop.customers.get(customer_id)).level

    return group_of


def _gate_times(settings: Settings) -> GateTimes:
    longest_turn = timedelta(seconds=settings.rulebook.assistant.turn_time_limit)
    return GateTimes(turn_lease=longest_turn + _TURN_MARGIN)


def _trackers(desk: Desk, bot: Bot) -> Tracker:
    """Rasa's name for a conversation is its sender; a conversation of ours is found by its id."""

    async def tracker(sender: str) -> dict[str, Any] | None:
        for channel in ("rest", "socketio"):
            conversation = await desk.conversation_of(channel, sender)
            if conversation is not None:
                found = await bot.tracker(conversation.id)
                return found and {**found, "sender_id": sender}
        return await bot.tracker(sender)

    return tracker


def _count(event: DeskEvent) -> None:
    if isinstance(event, MessageAppended):
        MESSAGES.labels(event.message.author.value).inc()


def _readiness(desk: Desk, redis: Redis | None) -> Callable[[], Awaitable[dict[str, str]]]:
    async def missing() -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            await desk.unanswered(timedelta(0), limit=1)
        except (SQLAlchemyError, OSError) as error:
            found["database"] = type(error).__name__
        if redis is not None:
            try:
                await redis.ping()
            except (RedisError, OSError) as error:
                found["redis"] = type(error).__name__
        return found

    return missing


def _announce(supervisor: tuple[str, str] | None, url: str, settings: Settings, say: Say) -> None:
    say("ready")
    if settings.rulebook.shop.demo:
        say(f"  shop and widget  {url}/")
    say(f"  console          {url}/console")
    say(f"  REST             {url}/webhooks/rest/webhook")
    say(f"  log              {settings.data / 'kefu.log'}")
    if supervisor:
        login, password = supervisor
        say(f"  first supervisor login {login} password {password} (shown only this once)")

"""Asks a shop over HTTP: time-outs, repeats where they do no harm, every failure one of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import structlog

from connectors.backends.http.codec import read_as
from connectors.backends.http.contract import Verb, verbs
from connectors.backends.http.failures import FailedAnswer, Kind, error_of
from connectors.backends.shop import Shop
from kernel.errors import BackendTimeout, BackendUnavailable

log = structlog.get_logger()

_OK = 200
_PAUSE_SECONDS = 0.1
_CONNECTIONS = 32
_ANSWER_BYTES = 32 * 1024 * 1024
_NAME = "shop"


@dataclass(frozen=True)
class ShopAddress:
    """Where a shop is asked. ``seconds``: how long one request may take.

    ``repeats``: how many times more a request is sent that got no answer and may be repeated.
    """

    url: str
    token: str
    seconds: float = 2.0
    repeats: int = 1


class HttpShop:
    """A shop that serves its ports over HTTP. Use it on one event loop, and close it there."""

    def __init__(self, address: ShopAddress) -> None:
        self._address = address
        self._session: aiohttp.ClientSession | None = None
        self._is_down = False
        self._noted: set[str] = set()

    def ports(self) -> Shop:
        """The ports of the shop; no request is sent before the first verb is called."""
        ports: dict[str, Any] = {
            name: _Port(self.ask, of_port) for name, of_port in verbs().items()
        }
        return Shop(**ports)

    async def ask(self, verb: Verb, arguments: dict[str, Any]) -> Any:
        """The result of ``verb``; raises what the port's method raises.

        Whatever else goes wrong is BackendUnavailable, or BackendTimeout.
        """
        body = msgspec.json.encode(arguments)
        headers = {}
        if verb.key is not None:
            headers["Idempotency-Key"] = str(arguments[verb.key])
        for left in reversed(range(self._address.repeats + 1)):
            try:
                return await self._sent(verb, body, headers)
            except BackendUnavailable as error:
                never_sent = isinstance(error.__cause__, aiohttp.ClientConnectorError)
                if not left or not (verb.repeatable or never_sent):
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)
        raise AssertionError("the last round returns or raises")

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def _sent(self, verb: Verb, body: bytes, headers: dict[str, str]) -> Any:
        """The result of one request; raises BackendUnavailable, or what the shop answers."""
        try:
            async with self._opened().post(
                self._address.url + verb.path, data=body, headers=headers, allow_redirects=False
            ) as response:
                answer = await _whole(response)
        except TimeoutError as error:
            self._note("it takes too long")
            raise BackendTimeout(_NAME) from error
        except (aiohttp.ClientError, OSError) as error:
            self._note(type(error).__name__)
            raise BackendUnavailable(_NAME) from error
        try:
            if response.status == _OK:
                result = read_as(answer, verb.result)
                self._note(None)
                return result
            failed = msgspec.json.decode(answer, type=FailedAnswer).error
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            # Not the shop itself: a proxy, or something that does not keep to the contract.
            log.error("shop.answer.unread", verb=verb.path, status=response.status, why=str(error))
            raise BackendUnavailable(_NAME) from error
        self._note("it says so" if failed.kind is Kind.UNAVAILABLE else None)
        if failed.kind in (Kind.UNAUTHORISED, Kind.NOT_OFFERED):
            self._note_once(verb, failed.kind)
        codes = verb.refusals and {code.value for code in verb.refusals}
        if failed.kind is Kind.REFUSED and codes and failed.code not in codes:
            log.error("shop.refusal.unknown", verb=verb.path, code=failed.code)
            raise BackendUnavailable(_NAME)
        raise error_of(failed, _NAME)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._address.seconds),
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                headers={
                    "Authorization": f"Bearer {self._address.token}",
                    "Content-Type": "application/json",
                },
            )
        return self._session

    def _note(self, trouble: str | None) -> None:
        """Log once when the shop goes away and once when it is back."""
        if (trouble is not None) != self._is_down:
            self._is_down = trouble is not None
            log.warning("shop.down", why=trouble) if self._is_down else log.info("shop.back")

    def _note_once(self, verb: Verb, kind: Kind) -> None:
        """Some verbs are asked again and again; that the shop has none is said once."""
        if verb.path not in self._noted:
            self._noted.add(verb.path)
            log.error("shop.verb.refused", verb=verb.path, why=kind.value)


class _Port:
    """A port whose methods are requests."""

    def __init__(self, ask: Callable[[Verb, dict[str, Any]], Awaitable[Any]], of_port: Any) -> None:
        for name, verb in of_port.items():
            setattr(self, name, _method(ask, verb))


def _method(
    ask: Callable[[Verb, dict[str, Any]], Awaitable[Any]], verb: Verb
) -> Callable[..., Awaitable[Any]]:
    async def method(*positional: Any, **named: Any) -> Any:
        return await ask(verb, verb.signature.bind(*positional, **named).arguments)

    method.__name__ = verb.name
    return method


async def _whole(response: aiohttp.ClientResponse) -> bytes:
    """The body; raises ClientPayloadError for one that is too long to be an answer."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("the answer is too long")
    return bytes(body)

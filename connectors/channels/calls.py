"""One call of a platform's API, and how it fails."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from kernel.errors import BackendRejected, BackendTimeout, BackendUnavailable

Body = dict[str, Any]
_SERVER_ERROR = 500


class MediaRefused(Exception):
    """The media is gone, too large, or not what it should be; asking again will not help."""


class Call:
    """One request; fails as BackendUnavailable, or as BackendTimeout if it may have arrived."""

    def __init__(self, platform: str, request: Any) -> None:
        """``request`` is what a session's method returned, not awaited yet."""
        self._platform = platform
        self._request = request

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            response: aiohttp.ClientResponse = await self._request.__aenter__()
        except aiohttp.ClientConnectorError as error:
            raise BackendUnavailable(f"{self._platform} cannot be reached") from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise BackendTimeout(f"{self._platform} did not answer") from error
        if response.status >= _SERVER_ERROR:
            await self._request.__aexit__(None, None, None)
            raise BackendTimeout(f"{self._platform} answered {response.status}")
        return response

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        await self._request.__aexit__(kind, error, trace)
        if isinstance(error, TimeoutError | aiohttp.ClientError):
            raise BackendTimeout(f"{self._platform} did not answer to its end") from error


def json_of(body: bytes) -> Body:
    """The object in ``body``; raises BackendRejected if there is none."""
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise BackendRejected("the platform's answer is not JSON") from error
    if not isinstance(answer, dict):
        raise BackendRejected("the platform's answer is no object")
    return answer


def code_of(body: bytes) -> int:
    """The platform's error code in ``body``, 0 if it names none; raises BackendRejected."""
    code = json_of(body).get("errcode", 0)
    return code if isinstance(code, int) else 0

"""Which callbacks of WeCom's we believe: signed, fresh, encrypted, and for our enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from connectors.channels.envelope import BadEnvelope, Envelope, check_signature
from connectors.channels.flat_xml import read_xml
from kernel.clock import Clock

_LATEST = 253402300799


class Doorkeeper:
    """Checks what comes to the callback address. WeCom encrypts everything, the first test too."""

    def __init__(self, token: str, clock: Clock, envelope: Envelope, freshness: timedelta) -> None:
        self._token = token
        self._clock = clock
        self._envelope = envelope
        self._freshness = freshness

    def echo(self, query: Mapping[str, str]) -> str:
        """What WeCom wants to read when an operator enters the address; raises BadEnvelope."""
        return self._opened(query, query.get("echostr", "")).decode("utf-8", "replace")

    def admit(self, query: Mapping[str, str], body: bytes) -> dict[str, str]:
        """The fields of a push; raises BadEnvelope or BadXml."""
        return read_xml(self._opened(query, read_xml(body).get("Encrypt", "")))

    def _opened(self, query: Mapping[str, str], encrypted: str) -> bytes:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        check_signature(query.get("msg_signature", ""), self._token, timestamp, nonce, encrypted)
        if not timestamp.isdecimal() or int(timestamp) > _LATEST:
            raise BadEnvelope("it says no time")
        age = self._clock.now() - datetime.fromtimestamp(int(timestamp), UTC)
        if abs(age) > self._freshness:
            raise BadEnvelope("it is too old, or a clock is wrong")
        return self._envelope.open(encrypted)

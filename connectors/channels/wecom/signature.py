"""Which callbacks of WeCom's we believe: signed, fresh, encrypted, and for our enterprise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from connectors.channels.envelope import Envelope, check_freshness, check_signature
from connectors.channels.flat_xml import read_xml
from kernel.clock import Clock


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
        check_freshness(timestamp, self._clock.now(), self._freshness)
        return self._envelope.open(encrypted)

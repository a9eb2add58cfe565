"""Which callbacks we believe: signed, fresh, encrypted as agreed, and for our account."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from connectors.channels.envelope import (
    BadEnvelope,
    Envelope,
    check_freshness,
    check_signature,
    signature_of,
)
from connectors.channels.flat_xml import write_xml
from connectors.channels.wechat.payloads import fields_of
from kernel.clock import Clock


class Mode(StrEnum):
    """How the account exchanges messages: as its page on mp.weixin.qq.com says."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SECURE = "secure"


class Doorkeeper:
    """Checks what comes to one account's callback address, and seals what goes back."""

    def __init__(
        self,
        token: str,
        clock: Clock,
        *,
        mode: Mode,
        envelope: Envelope | None = None,
        freshness: timedelta = timedelta(minutes=5),
    ) -> None:
        """``envelope`` is needed unless ``mode`` is plain; raises ValueError without."""
        if mode is not Mode.PLAIN and envelope is None:
            raise ValueError(f"{mode.value} mode needs an envelope")
        self._token = token
        self._clock = clock
        self._mode = mode
        self._envelope = envelope
        self._freshness = freshness

    def echo(self, query: Mapping[str, str]) -> str:
        """What WeChat wants to read when an operator enters the address; raises BadEnvelope."""
        self._check(query)
        return query.get("echostr", "")

    def admit(self, query: Mapping[str, str], body: bytes) -> tuple[dict[str, str], bool]:
        """The fields of a push, and whether its answer is to be sealed.

        Raises BadEnvelope, BadXml or BadPayload.
        """
        self._check(query)
        is_sealed = query.get("encrypt_type", "raw") == "aes"
        if not is_sealed:
            if self._mode is Mode.SECURE:
                raise BadEnvelope("it is not encrypted")
            return fields_of(body), False
        if self._envelope is None:
            raise BadEnvelope("it is encrypted, but the account is in plain mode")
        encrypted = fields_of(body).get("Encrypt", "")
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        check_signature(query.get("msg_signature", ""), self._token, timestamp, nonce, encrypted)
        return fields_of(self._envelope.open(encrypted)), True

    def seal(self, answer: str) -> str:
        """``answer`` in XML, encrypted and signed with a time and a nonce of ours."""
        if self._envelope is None:
            raise ValueError("plain mode seals nothing")
        encrypted = self._envelope.seal(answer.encode())
        timestamp = int(self._clock.now().timestamp())
        nonce = secrets.token_hex(8)
        signature = signature_of(self._token, str(timestamp), nonce, encrypted)
        return write_xml(
            {
                "Encrypt": encrypted,
                "MsgSignature": signature,
                "TimeStamp": timestamp,
                "Nonce": nonce,
            }
        )

    def _check(self, query: Mapping[str, str]) -> None:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        check_signature(query.get("signature", ""), self._token, timestamp, nonce)
        check_freshness(timestamp, self._clock.now(), self._freshness)

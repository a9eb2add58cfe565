"""The signed and encrypted envelope of WeChat's and WeCom's callbacks, one scheme for both.

Source: developers.weixin.qq.com, "Technical Plan" of message encryption. AES-256-CBC, the first 16
bytes of the key as vector, PKCS#7 over blocks of 32 bytes; inside: 16 random bytes, the length of
the message as four bytes big-endian, the message, and the id of the account it is for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from kernel.errors import KefuError

_BLOCK_BITS = 256
_RANDOM_BYTES = 16
_LENGTH_BYTES = 4
# Seconds since 1970, as far as they are a date.
_SECONDS = re.compile(r"[0-9]{1,11}")
_KEY = re.compile(r"[A-Za-z0-9]{43}")


class BadEnvelope(KefuError):
    """A callback that its platform did not make for us; the message says which check failed."""


def signature_of(*parts: str) -> str:
    """SHA-1 over the sorted ``parts``, as both platforms sign."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 their choice


def check_signature(given: str, *parts: str) -> None:
    """Raise BadEnvelope unless ``given`` is the signature of ``parts``; takes the same time."""
    expected = signature_of(*parts)
    if not hmac.compare_digest(expected.encode(), given.encode(errors="surrogatepass")):
        raise BadEnvelope("the signature is wrong")


def check_freshness(timestamp: str, now: datetime, freshness: timedelta) -> None:
    """Raise BadEnvelope unless ``timestamp``, seconds of Unix time, is near ``now``."""
    if not _SECONDS.fullmatch(timestamp):
        raise BadEnvelope("it says no time")
    if abs(now - datetime.fromtimestamp(int(timestamp), UTC)) > freshness:
        raise BadEnvelope("it is too old, or a clock is wrong")


def is_encoding_key(text: str) -> bool:
    """Whether ``text`` can be an EncodingAESKey: 43 letters and digits."""
    return _KEY.fullmatch(text) is not None


class Envelope:
    """Opens and seals what one account exchanges with its platform."""

    def __init__(self, encoding_aes_key: str, receiver: str) -> None:
        """``receiver``: the appid or corpid that stands inside; raises ValueError on a bad key."""
        if not is_encoding_key(encoding_aes_key):
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        self._key = base64.b64decode(encoding_aes_key + "=")
        self._receiver = receiver.encode()

    def open(self, encrypted: str) -> bytes:
        """The message in ``encrypted``; raises BadEnvelope, also if it is for another account."""
        try:
            sealed = base64.b64decode(encrypted, validate=True)
            decryptor = self._cipher().decryptor()
            padded = decryptor.update(sealed) + decryptor.finalize()
            unpadder = PKCS7(_BLOCK_BITS).unpadder()
            plain = unpadder.update(padded) + unpadder.finalize()
        except (ValueError, binascii.Error) as error:
            raise BadEnvelope("it cannot be decrypted") from error
        begins = _RANDOM_BYTES + _LENGTH_BYTES
        length = int.from_bytes(plain[_RANDOM_BYTES:begins], "big")
        if len(plain) < begins + length:
            raise BadEnvelope("it is shorter than it says")
        if not hmac.compare_digest(plain[begins + length :], self._receiver):
            raise BadEnvelope("it is for another account")
        return plain[begins : begins + length]

    def seal(self, message: bytes) -> str:
        """``message`` encrypted for the platform, base64."""
        length = len(message).to_bytes(_LENGTH_BYTES, "big")
        plain = secrets.token_bytes(_RANDOM_BYTES) + length + message + self._receiver
        padder = PKCS7(_BLOCK_BITS).padder()
        encryptor = self._cipher().encryptor()
        padded = padder.update(plain) + padder.finalize()
        return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

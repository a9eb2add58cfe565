"""Kuaidi100 (快递100) as a tracker: subscribes parcels, asks about them, reads its codes.

Source: the vendor's Java demo and api.kuaidi100.com, November 2026. What its return codes mean is
no part of what it publishes for certain, so they are configuration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

import aiohttp
import msgspec
import structlog

from connectors.backends.pushes.kuaidi100 import read_result, sign_query
from connectors.backends.pushes.port import BadPush
from connectors.channels.calls import Body, Call, json_of
from connectors.watching.port import Answer, Manner, Outcome, Way
from kernel.errors import BackendRejected, BackendUnavailable

log = structlog.get_logger()

_NAME = "kuaidi100"
# A number that is asked about again sooner gets locked there.
_LEAST_MINUTES = 30
# Exact status codes of every event.
_ADVANCED = "4"


class CarrierThere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A carrier of the shop at Kuaidi100: its ``code`` there, and how its parcels are watched.

    ``way``: "push" (they are subscribed) or "poll" (they are asked about every ``every_minutes``).
    ``phone``: it demands the last four digits of the recipient's phone.
    """

    code: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]+$")]
    way: Way = Way.PUSH
    every_minutes: Annotated[float, msgspec.Meta(ge=_LEAST_MINUTES)] = _LEAST_MINUTES
    phone: bool = False


QUERY_CODES = {
    "200": Outcome.DONE,
    "400": Outcome.REFUSED,
    "408": Outcome.REFUSED,
    "500": Outcome.NOTHING_YET,
    "501": Outcome.LATER,
    "502": Outcome.LATER,
    "503": Outcome.ACCOUNT,
    "601": Outcome.ACCOUNT,
}
SUBSCRIBE_CODES = {
    "200": Outcome.DONE,
    "501": Outcome.DONE,
    "500": Outcome.LATER,
    "600": Outcome.ACCOUNT,
    "601": Outcome.ACCOUNT,
    "700": Outcome.REFUSED,
    "701": Outcome.NO_PUSH,
}


class Kuaidi100Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Kuaidi100's pushes, and our own asking; nothing secret.

    The salt that pushes are signed with is ``kuaidi100_salt`` of the secrets, the key of the
    account ``KEFU_KUAIDI100_KEY``; without it nothing is asked. ``customer`` is the account's own
    id, for asking.
    """

    enabled: bool = False
    customer: str = ""
    carriers: dict[str, CarrierThere] = msgspec.field(default_factory=dict)
    query_codes: dict[str, Outcome] = msgspec.field(default_factory=dict)
    subscribe_codes: dict[str, Outcome] = msgspec.field(default_factory=dict)
    api: Annotated[str, msgspec.Meta(pattern=r"^https?://\S+[^\s/]$")] = (
        "https://poll.kuaidi100.com"
    )
    request_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5

    @property
    def subscribes(self) -> bool:
        """Whether any carrier's parcels are subscribed."""
        return any(one.way is Way.PUSH for one in self.carriers.values())


class Kuaidi100Tracker:
    """(see Tracker)"""

    def __init__(
        self,
        settings: Kuaidi100Settings,
        session: aiohttp.ClientSession,
        *,
        key: str,
        salt: str,
        callback: str,
    ) -> None:
        """``callback``: where the vendor pushes to. ``session`` is the caller's to close."""
        self._settings = settings
        self._session = session
        self._key = key
        self._salt = salt
        self._callback = callback
        self._timeout = aiohttp.ClientTimeout(total=settings.request_seconds)
        self._query_codes = {**QUERY_CODES, **settings.query_codes}
        self._subscribe_codes = {**SUBSCRIBE_CODES, **settings.subscribe_codes}

    def manner_of(self, carrier: str) -> Manner | None:
        """(see Tracker)"""
        there = self._settings.carriers.get(carrier)
        if there is None:
            return None
        return Manner(there.way, timedelta(minutes=there.every_minutes), there.phone)

    async def subscribe(self, carrier: str, tracking_number: str, phone: str) -> Answer:
        """(see Tracker)"""
        parameters = {
            "callbackurl": self._callback,
            "salt": self._salt,
            "resultv2": _ADVANCED,
            **({"phone": phone} if phone else {}),
        }
        param = {
            "company": self._settings.carriers[carrier].code,
            "number": tracking_number,
            "key": self._key,
            "parameters": parameters,
        }
        form = {"schema": "json", "param": json.dumps(param, ensure_ascii=False)}
        answer = await self._post("/poll", form)
        if isinstance(answer, Answer):
            return answer
        return _meant(str(answer.get("returnCode", "")), self._subscribe_codes)

    async def ask(self, carrier: str, tracking_number: str, phone: str) -> Answer:
        """(see Tracker)"""
        there = {
            "com": self._settings.carriers[carrier].code,
            "num": tracking_number,
            "resultv2": _ADVANCED,
            "show": "0",
            "order": "desc",
            **({"phone": phone} if phone else {}),
        }
        param = json.dumps(there, ensure_ascii=False)
        customer = self._settings.customer
        form = {
            "customer": customer,
            "sign": sign_query(param, self._key, customer),
            "param": param,
        }
        answer = await self._post("/poll/query.do", form)
        if isinstance(answer, Answer):
            return answer
        code = str(answer.get("returnCode") or answer.get("status") or "")
        meant = _meant(code, self._query_codes)
        if meant.outcome is not Outcome.DONE:
            return meant
        try:
            # Told under the number that was asked for, however it is spelled there.
            report = read_result({**answer, "nu": tracking_number})
        except BadPush as error:
            log.warning("kuaidi100.answer.unreadable", reason=str(error))
            return Answer(Outcome.LATER, code)
        if not report.events:
            return Answer(Outcome.NOTHING_YET, code)
        return Answer(Outcome.DONE, code, report)

    async def _post(self, path: str, form: Mapping[str, str]) -> Body | Answer:
        """What the vendor answers, or that it does not."""
        request = self._session.post(
            f"{self._settings.api}{path}", data=form, timeout=self._timeout
        )
        try:
            async with Call(_NAME, request) as response:
                return json_of(await response.read())
        except (BackendUnavailable, BackendRejected) as error:
            log.warning("kuaidi100.unavailable", error=str(error))
            return Answer(Outcome.LATER)


def _meant(code: str, codes: Mapping[str, Outcome]) -> Answer:
    """What ``code`` means; one that nobody knows makes a log line, and is tried again later."""
    outcome = codes.get(code)
    if outcome is None:
        log.warning("kuaidi100.code.unknown", code=code[:20])
        return Answer(Outcome.LATER, code[:20])
    return Answer(outcome, code)

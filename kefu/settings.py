"""Reads kefu.yml and the environment into frozen settings; refuses what it does not understand."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from bot.nlu.thresholds import Thresholds
from connectors.backends.customers.model import Proof
from connectors.backends.rules import ShopRules
from connectors.channels.wechat.account import AccountSettings
from connectors.channels.wecom.account import KfSettings
from connectors.codes.webhook import CodeSettings
from connectors.watching.kuaidi100 import Kuaidi100Settings
from desk.rulebook import (
    CalendarBook,
    DeskBook,
    Holidays,
    QueueBook,
    RulesError,
    SlaBook,
    make_rules,
    read_holidays,
)
from desk.rules import DeskRules
from kernel.errors import SettingsError

Count = Annotated[int, msgspec.Meta(ge=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0)]
_WALL_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
Chance = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One name in both languages."""

    zh: str
    en: str


class ShopServerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The server that is asked instead of the embedded shop, if there is an address.

    ``articles``: whose knowledge base is searched, ours or the shop's.
    """

    url: Annotated[str, msgspec.Meta(pattern=r"^(https?://\S+[^\s/])?$")] = ""
    seconds: Seconds = 2.0
    repeats: Annotated[int, msgspec.Meta(ge=0, le=5)] = 1
    articles: Literal["kefu", "shop"] = "kefu"


class ShopSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who the shop is, and where its systems are."""

    name: Names
    order_number_pattern: str = r"KF\d{10}"
    demo: bool = True
    server: ShopServerSettings = ShopServerSettings()
    codes: CodeSettings = CodeSettings()

    @property
    def is_embedded(self) -> bool:
        """Whether the shop's data lie in our own database."""
        return not self.server.url

    @property
    def has_demo(self) -> bool:
        """Whether an empty embedded shop becomes the demo shop."""
        return self.demo and self.is_embedded


class FrustrationSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a shopper has had enough of the assistant.

    A message counts if it is frustrated with a chance of ``threshold`` or more; ``messages`` such
    among a shopper's last five bring a person.
    """

    threshold: Chance = 0.8
    messages: Count = 2


class AssistantSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the assistant may take, in seconds, and for how many days it remembers.

    The desk forgets the numbers that shoppers left to be called at after as many days.
    """

    turn_time_limit: Seconds = 8.0
    action_time_limit: Seconds = 5.0
    memory_days: Count = 365
    frustration: FrustrationSettings = FrustrationSettings()


class UnderstandingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the assistant doubts what it understood; see ``bot.nlu.thresholds.Thresholds``."""

    threshold: Chance = 0.25
    margin: Chance = 0.02
    sure: Chance = 0.6
    strange: Chance = 0.2
    certain: Chance = 0.4

    @property
    def thresholds(self) -> Thresholds:
        """These rules as the language side reads them."""
        return Thresholds(**msgspec.structs.asdict(self))


class LimitSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one shopper may send."""

    message_characters: Count = 4000
    messages_per_minute: Count = 30
    burst: Count = 15
    upload_megabytes: Count = 5
    uploads_per_day: Count = 20
    upload_days: Count = 730
    new_sessions_per_minute: Count = 30
    rasa_messages_per_minute: Count = 6000
    proxies: Annotated[int, msgspec.Meta(ge=0)] = 0


class DeskSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How agents work. ``secure_cookies``: the console is reached over HTTPS only.

    ``public_url``: where shoppers reach this server, for links to the rating; where that is not
    said, the channels' address counts, and without either there are no links.
    """

    secure_cookies: bool = False
    close_idle_minutes: Count = 60
    public_url: str | None = None


class CallbackSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rasa's callback channel: where replies are posted; without an address it is off."""

    url: str = ""


class ChannelSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The platforms that shoppers may write on, besides our own widget.

    ``public_url`` is our address as the platforms' servers and shoppers' phones reach it.
    """

    public_url: str = ""
    callback: CallbackSettings = CallbackSettings()
    wechat: AccountSettings = AccountSettings()
    miniprogram: AccountSettings = AccountSettings()
    wecom: KfSettings = KfSettings()


class QuietSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when, by the clock of ``rules.timezone``, nobody is told news: ``22:00``."""

    start: Annotated[str, msgspec.Meta(pattern=_WALL_CLOCK)] = "22:00"
    end: Annotated[str, msgspec.Meta(pattern=_WALL_CLOCK)] = "08:00"


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The generic webhook; the key it is signed with is ``webhook_key`` of the secrets."""

    enabled: bool = False
    freshness_seconds: Seconds = 300


class NewsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How shoppers are told what they asked to be told, and who tells us.

    After ``gap_minutes`` the next message may follow; what nobody could be told for ``keep_hours``
    is no news any more. ``reserve`` messages of a platform's allowance are left for answers.
    """

    quiet_hours: QuietSettings | None = None
    gap_minutes: Annotated[float, msgspec.Meta(ge=0)] = 30
    keep_hours: Seconds = 48
    reserve: Annotated[int, msgspec.Meta(ge=0)] = 1
    kuaidi100: Kuaidi100Settings = Kuaidi100Settings()
    webhook: WebhookSettings = WebhookSettings()


class HandoffSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the assistant gives up and people come.

    ``unclear_messages`` in a row that are below ``understanding.threshold`` bring a person;
    ``unclear_risky_messages`` do where the likeliest reading, with a chance of ``risky_from`` at
    least, is one of ``risky_journeys``, or where they should answer a question of one. So do
    ``unusable_answers`` to one question; the same request for the ``repeated_requests``-th time in
    a row offers one. Whoever meets a shop's system that does not answer is offered one, and gets
    it at the ``outages``-th time in a row. With ``vip_at_once`` the queue's ``vip_groups`` get a
    person wherever others are offered one or asked what they meant. ``slow_turns`` and
    ``failed_turns`` within ``within_minutes`` bring one as well.
    """

    unclear_messages: Count = 2
    unclear_risky_messages: Count = 1
    risky_journeys: tuple[str, ...] = ("payment_failed", "refund_request", "account_login")
    risky_from: Chance = 0.25
    unusable_answers: Count = 3
    repeated_requests: Count = 3
    outages: Count = 2
    vip_at_once: bool = True
    slow_turns: Count = 2
    failed_turns: Count = 2
    within_minutes: Seconds = 30


class Rulebook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of kefu.yml."""

    shop: ShopSettings
    assistant: AssistantSettings = AssistantSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    limits: LimitSettings = LimitSettings()
    desk: DeskSettings = DeskSettings()
    channels: ChannelSettings = ChannelSettings()
    rules: ShopRules = ShopRules()
    calendars: dict[str, CalendarBook] = {}
    sla: SlaBook = SlaBook()
    queue: QueueBook = QueueBook()
    handoff: HandoffSettings = HandoffSettings()
    news: NewsSettings = NewsSettings()

    @property
    def desk_book(self) -> DeskBook:
        """The rules of the desk alone."""
        return DeskBook(calendars=self.calendars, sla=self.sla, queue=self.queue)


class Secrets(msgspec.Struct, frozen=True):
    """Keys of this installation: from the environment, else made once and kept with the data.

    ``api_token`` opens Rasa's HTTP API, ``session_key`` signs the widget's sessions, ``shop_key``
    is the one a shop's page signs its customers' tokens with. ``webhook_key`` signs what other
    systems push, ``kuaidi100_salt`` what Kuaidi100 does. ``shop_token`` opens a shop's HTTP API: to
    us that of the shop that kefu.yml names, to others that of `kefu shop serve`. ``code_key`` signs
    the one-time codes that we have sent, and digests those that we keep.
    """

    api_token: str
    session_key: str
    shop_key: str
    webhook_key: str
    kuaidi100_salt: str
    shop_token: str
    code_key: str


class Settings(msgspec.Struct, frozen=True):
    """Everything a run of Kefu needs to know before it starts."""

    rulebook: Rulebook
    secrets: Secrets
    root: Path
    data: Path
    database_url: str
    redis_url: str | None
    rest_token: str | None
    kuaidi100_key: str | None
    holidays: dict[str, Holidays]
    desk_rules: DeskRules

    @property
    def models(self) -> Path:
        """Where trained models lie."""
        return self.root / "models"

    @property
    def uploads(self) -> Path:
        """Where shoppers' uploads lie."""
        return self.data / "uploads"


def load_rulebook(path: Path) -> Rulebook:
    """The rules in ``path``; raises SettingsError with one sentence that names the place."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"{path.name} is missing in {path.parent}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path.name} is not UTF-8 text") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise SettingsError(f"{path.name}{where} is not valid YAML: {problem}") from error
    try:
        rulebook = msgspec.convert(content, Rulebook)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path.name} is not understood: {error}") from error
    if unknown := _unknown_rules(content.get("rules") or {}, rulebook.rules):
        raise SettingsError(f"{path.name} is not understood: there is no rule `rules.{unknown}`")
    try:
        re.compile(rulebook.shop.order_number_pattern)
    except re.error as error:
        raise SettingsError(
            f"{path.name}: shop.order_number_pattern is not a regular expression: {error}"
        ) from error
    if rulebook.understanding.sure < rulebook.understanding.threshold:
        raise SettingsError(
            f"{path.name}: understanding.sure must not be below understanding.threshold"
        )
    by_code = Proof.ONE_TIME_CODE in rulebook.rules.identity.proofs
    if by_code and rulebook.shop.is_embedded and not rulebook.shop.codes.url:
        raise SettingsError(
            f"{path.name}: rules.identity.proofs has one_time_code, and nobody sends codes: "
            "shop.codes.url is empty"
        )
    try:
        ZoneInfo(rulebook.rules.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(
            f"{path.name}: rules.timezone: there is no time zone {rulebook.rules.timezone!r}"
        ) from error
    return rulebook


def load_holidays(folder: Path) -> dict[str, Holidays]:
    """The files of days off in ``folder`` by name; raises SettingsError."""
    found: dict[str, Holidays] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            found[path.stem] = read_holidays(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (RulesError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise SettingsError(f"holidays/{path.name} is not understood: {error}") from error
    return found


def _unknown_rules(given: Mapping[str, Any], rules: Any) -> str | None:
    """The first key in ``given`` that the dataclass ``rules`` does not have, with its path."""
    for key, value in given.items():
        if key not in {field.name for field in dataclasses.fields(rules)}:
            return key
        known = getattr(rules, key)
        if dataclasses.is_dataclass(known) and (unknown := _unknown_rules(value, known)):
            return f"{key}.{unknown}"
    return None


def load_settings(root: Path, data: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings for the project in ``root``, runs write to ``data``; raises SettingsError."""
    environment = os.environ if environment is None else environment
    rulebook = load_rulebook(root / "kefu.yml")
    holidays = load_holidays(root / "holidays")
    try:
        desk_rules = make_rules(rulebook.desk_book, holidays)
    except RulesError as error:
        raise SettingsError(f"kefu.yml is not understood: {error}") from error
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / ".writable"
        probe.write_bytes(b"0" * 4096)
        probe.unlink()
    except OSError as error:
        raise SettingsError(f"cannot write to {data}: {error.strerror}") from error
    database_url = environment.get("DATABASE_URL") or f"sqlite:///{(data / 'kefu.db').resolve()}"
    if not database_url.startswith(("sqlite:", "postgresql:", "postgresql+asyncpg:")):
        raise SettingsError("DATABASE_URL must begin with sqlite:/// or postgresql://")
    try:
        make_url(database_url)
    except (ArgumentError, ValueError) as error:
        raise SettingsError("DATABASE_URL is not the address of a database") from error
    redis_url = environment.get("REDIS_URL") or None
    if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingsError("REDIS_URL must begin with redis://, rediss:// or unix://")
    return Settings(
        rulebook=rulebook,
        secrets=_load_secrets(data / "secrets.json", environment),
        root=root,
        data=data.resolve(),
        database_url=database_url,
        redis_url=redis_url,
        rest_token=environment.get("KEFU_REST_TOKEN") or None,
        kuaidi100_key=environment.get("KEFU_KUAIDI100_KEY") or None,
        holidays=holidays,
        desk_rules=desk_rules,
    )


def _load_secrets(path: Path, environment: Mapping[str, str]) -> Secrets:
    kept: dict[str, str] = {}
    if path.exists():
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        except msgspec.DecodeError as error:
            raise SettingsError(
                f"{path} is damaged: restore it, or remove it and everybody has to sign in again"
            ) from error
    values = {
        name: environment.get(f"KEFU_{name.upper()}") or kept.get(name) or secrets.token_urlsafe(32)
        for name in Secrets.__struct_fields__
    }
    made = {name: values[name] for name in values if not environment.get(f"KEFU_{name.upper()}")}
    if made != kept:
        # Complete or not at all: half a file of keys would lock everybody out.
        staging = path.with_suffix(f".{os.getpid()}")
        staging.touch(mode=0o600)
        staging.write_text(json.dumps(made, indent=1))
        staging.replace(path)
    return Secrets(**values)

"""The people at the desk, as the operator manages them: the first supervisor, new agents."""

from __future__ import annotations

import secrets

from desk.agents import LONGEST_PASSWORD, SHORTEST_PASSWORD
from desk.errors import BadIncoming, LoginTaken
from desk.model import Role
from desk.service import Desk
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.clock import SystemClock
from kernel.database import make_engine
from kernel.errors import SettingsError

_FIRST_LOGIN = "supervisor"


async def ensure_supervisor(desk: Desk) -> tuple[str, str] | None:
    """Add a first supervisor if nobody can log in; returns login and password, shown only now."""
    if await desk.agents():
        return None
    password = secrets.token_urlsafe(9)
    try:
        await desk.add_agent(_FIRST_LOGIN, "Supervisor", password, Role.SUPERVISOR)
    except LoginTaken:
        # Another replica that started at the same moment was faster, and shows its password.
        return None
    return _FIRST_LOGIN, password


async def add_agent(settings: Settings, login: str, name: str, password: str, role: str) -> None:
    """Add one agent to the desk of ``settings``; raises SettingsError, a sentence, if refused."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise SettingsError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        await Desk(engine, SystemClock()).add_agent(login, name, password, Role(role))
    except LoginTaken as error:
        raise SettingsError(f"somebody logs in as {error} already: choose another login") from error
    except BadIncoming as error:
        raise SettingsError(f"{error} cannot be a login or a name") from error
    finally:
        await engine.dispose()

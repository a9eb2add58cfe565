"""The people at the desk, as the operator manages them: the first supervisor, new agents."""

from __future__ import annotations

import secrets

from desk.model import Role
from desk.service import Desk
from kefu.migrate import upgrade
from kefu.settings import Settings
from kernel.clock import SystemClock
from kernel.database import make_engine

_FIRST_LOGIN = "supervisor"


async def ensure_supervisor(desk: Desk) -> tuple[str, str] | None:
    """Add a first supervisor if nobody can log in; returns login and password, shown only now."""
    if await desk.agents():
        return None
    password = secrets.token_urlsafe(9)
    await desk.add_agent(_FIRST_LOGIN, "Supervisor", password, Role.SUPERVISOR)
    return _FIRST_LOGIN, password


async def add_agent(settings: Settings, login: str, name: str, password: str, role: str) -> None:
    """Add one agent to the desk of ``settings``; raises DeskError if the login is taken."""
    await upgrade(settings.database_url)
    engine = make_engine(settings.database_url)
    try:
        await Desk(engine, SystemClock()).add_agent(login, name, password, Role(role))
    finally:
        await engine.dispose()

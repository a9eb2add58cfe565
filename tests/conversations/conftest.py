"""The assistant of the present data, trained once and kept between test runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conversations.stage import Stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(model: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The loaded assistant over a seeded shop."""
    stage = Stage(model, tmp_path_factory.mktemp("conversations"))
    await stage.start()
    yield stage
    await stage.bot.stop()

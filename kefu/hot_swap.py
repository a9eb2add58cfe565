"""Puts the model that an operator chooses into the running assistant."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from kefu.models import choice_state, chosen_model

log = structlog.get_logger()

_LOOK_EVERY_SECONDS = 0.25


async def follow_choice(
    models: Path, data: Path, latest: Path, load: Callable[[Path], Awaitable[None]]
) -> None:
    """Load whatever model is chosen for ``data`` whenever that changes, for as long as this runs.

    ``latest`` is the one to go back to when no particular one is wanted any more. A model that
    cannot be loaded leaves the one before in use.
    """
    seen = choice_state(data)
    while True:
        await asyncio.sleep(_LOOK_EVERY_SECONDS)
        state = choice_state(data)
        if state == seen:
            continue
        seen = state
        try:
            await load(chosen_model(models, data) or latest)
        except Exception as error:
            # Whatever is wrong with a model, the shoppers go on talking to the one before.
            log.error("model.not_loaded", exc_info=error)

"""A shop of which some or all systems do not answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from actions.service_hours import ServiceHours
from connectors.backends.shop import Shop
from kernel.errors import BackendUnavailable


class DownPort:
    """A port of the shop behind which nobody answers."""

    def __getattr__(self, name: str) -> Any:
        """Every method of any port, failing."""

        async def fail(*_: object, **__: object) -> None:
            raise BackendUnavailable(name)

        return fail


def with_down(shop: Shop, down: Sequence[str]) -> Shop:
    """``shop`` with some of its ports unreachable."""
    return dataclasses.replace(shop, **{name: DownPort() for name in down})


def make_down_hours() -> ServiceHours:
    """A desk that cannot be asked when its people are there."""
    hours: Any = DownPort()
    return hours


def make_down_shop() -> Shop:
    """A shop of which no port answers."""
    ports: Any = {field.name: DownPort() for field in dataclasses.fields(Shop)}
    return Shop(**ports)

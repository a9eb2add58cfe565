"""What happens when a server or a program that a test needs is not installed."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip on a developer's machine; on the build machine (CI=true) it is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}, and CI=true demands it")
    pytest.skip(what)

"""Looks for what keeps people with disabilities out, with axe-core, the checker browsers ship."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.missing import missing

VERSION = "4.11.0"
GRAVE = {"serious", "critical"}


@functools.cache
def _source() -> str:
    """The checker's file, from the package registry."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            [npm, "pack", f"axe-core@{VERSION}", "--silent"],
            cwd=folder,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if packed.returncode:
            missing("axe-core could not be fetched")
        with tarfile.open(Path(folder) / f"axe-core-{VERSION}.tgz") as archive:
            archive.extract("package/axe.min.js", folder, filter="data")
        return (Path(folder) / "package/axe.min.js").read_text(encoding="utf-8")


async def barriers(page: Page, within: str = "html") -> list[str]:
    """Every grave violation in what the selector ``within`` finds now, shadow roots included."""
    # Evaluated by the test's own hand, so the page's policy for scripts does not mind.
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(_source())
    found: list[dict[str, Any]] = await page.evaluate(
        """async (within) => (await axe.run(within, {resultTypes: ["violations"]})).violations""",
        within,
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]

"""Looks for what keeps people with disabilities out, with axe-core, the checker browsers ship."""

from __future__ import annotations

import functools
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Literal

from playwright.async_api import Page

from tests.missing import missing

VERSION = "4.11.0"
GRAVE = {"serious", "critical"}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What another theme may change: it has other colours and nothing else.
_OF_COLOURS = ["color-contrast", "link-in-text-block"]

# The colour behind everything, once none is on its way from one theme to the other.
_GROUND = """async () => {
  const roots = [document, ...[...document.querySelectorAll("*")].map((one) => one.shadowRoot)];
  const moving = () => roots.flatMap((root) => root?.getAnimations() ?? [])
    .filter((one) => one.playState === "running")
    .some((one) => one.effect.getComputedTiming().endTime < Infinity);
  do await new Promise(requestAnimationFrame); while (moving());
  return getComputedStyle(document.body).backgroundColor;
}"""


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
    """Every grave violation in what the selector ``within`` finds now, in light and in dark.

    Shadow roots are looked into; the page must follow the scheme of the browser.
    """
    # Evaluated by the test's own hand, so the page's policy for scripts does not mind.
    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(_source())
    found: list[str] = []
    grounds: set[str] = set()
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        grounds.add(await page.evaluate(_GROUND))
        rules = {} if scheme == SCHEMES[0] else {"runOnly": _OF_COLOURS}
        violations: list[dict[str, Any]] = await page.evaluate(
            "async ([within, options]) => (await axe.run(within, options)).violations",
            [within, {"resultTypes": ["violations"], **rules}],
        )
        found += [
            f"{scheme} {one['id']}: {node['target']} {node['failureSummary']}"
            for one in violations
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]
    assert len(grounds) == len(SCHEMES), "the page has one theme only"
    return found

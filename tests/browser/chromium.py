"""Opens Debian's Chromium for one test; a page whose scripts fail fails the test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.missing import missing

# A busy machine is slow, not wrong: what is awaited may take longer than Playwright's 5 s.
expect.set_options(timeout=20_000)

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A headless browser until the block ends."""
    program = shutil.which("chromium")
    if program is None:
        missing("chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A page of a browser nobody has used; ``options`` are those of a new context."""
    context = await browser.new_context(**{"locale": "en-GB", **options})
    context.set_default_timeout(20_000)
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(error.stack or str(error)))
    try:
        yield page
    finally:
        await context.close()
    assert not failures, "\n".join(failures)

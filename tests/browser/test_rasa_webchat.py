"""The published rasa-webchat client, unchanged, against our Rasa events."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.async_api import expect

from kernel.content import Button, Content
from tests.browser.chromium import open_browser, open_page
from tests.channels.serving import ServedChannels, says, serve_channels
from tests.conftest import Databases
from tests.missing import missing

PAGE = """<!doctype html><html lang="en"><body><script src="/rasa-webchat.js"></script><script>
window.WebChat.default({socketUrl: location.origin, customData: {language: "en"}, embedded: false,
  initPayload: "/get_started", title: "Shop", params: {storage: "local"}}, null);
</script></body></html>"""


@pytest.fixture(scope="session")
def rasa_webchat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's file, from the package registry."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm is not installed")
    folder = tmp_path_factory.mktemp("rasa-webchat")
    packed = subprocess.run(
        [npm, "pack", "rasa-webchat@1.0.1", "--silent"],
        cwd=folder,
        capture_output=True,
        timeout=120,
        check=False,
    )
    if packed.returncode:
        missing("rasa-webchat could not be fetched")
    with tarfile.open(folder / "rasa-webchat-1.0.1.tgz") as archive:
        archive.extract("package/lib/index.js", folder, filter="data")
    return folder / "package/lib/index.js"


@pytest.fixture
async def served(
    databases: Databases, tmp_path: Path, rasa_webchat: Path
) -> AsyncIterator[ServedChannels]:
    """The channels, and a page with the stock client."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def script(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(rasa_webchat)

    def add_page(app: web.Application) -> None:
        app.router.add_get("/rasa", page)
        app.router.add_get("/rasa-webchat.js", script)

    url = databases.make("sqlite")
    async with serve_channels(url, tmp_path, demo=add_page) as running:
        yield running


async def test_the_stock_client_connects_gets_answers_and_comes_back(
    served: ServedChannels,
) -> None:
    served.assistant.answer = lambda request: says(
        Content(text="Which one?", buttons=(Button("Track it", '/track{"n": "1"}'),))
        if request.text == "my parcel"
        else f"You said: {request.text}"
    )
    async with open_browser() as browser, open_page(browser) as page:
        await page.goto(f"{served.url}/rasa")
        await page.locator(".rw-launcher").click()
        await expect(page.locator(".rw-response", has_text="You said: Hello")).to_be_visible()
        await page.locator(".rw-new-message").fill("my parcel")
        await page.locator(".rw-new-message").press("Enter")
        await page.locator(".rw-reply", has_text="Track it").click()
        await expect(page.locator(".rw-response", has_text="You said: Track it")).to_be_visible()
        assert served.assistant.asked[-1].payload == '/track{"n": "1"}'
        await page.reload()
        await expect(page.locator(".rw-response", has_text="You said: Track it")).to_be_visible()
        await page.locator(".rw-new-message").fill("back again")
        await page.locator(".rw-new-message").press("Enter")
        await expect(page.locator(".rw-response", has_text="You said: back again")).to_be_visible()
        assert len({request.conversation_id for request in served.assistant.asked}) == 1

"""The widget's files: complete, unchanged, and open to the shop's own pages."""

from __future__ import annotations

import hashlib
import re

import aiohttp
import pytest

from connectors.channels.refusals import Refusal, RefusalCode
from connectors.channels.web.routes import STATIC


def test_vendored_libraries_are_the_published_ones() -> None:
    vendor = STATIC / "vendor"
    listed = dict(
        reversed(line.split(maxsplit=1))
        for line in (vendor / "SHA256SUMS").read_text().splitlines()
    )
    present = {path.name for path in vendor.iterdir()} - {"SHA256SUMS", "README.md"}
    assert set(listed) == present
    for name, digest in listed.items():
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest


async def test_one_script_tag_leads_to_every_module(http: aiohttp.ClientSession) -> None:
    wanted, seen = {"/widget.js", "/widget/static/widget/element.js"}, set[str]()
    while wanted:
        path = wanted.pop()
        seen.add(path)
        async with http.get(path) as response:
            assert response.status == 200, path
            assert response.headers["Content-Type"].startswith("text/javascript")
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            source = await response.text()
        if "/vendor/" in path:
            continue
        folder = path.rsplit("/", 1)[0]
        for imported in re.findall(r'from "(\.[^"]+)"', source):
            address = str(
                aiohttp.client.URL(f"http://x{folder}/").join(aiohttp.client.URL(imported))
            )
            wanted |= {address.removeprefix("http://x")} - seen
    assert len(seen) > 8


@pytest.mark.parametrize(
    "path", ["/widget/static/../channel.py", "/widget/static/%2e%2e/channel.py", "/widget/static/"]
)
async def test_nothing_outside_the_files_is_served(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(aiohttp.client.URL(path, encoded=True)) as response:
        assert response.status == 404


async def test_the_demo_page_runs_only_what_we_serve(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as response:
        assert "default-src 'self'" in response.headers["Content-Security-Policy"]
        page = await response.text()
    assert not re.search(r"<script(?![^>]*src=\"/)", page)


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_has_words_in_both_languages(code: RefusalCode) -> None:
    refusal = Refusal(code, limit=5, seconds=3.2)
    assert re.search(r"[\u4e00-\u9fff]", refusal.sentence("zh"))
    assert not re.search(r"[\u4e00-\u9fff{}]", refusal.sentence("en"))

"""A shopper binds their customer account, once and only their own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from yarl import URL

from tests.channels.serving import customer_token
from tests.conftest import Databases
from tests.platforms.test_wechat import until
from tests.platforms.wechat import Box, wechat_in_a_box

SHOP = "https://shop.invalid/login"


@pytest.fixture
async def box(databases: Databases, tmp_path: Path) -> AsyncIterator[Box]:
    async with wechat_in_a_box(
        databases.make("sqlite"), tmp_path, settings={"shop_login": SHOP}
    ) as running:
        yield running


async def link_for(box: Box, openid: str) -> str:
    """The link that the account sends to whoever asks for it."""
    box.platform.say(openid, "绑定账号")
    await until(lambda: bool(box.platform.account_said(openid)))
    found = re.search(r"http\S+", box.platform.account_said(openid)[-1])
    assert found
    return found[0]


async def to_the_shop(browser: aiohttp.ClientSession, link: str, openid: str) -> str | None:
    """Where the page sends the browser of ``openid`` after WeChat's login, if anywhere."""
    browser.cookie_jar.update_cookies({"openid": openid}, URL(link).origin())
    async with browser.get(link) as page:
        text = await page.text()
    found = re.search(r'href="([^"]*)"', text)
    return found[1].replace("&amp;", "&") if found else None


def done_at(shop: str) -> str:
    return parse_qs(urlsplit(shop).query)["return"][0]


async def test_a_shopper_is_known_after_binding(box: Box) -> None:
    link = await link_for(box, "o1")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        shop = await to_the_shop(browser, link, "o1")
        assert shop is not None
        assert shop.startswith(f"{SHOP}?return=")
        address = f"{done_at(shop)}&customer_token={customer_token('C7', '王芳')}"
        async with browser.get(address, headers={"Accept-Language": "zh"}) as page:
            assert (page.status, "绑定成功" in await page.text()) == (200, True)
    box.platform.say("o1", "我的订单")
    await until(lambda: len(box.assistant.asked) == 1)
    customer = box.assistant.asked[0].customer
    assert customer is not None
    assert (customer["id"], customer["proof"]) == ("C7", "bound_account")
    # The link itself is in no transcript.
    conversation = await box.conversation("o1")
    messages = await box.desk.messages_after(conversation.id, 0, 100)
    assert not any("ticket" in one.content.text for one in messages)


async def test_nobody_binds_with_a_strangers_link_or_in_a_strangers_browser(box: Box) -> None:
    link = await link_for(box, "o1")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as stranger:
        assert await to_the_shop(stranger, link, "o2") is None
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as attacker:
        shop = await to_the_shop(attacker, link, "o1")
    assert shop is not None
    # The attacker sends the victim to the shop with the attacker's own ticket.
    victims = f"{done_at(shop)}&customer_token={customer_token('C9')}"
    async with aiohttp.ClientSession() as victim, victim.get(victims) as page:
        assert page.status == 403
    assert await box.bindings.customer_of("wechat", "o1") is None


@pytest.mark.parametrize(
    "path", ["bind", "bind?ticket=x", "bind/back?code=1&state=x", "bind/done?ticket=x"]
)
async def test_what_was_not_signed_by_us_is_refused(box: Box, path: str) -> None:
    address = f"{box.url}/channels/wechat/{path}"
    async with aiohttp.ClientSession() as browser, browser.get(address) as page:
        assert page.status == 403

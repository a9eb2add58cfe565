"""A shopper on WeChat and an agent in the console, side by side, in Chinese."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser, Page, expect

from kefu.sandbox.serving import make_sandbox
from kefu.sandbox.wechat import WeChatPlatform
from kefu.settings import load_settings
from tests.browser.chromium import open_browser, open_page
from tests.browser.windows import AgentWindow
from tests.serving import ROOT, Served, free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def sandbox_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def kefu(
    model: Path, tmp_path_factory: pytest.TempPathFactory, sandbox_port: int
) -> Iterator[Served]:
    """A `kefu serve` that takes the sandbox for WeChat."""
    address = f"http://127.0.0.1:{sandbox_port}"
    there = {"KEFU_WECHAT_SANDBOX": address, "KEFU_WECOM_SANDBOX": f"{address}/wecom"}
    serving = Served(tmp_path_factory.mktemp("wechat") / "var", there)
    serving.start()
    yield serving
    serving.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(kefu: Served, sandbox_port: int) -> AsyncIterator[WeChatPlatform]:
    """The sandbox, as `kefu wechat-sandbox` serves it."""
    sandbox = make_sandbox(load_settings(ROOT, kefu.data), kefu.url)
    runner = web.AppRunner(sandbox.app, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", sandbox_port).start()
    yield sandbox.wechat
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


class Phone:
    """The sandbox's page, in one shopper's hands."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")

    async def write(self, text: str) -> None:
        """Send ``text``."""
        await self.page.get_by_label("发消息").fill(text)
        await self.page.get_by_role("button", name="发送").click()

    async def sees(self, text: str) -> None:
        """Wait until the account has said ``text``, once."""
        said = self.log.locator("li.account .bubble").filter(has_text=text)
        await expect(said).to_have_count(1)


async def test_a_shopper_on_wechat_and_an_agent_talk(
    kefu: Served, platform: WeChatPlatform, sandbox_port: int, browser: Browser
) -> None:
    async with AsyncExitStack() as at_end:
        page = await at_end.enter_async_context(open_page(browser, locale="zh-CN"))
        await page.goto(f"http://127.0.0.1:{sandbox_port}/")
        await expect(page.get_by_role("heading", name="木禾生活")).to_be_visible()
        phone = Phone(page)
        await page.get_by_role("button", name="关注", exact=True).click()
        await phone.sees("我是店里的智能客服")
        await phone.write("KF2611190042 尾号1234")
        await expect(phone.log.locator("li.account")).to_have_count(2)
        # What it is about is known: an order was named.
        await phone.write("转人工")
        await phone.sees("您已进入排队")
        await phone.write("杯子到的时候就裂了")

        office = await at_end.enter_async_context(open_page(browser, locale="zh-CN"))
        agent = AgentWindow(office, "zh")
        await agent.sign_in(kefu, *kefu.supervisor())
        await agent.entry("waiting", "杯子到的时候就裂了").click()
        await agent.take()
        await phone.sees("已接入，为您服务")
        await agent.reply("您好，我来帮您看看这个订单")
        await phone.sees("您好，我来帮您看看这个订单")
        await phone.write("好的，杯子碎了 😢")
        await agent.sees("好的，杯子碎了 😢")
        picture = io.BytesIO()
        Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
        await page.locator("input[type=file]").set_input_files(
            {"name": "裂痕.png", "mimeType": "image/png", "buffer": picture.getvalue()}
        )
        await expect(agent.log.get_by_role("img").first).to_be_visible()
        await agent.hand_back("已登记")
        await phone.sees("接下来由智能助手为您服务")
        await agent.take_from_bot()
        # Five messages may follow what a shopper says. WeChat tells whole seconds, so what was said
        # in the two before it counts too, and no shopper is as quick as this test.
        await asyncio.sleep(2.1)
        await phone.write("好的，谢谢")
        await agent.sees("好的，谢谢")
        await agent.close()
        await phone.sees("请为本次服务打分")
        # A person reads before they press: what is said in one moment counts against both sides.
        await asyncio.sleep(3)
        await phone.log.get_by_role("button", name="非常满意", exact=True).click()
        await phone.sees("谢谢您的评价！")
        assert platform.refusals == {}
        assert platform.given_up == []
        assert max(platform.acknowledged_seconds) < platform.settings.retry_seconds


async def test_a_shopper_in_wecoms_customer_service_is_welcomed_answered_and_taken_by_a_person(
    kefu: Served, platform: WeChatPlatform, sandbox_port: int, browser: Browser
) -> None:
    async with AsyncExitStack() as at_end:
        page = await at_end.enter_async_context(open_page(browser, locale="zh-CN"))
        await page.goto(f"http://127.0.0.1:{sandbox_port}/wecom/")
        await expect(page.get_by_role("heading", name="木禾生活")).to_be_visible()
        await expect(page.get_by_role("button", name="取消关注")).to_be_hidden()
        phone = Phone(page)
        await page.get_by_role("button", name="进入会话").click()
        await phone.sees("您好，请直接告诉我您的问题")
        await phone.write("KF2611190042 尾号1234")
        await expect(phone.log.locator("li.account")).to_have_count(2)
        await phone.write("转人工")
        await phone.sees("您已进入排队")
        await phone.write("盘子缺了一角")

        office = await at_end.enter_async_context(open_page(browser, locale="zh-CN"))
        agent = AgentWindow(office, "zh")
        await agent.sign_in(kefu, *kefu.supervisor())
        await agent.entry("waiting", "盘子缺了一角").click()
        await agent.take()
        await agent.reply("您好，我马上给您补发")
        await phone.sees("您好，我马上给您补发")
        assert platform.refusals == {}

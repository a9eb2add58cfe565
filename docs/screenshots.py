"""Makes the pictures of the README: short conversations on a shop of its own, in real Chromium."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # Run as a script, this file's own folder stands there.

from PIL import Image  # noqa: E402
from playwright.async_api import Browser, FloatRect, expect  # noqa: E402

from tests.browser.chromium import open_browser, open_page  # noqa: E402
from tests.browser.windows import LOCALES, AgentWindow, ShopperWindow  # noqa: E402
from tests.serving import Served  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
COLOURS = 256
TIME_ZONE = "Asia/Shanghai"
SHOP_HEIGHT = 830
PASSWORD = "a long password 1"  # noqa: S105


def main() -> None:
    """Serve from an empty folder, play the conversations, write the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(Path(folder) / "var")
        served.start()
        try:
            served.add_agent("linlan", "林岚", PASSWORD)
            served.add_agent("grace", "Grace Lee", PASSWORD)
            asyncio.run(take_pictures(served))
        finally:
            served.stop()


async def take_pictures(served: Served) -> None:
    """Play every conversation once and take its pictures on the way."""
    expect.set_options(timeout=20_000)
    PICTURES.mkdir(exist_ok=True)
    async with open_browser() as browser:
        wait_in_line(served)
        await picture_phone(served, browser)
        await picture_chinese_desk(served, browser)
        await picture_english_desk(served, browser)
        await picture_night_shift(served, browser)
        await picture_supervision(served, browser)


async def picture_phone(served: Served, browser: Browser) -> None:
    """A parcel on its way, on a phone at night."""
    options = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    async with open_page(
        browser,
        locale="zh-CN",
        color_scheme="dark",
        timezone_id=TIME_ZONE,
        device_scale_factor=2,
        **options,
    ) as page:
        shopper = ShopperWindow(page, "zh")
        await shopper.open(served)
        await shopper.write("KF2601018088 的快递到哪了？手机尾号 5120")
        await shopper.sees("还有别的可以帮您吗")
        await keep(await page.screenshot(animations="disabled"), "widget-phone-dark")


async def picture_chinese_desk(served: Served, browser: Browser) -> None:
    """A shopper who wants another size, and the agent who sees to it."""
    async with shopper_window(served, browser, "zh") as shopper:
        await shopper.write("订单 KF2601018001 到哪了？手机尾号 1024")
        await shopper.sees("还有别的可以帮您吗")
        await picture_widget(shopper, "widget-zh")
        await shopper.write("我要转人工")
        await expect(shopper.is_with("queue")).to_be_visible()
        await shopper.write("卫衣想换成 M 码，来得及吗？")
        async with agent_window(served, browser, "zh", "linlan") as agent:
            await agent.entry("waiting", "卫衣想换成 M 码").click()
            await agent.take()
            await agent.reply(
                "您好，我是林岚。包裹已经发出，收到后换货，来回运费我们承担，可以吗？"
            )
            await shopper.write("可以，谢谢！")
            await expect(agent.entry("mine", "可以，谢谢！")).to_be_visible()
            await keep(await agent.page.screenshot(animations="disabled"), "console-zh")
            await agent.close()


async def picture_english_desk(served: Served, browser: Browser) -> None:
    """A parcel that does not move, and the agent who asks the carrier."""
    async with shopper_window(served, browser, "en") as shopper:
        await shopper.write("What is the status of order KF2601018031? My phone ends in 0142")
        await expect(shopper.log.get_by_role("region").first).to_be_visible()
        await shopper.write("I would like to talk to a person")
        await expect(shopper.is_with("queue")).to_be_visible()
        await shopper.write("I need the shoes on Sunday")
        async with agent_window(served, browser, "en", "grace") as agent:
            await agent.entry("waiting", "I need the shoes on Sunday").click()
            await agent.take()
            await agent.reply(
                "Hello Noah, Grace here. The parcel is stuck in a depot; I have asked"
                " the carrier to look for it."
            )
            await shopper.sees("Hello Noah")
            await shopper.write("Thank you, that is good to know")
            await expect(agent.entry("mine", "Thank you, that is good to know")).to_be_visible()
            await keep(await agent.page.screenshot(animations="disabled"), "console-en")
        await picture_widget(shopper, "widget-en")


async def picture_night_shift(served: Served, browser: Browser) -> None:
    """What a supervisor sees of everybody's conversations, late in the evening."""
    async with agent_window(served, browser, "en", *served.supervisor()) as agent:
        await agent.page.emulate_media(color_scheme="dark")
        await agent.entry("others", "Noah Williams").click()
        await expect(agent.facts.get_by_role("group").first).to_be_visible()
        await keep(await agent.page.screenshot(animations="disabled"), "console-dark")


async def picture_supervision(served: Served, browser: Browser) -> None:
    """The supervisor's pages, light and dark."""
    for language, scheme in (("zh", "light"), ("en", "dark")):
        async with agent_window(served, browser, language, *served.supervisor()) as agent:
            await agent.page.emulate_media(color_scheme=scheme)
            for name in ("wall", "reports"):
                await open_filled(agent, name)
                shown = await agent.page.screenshot(animations="disabled")
                await keep(shown, f"console-{name}-{scheme}")


async def open_filled(agent: AgentWindow, name: str) -> None:
    """Open a page of the menu until it has numbers: they follow a closing within seconds."""
    for _ in range(30):
        await agent.page.locator(f'[data-page="{name}"]').click()
        try:
            await expect(agent.page.locator(".tiles")).to_be_visible(timeout=1000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"the page {name} stays empty")


def wait_in_line(served: Served) -> None:
    """Two people who wait for a person while the others talk."""
    charged_twice = ("我被重复扣款了", "KF2601018041 尾号3306", "转人工", "耳机扣了两次钱")
    for text in charged_twice:
        served.say("wang", text, language="zh")
    broken = (
        "What is the status of order KF2601018012? My phone ends in 0117",
        "Let me talk to a person",
    )
    for text in (*broken, "One of the mugs arrived broken"):
        served.say("emma", text, language="en")


@asynccontextmanager
async def shopper_window(
    served: Served, browser: Browser, language: str
) -> AsyncIterator[ShopperWindow]:
    """The shop on a desktop, sharp enough for a picture of the widget alone."""
    async with open_page(
        browser,
        locale=LOCALES[language],
        timezone_id=TIME_ZONE,
        viewport={"width": 1100, "height": SHOP_HEIGHT},
        device_scale_factor=2,
    ) as page:
        shopper = ShopperWindow(page, language)
        await shopper.open(served)
        await page.evaluate("scrollTo(0, 112)")
        yield shopper


@asynccontextmanager
async def agent_window(
    served: Served, browser: Browser, language: str, login: str, password: str = PASSWORD
) -> AsyncIterator[AgentWindow]:
    """The console of one agent."""
    view = {"width": 1440, "height": 860}
    async with open_page(
        browser, locale=LOCALES[language], timezone_id=TIME_ZONE, viewport=view
    ) as page:
        agent = AgentWindow(page, language)
        await agent.sign_in(served, login, password)
        yield agent


async def picture_widget(shopper: ShopperWindow, name: str) -> None:
    """The right edge of the shop's page, where the widget is."""
    right = FloatRect(x=664, y=0, width=436, height=SHOP_HEIGHT)
    await keep(await shopper.page.screenshot(animations="disabled", clip=right), name)


async def keep(picture: bytes, name: str) -> None:
    """Write ``picture`` with few colours, which is all that a page needs."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()

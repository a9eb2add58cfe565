"""A shopper's and an agent's window on one `kefu serve`, in Chinese or English."""

from __future__ import annotations

import re

from playwright.async_api import Locator, Page, expect

from tests.serving import Served

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
_WORDS = {
    "zh": {
        "open": "打开在线客服",
        "compose": "消息内容",
        "widget log": "聊天记录",
        "bot": "智能助手为您服务",
        "queue": "正在为您转接人工客服",
        "agent": "正在为您服务",
        "closed": "会话已结束",
        "cut": "网络已断开，正在重新连接",
        "login": "账号",
        "password": "密码",
        "sign in": "登录",
        "connected": "已连接",
        "lost": "连接已断开",
        "waiting": "排队中",
        "mine": "我的会话",
        "others": "同事的会话",
        "facts": "顾客与订单",
        "reply": "回复顾客",
        "take": "接入",
        "take from bot": "接管",
        "hand back": "交回助手",
        "note": "给同事的备注（顾客看不到）",
        "close": "结束会话",
        "first": "{} 已先接入",
        "held": "{} 正在接待",
    },
    "en": {
        "open": "Open chat",
        "compose": "Your message",
        "widget log": "Conversation",
        "bot": "Assistant, or a person",
        "queue": "Getting a person for you",
        "agent": "is helping you",
        "closed": "Closed. Write to start again",
        "cut": "Connection lost",
        "login": "Login",
        "password": "Password",
        "sign in": "Sign in",
        "connected": "Connected",
        "lost": "Connection lost",
        "waiting": "Waiting",
        "mine": "Mine",
        "others": "Colleagues",
        "facts": "Shopper and orders",
        "reply": "Reply to the shopper",
        "take": "Take",
        "take from bot": "Take over",
        "hand back": "Back to assistant",
        "note": "A note for colleagues (the shopper never sees it)",
        "close": "Close",
        "first": "{} was first and has it now",
        "held": "{} is helping",
    },
}


class ShopperWindow:
    """The shop's page with the widget, as one shopper sees it."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self._words = _WORDS[language]
        self.widget = page.get_by_role("dialog")
        self.log = page.get_by_role("log", name=self._words["widget log"])
        self.spoken = self.log.locator(".list .item:not(.system) .bubble")
        self.cut = self.widget.get_by_text(self._words["cut"])

    async def open(self, served: Served) -> None:
        """Go to the shop and open the widget."""
        await self.page.goto(served.url)
        await self.page.get_by_role("button", name=self._words["open"]).click()
        await expect(self.page.get_by_label(self._words["compose"])).to_be_visible()

    async def write(self, text: str) -> None:
        """Send ``text``; returns as soon as it stands in the window."""
        compose = self.page.get_by_label(self._words["compose"])
        await compose.fill(text)
        await compose.press("Enter")
        await self.sees(text)

    async def sees(self, text: str) -> None:
        """Wait until ``text`` is a message or part of one, and there just once."""
        await expect(self.spoken.filter(has_text=text)).to_have_count(1)

    def is_with(self, owner: str) -> Locator:
        """What the window says when "bot", "queue", "agent" or nobody ("closed") has it."""
        return self.widget.get_by_role("paragraph").filter(has_text=self._words[owner])

    async def texts(self) -> list[str]:
        """Everything that was said, by whomever, in the order in which it stands."""
        return await self.spoken.all_inner_texts()


class AgentWindow:
    """The console, as one agent sees it."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self._words = _WORDS[language]
        self.log = page.get_by_role("log")
        self.facts = page.get_by_role("complementary", name=self._words["facts"])
        self.reply_box = page.get_by_label(self._words["reply"])
        self.spoken = self.log.get_by_role("article").locator(".bubble")
        self.take_button = page.get_by_role("main").get_by_role(
            "button", name=self._words["take"], exact=True
        )
        self.lost = page.get_by_text(self._words["lost"])

    async def sign_in(self, served: Served, login: str, password: str) -> None:
        """Open the console and log in."""
        await self.page.goto(f"{served.url}/console")
        await self.page.get_by_label(self._words["login"]).fill(login)
        await self.page.get_by_label(self._words["password"]).fill(password)
        await self.page.get_by_role("button", name=self._words["sign in"]).click()
        await self.connected()

    async def connected(self) -> None:
        """Wait until the console hears from the server at once."""
        await expect(self.page.get_by_text(self._words["connected"])).to_be_visible()

    def entry(self, group: str, last: str) -> Locator:
        """What says ``last`` under "waiting", "mine" or "others", which is ``group``."""
        region = self.page.get_by_role("region", name=re.compile(f"^{self._words[group]}"))
        return region.get_by_role("button", name=last)

    async def take(self) -> None:
        """Take the open conversation from the queue."""
        await self.take_button.click()
        await expect(self.reply_box).to_be_visible()

    async def take_from_bot(self) -> None:
        """Take the open conversation from the bot."""
        await self.page.get_by_role("button", name=self._words["take from bot"]).click()
        await expect(self.reply_box).to_be_visible()

    async def is_told_that(self, name: str) -> None:
        """Wait until the window says that ``name`` was first, and has the conversation."""
        await expect(self.page.get_by_text(self._words["first"].format(name))).to_be_visible()
        await self.is_told_who_helps(name)

    async def is_told_who_helps(self, name: str) -> None:
        """Wait until the window says that ``name`` has the conversation; nobody can reply here."""
        await expect(self.page.get_by_text(self._words["held"].format(name))).to_be_visible()
        await expect(self.reply_box).to_have_count(0)

    async def reply(self, text: str) -> None:
        """Answer the shopper; returns as soon as the answer stands in the window."""
        await self.reply_box.fill(text)
        await self.reply_box.press("Enter")
        await self.sees(text)

    async def hand_back(self, note: str) -> None:
        """Give the open conversation back to the bot."""
        await self._deed("hand back", note)

    async def close(self) -> None:
        """Close the open conversation."""
        await self._deed("close")

    async def _deed(self, name: str, note: str = "") -> None:
        await self.page.get_by_role("button", name=self._words[name]).click()
        dialog = self.page.get_by_role("dialog")
        if note:
            await dialog.get_by_label(self._words["note"]).fill(note)
        await dialog.get_by_role("button", name=self._words[name]).click()
        await expect(self.reply_box).to_have_count(0)

    async def sees(self, text: str) -> None:
        """Wait until ``text`` is a message or part of one, and there just once."""
        await expect(self.spoken.filter(has_text=text)).to_have_count(1)

    async def texts(self) -> list[str]:
        """Everything that was said, by whomever, in the order in which it stands."""
        return await self.spoken.all_inner_texts()

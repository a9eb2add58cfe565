"""A shopper and agents in windows side by side, over one whole `kefu serve`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.browser.chromium import open_browser, open_page
from tests.browser.windows import LOCALES, AgentWindow, ShopperWindow
from tests.serving import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Person:
    """Somebody at the desk."""

    login: str
    password: str
    name: str


@pytest.fixture(scope="module")
def people(served: Served) -> dict[str, Person]:
    """The first supervisor, and an agent who was added while Kefu was serving."""
    served.add_agent("linlan", "林岚", "a long password 1")
    served.close_waiting()
    login, password = served.supervisor()
    return {
        "en": Person(login, password, "Supervisor"),
        "zh": Person("linlan", "a long password 1", "林岚"),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser; every window is a visitor of its own."""
    async with open_browser() as opened:
        yield opened


class Windows:
    """Opens windows that are closed at the end of the test."""

    def __init__(
        self, served: Served, browser: Browser, people: dict[str, Person], at_end: AsyncExitStack
    ) -> None:
        self._served = served
        self._browser = browser
        self._people = people
        self._at_end = at_end

    async def shopper(self, language: str) -> ShopperWindow:
        """A shopper nobody knows, with the widget open."""
        page = await self._at_end.enter_async_context(
            open_page(self._browser, locale=LOCALES[language])
        )
        window = ShopperWindow(page, language)
        await window.open(self._served)
        return window

    async def agent(self, language: str) -> tuple[AgentWindow, Person]:
        """Somebody at the desk, signed in."""
        person = self._people[language]
        page = await self._at_end.enter_async_context(
            open_page(self._browser, locale=LOCALES[language])
        )
        window = AgentWindow(page, language)
        await window.sign_in(self._served, person.login, person.password)
        return window, person


@pytest_asyncio.fixture(loop_scope="module")
async def windows(
    served: Served, browser: Browser, people: dict[str, Person]
) -> AsyncIterator[Windows]:
    """For tests that open several windows."""
    async with AsyncExitStack() as at_end:
        yield Windows(served, browser, people, at_end)


@dataclass(frozen=True)
class Story:
    """What is said in one language, and what must be seen of it."""

    language: str
    question: str
    identity_asked: str
    proof: str
    customer: str
    order: str
    order_card: str
    person_please: str
    about: str
    why: str
    waiting: str
    verified: str
    proved_by: str
    greeting: str
    thanks: str
    more: str
    question_again: str
    after_closing: str


# Of a colleague who looks on.
OTHER = {"zh": "en", "en": "zh"}
STORIES = [
    Story(
        language="zh",
        question="我的订单到哪了？",
        identity_asked="手机号后四位",
        proof="KF2601018002 尾号1024",
        customer="林小满",
        order="KF2601018002",
        order_card="订单 KF2601018002 已送达",
        person_please="我要转人工",
        about="想换成大一码的那件大衣",
        why="顾客要求人工",
        waiting="已等",
        verified="已验证",
        proved_by="订单号 + 手机尾号",
        greeting="您好，我是林岚，这就帮您看。",
        thanks="订单 KF2601018002 是谁签收的？",
        more="昨天已签收，大一码的我给您留着。",
        question_again="订单 KF2601018002 现在什么状态？",
        after_closing="早上好",
    ),
    Story(
        language="en",
        question="What is the status of my order?",
        identity_asked="last four digits",
        proof="KF2601018035, phone ending 0142",
        customer="Noah Williams",
        order="KF2601018035",
        order_card="Order KF2601018035 Shipped",
        person_please="I would like to talk to a person",
        about="The flask is for a hike on Sunday",
        why="Asked for a person",
        waiting="waiting",
        verified="Verified",
        proved_by="order number and phone",
        greeting="Hello, I am calling the carrier right now.",
        thanks="When will order KF2601018035 arrive?",
        more="It left customs this morning.",
        question_again="And what is the status of KF2601018035 now?",
        after_closing="Good morning",
    ),
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.language)
async def test_a_person_takes_over_from_the_assistant_and_gives_back(
    windows: Windows, story: Story
) -> None:
    shopper = await windows.shopper(story.language)
    await shopper.write(story.question)
    await shopper.sees(story.identity_asked)
    await shopper.write(story.proof)
    await expect(shopper.log.get_by_role("region", name=story.order_card)).to_be_visible()
    await shopper.write(story.person_please)
    await expect(shopper.is_with("queue")).to_be_visible()
    await shopper.write(story.about)

    agent, person = await windows.agent(story.language)
    colleague, _ = await windows.agent(OTHER[story.language])
    await colleague.entry("waiting", story.about).click()
    entry = agent.entry("waiting", story.about)
    await expect(entry).to_contain_text(story.customer)
    await expect(entry).to_contain_text(story.why)
    await expect(entry).to_contain_text(story.waiting)
    await entry.click()
    for said in (story.question, story.proof, story.person_please, story.about):
        await agent.sees(said)
    await expect(agent.facts).to_contain_text(story.customer)
    await expect(agent.facts).to_contain_text(story.verified)
    await expect(agent.facts).to_contain_text(story.proved_by)
    await expect(agent.facts).to_contain_text(story.why)
    await expect(agent.facts.get_by_role("group").filter(has_text=story.order)).to_be_visible()
    await agent.take()
    await expect(shopper.is_with("agent")).to_contain_text(person.name)
    # In the colleague's window it is in other hands at once.
    await colleague.is_told_who_helps(person.name)

    # From here on the assistant is silent, whatever the shopper asks.
    before = len(await shopper.texts())
    await agent.reply(story.greeting)
    await shopper.sees(story.greeting)
    await expect(shopper.log.get_by_text(person.name, exact=True)).to_be_visible()
    await shopper.write(story.thanks)
    await agent.sees(story.thanks)
    await agent.reply(story.more)
    await shopper.sees(story.more)
    await colleague.sees(story.more)

    cards = shopper.log.get_by_role("region").filter(has_text=story.order)
    shown = await cards.count()
    await agent.hand_back("the carrier calls back")
    await expect(shopper.is_with("bot")).to_be_visible()
    await shopper.write(story.question_again)
    await expect(cards.nth(shown)).to_be_visible()
    spoken = await shopper.texts()
    assert spoken[before : before + 4] == [
        story.greeting,
        story.thanks,
        story.more,
        story.question_again,
    ]
    assert not any("carrier calls back" in text for text in spoken)

    await agent.take_from_bot()
    await agent.close()
    await expect(shopper.is_with("closed")).to_be_visible()
    answered = len(await shopper.texts()) + 2
    await shopper.write(story.after_closing)
    await expect(shopper.is_with("bot")).to_be_visible()
    await expect(shopper.spoken).to_have_count(answered)
    await expect(agent.spoken).to_have_count(answered)
    assert await agent.texts() == await shopper.texts()


async def test_of_two_agents_who_take_at_once_one_wins_and_the_other_is_told_who(
    windows: Windows,
) -> None:
    shopper = await windows.shopper("en")
    await shopper.write("Can I talk to a person about order KF2601018011?")
    await expect(shopper.is_with("queue")).to_be_visible()
    await shopper.write("It is about the hoodie")
    both = [await windows.agent("en"), await windows.agent("zh")]
    together = asyncio.Barrier(2)

    async def wait_for_the_other(route: Route) -> None:
        await together.wait()
        await route.continue_()

    for agent, _ in both:
        await agent.entry("waiting", "It is about the hoodie").click()
        await agent.page.route("**/take", wait_for_the_other)
    await asyncio.gather(*(agent.take_button.click() for agent, _ in both))

    told = shopper.is_with("agent")
    await expect(told).to_be_visible()
    name = await told.inner_text()
    (winner, first), (loser, _) = sorted(both, key=lambda one: one[1].name not in name)
    await loser.is_told_that(first.name)
    await expect(loser.reply_box).to_have_count(0)
    await winner.reply("The hoodie is on its way to you.")
    await shopper.sees("The hoodie is on its way to you.")
    await loser.sees("The hoodie is on its way to you.")
    await winner.close()


async def test_cut_connections_and_reloaded_pages_lose_nothing_and_double_nothing(
    windows: Windows,
) -> None:
    shopper = await windows.shopper("en")
    await shopper.write("A person, please: I need help with my parcel")
    await expect(shopper.is_with("queue")).to_be_visible()
    agent, _ = await windows.agent("zh")
    await agent.entry("waiting", "I need help with my parcel").click()
    await agent.take()
    await agent.reply("Hello, what happened?")
    await shopper.sees("Hello, what happened?")

    # The shopper is in a tunnel; both go on writing.
    await shopper.page.context.set_offline(True)
    await expect(shopper.cut).to_be_visible()
    await shopper.write("It was due on Friday")
    await shopper.write("and nobody rang")
    await agent.reply("Are you still there?")
    await agent.reply("I am looking it up meanwhile.")
    await shopper.page.context.set_offline(False)
    await expect(shopper.cut).to_be_hidden()
    await shopper.sees("I am looking it up meanwhile.")
    await agent.sees("and nobody rang")

    # The shopper reloads before a message has left, while the agent writes.
    await shopper.page.context.set_offline(True)
    await expect(shopper.cut).to_be_visible()
    await shopper.write("The driver was seen next door")
    await shopper.page.context.set_offline(False)
    await asyncio.gather(shopper.page.reload(), agent.reply("Which door?"))
    await shopper.sees("Which door?")
    await agent.sees("The driver was seen next door")

    # The agent's connection breaks, and the agent reloads, while the shopper writes.
    await agent.page.context.set_offline(True)
    await expect(agent.lost).to_be_visible()
    await shopper.write("Number eight")
    await agent.page.context.set_offline(False)
    await agent.connected()
    await agent.sees("Number eight")
    await asyncio.gather(agent.page.reload(), shopper.write("the green one"))
    await agent.entry("mine", "the green one").click()
    await agent.reply("Thank you, we have it.")
    await shopper.sees("Thank you, we have it.")

    told = await shopper.texts()
    assert await agent.texts() == told
    said = [
        "A person, please: I need help with my parcel",
        "Hello, what happened?",
        "It was due on Friday",
        "and nobody rang",
        "The driver was seen next door",
        "Number eight",
        "the green one",
        "Thank you, we have it.",
    ]
    assert [text for text in told if text in said] == said
    answers = ["Are you still there?", "I am looking it up meanwhile.", "Which door?"]
    assert [text for text in told if text in answers] == answers
    assert len(told) == len(set(told))
    await agent.close()

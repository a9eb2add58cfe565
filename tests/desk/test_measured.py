"""What reports say of promises and times equals what was counted from the deeds themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import pytest

from desk.model import Agent, AgentState
from desk.rulebook import read_rules
from desk.waiting import told_minutes
from kernel.content import Content
from tests.desk.conftest import TestDesk
from tests.desk.test_reports import numbers

# In seconds.
PROMISED = {"first_response": 600, "next_response": 240, "resolution": 900}
# Seconds within which platforms want a reply, and the hour from which they count.
LIMITS = {30: 9, 180: 8, 300: 8}
POLICY = {"name": "all", **{f"{name}_minutes": s / 60 for name, s in PROMISED.items()}}


@dataclass
class Story:
    """What happened to one shopper: when, and what; ``promised``: by when they were told."""

    deeds: list[tuple[datetime, str]] = field(default_factory=list)
    promised: datetime | None = None
    taken_at: datetime | None = None


async def live_through(desk: TestDesk, agent: Agent, seed: int, shoppers: int) -> list[Story]:
    """Two days and nights at the desk, drawn by lot, one shopper after the other."""
    random = Random(seed)
    stories = []

    def later(*seconds: int) -> None:
        desk.clock.advance(timedelta(seconds=random.randrange(*seconds)))

    for number in range(shoppers):
        shopper, story = f"shopper {number}", Story()
        stories.append(story)

        def note(deed: str, story: Story = story) -> None:
            story.deeds.append((desk.now(), deed))

        later(10, 3 * 3600)
        await desk.connected(agent.id)
        conversation_id = await desk.waiting(shopper)
        note("handed off")
        place = await desk.place(conversation_id)
        assert place
        assert place.wait
        story.promised = desk.now() + timedelta(minutes=told_minutes(place.wait)[1])
        later(1, 150)
        if random.random() < 0.2:
            await desk.leave_queue(conversation_id)
            note("given up")
            desk.clock.advance(timedelta(minutes=61))
            await desk.expire(timedelta(minutes=60))
            continue
        await desk.take(conversation_id, agent.id)
        story.taken_at = desk.now()
        for exchange in range(random.choice([1, 2, 2, 3, 5])):
            if exchange:
                later(5, 200)
                await desk.hear("and?", f"m{exchange}", shopper)
                note("wrote")
            if exchange and random.random() < 0.4:
                later(1, 90)
                await desk.hear("hello?", f"n{exchange}", shopper)
                note("wrote")
            if exchange and random.random() < 0.15:
                break
            later(5, random.choice([120, 420, 900]))
            await desk.reply(conversation_id, agent.id, Content(text="yes"), f"c{exchange}")
            note("replied")
        later(5, 400)
        if random.random() < 0.3:
            await desk.hand_back(conversation_id, agent.id)
            note("ended")
            desk.clock.advance(timedelta(minutes=61))
            await desk.expire(timedelta(minutes=60))
        else:
            await desk.close(conversation_id, agent.id)
            note("ended")
    return stories


class Oracle:
    """Counts second by second from the deeds, knowing nothing of calendars' and clocks' code."""

    def __init__(self, stories: list[Story]) -> None:
        # By limit in seconds: how many began in the window of a platform, how many were in time.
        self.asked = dict.fromkeys(LIMITS, 0)
        self.within = dict.fromkeys(LIMITS, 0)
        self.promises: list[bool] = []
        self.first_responses: list[float] = []
        self.kept: list[bool] = []
        for story in stories:
            self._count_replies(story)
            self._count_promises(story)
            if story.taken_at and story.promised:
                self.promises.append(story.taken_at <= story.promised)

    def _count_replies(self, story: Story) -> None:
        since: datetime | None = None
        for at, deed in story.deeds:
            if deed in ("handed off", "wrote"):
                since = since or at
            elif since is not None:
                for limit, opens in LIMITS.items():
                    if _in_window(since, opens):
                        self.asked[limit] += 1
                        in_time = deed == "replied" and _counted(since, at, opens) <= limit
                        self.within[limit] += in_time
                since = None

    def _count_promises(self, story: Story) -> None:
        """A policy's clocks: they end with a person's words, the resolution's waits meanwhile."""
        begun = {"first_response": story.deeds[0][0]}
        running: datetime | None = story.deeds[0][0]
        resolving = 0.0
        for at, deed in story.deeds:
            if deed == "wrote":
                begun.setdefault("next_response", at)
                running = running or at
                continue
            if running is not None:
                resolving += (at - running).total_seconds()
                running = None
            if deed == "handed off":
                running = at
            elif deed == "replied":
                for metric, since in begun.items():
                    spent = (at - since).total_seconds()
                    self.kept.append(spent <= PROMISED[metric])
                    if metric == "first_response":
                        self.first_responses.append(spent)
                begun = {}
            elif deed == "ended":
                self.kept.append(resolving <= PROMISED["resolution"])


def _in_window(at: datetime, opens: int) -> bool:
    return opens <= (at + timedelta(hours=8)).hour < 23


def _counted(start: datetime, end: datetime, opens: int) -> int:
    seconds = int((end - start).total_seconds())
    return sum(_in_window(start + timedelta(seconds=one), opens) for one in range(seconds))


def exactly(times: list[float], share: float) -> float:
    """The time that ``share`` of ``times`` do not exceed."""
    return sorted(times)[math.ceil(share * len(times)) - 1]


async def test_shares_and_times_of_real_cases_are_those_of_an_oracle(
    desk: TestDesk, lin: Agent
) -> None:
    rules = {"queue": {"assignment": "manual"}, "sla": {"policies": [POLICY]}}
    desk.use_rules(read_rules(rules, {}))
    await desk.set_presence(lin.id, AgentState.ONLINE)
    stories = await live_through(desk, lin, seed=5, shoppers=20)
    total = (await numbers(desk))["total"]
    oracle = Oracle(stories)
    assert total["volume"] == len(stories)

    assert 20 < oracle.asked[30] < oracle.asked[180]
    assert [total["reply_asked_from_9"], total["reply_asked"]] == [
        oracle.asked[30],
        oracle.asked[180],
    ]
    assert 0 < oracle.within[30] < oracle.within[180] < oracle.within[300] < oracle.asked[300]
    for limit, name in ((30, "30s"), (180, "3"), (300, "5")):
        assert total[f"reply_within_{name}"] == oracle.within[limit]
        share = total["reply_shares"][f"reply_within_{name}"][0]
        assert share == pytest.approx(oracle.within[limit] / oracle.asked[limit])
    # Some began in the night, when no platform counts.
    assert any(not _in_window(story.deeds[0][0], 8) for story in stories)

    assert 0 < sum(oracle.kept) < len(oracle.kept)
    assert total["sla_kept"] + total["sla_missed"] == len(oracle.kept)
    assert total["sla_share"][0] == pytest.approx(sum(oracle.kept) / len(oracle.kept))

    assert 0 < sum(oracle.promises) < len(oracle.promises)
    assert total["promise_kept"] + total["promise_broken"] == len(oracle.promises)
    assert total["promise_share"][0] == pytest.approx(sum(oracle.promises) / len(oracle.promises))

    served = [story.deeds for story in stories if story.taken_at]
    closed = [(deeds[-1][0] - deeds[0][0]).total_seconds() for deeds in served]
    for name, times in (("first_response", oracle.first_responses), ("resolution", closed)):
        for part in (50, 90, 95):
            # The upper end of a bucket that is a tenth wide.
            exact = exactly(times, part / 100)
            assert exact <= total["times"][name][f"p{part}"] + 0.1
            assert total["times"][name][f"p{part}"] <= 1.1 * exact + 0.1

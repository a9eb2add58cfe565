"""How often a turn asks the shop for what it needs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.conversations.stage import Stage


@pytest.mark.parametrize("words", ["查一下订单 KF2601018001", "where is order KF2601018001"])
@pytest.mark.asyncio(loop_scope="session")
async def test_a_turn_about_an_order_reads_it_once(stage: Stage, words: str) -> None:
    talk = stage.open(customer="C0001")
    read: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: object) -> None:
        if "shop_order_lines" in statement:
            read.append(statement)

    event.listen(talk.seat.engine.sync_engine, "before_cursor_execute", note)
    try:
        for _ in range(2):
            read.clear()
            await talk.say(words)
            assert any("KF2601018001" in reply.text for reply in talk.replies)
            assert len(read) == 1
    finally:
        event.remove(talk.seat.engine.sync_engine, "before_cursor_execute", note)
        talk.close()

"""What agents do around a conversation, over HTTP and sockets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import FormData

from tests.console.conftest import Browser, Console
from tests.console.test_api import error_of
from tests.console.test_sockets import Page


async def held(console: Console, browser: Browser, shopper: str = "ann") -> str:
    """A conversation that the agent at ``browser`` has taken."""
    conversation_id = await console.desk.waiting(shopper)
    assert (await browser.post(f"/conversations/{conversation_id}/take")).status == 200
    return conversation_id


async def margin(browser: Browser, conversation_id: str) -> dict[str, Any]:
    body: dict[str, Any] = await (
        await browser.get(f"/conversations/{conversation_id}/margin")
    ).json()
    return body


async def test_a_note_and_tags_stand_on_the_margin_for_colleagues_only(console: Console) -> None:
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    conversation_id = await held(console, lin)
    path = f"/conversations/{conversation_id}"
    await lin.post(f"{path}/notes", {"text": "@Kim she wants a red one"})
    await lin.post(f"{path}/tags", {"tags": ["Size", " size ", "加急"]})
    assert (await (await kim.get("/overview")).json())["mentions"] == 1
    seen = await margin(kim, conversation_id)
    [note] = seen["notes"]
    assert note["text"] == "@Kim she wants a red one"
    assert note["agent"]["name"] == "Lin"
    assert [one["name"] for one in note["mentions"]] == ["Kim"]
    assert seen["tags"] == ["size", "加急"]
    assert (await (await kim.get("/overview")).json())["mentions"] == 0
    [entry] = (await (await kim.get("/shelves/mentions")).json())["entries"]
    assert entry["conversation"]["id"] == conversation_id
    assert await console.desk.texts(conversation_id) == ["shopper: a person please"]


async def test_snoozing_moves_a_conversation_out_of_sight_and_back(console: Console) -> None:
    lin = await console.browser().log_in("lin")
    conversation_id = await held(console, lin)
    path = f"/conversations/{conversation_id}/snooze"
    until = (console.desk.clock.now() + timedelta(hours=1)).isoformat()
    assert (await lin.post(path, {"until": until})).status == 200
    overview = await (await lin.get("/overview")).json()
    assert (len(overview["mine"]), len(overview["snoozed"])) == (0, 1)
    await lin.post(path, {"until": None})
    overview = await (await lin.get("/overview")).json()
    assert (len(overview["mine"]), len(overview["snoozed"])) == (1, 0)
    for wrong in ("tomorrow", "2026-11-22T13:00:00", "2020-01-01T00:00:00+00:00"):
        assert (await error_of(await lin.post(path, {"until": wrong}), 400))[
            "code"
        ] == "bad_request"


async def test_a_search_leads_to_the_place_in_a_long_transcript(console: Console) -> None:
    lin = await console.browser().log_in("lin")
    conversation_id = await held(console, lin)
    for number in range(120):
        word = "needle 找到我" if number == 30 else "hay"
        await console.desk.hear(f"{word} {number}", f"m-{number}")
    await console.desk.search.index()
    for query in ("needle", "找到"):
        [hit] = (await (await lin.get(f"/search?q={query}")).json())["hits"]
        assert hit["conversation"]["id"] == conversation_id
    seq = hit["message"]["seq"]
    page = await (await lin.get(f"/conversations/{conversation_id}?around={seq}")).json()
    seqs = [message["seq"] for message in page["messages"]]
    assert seq in seqs
    assert (page["more"], page["later"]) == (True, True)
    after = await (await lin.get(f"/conversations/{conversation_id}?after={seqs[-1]}")).json()
    assert after["messages"][0]["seq"] == seqs[-1] + 1
    assert (await (await lin.get("/search?q=")).json())["hits"] == []


async def test_a_picture_goes_out_with_a_reply_and_only_in_its_conversation(
    console: Console,
) -> None:
    lin = await console.browser().log_in("lin")
    one, two = await held(console, lin, "ann"), await held(console, lin, "bob")

    async def upload(data: bytes, conversation_id: str = one) -> Any:
        form = FormData()
        form.add_field("file", data, filename="a.png")
        url = console.server.make_url(f"/console/api/conversations/{conversation_id}/picture")
        return await lin.session.post(url, data=form, headers=lin.headers)

    picture = (await (await upload(b"PNG picture")).json())["attachment"]
    said = {"client_id": "1", "attachments": [picture["id"]]}
    wrong = await lin.post(f"/conversations/{two}/reply", said)
    assert (await error_of(wrong, 400))["code"] == "no_such_attachment"
    sent = (await (await lin.post(f"/conversations/{one}/reply", said)).json())["message"]
    assert sent["attachments"][0]["id"] == picture["id"]
    assert (await error_of(await upload(b"not one"), 400))["code"] == "not_an_image"
    assert (await error_of(await upload(b"PNG" * 1000), 413))["code"] == "image_too_large"
    kim = await console.browser().log_in("kim")
    url = console.server.make_url(f"/console/api/conversations/{one}/picture")
    answer = await kim.session.post(url, data=b"", headers=kim.headers)
    assert (await error_of(answer, 409))["code"] == "moved"


async def test_a_transfer_calls_the_colleague_and_tells_the_shopper(console: Console) -> None:
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    conversation_id = await held(console, lin)
    everybody = (await (await lin.get("/colleagues")).json())["agents"]
    kims_id = next(one["id"] for one in everybody if one["name"] == "Kim")
    path = f"/conversations/{conversation_id}/transfer"
    moved = await (await lin.post(path, {"agent": kims_id, "note": "speaks French"})).json()
    assert moved["conversation"]["agent"]["name"] == "Kim"
    assert (await (await kim.get("/overview")).json())["mentions"] == 1
    assert (await margin(kim, conversation_id))["notes"][0]["text"] == "speaks French"
    page = await (await kim.get(f"/conversations/{conversation_id}")).json()
    assert "Kim" in page["messages"][-1]["text"]
    assert (await error_of(await lin.post(path, {"agent": kims_id}), 409))["code"] == "moved"
    answer = await kim.post(path, {"agent": "nobody"})
    assert (await error_of(answer, 404))["code"] == "no_such_agent"


async def test_agents_write_replies_in_both_languages(console: Console) -> None:
    lin, chief = await console.browser().log_in("lin"), await console.browser().log_in("chief")
    reply = {"shortcut": "size", "title": "Size", "zh": "多大？", "en": "Which size?"}
    saved = (await (await lin.post("/canned", reply)).json())["canned"]
    assert saved["shared"] is False
    again = await lin.post("/canned", reply)
    assert (await error_of(again, 409))["code"] == "shortcut_taken"
    shared = await lin.post("/canned", {**reply, "shared": True})
    assert (await error_of(shared, 403))["code"] == "not_allowed"
    assert (await chief.post("/canned", {**reply, "shared": True})).status == 200
    found = (await (await lin.get("/canned")).json())["canned"]
    assert [one["shared"] for one in found if one["shortcut"] == "size"] == [True, False]
    await lin.post(f"/canned/{saved['id']}/remove")
    gone = await lin.post(f"/canned/{saved['id']}/remove")
    assert (await error_of(gone, 404))["code"] == "no_such_canned"


async def test_conversations_are_merged(console: Console) -> None:
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    here, there = await held(console, lin, "ann"), await held(console, lin, "bob")
    merged = await lin.post(f"/conversations/{here}/merge", {"other": there})
    assert merged.status == 200
    assert [one["id"] for one in (await margin(lin, here))["merged"]] == [there]
    theirs = await held(console, kim, "cat")
    answer = await lin.post(f"/conversations/{here}/merge", {"other": theirs})
    assert (await error_of(answer, 409))["code"] == "taken"
    answer = await lin.post(f"/conversations/{here}/merge", {"other": here})
    assert (await error_of(answer, 400))["code"] == "bad_request"


async def test_an_agent_changes_the_password_and_signs_in_again(console: Console) -> None:
    lin = await console.browser().log_in("lin")
    wrong = {"present": "guess", "wanted": "a long password"}
    assert (await error_of(await lin.post("/me/password", wrong), 401))["code"] == "bad_credentials"
    right = {"present": "correct horse", "wanted": "a long password"}
    assert (await lin.post("/me/password", right)).status == 200
    assert (await error_of(await lin.get("/me"), 401))["code"] == "no_session"
    answer = await lin.post("/login", {"login": "lin", "password": "a long password"})
    assert answer.status == 200


async def test_two_agents_in_one_conversation_see_each_other(console: Console) -> None:
    conversation_id = await console.desk.waiting()
    lin, kim = await console.browser().log_in("lin"), await console.browser().log_in("kim")
    first, second = await Page().open(console, lin), await Page().open(console, kim)
    await first.sio.call("watch", conversation_id, namespace="/console")
    await second.sio.call("watch", conversation_id, namespace="/console")
    await first.until(lambda: [one["state"] for one in first.present] == ["came"])
    await first.sio.emit("here", "viewing", namespace="/console")
    await second.until(lambda: second.present)
    assert second.present[0]["agent"]["name"] == "Lin"
    await second.sio.emit("here", "writing", namespace="/console")
    await first.until(lambda: first.present[-1]["state"] == "writing")
    await second.sio.disconnect()
    await first.until(lambda: first.present[-1]["state"] == "left")
    assert {one["agent"]["name"] for one in first.present} == {"Kim"}
    # Nobody who only looks on is shown to the shopper as writing.
    assert console.signs.shown == []
    await first.sio.disconnect()


async def test_signs_pass_between_the_shopper_and_the_agent_who_has_the_conversation(
    console: Console,
) -> None:
    lin = await console.browser().log_in("lin")
    conversation_id = await held(console, lin)
    page = await Page().open(console, lin)
    await page.sio.call("watch", conversation_id, namespace="/console")
    await page.sio.call("here", "writing", namespace="/console")
    await lin.post(f"/conversations/{conversation_id}/read", {"seq": 2})
    await lin.post(f"/conversations/{conversation_id}/read", {"seq": 1})
    assert console.signs.shown == [("typing", True), ("read", 2)]
    conversation = await console.desk.conversation(conversation_id)
    await console.sockets.shopper_typing(conversation, on=True)
    await console.sockets.shopper_read(conversation, 99)
    await page.until(lambda: len(page.signs) == 2)
    assert page.signs == [
        ("shopper_typing", {"conversation": conversation_id, "on": True}),
        ("shopper_read", {"conversation": conversation_id, "seq": conversation.last_seq}),
    ]
    assert (await margin(lin, conversation_id))["reads"]["shopper"] == conversation.last_seq
    await page.sio.disconnect()


@pytest.mark.parametrize("path", ["/shelves/nothing", "/shelves/all?before=yesterday"])
async def test_a_list_that_does_not_exist_is_refused(console: Console, path: str) -> None:
    lin = await console.browser().log_in("lin")
    assert (await error_of(await lin.get(path), 400))["code"] == "bad_request"


async def test_a_long_list_comes_in_pages(console: Console) -> None:
    lin = await console.browser().log_in("lin")
    ids = {await held(console, lin, f"shopper {number}") for number in range(5)}
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = await (
            await lin.session.get(
                console.server.make_url("/console/api/shelves/mine"),
                params={"limit": "2", "before": cursor},
            )
        ).json()
        seen += [entry["conversation"]["id"] for entry in page["entries"]]
        cursor = page["next"]
    assert sorted(seen) == sorted(ids)


async def test_a_long_line_is_read_page_by_page_from_where_the_last_one_ended(
    console: Console,
) -> None:
    ids = []
    for shopper in ("ann", "bob", "cyd"):
        ids.append(await console.desk.waiting(shopper))
        console.desk.clock.advance(timedelta(seconds=5))
    lin = await console.browser().log_in("lin")
    first = await (await lin.get("/shelves/queue?limit=2")).json()
    assert [one["conversation"]["id"] for one in first["entries"]] == ids[:2]
    # Who leaves from before the end of a page moves nobody from one page to another.
    await lin.post(f"/conversations/{ids[0]}/take")
    after = quote(first["next"])
    rest = await (await lin.get(f"/shelves/queue?limit=2&before={after}")).json()
    assert [one["conversation"]["id"] for one in rest["entries"]] == ids[2:]
    assert rest["next"] is None
    assert (await lin.get("/shelves/queue?before=yesterday")).status == 400

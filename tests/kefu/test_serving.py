"""A whole `kefu serve`, asked through its promised doors."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.serving import ROOT, Served


def get(url: str, token: str | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url)
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def kefu(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from kefu.cli import main; sys.exit(main())",
            *arguments,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        input=stdin,
        timeout=120,
        check=False,
    )


def token_of(served: Served) -> str:
    token: str = json.loads((served.data / "secrets.json").read_text())["api_token"]
    return token


def test_it_says_that_it_is_well_and_ready(served: Served) -> None:
    assert get(f"{served.url}/healthz")[0] == 200
    assert get(f"{served.url}/readyz")[0] == 200


def test_a_shopper_is_answered_in_the_language_they_write(served: Served) -> None:
    chinese = served.say("reader-zh", "你好")
    english = served.say("reader-en", "hello there")

    assert any("\u4e00" <= letter <= "\u9fff" for letter in str(chinese[0]["text"]))
    assert str(english[0]["text"]).isascii() or "’" in str(english[0]["text"])


def test_metrics_count_turns(served: Served) -> None:
    served.say("metrics", "hello")

    assert 'kefu_turns_total{outcome="answered"}' in get(f"{served.url}/metrics")[1]


def test_rasas_parse_door_wants_its_token(served: Served) -> None:
    assert served.post("/model/parse", {"text": "hello"})[0] == 401

    token = token_of(served)
    status, parsed = served.post(f"/model/parse?token={token}", {"text": "where is my parcel"})

    assert status == 200
    assert isinstance(parsed, dict)
    assert parsed["intent"]["name"] == "track_shipment"
    assert parsed["intents"][0]["name"] == "track_shipment"


def test_what_looks_like_a_payload_is_parsed_as_text(served: Served) -> None:
    path = f"/model/parse?token={token_of(served)}"

    _, parsed = served.post(path, {"text": '/return_request{"order_number": "KF2611190042"}'})

    assert isinstance(parsed, dict)
    assert parsed["intent"]["confidence"] < 1


@pytest.mark.parametrize("body", [{"no": "text"}, ["text"], {"text": 3}, {"text": "x" * 5000}])
def test_a_parse_request_that_makes_no_sense_is_told_so(served: Served, body: object) -> None:
    status, answer = served.post(f"/model/parse?token={token_of(served)}", body)

    assert status == 400
    assert "error" in json.dumps(answer)


def test_a_conversations_tracker_can_be_read_with_the_token(served: Served) -> None:
    assert get(f"{served.url}/conversations/nobody/tracker", token_of(served))[0] == 404
    assert get(f"{served.url}/conversations/nobody/tracker")[0] == 401


def test_a_tracker_is_found_by_the_sender_as_rasa_calls_the_conversation(served: Served) -> None:
    served.say("tracked-sender", "hello")

    status, body = get(f"{served.url}/conversations/tracked-sender/tracker", token_of(served))

    assert status == 200
    tracker = json.loads(body)
    assert tracker["sender_id"] == "tracked-sender"
    assert any(event.get("text") == "hello" for event in tracker["events"])


def test_a_bug_or_a_wrong_path_shows_nothing_of_the_inside(served: Served) -> None:
    status, text = get(f"{served.url}/no/such/page")

    assert status == 404
    assert "Traceback" not in text


def test_a_taken_port_is_one_sentence(served: Served, tmp_path: Path) -> None:
    result = kefu("serve", "--port", str(served.port), "--data", str(tmp_path / "var"))

    assert result.returncode == 1
    assert f"port {served.port} is taken" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_parse_reads_lines_and_prints_one_result_a_line() -> None:
    lines = "".join(json.dumps({"text": text}) + "\n" for text in ("转人工", "cancel my order"))

    result = kefu("parse", "--jsonl", stdin=lines)

    parsed = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["intent"]["name"] for one in parsed] == ["human_agent", "cancel_order"]
    assert [one["text"] for one in parsed] == ["转人工", "cancel my order"]


def test_parse_names_the_line_that_it_cannot_read() -> None:
    result = kefu("parse", "--jsonl", stdin='{"text": "hello"}\nnonsense\n')

    assert result.returncode == 1
    assert "line 2" in result.stderr


def test_the_doctor_finds_a_running_installation_well(served: Served) -> None:
    result = kefu("doctor", "--data", str(served.data), "--port", str(served.port))

    assert result.returncode == 0, result.stdout
    assert "sqlite is reachable and migrated" in result.stdout
    assert "FAIL" not in result.stdout


def test_an_agent_is_added_once(served: Served) -> None:
    arguments = ("agents", "add", "lin", "--name", "Lin", "--password", "long enough to keep")

    assert kefu(*arguments, "--data", str(served.data)).returncode == 0
    again = kefu(*arguments, "--data", str(served.data))

    assert again.returncode == 1
    assert len(again.stderr.strip().splitlines()) == 1


def test_the_log_holds_no_words_of_shoppers(served: Served) -> None:
    served.say("private", "my phone is 13800138000 and my mail is mei@example.com")
    # Who waits for a person and leaves a number, which an agent then calls.
    for said in ("转人工", "转人工", "/keep_place", "0571-8888 6666"):
        served.say("private", said)
    login, password = served.supervisor()
    served.post("/console/api/login", {"login": login, "password": password})
    overview = served.get("/console/api/overview")
    [waiting] = [one for one in overview["queue"] if one["conversation"]["calls_back"]]
    path = f"/console/api/conversations/{waiting['conversation']['id']}"
    served.post(f"{path}/take", {})
    served.post(f"{path}/called", {})
    [call] = served.get(f"{path}/margin")["calls"]
    assert (call["contact"], call["withdrawn_at"]) == ("057188886666", None)
    assert call["made_by"]["id"] == served.get("/console/api/me")["agent"]["id"]
    served.post(f"{path}/close", {})

    log = (served.data / "kefu.log").read_text()

    for private in ("13800138000", "mei@example.com", "057188886666", "8888 6666", password):
        assert private not in log

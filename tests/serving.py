"""A `kefu serve` of its own for tests: real process, free port, fresh data folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 120


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """One serving process over one data folder; can be killed and started again."""

    command: tuple[str, ...] = ("serve",)
    ready_at = "/readyz"

    def __init__(
        self, data: Path, environment: dict[str, str] | None = None, root: Path = ROOT
    ) -> None:
        """``root``: the project that is served, with its kefu.yml."""
        self.data = data
        self._root = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

    def start(self) -> None:
        """Start the process and wait until it says that it is ready."""
        self.data.mkdir(parents=True, exist_ok=True)
        output = (self.data / "output.log").open("ab")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-c", "import sys; from kefu.cli import main; sys.exit(main())"),
                *(*self.command, "--port", str(self.port), "--data", str(self.data)),
            ],
            cwd=self._root,
            env=self._environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        output.close()
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"kefu serve ended:\n{self.output()}")
            try:
                with urllib.request.urlopen(self.url + self.ready_at, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.kill()
        raise AssertionError(f"kefu serve is not ready after {READY_SECONDS} s:\n{self.output()}")

    @property
    def pid(self) -> int:
        """The process id of the serving process."""
        assert self._process is not None
        return self._process.pid

    def output(self) -> str:
        """Everything the process printed."""
        return (self.data / "output.log").read_text(errors="replace")

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask the process to end, as an operator would."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(timeout=5)

    def supervisor(self) -> tuple[str, str]:
        """Login and password of the first supervisor, as printed at the first start."""
        for line in self.output().splitlines():
            if "supervisor" in line and "password" in line:
                words = line.split()
                return words[words.index("login") + 1], words[words.index("password") + 1]
        raise AssertionError(f"no supervisor was announced:\n{self.output()}")

    def add_agent(self, login: str, name: str, password: str) -> None:
        """Add somebody to the desk, as an operator would from another terminal."""
        subprocess.run(
            [
                *(sys.executable, "-c", "import sys; from kefu.cli import main; sys.exit(main())"),
                *("agents", "add", login, "--name", name, "--password", password),
                *("--data", str(self.data)),
            ],
            cwd=self._root,
            env=self._environment,
            check=True,
            capture_output=True,
            timeout=60,
        )

    def post(self, path: str, body: object) -> tuple[int, object]:
        """POST ``body`` as JSON; returns status and JSON answer."""
        return self._ask(path, json.dumps(body).encode())

    def get(self, path: str) -> Any:
        """The JSON that ``path`` answers."""
        return self._ask(path)[1]

    def close_waiting(self) -> None:
        """Close what other tests left in the queue, as a supervisor would, to find one's own."""
        login, password = self.supervisor()
        assert self.post("/console/api/login", {"login": login, "password": password})[0] == 200
        overview = self.get("/console/api/overview")
        for entry in overview["queue"]:
            conversation = f"/console/api/conversations/{entry['conversation']['id']}"
            for deed in ("take", "close"):
                status, told = self.post(f"{conversation}/{deed}", {})
                assert status == 200, told
        self.post("/console/api/logout", {})

    def _ask(self, path: str, data: bytes | None = None) -> tuple[int, object]:
        request = urllib.request.Request(
            self.url + path,
            data,
            headers={"Content-Type": "application/json", "X-Kefu-Console": "1"},
        )
        try:
            with self._opener.open(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def say(self, sender: str, text: str, **metadata: object) -> list[dict[str, object]]:
        """Send ``text`` through the REST channel; returns the replies."""
        status, replies = self.post(
            "/webhooks/rest/webhook", {"sender": sender, "message": text, "metadata": metadata}
        )
        assert status == 200, (status, replies)
        assert isinstance(replies, list)
        return replies


class ShopServed(Served):
    """The embedded shop alone, over HTTP."""

    command = ("shop", "serve")
    ready_at = "/v1/openapi.json"

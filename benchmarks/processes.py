"""Starts servers, waits until they answer, weighs them, ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

READY_SECONDS = 300
STOP_SECONDS = 20


class NotReady(Exception):
    """A server ended, or did not answer in time; the message ends with what it said."""


class Servers:
    """Processes that together answer shoppers."""

    def __init__(self, processes: list[subprocess.Popen[bytes]], ready_after: float) -> None:
        self._processes = processes
        self.ready_after = ready_after

    def resident_bytes(self) -> int:
        """Resident memory of all processes and their children."""
        return sum(process.memory_info().rss for process in self._family())

    def cpu_seconds(self) -> float:
        """Processor time spent so far, system time included."""
        times = [process.cpu_times() for process in self._family()]
        return sum(spent.user + spent.system for spent in times)

    def _family(self) -> Iterator[psutil.Process]:
        for process in self._processes:
            parent = psutil.Process(process.pid)
            yield parent
            yield from parent.children(recursive=True)


@contextlib.contextmanager
def serving(
    commands: Sequence[Sequence[str]],
    folder: Path,
    ready_url: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Servers]:
    """Run ``commands`` in ``folder`` until the block ends; ready when ``ready_url`` says 200."""
    processes: list[subprocess.Popen[bytes]] = []
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        try:
            began = time.monotonic()
            for command in commands:
                processes.append(
                    subprocess.Popen(
                        command,
                        cwd=folder,
                        env={**os.environ, **(environment or {})},
                        stdout=output,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                )
            _wait_until_ready(processes, ready_url, log, began)
            yield Servers(processes, time.monotonic() - began)
        finally:
            for process in processes:
                _end(process)


def _wait_until_ready(
    processes: list[subprocess.Popen[bytes]], url: str, log: Path, began: float
) -> None:
    while time.monotonic() - began < READY_SECONDS:
        for process in processes:
            if process.poll() is not None:
                raise NotReady(f"{process.args!r} ended: {_last_words(log)}")
        with contextlib.suppress(URLError, OSError), urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise NotReady(f"{url} did not answer in {READY_SECONDS} s: {_last_words(log)}")


def _last_words(log: Path) -> str:
    return log.read_text(errors="replace")[-600:]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)


def timed_run(command: Sequence[str], folder: Path, log: Path, seconds: float) -> float:
    """How many seconds ``command`` takes; raises NotReady if it fails or takes longer than that."""
    began = time.monotonic()
    with log.open("ab") as output:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise NotReady(f"{command!r} took longer than {seconds:.0f} s") from error
    if done.returncode:
        raise NotReady(f"{command!r} failed: {_last_words(log)}")
    return time.monotonic() - began


def free_port() -> int:
    """A port of the loopback that nobody listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port

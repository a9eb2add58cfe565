"""Real servers and real databases for every test that asks for them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import hypothesis
import pytest

from kefu import migrate
from kefu.training import ensure_model
from tests.missing import missing
from tests.serving import ROOT, Served

START_SECONDS = 30

# Properties are tried with the same cases every time; `--hypothesis-profile searching` looks on.
hypothesis.settings.register_profile("seeded", derandomize=True, deadline=None)
hypothesis.settings.register_profile("searching", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("seeded")


class Databases:
    """Hands out fresh, empty, migrated databases; the servers start with the first request."""

    def __init__(self, folder: Path, postgresql: Callable[[], str]) -> None:
        self._folder = folder
        self._postgresql = postgresql
        self._sqlite_template: Path | None = None
        self._postgresql_template: str | None = None

    def make(self, kind: str) -> str:
        """The address of a new database of ``kind``, "sqlite" or "postgresql"."""
        return self._make_sqlite() if kind == "sqlite" else self._make_postgresql()

    def copy(self, url: str) -> str:
        """The address of a new database with all that is in the one at ``url``, unused now."""
        if url.startswith("sqlite:///"):
            path = self._folder / f"{uuid4().hex}.db"
            shutil.copyfile(url.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        server, template = url.rsplit("/", 1)
        return self._create(server, template)

    def drop(self, url: str) -> None:
        """Remove a database made here, whoever is still connected to it."""
        if url.startswith("sqlite:///"):
            path = url.removeprefix("sqlite:///")
            for suffix in ("", "-wal", "-shm"):
                Path(path + suffix).unlink(missing_ok=True)
        else:
            server, name = url.rsplit("/", 1)
            _run(_execute(f"{server}/postgres", f'DROP DATABASE "{name}" WITH (FORCE)'))

    def _make_sqlite(self) -> str:
        if self._sqlite_template is None:
            template = self._folder / "template.db"
            _run(migrate.upgrade(f"sqlite:///{template}"))
            self._sqlite_template = template
        path = self._folder / f"{uuid4().hex}.db"
        shutil.copyfile(self._sqlite_template, path)
        return f"sqlite:///{path}"

    def _make_postgresql(self) -> str:
        server = self._postgresql()
        if self._postgresql_template is None:
            _run(_execute(f"{server}/postgres", "CREATE DATABASE template_kefu"))
            _run(migrate.upgrade(f"{server}/template_kefu"))
            self._postgresql_template = "template_kefu"
        return self._create(server, self._postgresql_template)

    def _create(self, server: str, template: str) -> str:
        name = f"kefu_{uuid4().hex}"
        _run(
            _execute(
                f"{server}/postgres",
                f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy',
            )
        )
        return f"{server}/{name}"


@pytest.fixture(scope="session")
def databases(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Databases:
    """For tests that need several databases, or one for every example."""
    return Databases(
        tmp_path_factory.mktemp("databases"),
        lambda: str(request.getfixturevalue("postgresql_server")),
    )


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A fresh, empty, migrated database; the test runs once on each kind."""
    url = databases.make(request.param)
    yield url
    databases.drop(url)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """An empty Redis database."""
    with socket.create_connection(_address(redis_server), timeout=5) as connection:
        connection.sendall(b"FLUSHALL\r\n")
        assert connection.recv(64).startswith(b"+OK")
    return redis_server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """A Redis server of this test run alone."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server is not installed")
    port = _free_port()
    arguments = [program, "--port", str(port), "--bind", "127.0.0.1"]
    arguments += ["--save", "", "--appendonly", "no"]
    with _server(arguments, Path(tempfile.gettempdir()), port, None):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server of this test run alone, without the care that keeps data on disk."""
    programs = _postgresql_programs()
    if programs is None:
        missing("PostgreSQL is not installed")
    account = _account()
    # Not under pytest's own folder: that one is closed to the account the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="kefu-postgresql-", dir=_fast_folder()))
    try:
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        create = [str(programs / "initdb"), "-D", str(data), "-U", "kefu", "-A", "trust"]
        create += ["--no-sync", "--no-locale", "--encoding", "UTF8"]
        subprocess.run(
            _as(account, create), check=True, stdout=subprocess.DEVNULL, cwd=folder, timeout=120
        )
        port = _free_port()
        serve = [str(programs / "postgres"), "-D", str(data), "-F", "-p", str(port)]
        serve += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        serve += ["-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        serve += ["-c", "max_connections=200", "-c", "shared_buffers=64MB"]
        with _server(serve, folder, port, account):
            server = f"postgresql://kefu@127.0.0.1:{port}"
            _run(_answering(f"{server}/postgres"))
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgresql_programs() -> Path | None:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    if folders:
        return folders[0].parent
    found = shutil.which("postgres")
    return Path(found).parent if found else None


def _fast_folder() -> str | None:
    """Memory, where there is enough of it: a database is then made ten times faster."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 * 1024**3
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


def _account() -> pwd.struct_passwd | None:
    """The account PostgreSQL runs as: it refuses to run as root."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _as(account: pwd.struct_passwd | None, arguments: list[str]) -> list[str]:
    """``arguments`` run by ``account``, and ended should this process die without a goodbye."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return arguments
    prefix = [setpriv, "--pdeathsig", "INT"]
    if account is not None:
        prefix += [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    return [*prefix, *arguments]


@contextlib.contextmanager
def _server(
    arguments: list[str], folder: Path, port: int, account: pwd.struct_passwd | None
) -> Iterator[None]:
    process = subprocess.Popen(
        _as(account, arguments), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(process, port)
        yield
    finally:
        # SIGINT: PostgreSQL then ends its connections instead of waiting for them.
        process.send_signal(2)
        process.wait(timeout=START_SECONDS)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args!r} did not open its port in {START_SECONDS} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _address(url: str) -> tuple[str, int]:
    host, port = url.split("/")[2].split(":")
    return host, int(port)


async def _answering(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            await _execute(url, "SELECT 1")
        except asyncpg.CannotConnectNowError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.05)
        else:
            return


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Finish ``work`` on a loop of its own, whatever loop this thread has."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model, the one that `kefu serve` uses; made anew only when its data changed."""
    return ensure_model(ROOT, ROOT / "models", print, force=True)


@pytest.fixture(scope="session")
def served(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A whole `kefu serve` on SQLite with the demo shop, shared by the tests of a session."""
    serving = Served(tmp_path_factory.mktemp("served") / "var")
    serving.start()
    yield serving
    serving.stop()

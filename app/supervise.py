"""`baton run`: owns the embedded PostgreSQL and watches over `serve`, `work` and `carry`, which never start or stop it."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import psycopg

from app.settings import Settings
from kit.db import dsn_of
from kit.errors import ConflictError, UnavailableError
from kit.log import get_logger
from kit.postgres import EmbeddedPostgres, PostgresError

STOP_SECONDS = 10.0
LOOK_SECONDS = 2.0
READY_SECONDS = 120.0
FIRST_BACKOFF, MAX_BACKOFF = 0.2, 10.0
STABLE_SECONDS = 30.0

log = get_logger("run")


class AlreadyRunningError(ConflictError):
    """Baton is already running on this data folder."""


class NotReadyError(UnavailableError):
    """Baton does not become ready."""


@contextlib.contextmanager
def run_lock(data_dir: Path) -> Iterator[None]:
    """Holds the data folder for this process; the kernel lets go when it dies. Raises AlreadyRunningError."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip()
            raise AlreadyRunningError(
                f"Baton is already running on {data_dir} ({holder})",
                hint="Use that one, stop it with Ctrl-C, or set BATON_DATA_DIR and BATON_PORT.",
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


@contextlib.contextmanager
def database_of(settings: Settings) -> Iterator[str]:
    """A database URL to work with: the outside one, that of a running `baton run`, or an embedded server started for this block."""
    if settings.database_url:
        yield settings.database_url
        return
    server = EmbeddedPostgres(settings.data_dir)
    try:
        with run_lock(settings.data_dir):
            server.start()
            try:
                yield server.url
            finally:
                server.stop()
    except AlreadyRunningError:
        yield server.url


def die_with_parent() -> None:
    """In a child: be told to stop when the supervisor dies without a word (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


@dataclass
class Child:
    """A process that is started again when it dies."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    backoff: float = FIRST_BACKOFF
    next_start: float = 0.0
    restarts: int = field(default=-1)
    needed: Callable[[], bool] = lambda: True

    def keep_alive(self) -> None:
        """Starts the process if it is needed, not running, and its backoff has passed."""
        now = time.monotonic()
        if self.process is None and now >= self.next_start and not self.needed():
            self.next_start = now + LOOK_SECONDS
        if self.process is not None and self.process.poll() is None:
            if now - self.started > STABLE_SECONDS:
                self.backoff = FIRST_BACKOFF
            return
        if self.process is not None:
            log.warning("process died", process=self.name, code=self.process.returncode)
            self.process, self.next_start = None, now + self.backoff
            self.backoff = min(self.backoff * 2, MAX_BACKOFF)
        if now >= self.next_start:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent
            )
            self.started, self.restarts = now, self.restarts + 1

    def stop(self) -> None:
        """Asks the process to stop."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait(self, deadline: float) -> None:
        """Waits for its end, and ends it after the deadline."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def has_outside_channels(settings: Settings, database_url: str) -> bool:
    """Whether there is anything for `baton carry` to do: an account at a provider, or a bot of Rasa's that is called back."""
    if settings.doors is not None:
        from app.door_channels import door_settings  # loaded where doors are open only

        known = door_settings(settings)
        if known is not None and known.callback_url:
            return True
    try:
        with psycopg.connect(dsn_of(database_url), connect_timeout=2) as connection:
            found = connection.execute("SELECT EXISTS (SELECT FROM channel_account)").fetchone()
    except psycopg.Error:
        return False  # the database is away, or not migrated yet: looked at again
    return found is not None and bool(found[0])


class Supervisor:
    """Runs children until a signal comes."""

    def __init__(self, settings: Settings, database_url: str, *, server: EmbeddedPostgres | None) -> None:
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "BATON_DATA_DIR": str(settings.data_dir),
            "BATON_PORT": str(settings.port),
            "BATON_HOST": settings.host,
        }
        baton = [sys.executable, "-m", "app.cli"]
        self.settings, self.server = settings, server
        self.children = [Child(name, [*baton, name], environment) for name in ("serve", "work")]
        self.children.append(Child("carry", [*baton, "carry"], environment, needed=lambda: has_outside_channels(settings, database_url)))
        self._stopping = False
        self._next_database_start = 0.0

    def run(self, *, on_ready: Callable[[float], None]) -> None:
        """Starts everything, calls `on_ready` with the seconds it took, and stays until SIGINT or SIGTERM. Raises NotReadyError."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        began, ready = time.monotonic(), False
        try:
            while not self._stopping:
                self._watch_server()
                for child in self.children:
                    child.keep_alive()
                if not ready and self._is_ready():
                    ready = True
                    on_ready(time.monotonic() - began)
                if not ready and time.monotonic() - began > READY_SECONDS:
                    raise NotReadyError(hint="The log above says why.")
                time.sleep(0.1)
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _watch_server(self) -> None:
        if self.server is None or self.server.running() or time.monotonic() < self._next_database_start:
            return
        log.warning("the database died; starting it again")
        try:
            self.server.start()
        except PostgresError as error:
            log.error("the database does not start yet", error=error.message)
            self._next_database_start = time.monotonic() + MAX_BACKOFF

    def _probed_host(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.settings.host, self.settings.host)  # noqa: S104 - not bound, only compared
        return f"[{host}]" if ":" in host else host

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self._probed_host()}:{self.settings.port}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _stop(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            child.stop()
        for child in self.children:
            child.wait(deadline)

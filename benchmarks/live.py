"""A real Baton to look at from outside: `baton run --demo` as a process, on a free port and a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from kit.postgres import EmbeddedPostgres

START_SECONDS = 600.0
ROOT = Path(__file__).resolve().parent.parent
TARGETS = ("serve", "work", "carry", "postgres", "run")


class StartError(RuntimeError):
    """Baton ended while it started, or took too long; the message is the end of its log."""


def free_port() -> int:
    """A port that nobody uses now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LiveBaton:
    """One running Baton."""

    def __init__(self, data_dir: Path, *, environment: dict[str, str] | None = None) -> None:
        self.data_dir, self.port = data_dir, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | {
            "BATON_DATA_DIR": str(data_dir),
            "BATON_PORT": str(self.port),
            "BATON_PUBLIC_URL": self.url,
        } | (environment or {})  # fmt: skip
        self.log = data_dir / "test.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(base_url=self.url, timeout=2, limits=httpx.Limits(max_keepalive_connections=0))

    def start(self, *, seconds: float = START_SECONDS) -> float:
        """Starts it; returns how long it took until it could serve. Raises StartError with the log when it cannot within `seconds`."""
        began = time.monotonic()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "run", "--demo"], env=self.environment, stdout=output, stderr=output, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip
        while not self.healthy():
            if self.process.poll() is not None or time.monotonic() - began > seconds:
                self.stop()  # nothing is left running that nobody waits for
                raise StartError(self.log.read_text(errors="replace")[-3000:])
            time.sleep(0.1)
        return time.monotonic() - began

    def healthy(self) -> bool:
        """Whether the whole can serve."""
        try:
            return self._http.get("/healthz").status_code == 200
        except httpx.HTTPError:
            return False

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of its embedded PostgreSQL."""
        return EmbeddedPostgres(self.data_dir).url

    def child(self, name: str) -> psutil.Process:
        """The running `serve`, `work`, `carry` or `postgres` (the postmaster). Raises LookupError when there is none."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if _is(child, name):
                        return child
        raise LookupError(name)

    def kill(self, name: str) -> bool:
        """SIGKILL to one of `TARGETS`, `run` being the supervisor itself; whether there was one."""
        try:
            victim = psutil.Process(self.process.pid) if name == "run" and self.process else self.child(name)
            victim.kill()
        except (LookupError, psutil.NoSuchProcess):
            return False
        if name == "run" and self.process:
            self.process.wait()
        return True

    def processes(self) -> list[psutil.Process]:
        """Every living process of this data folder: those that name it in their command line or environment, or work in it."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE and self._belongs(process):
                    found.append(process)
        return found

    def _belongs(self, process: psutil.Process) -> bool:
        folder = str(self.data_dir)
        if any(folder in part for part in process.cmdline()) or process.environ().get("BATON_DATA_DIR") == folder:
            return True
        return process.cwd().startswith(folder)  # PostgreSQL's own children overwrite command line and environment

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def _is(process: psutil.Process, name: str) -> bool:
    command = process.cmdline()
    return Path(command[0]).name == "postgres" if name == "postgres" and command else command[-1:] == [name]


def new_folder(*, like: Path | None = None, parts: tuple[str, ...] = ("encoders",)) -> Path:
    """A data folder that a system user may enter. `parts` of the data folder `like` are copied, where they are there, to save time."""
    folder = Path(tempfile.mkdtemp(prefix="baton-live-"))
    folder.chmod(0o755)
    for part in parts if like else ():
        if like is not None and (like / part).is_dir():
            shutil.copytree(like / part, folder / part)
    return folder


def whole_copy(stopped: Path) -> Path:
    """A copy of the data folder of a Baton that is not running, database and all; what starts on it has nothing to make ready."""
    folder = new_folder()
    shutil.copytree(stopped, folder, dirs_exist_ok=True, symlinks=True, copy_function=_copy_owned)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            old = (stopped / path.relative_to(folder)).stat()
            os.chown(path, old.st_uid, old.st_gid)
    return folder


def _copy_owned(source: str, target: str) -> None:
    shutil.copy2(source, target, follow_symlinks=False)
    old = os.lstat(source)
    os.chown(target, old.st_uid, old.st_gid, follow_symlinks=False)

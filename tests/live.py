"""A real Baton for tests: `baton run --demo` as a process, on a free port and a data folder of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

START_SECONDS = 240.0
ROOT = Path(__file__).resolve().parent.parent


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
        self.environment = os.environ | {
            "BATON_DATA_DIR": str(data_dir),
            "BATON_PORT": str(self.port),
            "BATON_PUBLIC_URL": self.url,
        } | (environment or {})  # fmt: skip
        self.log = data_dir / "test.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts it; returns the seconds until it could serve. Raises AssertionError with the log when it cannot."""
        began = time.monotonic()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "run", "--demo"], env=self.environment, stdout=output, stderr=output, cwd=ROOT,
                start_new_session=True,
            )  # fmt: skip
        while not self.healthy():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() - began < START_SECONDS, self.log.read_text()[-3000:]
            time.sleep(0.1)
        return time.monotonic() - began

    def healthy(self) -> bool:
        """Whether the whole can serve."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def child(self, name: str) -> psutil.Process:
        """The running `serve` or `work`. Raises LookupError when there is none."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.cmdline()[-1:] == [name]:
                    return child
        raise LookupError(name)

    def kill(self, name: str) -> bool:
        """SIGKILL to `serve` or `work`; whether there was one."""
        try:
            self.child(name).kill()
        except (LookupError, psutil.NoSuchProcess):
            return False
        return True

    def stop(self) -> int:
        """Ctrl-C; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def new_folder() -> Path:
    """A data folder that a system user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="baton-live-"))
    folder.chmod(0o755)
    return folder

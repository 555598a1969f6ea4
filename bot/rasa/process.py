"""Keeps a Rasa server with one trained model: starts it, waits until it answers, starts it again when it dies, stops it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import secrets
import signal
import socket
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import yaml

from bot.rasa.environment import DRIVER, RasaFailedError, last_lines, rasa_environ, rasa_python
from bot.rasa.serving import Forward, RunningTurns
from kit.errors import UnavailableError
from kit.log import get_logger

FIRST_BACKOFF, MAX_BACKOFF = 1.0, 60.0
STABLE_SECONDS = 60.0
START_SECONDS = 300.0
LOOK_SECONDS = 0.25
STOP_SECONDS = 5.0
TURN_SECONDS = 18.0

log = get_logger("rasa")


class RasaDownError(UnavailableError):
    """Rasa does not run at the moment."""


@dataclass(frozen=True)
class Callback:
    """Where Rasa reaches Baton: the address of the action server, and the token that it wants."""

    url: str
    token: str


@dataclass
class RasaServer:
    """One Rasa process on 127.0.0.1; implements `bot.rasa.engine.Rasa`.

    `running` are the turns that its calls belong to; `forward` passes calls on to the project's own action server, where it has one.
    """

    environment: Path
    model: Path
    callback: Callback
    running: RunningTurns = field(default_factory=RunningTurns)
    forward: Forward | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    port: int = 0
    starts: int = 0
    ready: bool = False

    def __post_init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._client = httpx.AsyncClient(timeout=TURN_SECONDS, trust_env=False, headers={"X-Baton-Token": self.token})

    async def take(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """Gives one message to Rasa; the events that follow. Raises RasaDownError and RasaFailedError. Never asks twice."""
        if not self.ready:
            raise RasaDownError(hint="It is being started; the log says more.")
        try:
            answer = await self._client.post(f"http://127.0.0.1:{self.port}/webhooks/baton/turn", json=body)
        except httpx.TimeoutException:
            raise RasaDownError(f"Rasa did not answer within {TURN_SECONDS:g} seconds") from None
        except httpx.HTTPError as error:
            raise RasaDownError(f"Rasa broke off: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise RasaFailedError(f"Rasa answered {answer.status_code}: {answer.text[:300]}")
        events: list[dict[str, Any]] = answer.json()["events"]
        return events

    async def keep(self) -> None:
        """Runs the process until cancelled, starting it again with growing pauses. Raises NoRasaError when there is no environment."""
        python = rasa_python(self.environment)
        pause = FIRST_BACKOFF
        try:
            while True:
                began = time.monotonic()
                with TemporaryDirectory(prefix="baton-rasa-") as folder:
                    await self._run(python, Path(folder))
                self.ready = False
                pause = FIRST_BACKOFF if time.monotonic() - began > STABLE_SECONDS else min(pause * 2, MAX_BACKOFF)
                log.warning("Rasa ended; it is started again", pause=pause)
                await asyncio.sleep(pause)
        finally:
            self.ready = False
            await self._stop()
            await self._client.aclose()

    async def _run(self, python: Path, folder: Path) -> None:
        self.port, self.starts = free_port(), self.starts + 1
        write_settings(folder, callback=self.callback, token=self.token, with_domain=self.forward is not None)
        output = folder / "output.log"
        command = [str(python), "-W", "ignore", "-m", "rasa", "run", "-p", str(self.port), "-i", "127.0.0.1", "-m", str(self.model)]
        command += ["--credentials", str(folder / "credentials.yml"), "--endpoints", str(folder / "endpoints.yml")]
        with output.open("wb") as sink:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder,
                env=rasa_environ() | {"PYTHONPATH": str(DRIVER), "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
            watcher = asyncio.create_task(self._await_ready())
            try:
                code = await self._process.wait()
            finally:
                watcher.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watcher
        log.warning("Rasa died", code=code, said=last_lines(output.read_text(encoding="utf-8", errors="replace"))[-600:])

    async def _await_ready(self) -> None:
        began = time.monotonic()
        while time.monotonic() - began < START_SECONDS:
            try:
                answer = await self._client.get(f"http://127.0.0.1:{self.port}/webhooks/baton/ready", timeout=2.0)
                if answer.status_code == 200:
                    self.ready = True
                    log.info("Rasa is ready", seconds=round(time.monotonic() - began, 1), port=self.port)
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(LOOK_SECONDS)
        log.error("Rasa does not become ready; it is ended", seconds=START_SECONDS)
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def _stop(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def write_settings(folder: Path, *, callback: Callback, token: str, with_domain: bool) -> None:
    """Writes credentials.yml (Baton's channel) and endpoints.yml (Baton's actions and words; trackers only in memory) for Rasa.

    `with_domain`: each call of an action brings the whole domain, which Baton knows but the project's own action server may want.
    """
    headers = {"X-Baton-Token": callback.token}
    endpoints = {
        "action_endpoint": {"url": f"{callback.url}/webhook", "headers": headers, "enable_selective_domain": not with_domain},
        "nlg": {"url": f"{callback.url}/nlg", "headers": headers},
    }
    for name, data in (("credentials.yml", {"baton_channel.BatonChannel": {"token": token}}), ("endpoints.yml", endpoints)):
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(data), encoding="utf-8")


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on at this moment."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> None:
    """Lets the kernel end the process when this one dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)

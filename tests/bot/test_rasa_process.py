"""Keeping a Rasa process, with a little server in the place of Rasa."""

from __future__ import annotations

import asyncio
import contextlib
import stat
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import psutil
import pytest
import yaml

from bot.rasa import process
from bot.rasa.environment import NoRasaError, RasaFailedError
from bot.rasa.process import Callback, RasaDownError, RasaServer, write_settings

PRETENDER = """
    import json, os, sys, time
    from http.server import BaseHTTPRequestHandler, HTTPServer

    given = dict(zip(sys.argv, sys.argv[1:]))
    token = open(given["--credentials"]).read().split("token: ")[1].strip()
    secrets = sorted(name for name in os.environ if name in ("DATABASE_URL",))

    class Door(BaseHTTPRequestHandler):
        def answer(self, status, data):
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(200 if self.headers["X-Baton-Token"] == token else 403, {})

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if body.get("die"):
                os._exit(3)
            if body.get("hang"):
                time.sleep(60)
            if body.get("fail"):
                return self.answer(500, {"error": "ValueError: no"})
            self.answer(200, {"events": [{"model": given["-m"] if "-m" in given else "", "address": given["-i"], "secrets": secrets}]})

        def log_message(self, *_):
            pass

    if os.path.exists(os.path.join(os.path.dirname(os.path.abspath(__file__)), "broken")):
        sys.exit("there is no such model")
    HTTPServer((given["-i"], int(given["-p"])), Door).serve_forever()
"""


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """An environment whose Python runs the pretender whatever it is asked."""
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / ".installed").touch()
    (folder / "pretender.py").write_text(dedent(PRETENDER))
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/pretender.py "$@"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    return folder


@contextlib.asynccontextmanager
async def kept(environment: Path) -> AsyncIterator[RasaServer]:
    """A server that is kept while the block runs."""
    server = RasaServer(environment, Path("model.tar.gz"), Callback("http://127.0.0.1:1", "callback"))
    task = asyncio.create_task(server.keep())
    try:
        yield server
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(holds: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(seconds):
        while not holds():
            await asyncio.sleep(0.02)


def children() -> list[psutil.Process]:
    """The pretenders that this process has."""
    found = psutil.Process().children(recursive=True)
    return [p for p in found if p.status() != psutil.STATUS_ZOMBIE and any("pretender" in part for part in p.cmdline())]


async def test_it_starts_on_loopback_without_the_way_to_the_database_and_ends_with_us(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    async with kept(environment) as server:
        await until(lambda: server.ready)
        events = await server.take({"key": "x"})
        assert (events[0]["address"], events[0]["secrets"]) == ("127.0.0.1", [])
        assert len(children()) == 1
    assert children() == []
    assert not server.ready


async def test_before_it_answers_a_turn_is_refused_at_once(environment: Path) -> None:
    async with kept(environment) as server:
        with pytest.raises(RasaDownError):
            await server.take({})


async def test_it_is_started_again_when_it_dies_and_meanwhile_turns_are_refused(environment: Path) -> None:
    async with kept(environment) as server:
        await until(lambda: server.ready)
        with pytest.raises(RasaDownError):
            await server.take({"die": True})
        await until(lambda: not server.ready)
        with pytest.raises(RasaDownError):
            await server.take({})
        await until(lambda: server.ready)
        assert server.starts == 2
        assert await server.take({})


async def test_the_pauses_between_starts_grow(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (environment / "broken").touch()
    monkeypatch.setattr(process, "FIRST_BACKOFF", 0.05)
    async with kept(environment) as server:
        await until(lambda: server.starts == 2)
        began = asyncio.get_running_loop().time()
        await until(lambda: server.starts == 5)
        assert asyncio.get_running_loop().time() - began > 0.2 + 0.4 + 0.8 - 0.1
        assert not server.ready
        (environment / "broken").unlink()
        await until(lambda: server.ready)


async def test_an_answer_that_does_not_come_is_not_waited_for_long(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TURN_SECONDS", 0.3)
    async with kept(environment) as server:
        await until(lambda: server.ready)
        with pytest.raises(RasaDownError, match="did not answer"):
            await server.take({"hang": True})


async def test_an_error_of_rasa_is_one_of_the_turn(environment: Path) -> None:
    async with kept(environment) as server:
        await until(lambda: server.ready)
        with pytest.raises(RasaFailedError, match="ValueError: no"):
            await server.take({"fail": True})


async def test_without_an_environment_nothing_is_started(tmp_path: Path) -> None:
    with pytest.raises(NoRasaError):
        await RasaServer(tmp_path, Path("m"), Callback("http://127.0.0.1:1", "t")).keep()


def test_the_files_for_rasa_name_baton_s_doors_and_are_nobody_else_s_to_read(tmp_path: Path) -> None:
    write_settings(tmp_path, callback=Callback("http://127.0.0.1:7", "callback"), token="channel", with_domain=False)
    found: dict[str, Any] = {n: yaml.safe_load((tmp_path / n).read_text()) for n in ("credentials.yml", "endpoints.yml")}
    assert found["credentials.yml"] == {"baton_channel.BatonChannel": {"token": "channel"}}
    assert found["endpoints.yml"]["action_endpoint"] == {
        "url": "http://127.0.0.1:7/webhook",
        "headers": {"X-Baton-Token": "callback"},
        "enable_selective_domain": True,
    }
    assert found["endpoints.yml"]["nlg"]["url"] == "http://127.0.0.1:7/nlg"
    assert [stat.S_IMODE((tmp_path / n).stat().st_mode) for n in found] == [0o600, 0o600]

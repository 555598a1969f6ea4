"""Two nodes with data folders of their own on one database: both take a model over, go back, and stand a damaged one."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.describing import describe
from app.models import blob_key, pack
from app.wiring import build_base
from insights.registry import Doer, record_model
from kit.database_blobs import DatabaseBlobs
from kit.db import normalise_url
from nlu.artefact import _json
from tests.live import ROOT
from tests.small_project import write_small_project

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SECONDS = 60.0


class Node:
    """A worker with a data folder of its own."""

    def __init__(self, folder: Path, database_url: str, project: Path) -> None:
        self.folder, self.dsn = folder, normalise_url(database_url).replace("+psycopg", "")
        self.environment = {**os.environ, "BATON_DATA_DIR": str(folder), "DATABASE_URL": database_url, "BATON_PROJECT": str(project)}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.cli", "work"]
        with (self.folder / "work.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def baton(self, *arguments: str) -> str:
        """Runs a command on this node; returns what it said."""
        command = [sys.executable, "-m", "app.cli", *arguments]
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def state(self) -> dict[str, Any]:
        """What the worker says of itself."""
        assert self.process is not None
        with psycopg.connect(self.dsn) as connection:
            row = connection.execute("SELECT state FROM process WHERE kind = 'work' AND pid = %s", (self.process.pid,)).fetchone()
        return row[0] if row else {}

    def wait(self, wanted: Any, *, of: str = "model") -> float:
        """Waits until the worker says so; returns the seconds it took."""
        began = time.monotonic()
        while self.state().get(of) != wanted if not callable(wanted) else not wanted(self.state().get(of)):
            log = (self.folder / "work.log").read_text(errors="replace")[-2000:]
            assert time.monotonic() - began < SECONDS, f"{of} is {self.state().get(of)}, not {wanted}: {log}"
            time.sleep(0.1)
        return time.monotonic() - began


@pytest.fixture
def nodes(database_url: str, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """Two nodes; nothing runs yet."""
    project = write_small_project(tmp_path / "project", names=("ask_engraving",))
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        made.append(Node(tmp_path / name, database_url, project))
    yield made[0], made[1]
    for node in made:
        node.stop()


def live(node: Node) -> str:
    with psycopg.connect(node.dsn) as connection:
        row = connection.execute("SELECT model_id FROM model_activation ORDER BY id DESC LIMIT 1").fetchone()
    assert row is not None
    return str(row[0])


async def store_foreign_model(node: Node, *, like: Path) -> str:
    """A model, whole and signed, that was trained with an encoder of another version; returns its name."""
    folder = node.folder / "foreign"
    shutil.copytree(like, folder)
    path = folder / "nlu" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest.pop("checksum")
    manifest["encoders"] = dict.fromkeys(manifest["encoders"], "another version")
    signed = {**manifest, "checksum": hashlib.sha256(_json(manifest)).hexdigest()}
    path.write_bytes(_json(signed))
    model = replace(describe(folder, intents=("greet",)), id="foreign")
    DatabaseBlobs(node.dsn).put(blob_key(model.digest), pack(folder))
    base = build_base(node.environment["DATABASE_URL"], pool_size=1)
    async with base.database.transaction() as session:
        await record_model(session, model, by=Doer("command line: test", "test"))
    await base.database.close()
    return model.id


def test_two_nodes_swap_go_back_and_stand_a_damaged_model(nodes: tuple[Node, Node], tmp_path: Path) -> None:
    a, b = nodes
    assert "100 %" in a.baton("train")
    first = live(a)
    for node in nodes:
        node.start()
    for node in nodes:
        node.wait(first)

    write_small_project(
        tmp_path / "project", extra={"ask_engraving": ("can you engrave a cup", "do you engrave pots")}, names=("ask_engraving",)
    )
    b.baton("train")
    second = live(a)
    assert second != first
    for node in nodes:
        node.wait(second)

    a.baton("models", "rollback")
    for node in nodes:
        node.wait(first)

    with psycopg.connect(a.dsn, autocommit=True) as connection:
        connection.execute("UPDATE blob_part SET data = substring(data from 1 for 5000)")
    shutil.rmtree(b.folder / "models" / second)
    a.baton("models", "activate", second)
    a.wait(second)
    b.wait(lambda refused: refused is not None and refused["model"] == second, of="refused")
    assert b.state()["model"] == first
    assert "the newer model was refused; the old one keeps serving" in (b.folder / "work.log").read_text()
    with psycopg.connect(a.dsn) as connection:
        refusals = connection.execute("SELECT data->>'why' FROM event WHERE name = 'model.refused'").fetchall()
    assert len(refusals) == 1
    assert "damaged" in refusals[0][0]

    foreign = asyncio.run(store_foreign_model(a, like=a.folder / "models" / first))
    a.baton("models", "activate", foreign)
    for node in nodes:
        node.wait(lambda refused: refused is not None and "another version of the encoder" in refused["why"], of="refused")
    assert (a.state()["model"], b.state()["model"]) == (second, first)

    a.baton("models", "activate", second)
    b.stop()
    b.start()  # a node that begins while the live model is damaged serves with the one before
    b.wait(first)


def test_a_second_training_is_told_who_trains(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    first = subprocess.Popen([sys.executable, "-m", "app.cli", "train"], env=a.environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + SECONDS
    while True:
        with psycopg.connect(a.dsn) as connection:
            if connection.execute("SELECT 1 FROM training_run WHERE state = 'running'").fetchone():
                break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first.send_signal(signal.SIGSTOP)  # so that it cannot end before the second begins
    try:
        command = [sys.executable, "-m", "app.cli", "train"]
        second = subprocess.run(command, env=b.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    finally:
        first.send_signal(signal.SIGCONT)
        ended = first.wait(120)
    assert second.returncode == 1
    assert "(command line) since" in second.stderr
    assert ended == 0

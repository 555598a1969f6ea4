"""`baton channel` as a process: an account is added, listed, changed, paused and removed; no secret is shown, all of it is recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from channels.models import ChannelAccountRow
from context.staff.models import AuditRow
from kit.db import Database
from tests.live import ROOT

pytestmark = pytest.mark.integration
TOKEN = "700001:very-secret"


class Baton:
    """The command on a database of its own."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.environment = os.environ | {"DATABASE_URL": database_url, "BATON_DATA_DIR": str(folder), "COLUMNS": "200"}

    def __call__(self, *arguments: str, lines: tuple[str, ...] = ()) -> tuple[int, str]:
        """Exit code, and what was printed."""
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "channel", *arguments], input="\n".join((*lines, "")), capture_output=True, text=True,
            env=self.environment, cwd=ROOT, timeout=120, check=False,
        )  # fmt: skip
        printed = done.stdout + done.stderr
        assert TOKEN not in printed
        return done.returncode, printed


async def state(database: Database) -> list[tuple[str, str]]:
    """The accounts that are stored, with their state."""
    async with database.transaction() as session:
        rows = (await session.execute(select(ChannelAccountRow.account, ChannelAccountRow.state))).all()
    return [(account, state) for account, state in rows]


async def test_an_account_lives_through_the_command_line(database: Database, database_url: str, tmp_path: Path) -> None:
    baton = Baton(database_url, tmp_path)
    code, said = baton("add", "telegram", "700001", "--name", "Shop bot", lines=(TOKEN, ""))
    assert (code, "/hooks/telegram/700001" in said, "Made for you, secret_token: " in said) == (0, True, True)
    code, said = baton("list")
    assert (code, "Shop bot" in said, "active" in said) == (0, True, True)
    assert baton("pause", "telegram")[0] == 0
    assert await state(database) == [("700001", "paused")]
    assert baton("resume", "telegram", "700001")[0] == 0
    assert baton("set", "telegram", "700001", "--set", "per_second=5")[0] == 0
    assert await state(database) == [("700001", "active")]
    assert baton("remove", "telegram", "700001", "--yes")[0] == 0
    assert await state(database) == []
    code, said = baton("remove", "telegram", "700001", "--yes")
    assert (code, "no account telegram/700001" in said) == (1, True)
    async with database.transaction() as session:
        entries = (await session.execute(select(AuditRow.action, AuditRow.actor_name).order_by(AuditRow.id))).all()
    actions = ["added", "paused", "resumed", "changed", "removed"]
    assert [(action, name) for action, name in entries] == [(f"channel.{action}", "command line") for action in actions]

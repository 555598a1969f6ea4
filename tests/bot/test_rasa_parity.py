"""Rasa as Baton's engine does what Rasa alone did in the recordings of `tests/parity`: nothing is lost or added on the way."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.rasa import rasa_house
from app.settings import ROOT, read_settings
from bot.fakes import MemoryKnowledge, MemoryOrders
from tests.parity.action_server import serving
from tests.parity.baton_player import play
from tests.parity.conversations import PROJECTS, RECORDINGS, load_conversations

pytestmark = pytest.mark.skipif(not (ROOT / ".rasa-venv" / ".installed").exists(), reason="make rasa-env")


async def _play(project: str, data: Path) -> dict[str, list[Any]]:
    settings = read_settings({"BATON_ENGINE": "rasa", "BATON_DATA_DIR": str(data)})
    with serving(project) as url:
        copy = Path(shutil.copytree(PROJECTS / project, data / "project"))
        (copy / "endpoints.yml").write_text(f"action_endpoint:\n  url: {url}\n", encoding="utf-8")
        async with rasa_house(settings) as house:
            assert house is not None
            engine = await house.engine_for(copy, orders=MemoryOrders(), knowledge=MemoryKnowledge())
            return {c.name: [_plain(t) for t in await play(engine, c)] for c in load_conversations(project)}  # type: ignore[arg-type]


def _plain(turn: dict[str, Any]) -> list[Any]:
    """The events of a turn; Baton writes nothing for a slot without a value where Rasa writes None."""
    return [e | ({"text": e["text"].replace("None", "")} if e["event"] == "bot" else {}) for e in turn["events"]]


# gym: forms, interruption and refusal; soup: a form that an action server validates; winery: reminders.
@pytest.mark.parametrize("project", ["gym", "soup", "winery"])
def test_rasa_behind_baton_does_what_rasa_does_alone(project: str, tmp_path: Path) -> None:
    played = asyncio.run(_play(project, tmp_path))
    recorded = json.loads((RECORDINGS / f"{project}.json").read_text(encoding="utf-8"))["conversations"]
    assert played == {name: [_plain(turn) for turn in turns] for name, turns in recorded.items()}
    assert played

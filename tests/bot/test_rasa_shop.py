"""The sample shop's own test stories, played on Rasa itself with Baton's actions, words and readers in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from app.rasa import rasa_house
from app.settings import ROOT, read_settings
from bot.project.loader import load_stories
from bot.testing import _play_all, _Talk, load_readers

STORIES = ROOT / "training_data" / "tests" / "stories"
pytestmark = pytest.mark.skipif(not (ROOT / ".rasa-venv" / ".installed").exists(), reason="make rasa-env")


def test_every_story_of_the_sample_shop_passes_on_rasa(tmp_path: Path) -> None:
    settings = read_settings({"BATON_ENGINE": "rasa", "BATON_DATA_DIR": str(tmp_path)})
    readers = load_readers(STORIES)

    async def play() -> dict[str, object]:
        async with rasa_house(settings) as house:
            assert house is not None
            engine = await house.engine_for(ROOT, orders=readers.orders, knowledge=readers.knowledge, shop=readers.shop)
            return await _play_all(engine, [_Talk(story, readers) for story in load_stories(STORIES)])

    report = asyncio.run(play())
    assert report["failures"] == []
    assert report["passed"] == report["stories"]
    assert report["stories"]

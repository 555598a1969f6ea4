"""The sample shop's own test stories, played on Rasa itself with Baton's actions, words and readers in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".rasa-venv" / ".installed").exists(), reason="make rasa-env")


def test_every_story_of_the_sample_shop_passes_on_rasa(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app.cli", "bot", "test", "--engine", "rasa", "--json"]
    environment = {"PATH": "/usr/bin:/bin", "BATON_DATA_DIR": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["failures"] == []
    assert report["passed"] == report["stories"]
    assert report["stories"] > 30
    assert report["actions"] == report["actions_correct"]

"""A process that only understands: what it imports and how much memory it takes, with the real encoders."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nlu.data import TrainingData
from nlu.train import train

ROOT = Path(__file__).resolve().parents[2]
SERVE = """
import json, sys
from pathlib import Path
import psutil
from nlu.understander import Understander
understander = Understander.load(Path(sys.argv[1]), encoder_cache=Path(sys.argv[2]))
found = understander.understand("where is my order LC-100234, it should come tomorrow")
other = understander.understand("我想退货")
heavy = [name for name in ("torch", "transformers", "sentence_transformers", "sklearn") if name in sys.modules]
memory = psutil.Process().memory_info().rss / 1e6
print(json.dumps({"intents": [found.ranking[0][0], other.ranking[0][0]], "level": found.sentiment.level, "heavy": heavy, "mb": memory}))
"""


@pytest.mark.model
def test_serving_needs_neither_torch_nor_much_memory(small_data: TrainingData, encoder_cache: Path, tmp_path: Path) -> None:
    train(small_data, out=tmp_path / "nlu", encoder_cache=encoder_cache)
    assert not {"torch", "transformers"} & set(sys.modules)
    command = [sys.executable, "-c", SERVE, str(tmp_path / "nlu"), str(encoder_cache)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    found = json.loads(done.stdout)
    assert found["intents"] == ["track", "returns"]
    assert found["heavy"] == []
    assert found["mb"] < 400

"""A cross-encoder by name: a real one of two small random layers, made in another process, as torch stays outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nlu.encoders.cross_encoder import get_cross_encoder
from nlu.errors import EncoderError

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "where is my order"
TEXTS = ("the parcel is on its way", "ok", "return a cup, please " * 30, "退貨")
MAKER = """
import json, string, sys
from pathlib import Path
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast
torch.manual_seed(5)
folder, question, *texts = Path(sys.argv[1]), *sys.argv[2:]
letters = string.ascii_lowercase + ".,"
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "order", "return", "where", "parcel", *letters, *(f"##{c}" for c in letters)]
config = BertConfig(vocab_size=len(words), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
                    max_position_embeddings=66, initializer_range=0.5, num_labels=1)
model = BertForSequenceClassification(config).eval()
model.save_pretrained(folder)
tokenizer = BertTokenizerFast(vocab={word: number for number, word in enumerate(words)}, model_max_length=64)
tokenizer.save_pretrained(folder)
given = tokenizer([question] * len(texts), texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
with torch.no_grad():
    print(json.dumps(model(**given).logits[:, -1].tolist()))
"""
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """The folder of a model, and what torch makes of the texts."""
    folder = tmp_path_factory.mktemp("models") / "judge"
    done = subprocess.run(
        [sys.executable, "-c", MAKER, str(folder), QUESTION, *TEXTS], cwd=ROOT, check=True, capture_output=True, text=True, timeout=200
    )
    return folder, json.loads(done.stdout.strip().splitlines()[-1])


def test_the_export_judges_as_torch_does(made: tuple[Path, list[float]], tmp_path: Path) -> None:
    folder, wanted = made
    found = get_cross_encoder(f"ce:{folder}", tmp_path).scores(QUESTION, TEXTS)
    assert found == pytest.approx(wanted, abs=1e-3)
    assert max(wanted) - min(wanted) > 0.05, "the texts are told apart"
    assert get_cross_encoder(f"ce:{folder}", tmp_path).scores(QUESTION, TEXTS[1:2]) == pytest.approx(wanted[1:2], abs=1e-3)
    assert "torch" not in sys.modules


@pytest.mark.parametrize("name", ["minilm", "ce:", "ce:owner/model", "st:/somewhere"])
def test_a_name_that_cannot_be_read_is_refused_with_what_to_write(name: str, tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as refused:
        get_cross_encoder(name, tmp_path)
    assert refused.value.hint


def test_a_folder_without_a_model_is_refused_when_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match="no sentence-transformers model"):
        get_cross_encoder(f"ce:{tmp_path / 'empty'}", tmp_path).scores("a", ["b"])

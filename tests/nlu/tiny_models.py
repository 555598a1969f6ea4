"""`python -m tests.nlu.tiny_models FOLDER`: real sentence-transformers models of two small random layers, and what they make of sentences.

It needs torch, which must not come into the process of the tests. FOLDER gets, for each model, NAME/ and NAME.npy.
"""

from __future__ import annotations

import string
import sys
from pathlib import Path
from typing import Any

SENTENCES = (
    "where is my order",
    "I want to RETURN a cup, please: it is broken and i bought it last week",
    "ok",
    "olá",
    "退貨",
    "a b c " * 40,
)
WIDTH = 32


def main(folder: Path) -> None:
    """Writes the models."""
    import torch

    torch.manual_seed(3)
    folder.mkdir(parents=True, exist_ok=True)
    base = _checkpoint(folder / "checkpoint")
    for name, modules, more in _recipes(base):
        _save(folder, name, modules, more)


def _checkpoint(folder: Path) -> Path:
    """A plain transformers checkpoint, without modules.json."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    letters = string.ascii_lowercase + string.digits + ".,:?!-"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "order", "return", "where", "parcel", *letters, *(f"##{c}" for c in letters)]
    shape = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 64}
    config = BertConfig(vocab_size=len(words), hidden_size=WIDTH, initializer_range=0.2, **shape)
    BertModel(config).save_pretrained(folder)
    BertTokenizerFast(vocab={word: number for number, word in enumerate(words)}).save_pretrained(folder)
    return folder


def _recipes(base: Path) -> list[tuple[str, list[Any], dict[str, Any]]]:
    from sentence_transformers.sentence_transformer.modules import BoW, Dense, Normalize, Pooling, Transformer

    def read() -> Any:
        return Transformer(str(base), max_seq_length=48)

    prompt = {"prompts": {"query": "where: "}, "default_prompt_name": "query"}
    return [
        ("dense", [read(), Pooling(WIDTH, "cls"), Dense(WIDTH, 16), Normalize()], {}),
        ("prompted", [read(), Pooling(WIDTH, ("mean", "max"))], prompt),
        ("words", [BoW(["where", "order", "return", "cup", "ok"])], {}),
    ]


def _save(folder: Path, name: str, modules: list[Any], more: dict[str, Any]) -> None:
    import numpy as np
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(modules=modules, device="cpu", **more)
    model.save(str(folder / name))
    vectors = model.encode(list(SENTENCES), normalize_embeddings=True, batch_size=1, show_progress_bar=False)
    np.save(folder / f"{name}.npy", np.asarray(vectors, dtype=np.float32))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

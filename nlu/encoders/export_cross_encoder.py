"""`python -m nlu.encoders.export_cross_encoder OUT MODEL FINGERPRINT FORM`: a transformers model that judges pairs of texts, to ONNX.

Needs torch, so it runs in a process of its own. The export is kept only if it gives what the model itself gives, to 1e-3.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from nlu.encoders.cross_encoder import PairNetwork
from nlu.encoders.exporting import OPSET
from nlu.encoders.exports import GRAPH, TOKENIZER, refuse, write_export
from nlu.encoders.network import IDS, MASK, TYPES
from nlu.errors import EncoderError

MOST_TOKENS = 512
TOLERANCE = 1e-3
QUESTION = "Where is my order?"
TEXTS = ("Your parcel is on its way.", "ok", "Onde está a minha encomenda? " * 20)


class Judge(torch.nn.Module):  # type: ignore[misc]
    """The model as a graph has it: logits out of ids, mask and, where it knows them, types."""

    def __init__(self, model: Any) -> None:
        """`model`: a transformers model for sequence classification."""
        super().__init__()
        self.model = model

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        """Shape (pairs, classes)."""
        logits: torch.Tensor = self.model(**dict(zip((IDS, MASK, TYPES), given, strict=False))).logits
        return logits


def export(folder: Path, work: Path) -> dict[str, Any]:
    """Writes graph and tokenizer to `work`; returns what the manifest says. Raises EncoderError."""
    torch.set_num_threads(1)
    eager = {"attn_implementation": "eager", "dtype": torch.float32}
    model = AutoModelForSequenceClassification.from_pretrained(folder, local_files_only=True, **eager).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise EncoderError("its tokenizer has no fast form")
    backend.no_padding()
    backend.no_truncation()
    (work / TOKENIZER).write_text(backend.to_str(), encoding="utf-8")
    names = [IDS, MASK, *([TYPES] if TYPES in tokenizer.model_input_names else [])]
    ones = torch.ones((2, 8), dtype=torch.int64)
    example = tuple(ones if name != TYPES else torch.zeros_like(ones) for name in names)
    axes = {name: {0: "pairs", 1: "tokens"} for name in names} | {"logits": {0: "pairs"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Judge(model).eval(), example, str(work / GRAPH), input_names=names, output_names=["logits"], dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    tokens = min(int(getattr(model.config, "max_position_embeddings", MOST_TOKENS)) - 2, tokenizer.model_max_length, MOST_TOKENS)
    _compare(model, tokenizer, work, tokens)
    return {"tokens": tokens}


def _compare(model: Any, tokenizer: Any, work: Path, tokens: int) -> None:
    found = PairNetwork(work, tokens).scores(QUESTION, TEXTS)
    given = tokenizer([QUESTION] * len(TEXTS), list(TEXTS), padding=True, truncation=True, max_length=tokens, return_tensors="pt")
    with torch.no_grad():
        wanted = model(**given).logits[:, -1].numpy()
    worst = float(np.abs(np.array(found) - wanted).max())
    if not worst <= TOLERANCE:
        raise EncoderError(f"its export judges otherwise (by {worst:.2g})")


def main(out: Path, folder: Path, fingerprint: str) -> None:
    """Writes the export to `out`. Raises EncoderError with what to do instead."""
    with tempfile.TemporaryDirectory(dir=out.parent) as name:
        work = Path(name)
        try:
            described = export(folder, work)
        except Exception as error:
            why = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            raise EncoderError(f"The model in {folder} cannot be used as a reranker: {why}", hint="Name another, or none.") from None
        write_export(out, [work / GRAPH, work / TOKENIZER], {**described, "fingerprint": fingerprint})


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
    except EncoderError as refused:
        refuse(refused)

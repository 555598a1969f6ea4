"""`python -m nlu.encoders.export_minilm OUT`: MiniLM to ONNX. Needs torch and transformers, so it runs in a process of its own.

OUT gets model.onnx (token states; the pooling is ours) and manifest.json with its checksum; it is put in place by one rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from nlu.encoders.minilm import FORMAT, export_is_sound, weights_folder


def export(out: Path) -> None:
    """Writes the export to `out`, replacing a damaged one. Another process that was faster wins."""
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        write_network(load_network(), work / "model.onnx")
        digest = hashlib.sha256((work / "model.onnx").read_bytes()).hexdigest()
        (work / "manifest.json").write_text(json.dumps({"format": FORMAT, "sha256": digest}), encoding="utf-8")
        _put_in_place(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def load_network() -> Any:
    """The published network, in torch, on one thread, ready for inference."""
    import torch
    from transformers import AutoModel

    torch.set_num_threads(1)
    return AutoModel.from_pretrained(str(weights_folder()), attn_implementation="eager", dtype=torch.float32).eval()


def write_network(model: Any, path: Path) -> None:
    """Exports `model` (token states out of `input_ids` and `attention_mask`) to ONNX."""
    import torch

    class TokenStates(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            return states

    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask", "states")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            TokenStates(),
            (example, example),
            str(path),
            input_names=["input_ids", "attention_mask"],
            output_names=["states"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def _put_in_place(work: Path, out: Path) -> None:
    if export_is_sound(out):
        return
    if out.exists():
        out.rename(Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent)) / "damaged")
    os.rename(work, out)  # noqa: PTH104
    for old in out.parent.glob(f".{out.name}-old-*"):
        shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    export(Path(sys.argv[1]))

"""`python -m nlu.encoders.export_minilm OUT`: MiniLM to ONNX in 8-bit integers. Needs torch, so it runs in a process of its own.

OUT gets model.onnx (word vectors in, token states out) and manifest.json. The word vectors stay in the wheel's own file.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModel

from nlu.encoders.exporting import TokenStates, write_graph
from nlu.encoders.exports import GRAPH, write_export
from nlu.encoders.minilm import DIMENSION, weights_folder


def load_network() -> Any:
    """The published network, in torch, on one thread, ready for inference."""
    torch.set_num_threads(1)
    return AutoModel.from_pretrained(str(weights_folder()), attn_implementation="eager", dtype=torch.float32).eval()


def write_network(model: Any, path: Path) -> None:
    """Exports the published network, or a tuned one, as MiniLM is served."""
    write_graph(TokenStates(model), path, "states", integers=True)


def main(out: Path) -> None:
    """Writes the export to `out`."""
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        write_network(load_network(), Path(folder) / GRAPH)
        write_export(out, [Path(folder) / GRAPH], {"dimension": DIMENSION})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

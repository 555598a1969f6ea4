"""`python -m nlu.encoders.export_use OUT`: USE multilingual's network as an ONNX graph, from the package's weights. Needs onnx, no torch.

The layers are those of the package's numpy network (Yang et al. 2020): windows of 2, 3 and 5 word vectors through two convolutions each,
the sum over the tokens by the root of their number, and a feed-forward network. OUT gets model.onnx, words.npy (the table of word
vectors in bytes, which the graph turns into numbers itself) and the tables of the tokenizer.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from nlu.encoders.exports import GRAPH, WORDS_FILE, write_export
from nlu.encoders.network import IDS, WORDS
from nlu.encoders.onnx_graph import Graph
from nlu.encoders.use import DIMENSION, resources
from nlu.encoders.use_tokenizer import write_tables

WINDOWS = ((2, 0), (3, 1), (5, 2))
"""How many tokens a window holds, and how many of them stand before its own."""

WIDTH = 256
Weights = Mapping[str, NDArray[Any]]


def build(weights: Weights) -> Any:
    """The network as an ONNX model: `words` (bytes) and `input_ids` in, sentence vectors out."""
    graph, eps = Graph(), float(weights["eps"])
    words = _numbers(graph, weights)
    every = [n for n, _ in WINDOWS]
    joined = {key: np.concatenate([weights[f"{key}{n}"] for n in every]) for key in ("proj_b", "ln_g", "ln_b")}
    projected = graph.linear(words, np.concatenate([weights[f"proj{n}"] for n in every], axis=1), joined["proj_b"])
    projected = graph.normed(projected, joined["ln_g"], joined["ln_b"], eps)
    branches = [words]
    for place, (size, before) in enumerate(WINDOWS):
        found = graph.columns(projected, place * WIDTH, (place + 1) * WIDTH, 2)
        for layer in ("1", "2"):
            seen = graph.linear(graph.windows(found, size, before), weights[f"w{layer}_{size}"], weights[f"b{layer}_{size}"])
            found = graph.step("Add", graph.step("Relu", seen), found)
        branches.append(found)
    features = graph.normed(graph.step("Concat", *branches, axis=2), weights["ln_g"], weights["ln_b"], eps)
    _feed_forward(graph, _summed(graph, features, weights), weights)
    given = [helper.make_tensor_value_info(WORDS, TensorProto.UINT8, ["batch", "tokens", DIMENSION])]
    given.append(helper.make_tensor_value_info(IDS, TensorProto.INT64, ["batch", "tokens"]))
    return graph.model(given, helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", DIMENSION]))


def _numbers(graph: Graph, weights: Weights) -> str:
    """The table is cut into chunks by the number of the word, each with a scale and a lowest value."""
    chunk = graph.step("Mod", IDS, graph.constant(np.array(len(weights["scale"]), np.int64)))
    last = graph.constant(np.array([-1], np.int64))
    scale, low = (graph.step("Unsqueeze", graph.step("Gather", graph.constant(weights[key]), chunk), last) for key in ("scale", "lo"))
    return graph.step("Add", graph.step("Mul", graph.step("Cast", WORDS, to=TensorProto.FLOAT), scale), low)


def _summed(graph: Graph, features: str, weights: Weights) -> str:
    """The sum over the tokens, projected, by the root of their number (a mean, times that root)."""
    mean = graph.linear(graph.step("ReduceMean", features, axes=[1], keepdims=0), weights["cnn_W"], weights["cnn_b"])
    tokens = graph.step("Gather", graph.step("Shape", IDS), graph.constant(np.array(1, np.int64)))
    return graph.step("Mul", mean, graph.step("Sqrt", graph.step("Cast", tokens, to=TensorProto.FLOAT)))


def _feed_forward(graph: Graph, given: str, weights: Weights) -> None:
    first = graph.step("Relu", graph.linear(given, weights["d0"]))
    second = graph.step("Relu", graph.step("Add", graph.linear(given, weights["p1"]), graph.linear(first, weights["d1"])))
    third = graph.step("Relu", graph.linear(second, weights["d2"]))
    last = graph.step("Add", graph.linear(second, weights["p3"]), graph.linear(third, weights["d3"]))
    graph.step("Tanh", last)


def main(out: Path) -> None:
    """Writes the export to `out`."""
    with np.load(resources() / "weights.npz", allow_pickle=False) as stored, tempfile.TemporaryDirectory(dir=out.parent) as folder:
        weights = {key: stored[key] for key in stored.files if not key.startswith("q")}
        chunks = len(weights["scale"])
        table = np.empty((chunks * len(stored["q1"]), DIMENSION), dtype=np.uint8)
        for place in range(chunks):
            table[place::chunks] = stored[f"q{place + 1}"]
        np.save(Path(folder) / WORDS_FILE, table)
        onnx.save(build(weights), str(Path(folder) / GRAPH))
        tables = write_tables(resources() / "sp.model", Path(folder))
        write_export(out, [Path(folder) / GRAPH, Path(folder) / WORDS_FILE, *tables], {"dimension": DIMENSION})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

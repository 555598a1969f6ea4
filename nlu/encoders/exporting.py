"""From torch to ONNX. Needs torch: imported by the processes that export or tune, never by one that serves."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import helper, numpy_helper

from nlu.encoders.int8 import quantise
from nlu.encoders.network import IDS, MASK, WORDS

OPSET = 17


class TokenStates(torch.nn.Module):  # type: ignore[misc]
    """A transformer as a graph has it: token states out of ids and mask."""

    def __init__(self, model: Any) -> None:
        """`model`: a transformers model."""
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Shape (texts, tokens, width)."""
        states: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return states


class SentenceVectors(torch.nn.Module):  # type: ignore[misc]
    """The modules of a sentence-transformers model, one after the other: pooling, dense layers and normalisation are in the graph."""

    def __init__(self, model: Any) -> None:
        """`model`: a SentenceTransformer."""
        super().__init__()
        self.steps = torch.nn.ModuleList(model)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Shape (texts, width)."""
        features: dict[str, Any] = {IDS: input_ids, MASK: attention_mask}
        for step in self.steps:
            features = step(features)
        vectors: torch.Tensor = features["sentence_embedding"]
        return vectors


def to_graph(network: torch.nn.Module, path: Path, output: str) -> Any:
    """The ONNX graph of a network that takes ids and mask; `path` is used for the exporter's file. Any batch, any length."""
    example = torch.ones((2, 8), dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in (IDS, MASK)} | {output: {0: "batch"}}
    if output == "states":
        axes[output][1] = "tokens"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(),
            (example, example),
            str(path),
            input_names=[IDS, MASK],
            output_names=[output],
            dynamic_axes=axes,
            opset_version=OPSET,
            dynamo=False,
        )
    graph = onnx.load(str(path))
    path.unlink()
    return graph


def split_words(model: Any) -> Any | None:
    """Takes the table of word vectors out of the graph (changed in place): its rows become the input `words`. None when there is none.

    The table stays an ONNX tensor; `numpy_helper.to_array` reads it.
    """
    graph = model.graph
    tables = {one.name: one for one in graph.initializer}
    lookups = [node for node in graph.node if node.op_type == "Gather" and node.input[1] == IDS and node.input[0] in tables]
    if len(lookups) != 1 or sum(lookups[0].input[0] in node.input for node in graph.node) != 1:
        return None
    lookup = lookups[0]
    table = onnx.TensorProto()
    table.CopyFrom(tables[lookup.input[0]])
    if table.data_type != onnx.TensorProto.FLOAT:
        return None
    graph.initializer.remove(tables[lookup.input[0]])
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name == lookup.output[0]:
                node.input[place] = WORDS
    graph.node.remove(lookup)
    graph.input.append(helper.make_tensor_value_info(WORDS, onnx.TensorProto.FLOAT, ["batch", "tokens", table.dims[1]]))
    if not any(IDS in node.input for node in graph.node):
        graph.input.remove(next(one for one in graph.input if one.name == IDS))
    return table


def write_graph(network: torch.nn.Module, path: Path, output: str, *, integers: bool) -> Any | None:
    """Exports `network` to `path` without its word vectors and gives these, or None when they are in the graph. `integers`: see int8."""
    model = to_graph(network, path.with_suffix(".tmp"), output)
    table = split_words(model)
    if integers:
        quantise(model)
    onnx.save(model, str(path))
    return None if table is None else numpy_helper.to_array(table)

"""Writes ONNX graphs by hand, node by node. Needs onnx: imported by the processes that export."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper, numpy_helper

OPSET, IR = 17, 8
FUSED = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""


class Graph:
    """An ONNX graph being written; each step gives the name of its output."""

    def __init__(self) -> None:
        """Empty."""
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def constant(self, value: NDArray[Any] | np.generic) -> str:
        """A tensor of the graph."""
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(value), f"c{len(self.tensors)}"))
        return str(self.tensors[-1].name)

    def step(self, kind: str, *inputs: str, **more: Any) -> str:
        """One node."""
        out = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], name=out, **more))
        return out

    def linear(self, given: str, weight: NDArray[Any], bias: NDArray[Any] | None = None) -> str:
        """`given` by a matrix, with a bias or without."""
        found = self.step("MatMul", given, self.constant(weight))
        return found if bias is None else self.step("Add", found, self.constant(bias))

    def normed(self, given: str, scale: NDArray[Any], shift: NDArray[Any], eps: float) -> str:
        """Layer normalisation over the last axis."""
        return self.step("LayerNormalization", given, self.constant(scale), self.constant(shift), axis=-1, epsilon=eps)

    def columns(self, given: str, start: int, end: int, axis: int) -> str:
        """`given` from `start` to `end` along an axis; a negative end counts from the back, 0 is the end itself."""
        places = [self.constant(np.array([n], np.int64)) for n in (start, end or np.iinfo(np.int64).max, axis)]
        return self.step("Slice", given, *places)

    def windows(self, given: str, size: int, before: int) -> str:
        """Beside each token its neighbours, with zeros outside the sentence."""
        padded = self.step("Pad", given, self.constant(np.array([0, before, 0, 0, size - 1 - before, 0], np.int64)))
        return self.step("Concat", *(self.columns(padded, k, k - size + 1, 1) for k in range(size)), axis=2)

    def model(self, inputs: Sequence[Any], output: Any) -> Any:
        """The whole, as an ONNX ModelProto; what the last node gives becomes `output`."""
        self.nodes[-1].output[0] = output.name
        whole = helper.make_graph(self.nodes, output.name, list(inputs), [output], self.tensors)
        domains = [helper.make_opsetid("", OPSET)]
        if any(node.domain == FUSED for node in self.nodes):
            domains.append(helper.make_opsetid(FUSED, 1))
        return helper.make_model(whole, opset_imports=domains, ir_version=IR)

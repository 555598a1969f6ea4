"""Linear layers of an ONNX graph in 8-bit integers, with a scale for each token (as in Dettmers et al. 2022, LLM.int8, "vector-wise").

ONNX Runtime's own dynamic quantisation takes one scale for a whole batch: it loses more, and a sentence's vector then depends on its
neighbours. Here a token's row is divided by its largest value, so that sums of products are exact integers whatever stands beside them.
A column's weights are scaled so that no two neighbours can overflow the 16-bit sums of processors without VNNI (255 * 128 < 32,768):
all processors get the same integers. Projections to attention values stay in floating point: most of the loss came from these.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

KEPT = ("/value/", "/v_lin/", "/v_proj/", "/v/")
MIDDLE, STEPS, _PAIR = 128, 127, 127.5
_FUSED = "com.microsoft"


def quantise(model: Any) -> Any:
    """`model` (an ONNX ModelProto, changed in place and returned) with its linear layers in integers."""
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {one.name: one for one in graph.initializer}
    uses = {name: sum(name in node.input for node in graph.node) for name in weights}
    nodes: list[Any] = []
    rows: dict[str, tuple[str, str]] = {}
    added = [numpy_helper.from_array(np.float32(1 / STEPS), "q_step"), numpy_helper.from_array(np.uint8(MIDDLE), "q_middle")]
    added.append(numpy_helper.from_array(np.float32(1e-12), "q_least"))
    for node in graph.node:
        if not _is_linear(node, weights, uses):
            nodes.append(node)
            continue
        given, weight = node.input[0], node.input[1]
        if given not in rows:
            rows[given] = (f"{given}_q", f"{given}_largest")
            nodes += _rows_in_integers(helper, given)
        integers, largest = rows[given]
        matrix, scale = columns_in_integers(numpy_helper.to_array(weights[weight]))
        added += [numpy_helper.from_array(matrix, f"{weight}_q"), numpy_helper.from_array(scale, f"{weight}_scale")]
        names = [integers, f"{weight}_q", "q_step", f"{weight}_scale", "q_middle"]
        nodes.append(helper.make_node("MatMulIntegerToFloat", names, [f"{node.output[0]}_unit"], domain=_FUSED, name=f"{node.name}_q"))
        nodes.append(helper.make_node("Mul", [f"{node.output[0]}_unit", largest], [node.output[0]], name=f"{node.name}_back"))
        graph.initializer.remove(weights[weight])
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(added)
    model.opset_import.append(helper.make_opsetid(_FUSED, 1))
    return model


def columns_in_integers(matrix: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """`matrix` (inputs, outputs) as integers and the scale of each column. No two neighbours of one sign add up to more than 128."""
    padded = np.vstack([matrix, np.zeros((len(matrix) % 2, matrix.shape[1]), matrix.dtype)])
    first, second = padded[0::2], padded[1::2]
    together = np.where(np.sign(first) == np.sign(second), np.abs(first) + np.abs(second), 0).max(axis=0)
    scale = np.maximum(np.maximum(together / _PAIR, np.abs(matrix).max(axis=0) / STEPS), 1e-12).astype(np.float32)
    return np.clip(np.round(matrix / scale), -STEPS, STEPS).astype(np.int8), scale


def _is_linear(node: Any, weights: dict[str, Any], uses: dict[str, int]) -> bool:
    if node.op_type != "MatMul" or node.input[1] not in weights or any(part in node.name for part in KEPT):
        return False
    return len(weights[node.input[1]].dims) == 2 and uses[node.input[1]] == 1


def _rows_in_integers(helper: Any, given: str) -> list[Any]:
    steps = [
        ("Abs", [given], "size", {}),
        ("ReduceMax", [f"{given}_size"], "most", {"axes": [-1], "keepdims": 1}),
        ("Max", [f"{given}_most", "q_least"], "largest", {}),
        ("Div", [given, f"{given}_largest"], "unit", {}),
        ("QuantizeLinear", [f"{given}_unit", "q_step", "q_middle"], "q", {}),
    ]
    return [helper.make_node(kind, names, [f"{given}_{out}"], name=f"{given}_to_{out}", **more) for kind, names, out, more in steps]

"""Intent models to and from the JSON and tensors of an artefact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import ModelError
from nlu.intents import Group, Head, IntentModel, Neighbours, ScopeModel

Tensors = dict[str, NDArray[Any]]


def pack_intents(model: IntentModel) -> tuple[dict[str, Any], Tensors]:
    """JSON part and tensors."""
    tensors: Tensors = {}
    for name, head in model.heads.items():
        tensors |= {f"head/{name}/dense": head.dense, f"head/{name}/sparse": head.sparse.astype(np.float16), f"head/{name}/bias": head.bias}
    for name, near in model.neighbours.items():
        tensors |= {f"near/{name}/vectors": near.vectors.astype(np.float16), f"near/{name}/labels": near.labels}
    for name, group in model.groups.items():
        scope = group.scope
        tensors[f"scope/{name}"] = np.stack([scope.mean, scope.scale, scope.weights])
    described = {
        "classes": list(model.classes),
        "heads": {n: {"encoders": list(h.encoders), "scales": list(h.scales)} for n, h in model.heads.items()},
        "neighbours": {n: near.encoder for n, near in model.neighbours.items()},
        "groups": {n: _group_json(g) for n, g in model.groups.items()},
    }
    return described, tensors


def _group_json(group: Group) -> dict[str, Any]:
    return {
        "heads": [list(pair) for pair in group.heads],
        "temperature": group.temperature,
        "neighbours": list(group.neighbours),
        "bias": group.scope.bias,
        "threshold": group.scope.threshold,
        "vote": group.vote,
    }


def unpack_intents(described: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> IntentModel:
    """The model again. Raises ModelError when a part is missing."""
    try:
        heads = {n: _head(n, d, tensors) for n, d in described["heads"].items()}
        near = {n: _neighbours(n, encoder, tensors) for n, encoder in described["neighbours"].items()}
        groups = {n: _group(n, d, tensors) for n, d in described["groups"].items()}
        return IntentModel(tuple(described["classes"]), heads, near, groups)
    except KeyError as error:
        raise ModelError(f"The model lacks {error}.", hint="Train again with `baton train`.") from None


def _head(name: str, described: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Head:
    sparse = tensors[f"head/{name}/sparse"].astype(np.float32)
    return Head(
        tuple(described["encoders"]), tuple(described["scales"]), tensors[f"head/{name}/dense"], sparse, tensors[f"head/{name}/bias"]
    )


def _neighbours(name: str, encoder: str, tensors: Mapping[str, NDArray[Any]]) -> Neighbours:
    return Neighbours(encoder, tensors[f"near/{name}/vectors"].astype(np.float32), tensors[f"near/{name}/labels"])


def _group(name: str, described: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Group:
    mean, scale, weights = tensors[f"scope/{name}"]
    scope = ScopeModel(mean, scale, weights, described["bias"], described["threshold"])
    heads = tuple((str(n), float(share)) for n, share in described["heads"])
    return Group(heads, described["temperature"], tuple(described["neighbours"]), scope, float(described.get("vote", 0.0)))

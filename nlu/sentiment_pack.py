"""The sentiment model to and from the JSON and tensors of an artefact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import ModelError
from nlu.sentiment import SentimentHead, SentimentModel
from nlu.sentiment_words import Words

Tensors = dict[str, NDArray[Any]]


def pack_sentiment(model: SentimentModel | None) -> tuple[dict[str, Any] | None, Tensors]:
    """JSON part (None without a model) and tensors."""
    if model is None:
        return None, {}
    tensors: Tensors = {}
    for group, head in model.heads.items():
        tensors |= {
            f"sentiment/{group}/dense": head.dense.astype(np.float16),
            f"sentiment/{group}/signals": head.signals,
            f"sentiment/{group}/bias": head.bias,
        }
    described = {
        "heads": {group: list(head.encoders) for group, head in model.heads.items()},
        "lists": {name: _words_json(words) for name, words in model.lists.items()},
        "temperature": model.temperature,
        "angry_from": model.angry_from,
    }
    return described, tensors


def unpack_sentiment(described: Mapping[str, Any] | None, tensors: Mapping[str, NDArray[Any]]) -> SentimentModel | None:
    """The model again, or None. Raises ModelError when a part is missing, as in a model of an older version."""
    if described is None:
        return None
    try:
        heads = {group: _head(group, encoders, tensors) for group, encoders in described["heads"].items()}
        lists = {name: _words(words) for name, words in described["lists"].items()}
        return SentimentModel(heads, lists, described["temperature"], described["angry_from"])
    except KeyError as error:
        raise ModelError(f"The model lacks {error}.", hint="Train again with `baton train`.") from None


def _head(group: str, encoders: list[str], tensors: Mapping[str, NDArray[Any]]) -> SentimentHead:
    dense = tensors[f"sentiment/{group}/dense"].astype(np.float32)
    return SentimentHead(tuple(encoders), dense, tensors[f"sentiment/{group}/signals"], tensors[f"sentiment/{group}/bias"])


def _words_json(words: Words) -> dict[str, Any]:
    return {
        "valences": dict(words.valences),
        "stems": dict(words.stems),
        "emoji": dict(words.emoji),
        "roles": {role: sorted(found) for role, found in words.roles.items()},
    }


def _words(described: Mapping[str, Any]) -> Words:
    roles = {role: frozenset(found) for role, found in described["roles"].items()}
    return Words(described["valences"], described["stems"], described["emoji"], roles)

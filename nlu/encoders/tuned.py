"""Encoders that were fine-tuned: their network is a part of the trained model, their words and tokenizer are those of the base."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from nlu.encoders.minilm import TUNED, MiniLMEncoder, TunedMiniLM
from nlu.encoders.network import Network
from nlu.encoders.port import Encoder, Vectors
from nlu.encoders.sentence_transformer import KIND, KIND_INT8, SentenceTransformerEncoder
from nlu.encoders.sharing import shared
from nlu.encoders.sources import fetch, parse_source
from nlu.errors import EncoderError

_FROM = "tuned:"


def tuned_name(base: str) -> str:
    """The name of the encoder that tuning `base` gives. Raises EncoderError when it cannot be tuned."""
    if base == MiniLMEncoder.name:
        return TUNED
    if base.partition(":")[0] in {KIND, KIND_INT8}:
        return _FROM + base
    hint = f'Tune {MiniLMEncoder.name}, or a transformers model: "st:/path/to/model", "st:owner/model@revision".'
    raise EncoderError(f"The encoder {base!r} cannot be fine-tuned.", hint=hint)


def is_tuned(name: str) -> bool:
    """Whether `name` is that of a tuned encoder, whose network lies in the trained model."""
    return name == TUNED or name.startswith(_FROM)


def open_tuned(name: str, network: bytes, cache: Path | None) -> Encoder:
    """The tuned encoder `name`, not loaded yet. Raises EncoderError when its base is neither in `cache` nor can be put there."""
    return TunedMiniLM(network) if name == TUNED else TunedEncoder(name, network, cache)


def base_of(base: str, cache: Path | None) -> dict[str, Any] | None:
    """What the tuning process is told of `base`: None for MiniLM. Raises EncoderError."""
    if base == MiniLMEncoder.name:
        return None
    exported = SentenceTransformerEncoder(base, cache).exported
    kind, _, where = base.partition(":")
    return {"folder": str(fetch(parse_source(where))), "integers": kind == KIND_INT8, "prefix": exported.manifest["prefix"]}


class TunedEncoder:
    """A sentence-transformers model after `nlu.fine_tuning`."""

    def __init__(self, name: str, network: bytes, cache: Path | None) -> None:
        """`network`: the content of the ONNX file."""
        self.name, self._content = name, network
        self._base = SentenceTransformerEncoder(name.removeprefix(_FROM), cache)

    @cached_property
    def version(self) -> str:
        """Covers the base, whose words it reads, and the network."""
        return f"{self._base.version}-tuned-{hashlib.sha256(self._content).hexdigest()[:16]}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._base.dimension

    @cached_property
    def _network(self) -> Network:
        return shared((self.name, self.version), lambda: Network(self._content, self._base.exported.reading))

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        return self._network.encode(texts, self.dimension)

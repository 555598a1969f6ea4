"""Encoders by name: those that are known, and any sentence-transformers model as "st:...", "st-int8:..." or "st-torch:..."."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nlu.encoders.e5 import E5Encoder
from nlu.encoders.fake import HashingEncoder
from nlu.encoders.minilm import MiniLMEncoder
from nlu.encoders.port import Encoder
from nlu.encoders.sentence_transformer import KIND, KIND_INT8, SentenceTransformerEncoder
from nlu.encoders.torch_fallback import KIND_TORCH, TorchEncoder
from nlu.encoders.use import UseEncoder
from nlu.errors import EncoderError

ENCODERS: dict[str, Callable[[Path | None], Encoder]] = {
    UseEncoder.name: UseEncoder,
    MiniLMEncoder.name: MiniLMEncoder,
    E5Encoder.name: E5Encoder,
    HashingEncoder.name: HashingEncoder,
}
KINDS: dict[str, Callable[[str, Path | None], Encoder]] = {
    KIND: SentenceTransformerEncoder,
    KIND_INT8: SentenceTransformerEncoder,
    KIND_TORCH: TorchEncoder,
}


def register_encoder(name: str, make: Callable[[Path | None], Encoder]) -> None:
    """Makes an encoder known; `make` gets the encoder cache folder and must not load weights yet."""
    ENCODERS[name] = make


def get_encoder(name: str, cache: Path | None = None) -> Encoder:
    """The encoder `name`, not loaded yet: a known one, or KIND:WHERE, where WHERE is a folder or a hub model with its revision.

    Raises EncoderError when there is none of that name, or the name of a hub model lacks its revision.
    """
    make = ENCODERS.get(name)
    if make is not None:
        return make(cache)
    kind, _, where = name.partition(":")
    if kind in KINDS and where:
        return KINDS[kind](name, cache)
    known = ", ".join([*sorted(ENCODERS), "st:/path/to/model", "st:owner/model@revision"])
    raise EncoderError(f"There is no encoder {name!r}.", hint=f"Known: {known}")

"""Encoders by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nlu.encoders.fake import HashingEncoder
from nlu.encoders.minilm import MiniLMEncoder
from nlu.encoders.port import Encoder
from nlu.encoders.use import UseEncoder
from nlu.errors import EncoderError

ENCODERS: dict[str, Callable[[Path | None], Encoder]] = {
    UseEncoder.name: UseEncoder,
    MiniLMEncoder.name: MiniLMEncoder,
    HashingEncoder.name: HashingEncoder,
}


def register_encoder(name: str, make: Callable[[Path | None], Encoder]) -> None:
    """Makes an encoder known; `make` gets the encoder cache folder and must not load weights yet."""
    ENCODERS[name] = make


def get_encoder(name: str, cache: Path | None = None) -> Encoder:
    """The encoder `name`, not loaded yet. Raises EncoderError when there is none of that name."""
    make = ENCODERS.get(name)
    if make is None:
        raise EncoderError(f"There is no encoder {name!r}.", hint=f"Known: {', '.join(sorted(ENCODERS))}")
    return make(cache)

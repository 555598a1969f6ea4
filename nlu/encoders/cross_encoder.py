"""A cross-encoder by name: it reads a question and a text together and says how well the one answers the other. Served without torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from nlu.encoders.exports import GRAPH, TOKENIZER
from nlu.encoders.network import IDS, MASK, TYPES, open_session
from nlu.encoders.sentence_transformer import SentenceTransformerEncoder
from nlu.encoders.sharing import shared
from nlu.errors import EncoderError
from nlu.text import for_encoding

KIND = "ce"


class PairNetwork:
    """An exported cross-encoder in use. Safe for several threads at once."""

    def __init__(self, folder: Path, tokens: int) -> None:
        """Opens the export in `folder`. Raises EncoderError when it cannot be read."""
        from tokenizers import Tokenizer

        self._session: Any = open_session(str(folder / GRAPH))
        self._inputs = frozenset(one.name for one in self._session.get_inputs())
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(tokens, strategy="longest_first")
        self._tokenizer.enable_padding()

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """One number for each text, the higher the better it answers; what stands beside a text changes nothing but rounding."""
        if not texts:
            return []
        found = self._tokenizer.encode_batch([(for_encoding(question), for_encoding(text)) for text in texts])
        given = {
            IDS: np.array([one.ids for one in found], dtype=np.int64),
            MASK: np.array([one.attention_mask for one in found], dtype=np.int64),
            TYPES: np.array([one.type_ids for one in found], dtype=np.int64),
        }
        out = self._session.run(None, {name: rows for name, rows in given.items() if name in self._inputs})[0]
        return [float(score) for score in np.asarray(out)[:, -1]]


class CrossEncoder(SentenceTransformerEncoder):
    """A model with a classification head by folder ("ce:/path") or by hub name ("ce:owner/model@revision").

    Exported and kept as `SentenceTransformerEncoder` does it. Of several classes the last is the one that says yes.
    """

    exporter, place = "nlu.encoders.export_cross_encoder", "cross-encoders"

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """See `PairNetwork.scores`. The first use exports the model, which takes a while. Raises EncoderError."""
        return self._pairs.scores(question, texts)

    @cached_property
    def _pairs(self) -> PairNetwork:
        found = self.exported
        return shared((KIND, str(found.folder)), lambda: PairNetwork(found.folder, int(found.manifest["tokens"])))


def get_cross_encoder(name: str, cache: Path) -> CrossEncoder:
    """The cross-encoder `name`, not loaded yet. Raises EncoderError when the name cannot be read."""
    kind, _, where = name.partition(":")
    if kind != KIND or not where:
        raise EncoderError(f"There is no reranker {name!r}.", hint='Write "ce:/path/to/model" or "ce:owner/model@revision".')
    return CrossEncoder(name, cache)

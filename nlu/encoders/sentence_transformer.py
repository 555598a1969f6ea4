"""Any sentence-transformers model as an encoder: exported to ONNX once, kept under the hash of its content, served without torch."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nlu.encoders.exports import FORMAT, GRAPH, TOKENIZER, WORDS_FILE, ensure_export, read_export
from nlu.encoders.network import Network, Reading
from nlu.encoders.port import Vectors
from nlu.encoders.rows import array_on_disk
from nlu.encoders.sharing import shared
from nlu.encoders.sources import Source, fetch, fingerprint, parse_source
from nlu.errors import EncoderError

KIND, KIND_INT8 = "st", "st-int8"
_EXPORTER = "nlu.encoders.export_sentence_transformer"


@dataclass(frozen=True)
class Exported:
    """An export on disk with its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def reading(self) -> Reading:
        """How the network reads."""
        words = array_on_disk(self.folder / WORDS_FILE) if WORDS_FILE in self.manifest["files"] else None
        return Reading(self.folder / TOKENIZER, words, int(self.manifest["tokens"]), str(self.manifest["prefix"]))


class SentenceTransformerEncoder:
    """A model by folder ("st:/path") or by hub name ("st:owner/model@revision"); "st-int8:" serves it in 8-bit integers.

    The first use exports it in a process of its own (about 30 s), or raises EncoderError. After that the folder or the hub is not needed
    any more; while a folder is there its content is checked, so that other weights in it are other vectors, under another version.
    """

    exporter, place = _EXPORTER, "sentence-transformers"

    def __init__(self, name: str, cache: Path | None) -> None:
        """`name` with its kind; `cache`: the folder for encoders. Raises EncoderError when the name cannot be read."""
        if cache is None:
            raise EncoderError("A sentence-transformers model needs a folder for its export.", hint="Pass encoder_cache.")
        kind, _, where = name.partition(":")
        self.name, self._integers = name, kind == KIND_INT8
        self._source, self._root = parse_source(where), cache / self.place

    @property
    def version(self) -> str:
        """The hash of the model's files and the form in which it is served."""
        return f"{'st-int8' if self._integers else 'st'}-onnx{FORMAT}-{self.exported.manifest['fingerprint'][:32]}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self.exported.manifest["dimension"])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        return self._network.encode(texts, self.dimension)

    @cached_property
    def exported(self) -> Exported:
        """The export, made when it is not there."""
        pointer = self._root / f"{hashlib.sha256(self.name.encode()).hexdigest()[:24]}.json"
        known = self._known(pointer) if not _is_here(self._source) else None
        if known is not None:
            return known
        folder = fetch(self._source)
        digest = fingerprint(folder)
        form = "int8" if self._integers else "float"
        place = self._root / f"{digest[:32]}-{form}"
        manifest = ensure_export(place, self.exporter, str(folder), digest, form)
        _write(pointer, {"name": self.name, "folder": place.name})
        return Exported(place, manifest)

    def _known(self, pointer: Path) -> Exported | None:
        try:
            place = self._root / str(json.loads(pointer.read_text(encoding="utf-8"))["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        manifest = read_export(place)
        return None if manifest is None else Exported(place, manifest)

    @cached_property
    def _network(self) -> Network:
        found = self.exported
        return shared((KIND, str(found.folder)), lambda: Network(str(found.folder / GRAPH), found.reading))


def _is_here(source: Source) -> bool:
    return source.folder is not None and source.folder.is_dir()


def _write(path: Path, content: dict[str, str]) -> None:
    made = path.with_suffix(f".{os.getpid()}.tmp")
    made.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(made, path)  # noqa: PTH105

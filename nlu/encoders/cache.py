"""Embeddings on disk, so that a changed sentence retrains in seconds. One SQLite file, shared by any number of processes."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nlu.encoders.port import Encoder, Vectors

_SCHEMA = "CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"
_ASK_AT_ONCE = 500
ENCODE_AT_ONCE = 256


class CachedEncoder:
    """An `Encoder` in front of another that remembers what it has encoded. A damaged file is thrown away and begun anew."""

    def __init__(self, inner: Encoder, path: Path) -> None:
        """`path`: the SQLite file; made with its folder when it is not there."""
        self._inner, self._path = inner, path
        self.name, self.version, self.dimension = inner.name, inner.version, inner.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        keys = [self._key(text) for text in texts]
        try:
            known = self._read(keys)
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            known = {}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        names, sentences = list(missing), list(missing.values())
        for start in range(0, len(names), ENCODE_AT_ONCE):
            part = slice(start, start + ENCODE_AT_ONCE)
            fresh = dict(zip(names[part], self._inner.encode(sentences[part]), strict=True))
            self._write(fresh)
            known.update(fresh)
        rows = [known[key] for key in keys]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _key(self, text: str) -> bytes:
        head = f"{self.name}\0{self.version}\0"
        return hashlib.sha256((head + text).encode("utf-8", "surrogatepass")).digest()

    def _connect(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._path, timeout=60)
        connection.execute(_SCHEMA)
        return connection

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        with contextlib.closing(self._connect()) as connection:
            for start in range(0, len(keys), _ASK_AT_ONCE):
                part = keys[start : start + _ASK_AT_ONCE]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector FROM embeddings WHERE key IN ({marks})"
                for key, blob in connection.execute(query, part):
                    if len(blob) == 4 * self.dimension:
                        found[key] = np.frombuffer(blob, dtype=np.float32)
        return found

    def _write(self, fresh: dict[bytes, Vectors]) -> None:
        rows = [(key, np.ascontiguousarray(vector, dtype=np.float32).tobytes()) for key, vector in fresh.items()]
        with contextlib.closing(self._connect()) as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

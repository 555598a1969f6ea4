"""Embeddings on disk, so that a changed sentence retrains in seconds. One SQLite file, shared by any number of processes."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from kit.clock import Clock, utc_now
from kit.log import get_logger
from nlu.encoders.port import Encoder, Vectors

MOST_BYTES = 512 * 1024 * 1024
"""What the vectors may take on disk; past it, those that were not used for longest go, until half is left."""

ENCODE_AT_ONCE = 256
_ASK_AT_ONCE = 500
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS uses (key BLOB PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID",
)

log = get_logger("encoders")


class CachedEncoder:
    """An `Encoder` in front of another that remembers what it has encoded.

    A damaged file is thrown away and begun anew; when the file cannot be used (locked for a minute, disk full, not writable), texts are
    encoded as if there were none.
    """

    def __init__(self, inner: Encoder, path: Path, *, least: int = 1, most_bytes: int = MOST_BYTES, clock: Clock = utc_now) -> None:
        """`path`: the SQLite file; made with its folder when it is not there. Fewer than `least` texts at once are not remembered."""
        self.inner, self._path, self._least, self._most_bytes, self._clock = inner, path, least, most_bytes, clock
        self.name, self.version, self.dimension = inner.name, inner.version, inner.dimension
        self.unrelated: float = getattr(inner, "unrelated", 0.0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `Encoder.encode`."""
        if 0 < len(texts) < self._least:
            return self.inner.encode(texts)
        keys = [self._key(text) for text in texts]
        known: dict[bytes, Vectors] = {}
        with self._careful():
            known = self._read(list(dict.fromkeys(keys)))
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        names, sentences = list(missing), list(missing.values())
        for start in range(0, len(names), ENCODE_AT_ONCE):
            part = slice(start, start + ENCODE_AT_ONCE)
            fresh = dict(zip(names[part], self.inner.encode(sentences[part]), strict=True))
            with self._careful():
                self._write(fresh)
            known.update(fresh)
        rows = [known[key] for key in keys]
        return np.stack(rows) if rows else np.zeros((0, self.dimension), dtype=np.float32)

    def _key(self, text: str) -> bytes:
        head = f"{self.name}\0{self.version}\0"
        return hashlib.sha256((head + text).encode("utf-8", "surrogatepass")).digest()

    @contextlib.contextmanager
    def _careful(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
                log.warning("the cache of embeddings is damaged and begun anew", path=str(self._path))
                throw_away(self._path)
            else:
                log.warning("the cache of embeddings cannot be used", path=str(self._path), error=str(error))
        except OSError as error:
            log.warning("the cache of embeddings cannot be used", path=str(self._path), error=str(error))

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self._path, timeout=60)) as connection, connection:
            connection.execute("PRAGMA synchronous = NORMAL")
            for statement in _SCHEMA:
                connection.execute(statement)
            yield connection

    def _read(self, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
        found: dict[bytes, Vectors] = {}
        today = self._clock().toordinal()
        with self._open() as connection:
            for start in range(0, len(keys), _ASK_AT_ONCE):
                part = keys[start : start + _ASK_AT_ONCE]
                marks = ",".join("?" * len(part))
                query = f"SELECT e.key, e.vector, u.day FROM embeddings e LEFT JOIN uses u ON u.key = e.key WHERE e.key IN ({marks})"
                rows = connection.execute(query, part).fetchall()
                sound = {key: vector for key, blob, _ in rows if (vector := self._vector(blob)) is not None}
                found |= sound
                stale = [(key, today) for key, _, day in rows if key in sound and day != today]
                connection.executemany("INSERT OR REPLACE INTO uses VALUES (?, ?)", stale)
        return found

    def _vector(self, blob: bytes) -> Vectors | None:
        """None for bytes that are no vector of length 1 (nor zero)."""
        if len(blob) != 4 * self.dimension:
            return None
        vector = np.frombuffer(blob, dtype=np.float32)
        length = float(np.linalg.norm(vector))
        return vector if abs(length - 1) < 1e-3 or length == 0 else None

    def _write(self, fresh: Mapping[bytes, Vectors]) -> None:
        rows = [(key, np.ascontiguousarray(vector, dtype=np.float32).tobytes()) for key, vector in fresh.items()]
        today = self._clock().toordinal()
        with self._open() as connection:
            connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)
            connection.executemany("INSERT OR REPLACE INTO uses VALUES (?, ?)", [(key, today) for key in fresh])
            used = _bytes_used(connection)
            full = used > self._most_bytes
            if full:
                _prune(connection, self._most_bytes / 2 / used)
        if full:
            self._pack()

    def _pack(self) -> None:
        """Writes the file anew: what was deleted left its pages half empty, all over it, so that it would be full again at once."""
        with contextlib.closing(sqlite3.connect(self._path, timeout=60)) as connection:
            connection.execute("VACUUM")


def throw_away(path: Path) -> None:
    """Deletes a cache with the journals that belong to it: a journal left behind would be played into the next file."""
    for end in ("-journal", "-wal", "-shm", ""):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _bytes_used(connection: sqlite3.Connection) -> int:
    pages, free, size = (int(connection.execute(f"PRAGMA {one}").fetchone()[0]) for one in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


def _prune(connection: sqlite3.Connection, share: float) -> None:
    """Deletes the vectors that were not used for longest, until about a share of the bytes remains: rows may take twice what is in them."""
    query = "SELECT e.key, LENGTH(e.vector) FROM embeddings e LEFT JOIN uses u ON u.key = e.key ORDER BY COALESCE(u.day, 0) DESC, e.key"
    rows = connection.execute(query).fetchall()
    left, kept, gone = share * sum(size for _, size in rows), 0, []
    for key, size in rows:
        kept += size
        if kept > left:
            gone.append((key,))
    connection.executemany("DELETE FROM embeddings WHERE key = ?", gone)
    connection.execute("DELETE FROM uses WHERE key NOT IN (SELECT key FROM embeddings)")

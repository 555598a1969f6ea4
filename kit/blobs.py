"""`BlobStore`: models, indexes and attachments by key. A directory here; an S3-compatible store behind the same port for many nodes."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kit.errors import InvalidInputError, NotFoundError

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class BlobStore(Protocol):
    """Bytes by key; `put` is atomic: a reader sees the old bytes or the new, never a part."""

    def put(self, key: str, data: bytes) -> None:
        """Stores `data` under `key`, replacing what was there. Raises InvalidInputError on a malformed key."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises NotFoundError."""

    def delete(self, key: str) -> None:
        """Removes `key`; a key that is not there is fine."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with `prefix`, sorted."""


def check_key(key: str) -> str:
    """Refuses keys that could leave the store (`..`, absolute paths, odd characters)."""
    if not _KEY.fullmatch(key):
        raise InvalidInputError(f"{key!r} is not a usable blob key", hint="Use letters, digits, dots, dashes and single slashes.")
    return key


class DirectoryBlobs:
    """Blobs as files under one directory, written to a temporary name and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        """The file that holds `key`."""
        return self.root / check_key(key)

    def put(self, key: str, data: bytes) -> None:
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)

    def get(self, key: str) -> bytes:
        try:
            return self.path(key).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"There is no blob {key!r}") from None

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def keys(self, prefix: str = "") -> Iterator[str]:
        files = (p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file() and not p.name.startswith("."))
        yield from sorted(key for key in files if key.startswith(prefix))


class MemoryBlobs:
    """The fake of the port, for tests."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> None:
        self.data[check_key(key)] = data

    def get(self, key: str) -> bytes:
        try:
            return self.data[key]
        except KeyError:
            raise NotFoundError(f"There is no blob {key!r}") from None

    def delete(self, key: str) -> None:
        self.data.pop(key, None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        yield from sorted(key for key in self.data if key.startswith(prefix))

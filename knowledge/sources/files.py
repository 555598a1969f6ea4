"""Files: one alone, a folder of them, or those in a zip archive. What each holds decides how it is read."""

from __future__ import annotations

import asyncio
import zipfile
from dataclasses import dataclass
from pathlib import Path

from knowledge.sources.apart import Apart
from knowledge.sources.archive import open_archive, read_entry
from knowledge.sources.attaching import FolderOpener, attach
from knowledge.sources.registry import READABLE
from knowledge.sources.types import LIMITS, Document, Options, Place, Reading, UnreadableError, skip

ATTACHED = "_files"  # the folder of an export in which attachments lie: nothing in it is an article


@dataclass
class Files:
    """Reads files on this machine. `path` is a file or a folder."""

    path: Path
    options: Options
    apart: Apart

    async def start(self) -> tuple[Place, ...]:
        """Every readable file by name; hidden ones and READMEs are passed over. Raises UnreadableError when there is none."""
        if self.path.is_file():
            if self.path.suffix.lower() == ".zip":
                return _entries(await asyncio.to_thread(self._archive))
            return (Place(self.path.name),)
        if not self.path.is_dir():
            raise UnreadableError(f"There is no file or folder {self.path}", hint="Look at the path again.")
        names = sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file() and not path.is_symlink())
        found = tuple(Place(name) for name in names if _wanted(name))
        if not found:
            raise UnreadableError(f"{self.path} has no files that can be imported", hint=f"Known are {', '.join(sorted(READABLE))}.")
        if len(found) > LIMITS.entries:
            raise UnreadableError(f"{self.path} has {len(found):,} files; at most {LIMITS.entries:,} are read at once")
        return found

    async def read(self, place: Place) -> Reading:
        """One file."""
        try:
            data = await asyncio.to_thread(self._bytes, place.key)
        except (OSError, KeyError) as error:
            return skip(place.key, f"It cannot be read: {type(error).__name__}")
        reading = await self.apart.parse(Document(place.key, data), self.options)
        return await attach(reading, FolderOpener(place.key, self._beside))

    def _bytes(self, name: str) -> bytes:
        if self.path.is_file() and self.path.suffix.lower() == ".zip":
            return read_entry(self._archive(), name)
        return read_file(self.path if self.path.is_file() else self.path / name)

    def _beside(self, name: str) -> bytes:
        """A file that some text names; never one that lies outside of the folder, also not by a symbolic link."""
        if self.path.is_file() and self.path.suffix.lower() == ".zip":
            return read_entry(self._archive(), name)
        root = (self.path.parent if self.path.is_file() else self.path).resolve()
        found = (root / name).resolve(strict=True)
        if not found.is_relative_to(root) or not found.is_file():
            raise FileNotFoundError(name)
        return read_file(found)

    def _archive(self) -> zipfile.ZipFile:
        return open_archive(read_file(self.path))


@dataclass
class Upload:
    """Reads what was uploaded in the console: one document, or a zip archive of them."""

    name: str
    data: bytes
    options: Options
    apart: Apart

    async def start(self) -> tuple[Place, ...]:
        """The file, or the readable files in it."""
        return _entries(open_archive(self.data)) if self._packed else (Place(self.name),)

    async def read(self, place: Place) -> Reading:
        """One file."""
        data = await asyncio.to_thread(read_entry, open_archive(self.data), place.key) if self._packed else self.data
        reading = await self.apart.parse(Document(place.key, data), self.options)
        return await attach(reading, FolderOpener(place.key, self._beside))

    def _beside(self, name: str) -> bytes:
        if not self._packed:
            raise KeyError(name)
        return read_entry(open_archive(self.data), name)

    @property
    def _packed(self) -> bool:
        return self.name.lower().endswith(".zip") and self.data.startswith(b"PK")


def read_file(path: Path) -> bytes:
    """The bytes of a file. Raises UnreadableError when it is too large."""
    size = path.stat().st_size
    if size > LIMITS.file_bytes:
        raise UnreadableError(f"It has {size:,} bytes; at most {LIMITS.file_bytes:,} are read", hint="Divide it.")
    return path.read_bytes()


def _entries(archive: zipfile.ZipFile) -> tuple[Place, ...]:
    found = tuple(Place(name) for name in sorted(archive.namelist()) if not name.endswith("/") and _wanted(name))
    if not found:
        raise UnreadableError("There is nothing in this archive that can be imported", hint=f"Known are {', '.join(sorted(READABLE))}.")
    return found


def _wanted(name: str) -> bool:
    parts = name.split("/")
    if any(part == ATTACHED or part.startswith((".", "__MACOSX", "~$")) for part in parts) or parts[-1].lower() == "readme.md":
        return False
    return "." + parts[-1].rsplit(".", 1)[-1].lower() in READABLE - {".zip"}

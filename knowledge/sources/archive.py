"""Archives that strangers made: what is inside is looked at before anything is unpacked, and what unpacks to far too much is refused."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from knowledge.sources.types import LIMITS, Limits, UnreadableError

_DOCTYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def open_archive(data: bytes, limits: Limits = LIMITS) -> zipfile.ZipFile:
    """The archive. Raises UnreadableError when it is damaged, encrypted, or would unpack to more than the limits allow."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise UnreadableError(f"It is damaged or no archive: {str(error)[:100]}") from None
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise UnreadableError(f"It holds {len(entries):,} files; at most {limits.entries:,} are read")
    total = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if total > limits.unpacked_bytes or (total > 10_000_000 and total / packed > limits.unpacked_ratio):
        raise UnreadableError(
            f"It unpacks to {total:,} bytes, {total // packed:,} times its size: this looks like a zip bomb",
            hint="Nothing of it was unpacked.",
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise UnreadableError("It is protected with a password", hint="Save it without one, then import it again.")
    return archive


def read_entry(archive: zipfile.ZipFile, name: str, limits: Limits = LIMITS) -> bytes:
    """One entry, whatever size it says it has. Raises UnreadableError beyond the limit or when it is damaged."""
    try:
        with archive.open(name) as file:
            data = file.read(limits.file_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError(f"It is damaged in the archive: {str(error)[:100]}") from None
    if len(data) > limits.file_bytes:
        raise UnreadableError(f"It is larger than {limits.file_bytes:,} bytes")
    return data


def check_office(data: bytes, limits: Limits = LIMITS) -> None:
    """Raises UnreadableError for a Word or Excel file that is a bomb, or whose XML has a document type, where entities hide."""
    archive = open_archive(data, limits)
    for entry in archive.infolist():
        if entry.filename.endswith((".xml", ".rels")):
            with archive.open(entry) as file:
                head = file.read(4_000).replace(b"\0", b"")
            if _DOCTYPE.search(head):
                raise UnreadableError("Its XML declares a document type, which no Word or Excel file has", hint="It was not opened.")

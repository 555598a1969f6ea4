"""What may be attached to an article."""

from __future__ import annotations

from kit import file_kinds
from kit.file_kinds import FileRefusedError as FileRefusedError
from kit.file_kinds import FileTooLargeError as FileTooLargeError
from kit.file_kinds import clean_name as clean_name

MAX_FILE = 10_000_000
KINDS = file_kinds.DOCUMENTS


def media_type_of(name: str, data: bytes) -> str:
    """The media type of a file whose name and bytes agree. Raises FileRefusedError, FileTooLargeError."""
    return file_kinds.media_type_of(name, data, kinds=KINDS, most=MAX_FILE)

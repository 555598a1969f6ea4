"""What may be attached to an article or a message: by what the bytes are, not only by what the file is called. Pure."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection

from PIL import Image

from kit.errors import InvalidInputError

MAX_PIXELS = 40_000_000
_IMAGES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_OFFICE = {
    "docx": ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xlsx": ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pptx": ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
_MEDIA = {  # sound and films: the ending, the media type, where which bytes stand
    "mp3": ("audio/mpeg", 0, (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa")),
    "ogg": ("audio/ogg", 0, (b"OggS",)),
    "opus": ("audio/ogg", 0, (b"OggS",)),
    "amr": ("audio/amr", 0, (b"#!AMR",)),
    "aac": ("audio/aac", 0, (b"\xff\xf1", b"\xff\xf9")),
    "wav": ("audio/wav", 8, (b"WAVE",)),
    "m4a": ("audio/mp4", 4, (b"ftyp",)),
    "mp4": ("video/mp4", 4, (b"ftyp",)),
    "3gp": ("video/3gpp", 4, (b"ftyp3g",)),
    "webm": ("video/webm", 0, (b"\x1a\x45\xdf\xa3",)),
}
_BY_ENDING = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
DOCUMENTS = (*_BY_ENDING, "pdf", *_OFFICE, "txt", "csv")
KINDS = (*DOCUMENTS, *_MEDIA)
_MOST_NAME = 100


class FileRefusedError(InvalidInputError):
    """This file cannot be attached."""


class FileTooLargeError(FileRefusedError):
    """This file is too large."""

    status = 413


def clean_name(name: str) -> str:
    """A name that is safe in an address and on a disk: the last part of a path, letters, digits, dots and dashes."""
    last = re.split(r"[\\/]", name)[-1]
    cleaned = re.sub(r"[^\w.-]+", "-", last).strip("-.")
    stem, dot, ending = cleaned.rpartition(".")
    return (stem[:_MOST_NAME] or "file") + dot + ending.lower() if dot else cleaned[:_MOST_NAME]


def media_type_of(name: str, data: bytes, *, kinds: Collection[str], most: int) -> str:
    """The media type of a file of at most `most` bytes whose name and bytes agree; `kinds` are endings of `KINDS`.

    Raises FileRefusedError, FileTooLargeError.
    """
    ending = name.rpartition(".")[2].lower()
    if len(data) > most:
        raise FileTooLargeError(f"{name[:60]!r} has {len(data):,} bytes", hint=f"At most {most:,}: make it smaller.")
    if not data:
        raise FileRefusedError(f"{name[:60]!r} is empty", hint="Choose another file.")
    if ending not in kinds:
        raise FileRefusedError(f"{name[:60]!r} is of a kind that cannot be attached", hint=f"Known are {', '.join(kinds)}.")
    if ending in _BY_ENDING:
        return _image(name, data, _BY_ENDING[ending])
    if ending in _MEDIA:
        return _sound_or_film(name, data, *_MEDIA[ending])
    if ending in _OFFICE:
        return _office(name, data, *_OFFICE[ending])
    return _pdf(name, data) if ending == "pdf" else _text(name, data, ending)


def _sound_or_film(name: str, data: bytes, media_type: str, at: int, begins: tuple[bytes, ...]) -> str:
    if not data[at:].startswith(begins):
        raise _mismatch(name, "")
    return media_type


def _image(name: str, data: bytes, expected: str) -> str:
    broken = FileRefusedError(f"{name[:60]!r} is not a whole image", hint="Export it again as PNG, JPEG, GIF or WebP.")
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_IMAGES)) as image:
            found, pixels = _IMAGES.get(image.format or "", ""), image.width * image.height
            if pixels > MAX_PIXELS:
                raise FileTooLargeError(f"{name[:60]!r} has {pixels:,} pixels", hint=f"At most {MAX_PIXELS:,}: make it smaller.")
            image.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise broken from None
    if found != expected:
        raise _mismatch(name, found)
    return found


def _office(name: str, data: bytes, folder: str, media_type: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise _mismatch(name, "") from None
    if "[Content_Types].xml" not in inside or not any(part.startswith(folder) for part in inside):
        raise _mismatch(name, "")
    if any(part.lower().endswith("vbaproject.bin") for part in inside):
        raise FileRefusedError(f"{name[:60]!r} holds macros", hint="Save it without them.")
    return media_type


def _pdf(name: str, data: bytes) -> str:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise _mismatch(name, "")
    return "application/pdf"


def _text(name: str, data: bytes, ending: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefusedError(f"{name[:60]!r} is not text in UTF-8", hint="Save it as UTF-8.") from None
    if "\0" in text:
        raise _mismatch(name, "")
    return "text/csv" if ending == "csv" else "text/plain"


def _mismatch(name: str, found: str) -> FileRefusedError:
    said = f": it is {found}" if found else ""
    return FileRefusedError(f"{name[:60]!r} is not what its name says{said}", hint="Give it its right name, or save it again.")

"""Files that people sent up, over HTTP: as what they are, never as something that runs."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import quote

from fastapi import Response

_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
PUBLIC, PRIVATE = "public, max-age=300", "private, no-cache"
IN_PLACE = ("image/png", "image/jpeg", "image/gif", "image/webp")


class ServedFile(Protocol):
    """As much of a stored file as its reader is told."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def media_type(self) -> str:
        """What it is, as `kit.file_kinds` found."""

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes, in hexadecimal."""


def file_response(file: ServedFile, data: bytes, *, cache: str, known: str | None = None) -> Response:
    """The file with its own media type: images in place, everything else to be saved. `known` is the reader's If-None-Match."""
    etag = f'"{file.digest}"'
    text = file.media_type.startswith("text/")
    shown = "inline" if file.media_type in IN_PLACE else "attachment"
    plain = file.name.encode("ascii", "replace").decode().replace("?", "_")
    headers = _SAFE | {
        "Cache-Control": cache,
        "ETag": etag,
        "Content-Disposition": f"{shown}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name)}",
        "Cross-Origin-Resource-Policy": "cross-origin" if cache == PUBLIC else "same-origin",
    }
    if known is not None and etag in (part.strip().removeprefix("W/") for part in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=f"{file.media_type}; charset=utf-8" if text else file.media_type, headers=headers)

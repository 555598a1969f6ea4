"""The type of a file by its first bytes."""

from __future__ import annotations

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"#!AMR", "audio/amr"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
)
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"3gp": "video/3gpp",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"avif": "image/avif",
}
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml")


def sniff(data: bytes) -> str | None:
    """The content type that the bytes speak of, or None. Markup is named as such wherever it hides behind space."""
    for start, found in _STARTS:
        if data.startswith(start):
            return found
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(data[8:12])
    if data[4:8] == b"ftyp":
        return next((found for brand, found in _BRANDS.items() if data[8:12].startswith(brand)), "video/mp4")
    head = data[:512].lstrip().lower()
    if head.startswith(_MARKUP):
        return "image/svg+xml" if b"<svg" in head else "text/html"
    return "text/plain" if data and _is_text(data[:4096]) else None


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode()
    return all(c.isprintable() or c in "\r\n\t" for c in text)

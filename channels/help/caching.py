"""Answers that a browser or a proxy may keep, and asks again whether they are still right."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https: data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


def kept(request: Request, body: str, *, media_type: str, headers: dict[str, str] | None = None) -> Response:
    """The body with its ETag; 304 without a body for one who has it already. Kept by whom it passes, asked after each time.

    So what an editor takes back is gone with the next look, also behind a proxy.
    """
    data = body.encode()
    tag = f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"'
    sent = {"ETag": tag, "Cache-Control": "public, no-cache"} | (headers or {})
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=sent)
    return Response(data, media_type=media_type, headers=sent)


def _matches(given: str, tag: str) -> bool:
    known = {one.strip().removeprefix("W/") for one in given.split(",")}
    return tag in known or "*" in known

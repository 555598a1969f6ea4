"""What every route of the context API needs: pages by cursor, ETags, idempotency keys."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from context.customer.models import IdempotencyRow
from context.staff.models import StaffRow
from kit.errors import ConflictError, InvalidInputError

KEPT = timedelta(hours=24)
MAX_KEY = 200
_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class ChangedError(ConflictError):
    """It was changed since you read it."""

    status = 412


class CursorError(InvalidInputError):
    """This is no cursor of this list."""


def cursor_of(at: datetime, name: object) -> str:
    """Where a page ends: opaque for clients."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), str(name)]).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """The inverse. Raises CursorError."""
    if cursor is None:
        return None
    try:
        at, name = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError):
        raise CursorError(hint="Use `next` of the page before, or none.") from None
    if moment.tzinfo is None or not isinstance(name, str):
        raise CursorError
    return moment, name


def read_id_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """A cursor whose name is an id."""
    found = read_cursor(cursor)
    try:
        return (found[0], UUID(found[1])) if found else None
    except ValueError:
        raise CursorError from None


def etag_of(body: Any) -> str:
    """The strong validator of a body."""
    plain = json.dumps(jsonable_encoder(body), sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.blake2b(plain.encode(), digest_size=12).hexdigest()}"'


def check_match(if_match: str | None, tag: str) -> None:
    """Raises ChangedError when the client has read another state."""
    if if_match is not None and if_match.strip() != "*" and tag not in {part.strip() for part in if_match.split(",")}:
        raise ChangedError(hint="Read it again and repeat your change.")


def tagged(body: Any, *, if_none_match: str | None = None) -> Response:
    """The answer with its ETag; 304 when the client has it already."""
    tag = etag_of(body)
    if if_none_match is not None and tag in {part.strip() for part in if_none_match.split(",")}:
        return Response(status_code=304, headers={"ETag": tag})
    return JSONResponse(jsonable_encoder(body), headers={"ETag": tag, "Cache-Control": "private, no-cache"})


async def once(
    session: AsyncSession, staff: StaffRow, key: str | None, *, request: Any, now: datetime, do: Callable[[], Awaitable[tuple[int, Any]]]
) -> Response:
    """Does it, and keeps the answer under the sender's `Idempotency-Key`: the same request with it is not done again within a day.

    Raises InvalidInputError when the key was used for another request.
    """
    if key is None:
        status, body = await do()
        return JSONResponse(jsonable_encoder(body), status_code=status)
    if not 0 < len(key) <= MAX_KEY:
        raise InvalidInputError(f"An Idempotency-Key has 1 to {MAX_KEY} characters")
    digest = hashlib.blake2b(f"{staff.id}\0{key}".encode(), digest_size=8).digest()
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest, "big", signed=True)})
    plain = json.dumps(jsonable_encoder(request), sort_keys=True)
    asked, about = hashlib.sha256(plain.encode()).hexdigest(), sorted(set(_ID.findall(plain)))  # whom it is about, for who is erased
    await session.execute(delete(IdempotencyRow).where(IdempotencyRow.at < now - KEPT))
    known = await session.get(IdempotencyRow, (staff.id, key))
    if known is not None:
        if known.request_hash != asked:
            raise InvalidInputError("This Idempotency-Key was used for another request", hint="Choose a new one for each request.")
        return JSONResponse(known.body["body"], status_code=known.status, headers={"Idempotent-Replayed": "true"})
    status, body = await do()
    kept = {"body": jsonable_encoder(body), "about": about}
    session.add(IdempotencyRow(staff_id=staff.id, key=key, request_hash=asked, status=status, body=kept, at=now))
    return JSONResponse(kept["body"], status_code=status)

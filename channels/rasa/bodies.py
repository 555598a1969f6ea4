"""Reads request bodies and answers refusals as Rasa does."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, ParamSpec

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError

from channels.rasa.types import RasaError
from kit.errors import BatonError, UnavailableError

MOST_BYTES = 1_000_000
P = ParamSpec("P")
_REASONS = {400: "BadRequest", 401: "NotAuthenticated", 403: "NotAuthorized", 404: "NotFound", 409: "Conflict"}


async def read_json(request: Request) -> Any:
    """The JSON of the body, None when it is empty. Raises RasaError for more than 1 MB and for what is no JSON in UTF-8."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise RasaError(413, "TooLarge", f"The body is larger than {MOST_BYTES:,} bytes")
    if not body.strip():
        return None
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RasaError(400, "BadRequest", "The body is not JSON in UTF-8") from None


def refusal(error: BatonError) -> JSONResponse:
    """The answer to an error that was expected."""
    known = error if isinstance(error, RasaError) else _as_rasa(error)
    headers = {"Retry-After": "2"} if isinstance(error, UnavailableError) else None
    return JSONResponse(known.as_json(), status_code=known.status, headers=headers)


def _as_rasa(error: BatonError) -> RasaError:
    message = error.message + (f". {error.hint}" if error.hint else "")
    status = 400 if error.status == 422 else error.status
    return RasaError(status, _REASONS.get(status, "ConversationError"), message)


def rasa_errors(handler: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """Answers what the route refuses in Rasa's shape; bugs are left to the server."""

    @wraps(handler)
    async def guarded(*arguments: P.args, **options: P.kwargs) -> Response:
        try:
            return await handler(*arguments, **options)
        except BatonError as error:
            return refusal(error)
        except DataError:
            return refusal(RasaError(400, "BadRequest", "The input holds characters that cannot be stored, such as NUL"))

    return guarded

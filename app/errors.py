"""How errors leave over HTTP: one JSON shape for all of them."""

from __future__ import annotations

import math
import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from starlette.exceptions import HTTPException

from kit.errors import BatonError, TooManyRequestsError
from kit.log import get_logger
from knowledge.attachments import MAX_FILE

log = get_logger("http")


def problem(status: int, error: str, message: str, *, hint: str | None = None, headers: dict[str, str] | None = None) -> JSONResponse:
    """The JSON body of every refusal."""
    body = {"error": error, "message": message} | ({"hint": hint} if hint else {})
    return JSONResponse(body, status_code=status, headers=headers)


def install_error_handlers(app: FastAPI) -> None:
    """Turns every error into `{"error", "message", "hint"}`.

    Expected ones are 4xx, the database away is 503, a bug is 500 without details.
    """

    @app.exception_handler(BatonError)
    async def refused(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, BatonError)
        headers = {}
        if isinstance(error, TooManyRequestsError) and error.retry_after:
            headers["Retry-After"] = str(math.ceil(error.retry_after))
        return JSONResponse(error.as_json(), status_code=error.status, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def malformed(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        problems = [f"{'.'.join(str(p) for p in e['loc'] if p != 'body') or 'body'}: {e['msg']}" for e in error.errors()]
        return problem(422, "invalid_input", "; ".join(problems)[:1000], hint="The API is described at /docs.")

    @app.exception_handler(HTTPException)
    async def plain(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        names = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
        return problem(error.status_code, names.get(error.status_code, "refused"), str(error.detail), headers=dict(error.headers or {}))

    @app.exception_handler(UnicodeDecodeError)
    async def not_text(_request: Request, _error: Exception) -> JSONResponse:
        return problem(422, "invalid_input", "The body is not UTF-8", hint="Send JSON in UTF-8.")

    _install_database_handlers(app)

    @app.exception_handler(Exception)
    async def bug(_request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected error", error=type(error).__name__, exc_info=error)
        return problem(500, "internal", "Something went wrong here; it has been logged")


def _install_database_handlers(app: FastAPI) -> None:
    async def database_away(_request: Request, error: Exception) -> JSONResponse:
        log.error("database error", error=type(error).__name__)
        return problem(
            503, "unavailable", "The database cannot be reached at the moment", hint="Try again shortly.", headers={"Retry-After": "2"}
        )

    for kind in (OperationalError, InterfaceError, NoConnectionError):
        app.add_exception_handler(kind, database_away)

    @app.exception_handler(DataError)
    async def cannot_be_stored(_request: Request, _error: Exception) -> JSONResponse:
        return problem(422, "invalid_input", "The input holds characters that cannot be stored, such as NUL", hint="Remove them.")

    @app.exception_handler(DBAPIError)
    async def refused_by_database(_request: Request, error: Exception) -> JSONResponse:
        log.error("database refused", error=type(error).__name__)
        return problem(500, "internal", "Something went wrong here; it has been logged")


_ARTICLES = re.compile(r"/v1/articles(/.*)?")
_READ_BY_ROUTE = {"/v1/widget/files"}  # knows first whose token it is, then reads no more than it may
_FILES = re.compile(r"/v1/articles/[^/]+/files")


class BodyLimit:
    """Refuses request bodies above `limit` bytes and JSON bodies that are not UTF-8, before anything reads them.

    Articles may be `article` bytes long (their letters are counted later), attachments `file`, and those need not be text.
    """

    def __init__(self, app: Any, limit: int = 1_000_000, *, article: int = 2_000_000, file: int = MAX_FILE) -> None:
        self.app, self.limit, self.article, self.file = app, limit, article, file

    def limit_of(self, path: str) -> int:
        """How many bytes may be sent to a path."""
        if _FILES.fullmatch(path):
            return self.file
        return self.article if _ARTICLES.fullmatch(path) else self.limit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(("/v1/", "/help/")) or scope["path"] in _READ_BY_ROUTE:
            await self.app(scope, receive, send)
            return
        limit, body, more = self.limit_of(scope["path"]), bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await problem(413, "too_large", f"The body is larger than {limit:,} bytes")(scope, receive, send)
                return
        if not _FILES.fullmatch(scope["path"]) and not _is_utf8(body):
            await problem(422, "invalid_input", "The body is not UTF-8", hint="Send JSON in UTF-8.")(scope, receive, send)
            return
        given = False

        async def replay() -> Any:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self.app(scope, replay, send)


def _is_utf8(body: bytearray) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True

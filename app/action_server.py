"""The HTTP side of rasa-sdk's action server protocol: POST /webhook, GET /actions, GET /health; and POST /nlg, Rasa's door to words."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from bot.rasa.serving import ActionRefusedError, UnknownActionError
from kit.errors import BatonError, UnavailableError
from kit.log import get_logger

MOST_BYTES = 5_000_000

log = get_logger("actions")


class Server(Protocol):
    """What answers: in a worker the running turns, alone a server for any Rasa."""

    def names(self) -> Iterable[str]:
        """The actions that there are."""

    async def run(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """Runs `next_action` of a call: {events, responses}."""

    async def say(self, call: Mapping[str, Any]) -> dict[str, Any]:
        """The words of a `response`."""


def build_action_app(server: Server, *, token: str | None) -> FastAPI:
    """The application. With `token`, every call but GET /health must bear it as X-Baton-Token or `?token=`."""
    app = FastAPI(title="Baton's action server", docs_url=None, redoc_url=None, openapi_url=None)

    def refuse(request: Request) -> Response | None:
        given = request.headers.get("X-Baton-Token") or request.query_params.get("token") or ""
        if token is None or hmac.compare_digest(given.encode(), token.encode()):
            return None
        return JSONResponse({"error": "The token is wrong"}, status_code=403)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/actions")
    async def actions(request: Request) -> Response:
        return refuse(request) or JSONResponse([{"name": name} for name in server.names()])

    @app.post("/webhook")
    async def webhook(request: Request) -> Response:
        return refuse(request) or await _answer(request, server.run)

    @app.post("/nlg")
    async def nlg(request: Request) -> Response:
        return refuse(request) or await _answer(request, server.say)

    return app


async def _answer(request: Request, answer: Callable[[Mapping[str, Any]], Awaitable[dict[str, Any]]]) -> Response:
    """The answer to a call, or its refusal as rasa-sdk words it: 400 for one that refuses to run, 404 for an unknown one, else 500."""
    call = read_call(await request.body(), encoding=request.headers.get("Content-Encoding"))
    if call is None:
        return JSONResponse({"error": "Invalid body request"}, status_code=400)
    name = str(call.get("next_action") or "")
    try:
        return JSONResponse(await answer(call))
    except ActionRefusedError as error:
        return JSONResponse({"error": error.message, "action_name": error.action_name}, status_code=400)
    except UnknownActionError as error:
        return JSONResponse({"error": error.message, "action_name": error.action_name}, status_code=404)
    except BatonError as error:
        log.warning("action failed", action=name, error=error.code)
        return JSONResponse({"error": error.message, "action_name": name}, status_code=500)
    except Exception as error:  # a bug in an action is told to Rasa without its details
        log.exception("action failed", action=name, error=type(error).__name__)
        return JSONResponse({"error": f"{type(error).__name__} in {name}", "action_name": name}, status_code=500)


def read_call(body: bytes, *, encoding: str | None) -> dict[str, Any] | None:
    """The JSON object of a call, inflated where Rasa deflated it; None for anything else."""
    try:
        if encoding == "deflate":
            body = zlib.decompressobj().decompress(body, MOST_BYTES)
        data = json.loads(body) if len(body) <= MOST_BYTES else None
    except (zlib.error, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


@contextlib.asynccontextmanager
async def serving(app: FastAPI, *, host: str, port: int) -> AsyncIterator[int]:
    """Serves `app` within this process while the block runs; gives the port (0 finds a free one)."""
    config = uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    server = _GuestServer(config)
    task = asyncio.create_task(server.serve())
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        if task.done():
            task.result()
            raise UnavailableError(f"The action server does not start on port {port}")
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task


class _GuestServer(uvicorn.Server):
    """A server in a process that minds its own signals."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        """Leaves them alone."""
        return contextlib.nullcontext()

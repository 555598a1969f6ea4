"""The simulator as a server: the provider's API, the control API and the page with the phone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from simulators.whatsapp.control import Control
from simulators.whatsapp.graph import Graph
from simulators.whatsapp.pump import Pump
from simulators.whatsapp.world import Config, World

PAGE = Path(__file__).parent / "page"


def build(config: Config) -> tuple[Starlette, World]:
    """The application and what it knows."""
    world = World(config)
    pump = Pump(world)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(pump.run())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def page(_request: Request) -> Response:
        return HTMLResponse((PAGE / "phone.html").read_text())

    async def part(request: Request) -> Response:
        name = request.path_params["name"]
        known = {"phone.js", "phone.css"}
        return FileResponse(PAGE / name) if name in known else Response(status_code=404)

    routes = [Route("/", page), Route("/page/{name}", part), *Control(world, pump).routes(), *Graph(world, pump).routes()]
    app = Starlette(routes=routes, lifespan=lifespan)
    return app, world


def serve(config: Config, *, host: str, port: int) -> None:
    """Serves until stopped."""
    app, _world = build(config)
    uvicorn.Server(uvicorn.Config(app, host=host, port=port, log_level="critical", access_log=False, timeout_graceful_shutdown=1)).run()

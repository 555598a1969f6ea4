"""Files of customers: an address that sends on to where the file lies, as Rails does."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from simulators.chatwoot.world import World

BLOBS = "/rails/active_storage"


def add_files(app: FastAPI, world: World) -> None:
    """The routes, and /sim/file/<name>, which takes a file's bytes and answers with its address."""

    @app.get(BLOBS + "/blobs/redirect/{signed}/{name}")
    async def moved(name: str) -> Response:
        if world.late > 0:  # the upload to the store is still under way
            world.late -= 1
            return Response(status_code=404)
        return RedirectResponse(world.elsewhere or f"{BLOBS}/disk/key/{quote(name)}", 302)

    @app.get(BLOBS + "/disk/{key}/{name}")
    async def read(name: str) -> Response:
        found = world.files.get(name)
        return Response(status_code=404) if found is None else Response(found, media_type="application/octet-stream")

    @app.post("/sim/file/{name}")
    async def keep(name: str, request: Request) -> dict[str, str | int]:
        world.files[name] = await request.body()
        return {
            "data_url": f"{str(request.base_url).rstrip('/')}{BLOBS}/blobs/redirect/signed/{quote(name)}",
            "file_size": len(world.files[name]),
        }

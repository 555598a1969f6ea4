"""What is set on a conversation over Chatwoot's API: custom attributes, priority, labels."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from simulators.chatwoot.world import ACCOUNT, World

PREFIX = f"/api/v1/accounts/{ACCOUNT}/conversations/{{number}}"
PRIORITIES = {"low", "medium", "high", "urgent", None}


def add_settings(app: FastAPI, world: World) -> None:
    """The routes."""

    @app.post(PREFIX + "/custom_attributes")
    async def attributes(number: int, request: Request) -> Response:
        if number not in world.conversations:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        body, conversation = await request.json(), world.conversations[number]
        kept = conversation["custom_attributes"] if body.get("merge") and not world.old else {}
        conversation["custom_attributes"] = {**kept, **body["custom_attributes"]}
        return JSONResponse({"custom_attributes": conversation["custom_attributes"]})

    @app.post(PREFIX + "/toggle_priority")
    async def priority(number: int, request: Request) -> Response:
        if number not in world.conversations:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        wanted = (await request.json()).get("priority")
        if wanted not in PRIORITIES:
            return JSONResponse({"error": f"'{wanted}' is not a valid priority"}, 422)
        world.conversations[number]["priority"] = wanted
        return Response(status_code=200)

    @app.get(PREFIX + "/labels")
    async def labels(number: int) -> Response:
        if number not in world.conversations:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        return JSONResponse({"payload": world.conversations[number]["labels"]})

    @app.post(PREFIX + "/labels")
    async def label(number: int, request: Request) -> Response:
        if number not in world.conversations:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        world.conversations[number]["labels"] = list((await request.json())["labels"])
        return JSONResponse({"payload": world.conversations[number]["labels"]})

"""The calls of Chatwoot's API that a bot's token may make, and /sim: what customers and agents do."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from simulators.chatwoot.agents_page import add_agents_page
from simulators.chatwoot.files import add_files
from simulators.chatwoot.setting import add_settings
from simulators.chatwoot.world import ACCOUNT, BOT, BOT_TOKEN, PERSON_TOKEN, World

PREFIX = f"/api/v1/accounts/{ACCOUNT}/conversations/{{number}}"
STATES = {"open", "pending", "resolved", "snoozed"}


def build_app(world: World) -> FastAPI:
    """The application."""
    app = FastAPI(openapi_url=None)
    _add_guard(app, world)
    _add_api(app, world)
    add_settings(app, world)
    add_files(app, world)
    add_agents_page(app)
    _add_control(app, world)
    return app


def _add_guard(app: FastAPI, world: World) -> None:
    @app.middleware("http")
    async def guard(request: Request, following: Callable[[Request], Awaitable[Response]]) -> Response:
        if not request.url.path.startswith("/api/"):
            return await following(request)
        code = world.fail.pop(0) if world.fail else 0
        if code:
            world.refused.append({"path": request.url.path, "status": code})
            return JSONResponse({"error": "as told"}, code, headers={"Retry-After": "1"} if code == 429 else {})
        token, labels = request.headers.get("api_access_token"), request.url.path.endswith("/labels")
        if token not in {BOT_TOKEN, PERSON_TOKEN}:
            return JSONResponse({"error": "Invalid Access Token"}, 401)
        if labels and token == BOT_TOKEN:
            return JSONResponse({"error": "Access to this endpoint is not authorized for bots"}, 401)
        return await following(request)


def _add_api(app: FastAPI, world: World) -> None:
    @app.post(PREFIX + "/messages")
    async def message(number: int, request: Request) -> Response:
        if number not in world.conversations:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        content = await _content(request)
        if content.get("content_type") == "input_select" and not all(
            set(item) == {"title", "value"} for item in content["content_attributes"].get("items") or [{}]
        ):
            return JSONResponse({"message": "Content attributes items is invalid"}, 422)
        if not content.get("content") and not content.get("attachments"):
            return JSONResponse({"message": "Content can't be blank"}, 422)
        return JSONResponse(await world.add(number, 1, BOT, content))

    @app.post(PREFIX + "/toggle_status")
    async def toggle(number: int, request: Request) -> Response:
        if number not in world.conversations:
            return JSONResponse({"error": "Resource could not be found"}, 404)
        status = (await request.json())["status"]
        if status not in STATES:
            return JSONResponse({"error": "invalid status"}, 422)
        await world.set_status(number, status)
        return JSONResponse({"meta": {}, "payload": {"success": True, "conversation_id": number, "current_status": status}})


async def _content(request: Request) -> dict[str, Any]:
    if not request.headers.get("content-type", "").startswith("multipart/"):
        found: dict[str, Any] = await request.json()
        return found
    form = await request.form()
    files = [{"file_type": "file", "name": getattr(f, "filename", "")} for f in form.getlist("attachments[]")]
    return {"content": form.get("content"), "private": json.loads(str(form.get("private"))), "attachments": files}


async def _do(world: World, action: str, values: dict[str, Any]) -> Any:
    number = int(values.get("conversation", 55))
    if action == "say":
        conversation = world.conversation(number, values.get("contact", 7))
        if conversation["status"] == "resolved":
            conversation["status"] = "pending"
        return await world.add(number, 0, conversation["meta"]["sender"], values)
    if action == "agent":
        world.conversation(number)
        return await world.add(number, 1, {"id": 3, "name": "Ben Example", "email": "ben@example.com", "type": "user"}, values)
    if action == "choose":
        found = next(m for m in world.messages if m["id"] == values["message"])
        found["content_attributes"]["submitted_values"] = [found["content_attributes"]["items"][values["item"]]]
        await world.tell_message("message_updated", found)
    elif action == "status":
        await world.set_status(number, values["status"])
    elif action == "set":  # what people and rules there set on a conversation
        world.conversation(number).update(values["values"])
    else:
        for name, value in values.items():
            setattr(world, name, value)
    return {"done": True}


def _add_control(app: FastAPI, world: World) -> None:
    @app.post("/sim/{action}")
    async def act(action: str, request: Request) -> Any:
        return await _do(world, action, await request.json())

    @app.get("/sim")
    async def show() -> dict[str, Any]:
        return {
            "messages": world.messages, "told": world.told, "refused": world.refused,
            "status": {number: one["status"] for number, one in world.conversations.items()}, "conversations": world.conversations,
        }  # fmt: skip

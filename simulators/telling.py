"""What the small simulators share: how webhooks are posted, and how a simulator runs as a process."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Post:
    """A webhook that was sent, and what it was answered with (None: no answer)."""

    url: str
    body: bytes
    headers: dict[str, str]
    status: int | None = None
    answer: bytes = b""


@dataclass
class Teller:
    """Posts webhooks until they are acknowledged, at most `tries` times; `posts` keeps what was sent."""

    tries: int = 5
    pause: float = 0.2
    posts: list[Post] = field(default_factory=list)

    async def tell(self, url: str, body: bytes, headers: Mapping[str, str]) -> Post:
        """Posts one webhook; the last attempt."""
        post = Post(url, body, dict(headers))
        async with httpx.AsyncClient(timeout=15, trust_env=False) as client:
            for number in range(self.tries):
                post = Post(url, body, dict(headers))
                self.posts.append(post)
                try:
                    answer = await client.post(url, content=body, headers=post.headers)
                    post.status, post.answer = answer.status_code, answer.content
                except httpx.HTTPError:
                    post.status = None
                if post.status is not None and (post.status < 300 or 400 <= post.status < 500):
                    break
                await asyncio.sleep(self.pause * 2**number)
        return post


def shown(post: Post) -> dict[str, Any]:
    """A webhook for the control API."""
    return {
        "url": post.url,
        "body": post.body.decode(errors="replace"),
        "status": post.status,
        "answer": post.answer.decode(errors="replace"),
    }


def control(act: Callable[[str, dict[str, Any]], Any], state: Callable[[], Any]) -> list[Route]:
    """The control API: POST /sim/<action> with JSON does what a customer does; GET /sim shows what is so."""

    async def do(request: Request) -> Response:
        raw = await request.body()
        values = (await request.json()) if raw else {}
        try:
            done = await act(request.path_params["action"], values)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
        return JSONResponse(shown(done) if isinstance(done, Post) else {"done": done})

    async def show(_request: Request) -> Response:
        return JSONResponse(state())

    return [Route("/sim/{action}", do, methods=["POST"]), Route("/sim", show)]


def run(name: str, make: Callable[[dict[str, str]], Starlette], *, port: int) -> None:
    """The command of a simulator: `--set name=value` for each of its settings."""
    parser = argparse.ArgumentParser(prog=f"python -m simulators.{name}")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    app = make(dict(entry.split("=", 1) for entry in options.set))
    config = uvicorn.Config(app, host=options.host, port=options.port, log_level="critical", access_log=False, timeout_graceful_shutdown=1)
    uvicorn.Server(config).run()

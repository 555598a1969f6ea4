"""Which pages of other sites may call the doors, as Rasa's `--cors`. Beside them nothing is changed."""

from __future__ import annotations

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class DoorCors:
    """Answers for the doors' paths in place of the server's own rule, which lets the widget's API be called from everywhere."""

    def __init__(self, app: ASGIApp, *, origins: tuple[str, ...], paths: tuple[str, ...]) -> None:
        """`paths` are beginnings of paths."""
        self.app, self.paths = app, paths
        everyone = ".*" if "*" in origins else None  # the origin itself is answered: clients that send credentials do not take a star
        self.cors = CORSMiddleware(
            self._without_origin,
            allow_origins=() if everyone else origins,
            allow_origin_regex=everyone,
            allow_methods=("*",),
            allow_headers=("*",),
            allow_credentials=True,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ours = scope["type"] == "http" and scope["path"].startswith(self.paths)
        await (self.cors if ours else self.app)(scope, receive, send)

    async def _without_origin(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"origin"]
        await self.app({**scope, "headers": headers}, receive, send)

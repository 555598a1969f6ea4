"""Opens Rasa's doors in a server (BATON_RASA_DOORS=on): routes, Socket.IO, who may call from elsewhere, and what runs beside them."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from app.door_channels import door_settings
from app.settings import Settings
from app.wiring import Base
from channels.rasa.access import Access
from channels.rasa.api import ApiServices, api_router
from channels.rasa.cors import DoorCors
from channels.rasa.sockets import SocketDoor
from channels.rasa.waiting import Waiter
from channels.rasa.webhooks import WebhookServices, webhook_router
from context.stream import Hub
from kit.asking import Asker

PATHS = ("/webhooks/", "/conversations/", "/model", "/status", "/version")


@dataclass(frozen=True)
class Doors:
    """The open doors."""

    asker: Asker
    socket: SocketDoor

    def coroutines(self) -> list[Coroutine[Any, Any, None]]:
        """What must run as long as the server does."""
        return [self.socket.run()]


def build_doors(settings: Settings, base: Base, hub: Hub, asker: Asker) -> Doors | None:
    """What the server opens, or None; `asker` is run by the caller."""
    known = door_settings(settings)
    if known is None:
        return None
    waiter = Waiter(base.database, base.ledger, hub)
    socket = SocketDoor(waiter, known.socket, base_url=settings.public_url, origins=known.cors)
    return Doors(asker, socket)


def open_doors(app: FastAPI, doors: Doors | None, settings: Settings) -> None:
    """Adds the routes; nothing when the doors are closed."""
    known = door_settings(settings)
    if doors is None or known is None:
        return
    waiter, url, path = doors.socket.waiter, settings.public_url, known.socket.socketio_path
    app.include_router(webhook_router(WebhookServices(waiter, url, known.callback_url)))
    app.include_router(api_router(ApiServices(Access(known), doors.asker, waiter, url)))
    app.mount(path, doors.socket.app)
    app.add_middleware(DoorCors, origins=known.cors, paths=(*PATHS, path))

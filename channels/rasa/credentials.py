"""Rasa's credentials.yml: the callback's address and the options of Socket.IO. Other channels of the file are not Baton's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from channels.rasa.tokens import METHODS
from channels.rasa.types import DoorSettings, SocketOptions
from kit.errors import InvalidInputError

_TEXTS = ("user_message_evt", "bot_message_evt", "namespace", "socketio_path", "jwt_key", "jwt_method", "metadata_key")


class CredentialsError(InvalidInputError):
    """credentials.yml cannot be used."""


def with_credentials(settings: DoorSettings, credentials: Any) -> DoorSettings:
    """The settings with what the file says; what is set outside wins over it. Raises CredentialsError."""
    if credentials is None:
        return settings
    if not isinstance(credentials, Mapping):
        raise CredentialsError("credentials.yml is not a mapping", hint="Write `rest:` or `socketio:` on lines of their own.")
    callback, socket = _part(credentials, "callback"), _part(credentials, "socketio")
    url = callback.get("url")
    if url is not None and (not isinstance(url, str) or not url.startswith(("http://", "https://"))):
        raise CredentialsError("`callback: url:` of credentials.yml is not an address", hint="Write `url: https://...`.")
    return replace(settings, callback_url=settings.callback_url or url, socket=_socket(socket))


def _part(credentials: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = credentials.get(name) or {}
    if not isinstance(part, Mapping):
        raise CredentialsError(f"`{name}` of credentials.yml is not a mapping")
    return part


def _socket(data: Mapping[str, Any]) -> SocketOptions:
    options: dict[str, Any] = {}
    for key in _TEXTS:
        value = data.get(key)
        if value is not None and not isinstance(value, str):
            raise CredentialsError(f"`socketio: {key}:` of credentials.yml is not a text")
        if value:
            options[key] = value
    found = SocketOptions(session_persistence=data.get("session_persistence") is True, **options)
    if found.jwt_method not in METHODS:
        raise CredentialsError(f"`jwt_method` of credentials.yml is {found.jwt_method!r}", hint=f"Use one of {', '.join(METHODS)}.")
    if not found.socketio_path.startswith("/") or found.socketio_path.startswith(("/console", "/v1")) or len(found.socketio_path) < 2:
        raise CredentialsError("`socketio_path` of credentials.yml cannot be used", hint="Begin it with a slash, as /socket.io does.")
    return found

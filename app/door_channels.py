"""What a worker needs of Rasa's doors: their settings, and the ways out."""

from __future__ import annotations

from app.settings import Settings
from bot.project.lined_yaml import read_yaml
from channels.base import Channel
from channels.rasa.credentials import with_credentials
from channels.rasa.send import CallbackChannel, RestChannel, SocketChannel
from channels.rasa.types import DoorSettings

FILES = ("credentials.yml", "credentials.yaml")


def door_settings(settings: Settings) -> DoorSettings | None:
    """The settings with the project's credentials.yml; None when the doors are closed. Raises ProjectError and CredentialsError."""
    if settings.doors is None:
        return None
    file = next((settings.project_dir / name for name in FILES if (settings.project_dir / name).is_file()), None)
    return with_credentials(settings.doors, read_yaml(file, shown_as=file.name) if file else None)


def door_channels(settings: Settings) -> dict[str, Channel]:
    """The ways out, for a worker. They are there even while the doors are closed, so that what waits for them does not fail."""
    known = door_settings(settings)
    channels: list[Channel] = [RestChannel(), SocketChannel()]
    if known is not None and known.callback_url:
        channels.append(CallbackChannel(known.callback_url, base_url=settings.public_url))
    return {channel.name: channel for channel in channels}

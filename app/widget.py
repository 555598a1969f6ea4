"""The widget's file of questions, as the settings name it."""

from __future__ import annotations

from collections.abc import Callable

from app.settings import Settings
from channels.web.setup import Setup, SetupFile


def widget_setup(settings: Settings) -> Callable[[], Setup]:
    """What the file says whenever it is asked. Raises SetupError now when it cannot be used."""
    file = SetupFile(settings.widget)
    file.check()
    return file.read

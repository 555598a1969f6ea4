"""The browser's half of the console: Vue components in plain JavaScript modules, without a build step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nicegui import json
from nicegui.element import Element

Screen = Callable[[str, dict[str, Any]], None]  # tells the browser: a kind, and its data
FOLDER = Path(__file__).parent


class WebElement(Element, component=None, esm={"baton-console": str(FOLDER)}):
    """A component that is told things (`receive`) and asks for things (event `command`)."""

    def set(self, name: str, value: Any) -> None:
        """Gives the component a property, before the page is sent."""
        self._props[name] = value

    def tell(self, kind: str, data: dict[str, Any]) -> None:
        """Calls `receive(kind, data)` in the browser; nothing happens when the page is gone.

        `run_method` does the same with a task for each call, whose result nobody awaits, and with a statement that browsers first refuse
        as an expression and then read again.
        """
        if self.is_deleted or (client := self._client()) is None or client.is_deleted:
            return
        code = f"runMethod({self.id}, 'receive', {json.dumps([kind, data])})"
        client.outbox.enqueue_message("run_javascript", {"code": code}, client.id)


def style() -> str:
    """The style sheet of the console."""
    return "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in ("console.css", "inbox.css"))

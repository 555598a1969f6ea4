"""The page /console/knowledge: one component in the browser."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.board import enter, set_up
from console.frame import add_frame
from console.knowledge.commands import KnowledgeCommands
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement


class KnowledgeBoard(WebElement, component="../web/knowledge.js"):
    """The page in the browser."""


def register_knowledge(services: ConsoleServices) -> None:
    """Registers the page /console/knowledge."""

    @ui.page("/knowledge", title=strings()["knowledge_title"])
    async def show(request: Request) -> Response | None:
        found = await enter(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="knowledge")
        board = KnowledgeBoard()
        set_up(board, staff, KnowledgeCommands(services, login, board.tell))
        return None

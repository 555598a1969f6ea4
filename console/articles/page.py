"""The article pages of NiceGUI: /console/articles and /console/articles/{id}."""

from __future__ import annotations

from fastapi import Request, Response
from nicegui import ui

from console.articles.commands import ArticleCommands
from console.articles.list_commands import ListCommands
from console.board import enter, set_up
from console.frame import add_frame
from console.plain_page import refusal
from console.refusals.telling import tell
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from kit.errors import BatonError
from knowledge import articles
from knowledge.attachments import KINDS, MAX_FILE

MOST = {"most": {"body": articles.MAX_BODY, "file": MAX_FILE, "kinds": list(KINDS)}}


class ArticleList(WebElement, component="../web/articles.js"):
    """The list in the browser."""


class ArticleEditor(WebElement, component="../web/article.js"):
    """The editor in the browser."""


def register_articles(services: ConsoleServices) -> None:
    """Registers the article pages."""

    @ui.page("/articles", title=strings()["articles_title"])
    async def show_list(request: Request) -> Response | None:
        found = await enter(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="articles")
        element = ArticleList()
        set_up(element, staff, ListCommands(services, login, element.tell), MOST)
        return None

    @ui.page("/articles/{article_id}", title=strings()["articles_title"])
    async def show_article(request: Request, article_id: str) -> Response | None:
        found = await enter(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        try:
            async with services.database.transaction() as session:
                await articles.get_article(session, article_id)
        except BatonError as error:
            response = refusal(tell(error)[0], home="/console/articles")
            response.status_code = error.status
            return response
        add_frame(services, login, staff, here="articles")
        element = ArticleEditor()
        element.set("article", article_id)
        set_up(element, staff, ArticleCommands(services, login, element.tell, article_id=article_id), MOST)
        return None

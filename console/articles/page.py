"""The article pages of NiceGUI: /console/articles and /console/articles/{id}."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import ui
from nicegui.events import GenericEventArguments

from console.access import Login, find_login
from console.articles.commands import ArticleCommands
from console.articles.list_commands import ListCommands
from console.frame import add_frame
from console.login import home_of, login_address
from console.obeying import EDIT, Obeying
from console.plain_page import refusal
from console.services import ConsoleServices
from console.strings import strings
from console.web import WebElement
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from kit.errors import BatonError, NotAllowedError
from knowledge import articles
from knowledge.articles import LANGUAGES
from knowledge.attachments import KINDS, MAX_FILE


class ArticleList(WebElement, component="../web/articles.js"):
    """The list in the browser."""


class ArticleEditor(WebElement, component="../web/article.js"):
    """The editor in the browser."""


def register_articles(services: ConsoleServices) -> None:
    """Registers the article pages."""

    @ui.page("/articles", title=strings()["articles_title"])
    async def show_list(request: Request) -> Response | None:
        found = await enter_articles(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        add_frame(services, login, staff, here="articles")
        element = ArticleList()
        set_up(element, staff, ListCommands(services, login, element.tell))
        return None

    @ui.page("/articles/{article_id}", title=strings()["articles_title"])
    async def show_article(request: Request, article_id: str) -> Response | None:
        found = await enter_articles(services, request)
        if isinstance(found, Response):
            return found
        login, staff = found
        try:
            async with services.database.transaction() as session:
                await articles.get_article(session, article_id)
        except BatonError as error:
            response = refusal(error.message, home="/console/articles")
            response.status_code = error.status
            return response
        add_frame(services, login, staff, here="articles")
        element = ArticleEditor()
        element.set("article", article_id)
        set_up(element, staff, ArticleCommands(services, login, element.tell, article_id=article_id))
        return None


async def enter_articles(services: ConsoleServices, request: Request) -> tuple[Login, StaffRow] | Response:
    """Who may edit articles, or the answer for one who may not."""
    found = await find_login(services.database, request)
    if found is None:
        return RedirectResponse(login_address(request), 303)
    try:
        check_may(found[1], EDIT)
    except NotAllowedError as error:
        return refusal(error.message, home=home_of(found[1]))
    return found


def set_up(element: WebElement, staff: StaffRow, commands: Obeying) -> None:
    """Gives a component what every page of editors needs, and lets it command."""
    me: dict[str, Any] = {"id": str(staff.id), "name": staff.name}
    element.set("me", me)
    element.set("languages", list(LANGUAGES))
    element.set("most", {"body": articles.MAX_BODY, "file": MAX_FILE, "kinds": list(KINDS)})
    element.set("t", dict(strings()))

    async def obey(event: GenericEventArguments) -> None:
        await commands.run(event.args if isinstance(event.args, dict) else {})

    element.on("command", obey)

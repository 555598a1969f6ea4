"""Puts the console into the server: login, pages and their connection under /console."""

from __future__ import annotations

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from console.admin.page import register_admin
from console.articles.file_routes import article_files_router
from console.articles.page import register_articles
from console.guard import OriginGuard
from console.help.page import register_help
from console.imports.files import files_router
from console.imports.page import register_imports
from console.inbox.export_routes import export_router
from console.inbox.file_routes import message_files_router
from console.inbox.page import register_inbox
from console.knowledge.page import register_knowledge
from console.learning.page import register_learning
from console.login import login_router
from console.passwords import password_router
from console.services import ConsoleServices as ConsoleServices
from console.supervisor.page import register_supervisor
from console.unanswered.page import register_unanswered

MOUNT = "/console"
RECONNECT_SECONDS = 10.0
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6e64"/>'
    '<path d="M8 22 20 10" stroke="#fff" stroke-width="5" stroke-linecap="round"/><circle cx="24" cy="8" r="2.5" fill="#ffd27a"/></svg>'
)


def mount_console(app: FastAPI, services: ConsoleServices) -> None:
    """Mounts the console at /console of `app`. Once a process, before the server starts; `services.hub` must be running to see things live.

    The console keeps its pages in this process: run one of it, and scale the API apart.
    """
    app.include_router(login_router(services))
    app.include_router(password_router(services))
    app.include_router(article_files_router(services))
    app.include_router(files_router(services))
    app.include_router(message_files_router(services))
    app.include_router(export_router(services))
    register_inbox(services)
    register_articles(services)
    register_imports(services)
    register_learning(services)
    register_help(services)
    register_unanswered(services)
    register_knowledge(services)
    register_admin(services)
    register_supervisor(services)
    nicegui_app.add_middleware(OriginGuard, services=services)
    ui.run_with(
        app,
        mount_path=MOUNT,
        title="Baton",
        favicon=_ICON,
        dark=None,
        tailwind=False,
        language="en-US",
        reconnect_timeout=RECONNECT_SECONDS,
        binding_refresh_interval=None,
        show_welcome_message=False,
        storage_secret=services.storage_secret,
        session_middleware_kwargs={"same_site": "lax", "https_only": services.secure_cookies, "session_cookie": "baton_console"},
    )

"""Logging in and out: plain pages, so that the cookie is never within reach of a script."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.exc import DataError

from console.access import COOKIE, find_login
from console.guard import SECURITY_HEADERS, same_site
from console.plain_page import plain_page
from console.refusals.telling import tell_in_one
from console.services import ConsoleServices
from console.strings import strings
from context.staff.accounts import (
    SESSION,
    WrongLoginError,
    begin_login,
    check_password,
    close_session,
    end_login,
    find_staff,
    forget_try,
    may,
)
from context.staff.models import StaffRow
from context.staff.passwords import AFTER_LOGIN, make_link
from kit.errors import BatonError

HOME = "/console/"
ARTICLES = "/console/articles"
ADMIN = "/console/admin"
SUPERVISOR = "/console/supervisor"
LOGIN = "/console/login"


def home_of(staff: StaffRow) -> str:
    """The page that someone of this role works on."""
    if may(staff, "converse"):
        return HOME
    if may(staff, "supervise"):
        return SUPERVISOR
    return ARTICLES if may(staff, "edit_articles") else ADMIN


def login_address(request: Request) -> str:
    """The login page, which comes back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"{LOGIN}?next={quote(asked, safe='')}"


def safe_next(address: str) -> str:
    """`address` if it is a page of the console, else an empty string: nobody is sent elsewhere after a login."""
    inside = address.startswith(HOME) and not any(c in address for c in "\\\r\n") and not address.startswith((LOGIN, "/console/logout"))
    return address if inside else ""


def login_router(services: ConsoleServices) -> APIRouter:
    """The routes /console/login and /console/logout."""
    router = APIRouter(prefix="/console", include_in_schema=False)

    @router.get("/login")
    async def show_login(request: Request, next: str = "") -> Response:
        found = await find_login(services.database, request)
        if found is not None:
            return RedirectResponse(safe_next(next) or home_of(found[1]), 303)
        return _page(safe_next(next))

    @router.post("/login")
    async def log_in(
        request: Request,
        email: str = Form("", max_length=320),
        password: str = Form("", max_length=1000),
        next: str = Form(""),
    ) -> Response:
        if not same_site(request.headers, services.origins(), must_say=False):
            return _page("", error=strings()["login_foreign"], status=403)
        return await _log_in(services, request, email=email, password=password, after=safe_next(next))

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        if not same_site(request.headers, services.origins(), must_say=False):
            return _page("", error=strings()["login_foreign"], status=403)
        async with services.database.transaction() as session:
            await close_session(session, request.cookies.get(COOKIE, ""))
        response = RedirectResponse(LOGIN, 303)
        response.delete_cookie(COOKIE, path="/console", httponly=True, samesite="lax")
        return response

    return router


async def _log_in(services: ConsoleServices, request: Request, *, email: str, password: str, after: str) -> Response:
    try:
        async with services.database.transaction() as session:
            try_id = await begin_login(session, email)
            found = await find_staff(session, email)
        staff = await check_password(found, password)
        async with services.database.transaction() as session:
            if staff.temporary:
                await forget_try(session, try_id)
                link = await make_link(session, staff, now=services.ledger.now, lasts=AFTER_LOGIN)
                return RedirectResponse(password_address(link), 303)
            token = await end_login(session, try_id, staff, device=request.headers.get("user-agent", ""))
    except DataError:
        return _page(after, error=WrongLoginError().message, status=401)  # an address that no database can hold
    except BatonError as error:
        message = tell_in_one(error)
        return _page(after, error=message, email=email, status=error.status)
    return logged_in(services, request, token, after or home_of(staff))


def logged_in(services: ConsoleServices, request: Request, token: str, after: str) -> Response:
    """Leads to `after` with the cookie of a session that was opened."""
    response = RedirectResponse(after, 303)
    secure = services.secure_cookies or request.url.scheme == "https"
    age = int(SESSION.total_seconds())
    response.set_cookie(COOKIE, token, max_age=age, path="/console", httponly=True, samesite="lax", secure=secure)
    return response


def password_address(link: str) -> str:
    """The page on which the person of a link chooses a password."""
    return f"/console/password/{link}"


def _page(after: str, *, error: str = "", email: str = "", status: int = 200) -> HTMLResponse:
    t = strings()
    alert = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    body = f"""<form method="post" action="{LOGIN}">
<h1>{escape(t["login_title"])}</h1>{alert}
<label>{escape(t["login_email"])}
<input name="email" type="email" autocomplete="username" required autofocus value="{escape(email)}"></label>
<label>{escape(t["login_password"])}
<input name="password" type="password" autocomplete="current-password" required></label>
<input type="hidden" name="next" value="{escape(after)}">
<button>{escape(t["login_button"])}</button></form>"""
    return HTMLResponse(plain_page(t["login_title"], body), status, headers=SECURITY_HEADERS | {"Cache-Control": "no-store"})

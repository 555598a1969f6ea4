"""Choosing a password with a one-time link: a plain page, like the login. The link is in the address, so nothing may keep or pass it on."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from console.guard import SECURITY_HEADERS, same_site
from console.login import home_of, logged_in, password_address
from console.plain_page import plain_page
from console.refusals.telling import tell_in_one
from console.services import ConsoleServices
from console.strings import strings
from context.staff.accounts import MIN_PASSWORD, open_session
from context.staff.passwords import access_link, choose_password
from kit.errors import BatonError

HEADERS = SECURITY_HEADERS | {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


def password_router(services: ConsoleServices) -> APIRouter:
    """The routes /console/password/{link}."""
    router = APIRouter(prefix="/console/password", include_in_schema=False)

    @router.get("/{link}")
    async def show(link: str) -> Response:
        try:
            async with services.database.transaction() as session:
                person = await access_link(session, link, now=services.ledger.now)
        except BatonError as error:
            return _refused(error)
        return _page(link, person.name)

    @router.post("/{link}")
    async def choose(
        request: Request, link: str, password: str = Form("", max_length=1000), again: str = Form("", max_length=1000)
    ) -> Response:
        if not same_site(request.headers, services.origins(), must_say=False):
            return _page(link, "", error=strings()["login_foreign"], status=403)
        if password != again:
            return _page(link, "", error=strings()["password_differs"], status=422)
        try:
            async with services.database.transaction() as session:
                person = await choose_password(session, link, password, now=services.ledger.now)
                token = await open_session(session, person, device=request.headers.get("user-agent", ""))
        except BatonError as error:
            return _page(link, "", error=_said(error), status=error.status) if error.status == 422 else _refused(error)
        return logged_in(services, request, token, home_of(person))

    return router


def _said(error: BatonError) -> str:
    return tell_in_one(error)


def _refused(error: BatonError) -> HTMLResponse:
    t = strings()
    body = f'<h1>{escape(t["password_title"])}</h1><p class="error" role="alert">{escape(_said(error))}</p>'
    body += f'<a class="button" href="/console/login">{escape(t["login_title"])}</a>'
    return HTMLResponse(plain_page(t["password_title"], body), error.status, headers=HEADERS)


def _page(link: str, name: str, *, error: str = "", status: int = 200) -> HTMLResponse:
    t = strings()
    alert = f'<p class="error" role="alert">{escape(error)}</p>' if error else ""
    hello = f"<p>{escape(t['password_for'].format(name=name))}</p>" if name else ""
    body = f"""<form method="post" action="{escape(password_address(link))}">
<h1>{escape(t["password_title"])}</h1>{alert}{hello}
<label>{escape(t["password_new"].format(count=MIN_PASSWORD))}
<input name="password" type="password" autocomplete="new-password" minlength="{MIN_PASSWORD}" required autofocus></label>
<label>{escape(t["password_again"])}
<input name="again" type="password" autocomplete="new-password" required></label>
<button>{escape(t["password_button"])}</button></form>"""
    return HTMLResponse(plain_page(t["password_title"], body), status, headers=HEADERS)

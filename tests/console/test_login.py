"""Logging in and out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from console.access import COOKIE
from console.login import login_router, safe_next
from console.services import ConsoleServices
from context.staff.accounts import create_staff, find_session_staff
from context.types import Role
from tests.console.desk import PASSWORD

pytestmark = pytest.mark.integration
EMAIL = "mei@shop.example"


@pytest.fixture
async def browser(services: ConsoleServices) -> AsyncIterator[httpx.AsyncClient]:
    """A browser before the login page of a house in which one agent works."""
    async with services.database.transaction() as session:
        await create_staff(session, email=EMAIL, name="Mei", role=Role.AGENT, password=PASSWORD)
    async with client_of(services) as client:
        yield client


def client_of(services: ConsoleServices) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(login_router(services))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop.example")


async def log_in(client: httpx.AsyncClient, *, email: str = EMAIL, password: str = PASSWORD, **more: str) -> httpx.Response:
    return await client.post("/console/login", data={"email": email, "password": password, **more})


async def test_the_right_password_opens_a_session_that_scripts_cannot_read(browser: httpx.AsyncClient, services: ConsoleServices) -> None:
    answer = await log_in(browser)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    async with services.database.transaction() as session:
        staff = await find_session_staff(session, browser.cookies[COOKIE])
    assert staff is not None
    assert staff.email == EMAIL


async def test_the_cookie_is_secure_when_baton_is_served_over_https(browser: httpx.AsyncClient, services: ConsoleServices) -> None:
    async with client_of(replace(services, secure_cookies=True)) as client:
        assert "Secure" in (await log_in(client)).headers["set-cookie"]


async def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(browser: httpx.AsyncClient) -> None:
    wrong = await log_in(browser, password="not the password")
    unknown = await log_in(browser, email="nobody@shop.example", password="not the password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace(EMAIL, "") == unknown.text.replace("nobody@shop.example", "")
    assert COOKIE not in browser.cookies


@pytest.mark.parametrize("email", [EMAIL, "nobody@shop.example"])
async def test_after_eight_failures_even_the_right_password_must_wait(browser: httpx.AsyncClient, email: str) -> None:
    for _ in range(8):
        assert (await log_in(browser, email=email, password="guess")).status_code == 401
    assert (await log_in(browser, email=email)).status_code == 429


async def test_a_form_of_a_foreign_page_is_refused(browser: httpx.AsyncClient) -> None:
    browser.headers["Origin"] = "https://evil.example"
    assert (await log_in(browser)).status_code == 403
    assert COOKIE not in browser.cookies


async def test_logging_out_ends_the_session_on_the_server(browser: httpx.AsyncClient, services: ConsoleServices) -> None:
    await log_in(browser)
    token = browser.cookies[COOKIE]
    assert (await browser.post("/console/logout")).headers["location"] == "/console/login"
    async with services.database.transaction() as session:
        assert await find_session_staff(session, token) is None


async def test_a_foreign_page_cannot_log_somebody_out(browser: httpx.AsyncClient, services: ConsoleServices) -> None:
    await log_in(browser)
    assert (await browser.post("/console/logout", headers={"Origin": "https://evil.example"})).status_code == 403
    async with services.database.transaction() as session:
        assert await find_session_staff(session, browser.cookies[COOKIE]) is not None


async def test_the_login_leads_back_to_where_one_was(browser: httpx.AsyncClient) -> None:
    assert (await log_in(browser, next="/console/?c=42")).headers["location"] == "/console/?c=42"


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/console/", "/other", "/console/\\evil", "/console/login?next=x", "/console/logout"]
)
def test_the_login_leads_nowhere_else(address: str) -> None:
    assert safe_next(address) == ""


async def test_what_was_typed_into_the_form_is_shown_as_text(browser: httpx.AsyncClient) -> None:
    answer = await log_in(browser, email='"><script>alert(1)</script>', password="guess")
    assert "<script>" not in answer.text

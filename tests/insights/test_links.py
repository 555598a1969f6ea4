"""Asking addresses outside: what a real server on this machine answers, and what is never asked."""

from __future__ import annotations

import asyncio
import ipaddress
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select

from context.ledger import Ledger
from context.types import Role
from insights.health.asking import Fate, LinkAsker, is_public
from insights.health.checking import LinkChecker, judge
from insights.health.models import LinkCheckRow
from insights.health.reading import access_broken_links
from insights.health.scanning import Scanner
from kit.db import Database
from knowledge.types import ArticleDraft
from tests.insights.house import House

HOST = "127.0.0.1"


class Site(BaseHTTPRequestHandler):
    """Answers by path; keeps what was asked."""

    asked: list[tuple[str, str]]
    elsewhere = ""

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_GET(self) -> None:
        self._answer("GET")

    def _answer(self, method: str) -> None:
        self.asked.append((method, self.path))
        path = self.path.strip("/")
        if path == "slow":
            time.sleep(3)
        if path == "nonsense":
            self.wfile.write(b"\x00\x01 not http at all\r\n\r\n")
            return
        status = {"no-head": 405 if method == "HEAD" else 200, "loop": 302, "away": 302, "file": 302, "ok-then": 301}.get(path)
        self.send_response(status or (int(path) if path.isdigit() else 200))
        to = {"loop": "/loop", "away": self.elsewhere, "file": "file:///etc/passwd", "ok-then": "/200"}.get(path)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server:
    """A site on a free port of this machine."""

    def __init__(self, *, elsewhere: str = "") -> None:
        self.site: type[Site] = type("ThisSite", (Site,), {"asked": [], "elsewhere": elsewhere})
        self.http = ThreadingHTTPServer((HOST, 0), self.site)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.port}/{path}"

    @property
    def service(self) -> tuple[str, int]:
        return HOST, self.port

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def inside() -> Iterator[Server]:
    """What only this machine can reach: nobody allowed it to be asked."""
    server = Server()
    yield server
    server.close()


@pytest.fixture
def server(inside: Server) -> Iterator[Server]:
    """A site that may be asked; its /away sends to the other one."""
    server = Server(elsewhere=inside.url("secret"))
    yield server
    server.close()


@pytest.mark.parametrize(
    ("path", "fate"),
    [
        ("200", Fate("ok", 200, "")),
        ("ok-then", Fate("ok", 200, "")),
        ("no-head", Fate("ok", 200, "")),
        ("404", Fate("broken", 404, "it is not there")),
        ("410", Fate("broken", 410, "it is not there")),
        ("503", Fate("broken", 503, "the server says no", sure=False)),
        ("401", Fate("unsure", 401, "it does not answer to machines, or wants a login")),
        ("429", Fate("unsure", 429, "it does not answer to machines, or wants a login")),
        ("loop", Fate("broken", None, "more than 5 redirects")),
        ("file", Fate("refused", None, "neither http nor https")),
        ("nonsense", Fate("broken", None, "no connection: RemoteProtocolError", sure=False)),
    ],
)
async def test_what_a_server_answers(server: Server, path: str, fate: Fate) -> None:
    assert await LinkAsker(allowed=[server.service], seconds=5).ask(server.url(path)) == fate


async def test_a_server_that_does_not_answer_in_time(server: Server) -> None:
    began = time.monotonic()
    found = await LinkAsker(allowed=[server.service], seconds=0.5).ask(server.url("slow"))
    assert found == Fate("broken", None, "no answer in time", sure=False)
    assert time.monotonic() - began < 2


async def test_a_redirect_to_a_private_address_is_not_followed(server: Server, inside: Server) -> None:
    found = await LinkAsker(allowed=[server.service], seconds=5).ask(server.url("away"))
    assert found.state == "refused"
    assert inside.site.asked == []


@pytest.mark.parametrize("host", [HOST, "localhost", "127.1", "0x7f.0.0.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]"])
async def test_this_machine_is_never_asked_however_it_is_written(inside: Server, host: str) -> None:
    for url in (f"http://{host}:{inside.port}/", f"http://{host}/", f"https://{host}/"):
        found = await LinkAsker(seconds=5).ask(url)
        assert found.state in {"refused", "broken"}, url
        assert found.status is None
    assert inside.site.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/", "http://192.168.1.1/admin", "http://172.16.0.9/", "http://169.254.169.254/latest/meta-data/", "http://100.64.0.1/",
        "http://[fd00::1]/", "http://[fe80::1]/", "http://[64:ff9b::a00:1]/", "http://[2002:a00:1::]/", "http://224.0.0.1/", "http://8.8.8.8:22/",
        "http://me:secret@8.8.8.8/", "ftp://8.8.8.8/", "file:///etc/passwd", "javascript:alert(1)",
    ],
)  # fmt: skip
async def test_private_addresses_other_ports_and_other_schemes_are_refused(url: str) -> None:
    assert (await LinkAsker(seconds=5).ask(url)).state == "refused"


@pytest.mark.parametrize("url", ["http://", "https://exa mple.org/", "http://[::1", "http://nowhere.invalid/", "", "http://\ud800/"])
async def test_nonsense_breaks_nothing(url: str) -> None:
    assert (await LinkAsker(seconds=5).ask(url)).state in {"refused", "broken"}


def test_addresses_of_the_open_internet_are_public() -> None:
    public = ("8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8")
    private = ("127.0.0.1", "::1", "10.1.2.3", "fe80::1", "::ffff:10.0.0.1", "240.0.0.1", "0.0.0.0", "64:ff9b::7f00:1")
    assert [is_public(ipaddress.ip_address(one)) for one in (*public, *private)] == [True] * 3 + [False] * 8


def test_a_bad_moment_is_no_broken_link_but_three_are() -> None:
    now, bad = datetime(2026, 3, 1, tzinfo=UTC), Fate("broken", None, "no answer in time", sure=False)
    first, second, third = (judge(bad, failures=number, now=now) for number in range(3))
    assert "state" not in first
    assert (first["failures"], first["next_at"]) == (1, now + timedelta(minutes=5))
    assert second["next_at"] == now + timedelta(hours=1)
    assert (third["state"], third["next_at"]) == ("broken", now + timedelta(days=1))
    assert judge(Fate("broken", 404, "gone"), failures=0, now=now)["state"] == "broken"
    assert judge(Fate("ok", 200, ""), failures=2, now=now) == {
        "state": "ok", "status": 200, "detail": "", "failures": 0, "checked_at": now, "next_at": now + timedelta(days=7),
    }  # fmt: skip


@pytest.mark.integration
async def test_links_of_articles_are_checked_once_by_many_workers_and_the_broken_ones_listed(
    database: Database, ledger: Ledger, server: Server
) -> None:
    house = House(database, ledger)
    editor = await house.staff(Role.EDITOR, "Eva")
    body = f"[a]({server.url('200')}) [b]({server.url('404')}#part) [c](http://10.0.0.1/router) [d]({server.url('200')}#again)"
    await house.publish(editor, ArticleDraft("links", "en", "Links", body))
    await Scanner(house.database, house.embedder).step()
    checkers = [LinkChecker(database, LinkAsker(allowed=[server.service], seconds=60), pause=0.0) for _ in range(3)]
    await asyncio.gather(*(checker.step() for checker in checkers))
    assert sorted(server.site.asked) == [("GET", "/404"), ("HEAD", "/200"), ("HEAD", "/404")]
    assert not await checkers[0].step()
    async with database.transaction() as session:
        broken = await access_broken_links(session, editor)
        states = set((await session.execute(select(LinkCheckRow.state))).scalars())
    assert [(one.written, one.why, one.detail) for one in broken] == [
        ("http://10.0.0.1/router", "refused", "it leads to a private address"),
        (server.url("404") + "#part", "broken", "404 it is not there"),
    ]
    assert states == {"ok", "broken", "refused"}


@pytest.mark.integration
async def test_one_host_is_asked_slowly(database: Database, ledger: Ledger, server: Server) -> None:
    async with database.transaction() as session:
        session.add_all(LinkCheckRow(target=server.url(f"20{number}")) for number in range(3))
    began = time.monotonic()
    await LinkChecker(database, LinkAsker(allowed=[server.service], seconds=5), pause=0.3).step()
    assert time.monotonic() - began >= 0.6
    assert len(server.site.asked) == 3

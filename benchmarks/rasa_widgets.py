"""The popular Rasa web widgets, as they are published, talk to Baton's doors in a real browser: `make rasa-widgets`.

Needs npm (which fetches the widgets) and Chromium. Exit status 1 when an answer does not appear. Licences: rasa-webchat Apache-2.0,
chatroom AGPL-3.0; neither is part of Baton.
"""

from __future__ import annotations

import asyncio
import functools
import http.server
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.bot_vs_rasa_load import first_answer
from benchmarks.bot_vs_rasa_sides import BatonSide
from benchmarks.live import new_folder
from kit.postgres import EmbeddedPostgres

TALK = (("when do you open?", "seven to six"), ("I want to order a cake", "Which flavour"), ("lemon please", "how many people"))
ANSWER_MS = 20_000


@dataclass(frozen=True)
class Widget:
    """A published widget: its package, the files a page needs, how a page starts it, and where one writes and reads."""

    package: str
    files: tuple[str, ...]
    page: str
    opener: str | None
    box: str
    said: str


WIDGETS = (
    Widget(
        "rasa-webchat@1.0.1",
        ("lib/index.js",),
        '<script src="index.js"></script><script>WebChat.default({{socketUrl: "{baton}", socketPath: "/socket.io/",'
        ' initPayload: "/greet"}}, null)</script>',
        ".rw-launcher",
        ".rw-new-message",
        ".rw-messages-container",
    ),
    Widget(
        "@scalableminds/chatroom@0.12.0",
        ("dist/Chatroom.js", "dist/Chatroom.css"),
        '<link rel="stylesheet" href="Chatroom.css"><div class="chat"></div><script src="Chatroom.js"></script>'
        '<script>new Chatroom({{host: "{baton}", container: document.querySelector(".chat"), welcomeMessage: "Hi"}}).openChat()</script>',
        None,
        "input[type=text]",
        ".chat",
    ),
)


def fetch(widget: Widget, folder: Path) -> None:
    """Puts the widget's files into `folder`. Raises CalledProcessError when npm cannot get it."""
    packed = subprocess.run(["npm", "pack", "--silent", widget.package], cwd=folder, check=True, capture_output=True, text=True)
    with tarfile.open(folder / packed.stdout.split()[-1]) as archive:
        for name in widget.files:
            found = archive.extractfile(f"package/{name}")
            assert found is not None
            (folder / Path(name).name).write_bytes(found.read())


@contextmanager
def another_site(folder: Path) -> Iterator[str]:
    """A site of its own with the files of `folder`; its origin."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def talk(browser: Browser, widget: Widget, address: str) -> None:
    """Talks through a widget. Raises playwright's TimeoutError when an answer does not appear after its question."""
    page = browser.new_page()
    page.goto(address)
    if widget.opener:
        page.click(widget.opener, timeout=ANSWER_MS)
    for text, answer in TALK:
        box = page.locator(widget.box).first
        box.fill(text, timeout=ANSWER_MS)
        box.press("Enter")
        page.locator(widget.said).get_by_text(answer).first.wait_for(timeout=ANSWER_MS)
        print(f"  {widget.package}: {text!r} -> ...{answer}...")


def talk_in_all(baton: str, site: Path, origin: str) -> None:
    """Opens a page with each widget, at `origin`, and talks through it."""
    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=quiet)
        for number, widget in enumerate(WIDGETS):
            page = widget.page.format(baton=baton)
            (site / f"{number}.html").write_text(f"<!doctype html><body>{page}</body>", encoding="utf-8")
            talk(browser, widget, f"{origin}/{number}.html")
        browser.close()


def main() -> int:
    """The command."""
    folder = new_folder()
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    server.start()
    side = BatonSide(folder / "baton", server)
    site = folder / "site"
    site.mkdir()
    try:
        for widget in WIDGETS:
            fetch(widget, site)
        side.train()
        with another_site(site) as origin:
            side.environment["BATON_RASA_CORS"] = origin
            side.start()
            asyncio.run(first_answer(side.port, patience=240))
            talk_in_all(f"http://127.0.0.1:{side.port}", site, origin)
    finally:
        side.stop()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print("both widgets talked to Baton")
    return 0


if __name__ == "__main__":
    sys.exit(main())

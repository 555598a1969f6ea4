"""A site on the loopback address for tests: pages by path, every request written down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    """What a path answers with; `slowly` is the time in seconds between pieces of a body that never ends."""

    body: bytes = b""
    status: int = 200
    type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False
    slowly: float = 0.0


Pages = dict[str, Answer] | Callable[[str], Answer | None]


@dataclass
class TestSite:
    """A running site. `asked` has every path in the order of requests, `times` when they came."""

    __test__ = False

    address: str
    pages: Pages
    asked: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def find(self, path: str) -> Answer:
        """What a path answers with."""
        found = self.pages(path) if callable(self.pages) else self.pages.get(path)
        return found or Answer(b"<html><body>nothing</body></html>", 404)


@contextmanager
def serving(pages: Pages, *, host: str = "127.0.0.1") -> Iterator[TestSite]:
    """Serves pages until the block ends."""
    site = TestSite("", pages)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.times.append(time.monotonic())
            site.headers.append(dict(self.headers.items()))
            answer = site.find(self.path)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if not answer.endless:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            try:
                self.wfile.write(answer.body)
                while answer.endless:
                    self.wfile.write(b"x" * 65536)
                    time.sleep(answer.slowly)
            except OSError:
                pass
            self.close_connection = answer.endless

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    site.address = f"http://{host}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(title: str, *links: str, text: str = "", head: str = "", language: str = "en") -> Answer:
    """A page with a title, a sentence and links."""
    body = text or f"This page tells in a whole sentence what customers should know about {title.lower()}."
    listed = "".join(f'<li><a href="{link}">{link}</a></li>' for link in links)
    html = f'<!doctype html><html lang="{language}"><head><title>{title}</title>{head}</head><body><nav><ul>{listed}</ul></nav>'
    return Answer((html + f"<main><h1>{title}</h1><p>{body}</p></main></body></html>").encode())

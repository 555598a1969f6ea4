"""Parsing in a process of its own, which may use only so much memory and time: a document made to hang or to swell takes down nobody."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import resource
import signal
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Self

from kit.errors import BatonError
from knowledge.sources.types import LIMITS, Document, Options, Reading, UnreadableError

MEMORY = 1_500_000_000


class Apart:
    """Parses one document after the other in a child process, which is started when first needed and again after it died.

    Use it as `async with Apart() as apart`.
    """

    def __init__(self, *, seconds: float = LIMITS.parse_seconds, memory: int = MEMORY) -> None:
        self.seconds, self.memory = seconds, memory
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    async def parse(self, document: Document, options: Options, kind: str = "") -> Reading:
        """See `registry.parse`. Raises UnreadableError also when it took too long or too much memory."""
        found = await self._ask("parse", (document, options, kind))
        assert isinstance(found, Reading)
        return found

    async def page(self, data: bytes, url: str, charset: str) -> Any:
        """See `html.read_page`."""
        return await self._ask("page", (data, url, charset))

    async def sitemap(self, data: bytes) -> Any:
        """See `sitemap.read_sitemap`."""
        return await self._ask("sitemap", (data,))

    async def _ask(self, what: str, arguments: tuple[Any, ...]) -> Any:
        return await asyncio.to_thread(self._ask_now, what, arguments)

    def _ask_now(self, what: str, arguments: tuple[Any, ...]) -> Any:
        if self._process is None or not self._process.is_alive():
            self._start()
        assert self._pipe is not None
        try:
            self._pipe.send((what, arguments))
            if not self._pipe.poll(self.seconds):
                self.stop()
                raise UnreadableError(f"Reading it took longer than {self.seconds:.0f} seconds", hint="Divide it into smaller documents.")
            found = self._pipe.recv()
        except (EOFError, BrokenPipeError, ConnectionResetError):
            self.stop()
            raise UnreadableError("Reading it needed too much memory or broke the reader", hint="Divide it, or save it anew.") from None
        if isinstance(found, Exception):
            raise found
        return found

    def _start(self) -> None:
        self.stop()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self.memory), daemon=True)
        self._process.start()
        theirs.close()

    def stop(self) -> None:
        """Ends the child, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


class Inside(Apart):
    """The fake: parses in this process, without limits of its own."""

    async def _ask(self, what: str, arguments: tuple[Any, ...]) -> Any:
        found = _answer(what, arguments)
        if isinstance(found, Exception):
            raise found
        return found


def _serve(pipe: Connection, memory: int) -> None:
    """The child: answers until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            what, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        pipe.send(_answer(what, arguments))


def _answer(what: str, arguments: tuple[Any, ...]) -> Any:
    try:
        return _doing(what)(*arguments)
    except MemoryError:
        return UnreadableError("Reading it needs too much memory", hint="Divide it into smaller documents.")
    except RecursionError:
        return UnreadableError("It is nested too deeply")
    except BatonError as error:
        return UnreadableError(error.message, hint=error.hint)
    except Exception as error:  # whatever a parser makes of a broken document; the others of the source are read all the same
        return UnreadableError(f"It cannot be read: {type(error).__name__}: {str(error)[:150]}")


def _doing(what: str) -> Any:
    if what == "parse":
        from knowledge.sources.registry import parse

        return parse
    if what == "page":
        from knowledge.sources.html import read_page

        return lambda data, url, charset: read_page(data, url, charset=charset)
    from knowledge.sources.sitemap import read_sitemap

    return read_sitemap

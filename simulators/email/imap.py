"""As much of IMAP4rev1 as a reader of a mailbox needs, with IDLE (RFC 3501, 2177)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from simulators.email.world import Lying, World

REFUSED_TOKEN = b'{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


class Bad(Exception):
    """A command that is refused: NO or BAD, with words."""


@dataclass
class Session:
    """One connection."""

    world: World
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    logged_in: bool = False

    async def serve(self) -> None:
        """Answers until the client goes."""
        self.say("* OK simulated mailbox")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await self.reader.readline():
                tag, _, rest = line.decode("latin-1").strip().partition(" ")
                try:
                    await self._do(tag, rest)
                except Bad as refused:
                    self.say(f"{tag} {refused}")
                await self.writer.drain()
                if rest.upper() == "LOGOUT":
                    break
        self.writer.close()

    def say(self, line: str) -> None:
        """One line to the client."""
        self.writer.write(line.encode("latin-1") + b"\r\n")

    async def _do(self, tag: str, rest: str) -> None:
        name = rest.split(" ", 1)[0].upper()
        if name == "UID":
            name = "UID " + rest.split(" ", 2)[1].upper()
        known: dict[str, Callable[[str, str], Awaitable[None]]] = {
            "CAPABILITY": self._capability, "LOGIN": self._login, "AUTHENTICATE": self._authenticate, "SELECT": self._select,
            "UID SEARCH": self._search, "UID FETCH": self._fetch, "UID STORE": self._store, "IDLE": self._idle, "NOOP": self._noop,
            "LOGOUT": self._logout,
        }  # fmt: skip
        if name not in known:
            raise Bad(f"BAD unknown command {name}")
        if not self.logged_in and name not in {"CAPABILITY", "LOGIN", "AUTHENTICATE", "NOOP", "LOGOUT"}:
            raise Bad("NO log in first")
        await known[name](tag, rest)

    async def _capability(self, tag: str, _rest: str) -> None:
        self.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2" + (" IDLE" if self.world.idle else ""))
        self.say(f"{tag} OK done")

    async def _login(self, tag: str, rest: str) -> None:
        words = [re.sub(r"\\(.)", r"\1", a) if a else b for a, b in _WORD.findall(rest)][1:]
        self._check(words[0], words[1], token=False)
        self.say(f"{tag} OK logged in")

    async def _authenticate(self, tag: str, _rest: str) -> None:
        self.say("+ ")
        await self.writer.drain()
        said = base64.b64decode(await self.reader.readline()).decode()
        user, _, token = said.partition("\x01")
        try:
            self._check(user.removeprefix("user="), token.removeprefix("auth=Bearer ").strip("\x01"), token=True)
        except Bad:
            self.say("+ " + base64.b64encode(REFUSED_TOKEN).decode())  # why, to which the client answers nothing
            await self.writer.drain()
            await self.reader.readline()
            raise
        self.say(f"{tag} OK logged in")

    def _check(self, user: str, password: str, *, token: bool) -> None:
        self.world.logins += 1
        if not self.world.lets_in(user, password, token=token):
            raise Bad("NO [AUTHENTICATIONFAILED] wrong user or password")
        self.logged_in = True

    async def _select(self, tag: str, _rest: str) -> None:
        self.say(f"* {len(self.world.box)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {self.world.validity}] valid")
        self.say(f"* OK [UIDNEXT {self.world.next_uid}] next")
        self.say(f"{tag} OK [READ-WRITE] selected")

    async def _search(self, tag: str, rest: str) -> None:
        words = rest.split(" ")[2:]
        if words[0].upper() == "UID":
            first = int(words[1].partition(":")[0])
            found = [m.uid for m in self.world.box if m.uid >= first] or [m.uid for m in self.world.box[-1:]]  # n:* names the last one
        elif words[0].upper() == "SINCE":
            day = datetime.strptime(words[1].strip('"'), "%d-%b-%Y").date()  # noqa: DTZ007 - a day of no zone
            found = [m.uid for m in self.world.box if m.day >= day]
        else:
            raise Bad("BAD unknown search")
        self.say("* SEARCH " + " ".join(map(str, found)))
        self.say(f"{tag} OK done")

    def _mail(self, rest: str) -> tuple[int, Lying] | None:
        uid = int(rest.split(" ")[2])
        return next(((n, m) for n, m in enumerate(self.world.box, 1) if m.uid == uid), None)

    async def _fetch(self, tag: str, rest: str) -> None:
        found = self._mail(rest)
        if found is not None:
            number, mail = found
            if "RFC822.SIZE" in rest:
                self.say(f"* {number} FETCH (UID {mail.uid} RFC822.SIZE {len(mail.raw)})")
            else:
                head = "HEADER" in rest
                data = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head else mail.raw
                self.writer.write(f"* {number} FETCH (UID {mail.uid} BODY[{'HEADER' if head else ''}] {{{len(data)}}}\r\n".encode() + data)
                self.say(")")
        self.say(f"{tag} OK done")

    async def _store(self, tag: str, rest: str) -> None:
        found = self._mail(rest)
        if found is not None:
            number, mail = found
            mail.flags |= set(re.findall(r"\\\w+", rest))
            self.say(f"* {number} FETCH (UID {mail.uid} FLAGS ({' '.join(sorted(mail.flags))}))")
        self.say(f"{tag} OK done")

    async def _idle(self, tag: str, _rest: str) -> None:
        if not self.world.idle:
            raise Bad("BAD no IDLE here")
        told, done = self.world.changed, asyncio.ensure_future(self.reader.readline())
        self.say("+ idling")
        await self.writer.drain()
        while True:
            waiting = asyncio.ensure_future(told.wait())
            await asyncio.wait({waiting, done}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if done.done():
                break
            told = self.world.changed
            self.say(f"* {len(self.world.box)} EXISTS")
            await self.writer.drain()
        self.say(f"{tag} OK idle ended")

    async def _noop(self, tag: str, _rest: str) -> None:
        self.say(f"* {len(self.world.box)} EXISTS")
        self.say(f"{tag} OK done")

    async def _logout(self, tag: str, _rest: str) -> None:
        self.say("* BYE")
        self.say(f"{tag} OK bye")


async def start_imap(world: World, port: int) -> asyncio.Server:
    """The server on this machine."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(world, reader, writer).serve()

    return await asyncio.start_server(serve, "127.0.0.1", port)

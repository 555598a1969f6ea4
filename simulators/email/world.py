"""The mailbox of the shop, the mails that it sent, and how the servers misbehave."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, fields
from datetime import date

from simulators.email.tokens import Tokens


@dataclass
class Lying:
    """A mail in the mailbox."""

    uid: int
    raw: bytes
    day: date
    flags: set[str] = field(default_factory=set)


@dataclass
class Taken:
    """A mail that SMTP took."""

    sender: str
    to: list[str]
    raw: bytes
    at: float


@dataclass
class Failure:
    """What SMTP says instead of yes: at which command, and whether the mail was taken all the same (`lost`: then no answer comes)."""

    command: str
    answer: str
    count: int = 1
    lost: bool = False


@dataclass
class World:
    """One mailbox with one login."""

    user: str = "support@shop.example"
    password: str = "simulated-password"  # noqa: S105 - invented
    validity: int = 7
    idle: bool = True
    next_uid: int = 1
    box: list[Lying] = field(default_factory=list)
    sent: list[Taken] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)  # addresses that nobody has
    logins: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def arrive(self, raw: bytes, *, day: date | None = None) -> int:
        """A mail comes into the mailbox; its UID."""
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.box.append(Lying(uid, raw, day or date.fromtimestamp(time.time())))  # noqa: DTZ012 - the server's own day
        told, self.changed = self.changed, asyncio.Event()
        told.set()
        return uid

    def reset(self) -> None:
        """As at the beginning."""
        fresh = World()
        for name in ("password", "validity", "idle", "next_uid", "box", "sent", "failures", "unknown", "logins"):
            setattr(self, name, getattr(fresh, name))
        for known in fields(Tokens):
            setattr(self.tokens, known.name, getattr(fresh.tokens, known.name))

    def lets_in(self, user: str, secret: str, *, token: bool) -> bool:
        """Whether a login is right: by password, or by an access token."""
        return user == self.user and (self.tokens.holds(secret) if token else secret == self.password)

    def renumber(self) -> None:
        """The provider moves the mailbox: every mail gets another UID."""
        self.validity += 1
        for number, mail in enumerate(self.box, 100):
            mail.uid = number
        self.next_uid = 100 + len(self.box)

    def failure_at(self, command: str) -> Failure | None:
        """What goes wrong at this command, if anything does."""
        for failure in self.failures:
            if failure.command == command and failure.count > 0:
                failure.count -= 1
                return failure
        return None

"""A mailbox over IMAP, with a library that blocks: everything here runs in a thread."""

from __future__ import annotations

import imaplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from channels.base import Account
from channels.email.capabilities import MOST_BYTES
from channels.email.parse import TOO_LARGE
from channels.email.send import check_security

SECONDS = 30.0
PORTS = {"ssl": 993, "starttls": 143, "plain": 143}
IDLE_LOOK = 2.0  # seconds between two looks at whether to stop
IDLE_MOST = 25 * 60.0  # servers end an IDLE after 29 minutes
BROKEN = (IMAPClientError, imaplib.IMAP4.error, OSError, ValueError)
"""What says that the connection is of no use any more."""
REFUSED = LoginError
"""What says that the login was refused."""


@dataclass(frozen=True)
class Fetched:
    """A mail as it lies in the mailbox."""

    uid: int
    raw: bytes = field(repr=False)


class Mailbox:
    """One connection, logged in, with the folder opened. Raises REFUSED where the login is refused, else one of BROKEN."""

    def __init__(self, account: Account) -> None:
        security, host = account.setting("imap_security", "ssl"), account.setting("imap_host")
        check_security(host, security)
        port = int(account.setting("imap_port") or PORTS[security])
        self.client = IMAPClient(host, port=port, ssl=security == "ssl", timeout=SECONDS)
        try:
            opened = self._open(account, security)
        except BaseException:
            self.client.shutdown()
            raise
        self.validity = int(opened[b"UIDVALIDITY"])
        self.next_uid = int(opened.get(b"UIDNEXT") or 0)

    def _open(self, account: Account, security: str) -> dict[bytes, Any]:
        if security == "starttls":
            self.client.starttls()
        user, password = account.setting("user", account.account), account.secret("password")
        if account.setting("auth") == "xoauth2":
            self.client.oauth2_login(user, password)
        else:
            self.client.login(user, password)
        opened: dict[bytes, Any] = self.client.select_folder(account.setting("folder", "INBOX"))
        return opened

    def after(self, last: int) -> Iterator[Fetched]:
        """The mails after a UID, in their order. A server answers `n:*` with the last mail even where it is older."""
        for uid in sorted(u for u in self.client.search(["UID", f"{last + 1}:*"]) if u > last):
            found = self.fetch(uid)
            if found is not None:
                yield found

    def since(self, day: date) -> Iterator[Fetched]:
        """The mails that came on a day or later: for a mailbox whose numbers have changed."""
        for uid in sorted(self.client.search(["SINCE", day])):
            found = self.fetch(uid)
            if found is not None:
                yield found

    def fetch(self, uid: int) -> Fetched | None:
        """One mail, not marked as seen; of one that is too large its headers. None when it is gone."""
        sizes = self.client.fetch([uid], ["RFC822.SIZE"])
        if uid not in sizes:
            return None
        size = int(sizes[uid][b"RFC822.SIZE"])
        if size > MOST_BYTES:
            head = self.client.fetch([uid], ["BODY.PEEK[HEADER]"])[uid][b"BODY[HEADER]"]
            lines = [line for line in bytes(head).splitlines() if not line.lower().startswith(b"content-")]
            return Fetched(uid, f"{TOO_LARGE}: {size}\r\n".encode() + b"\r\n".join(lines).strip() + b"\r\n\r\n")
        raw = self.client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
        return Fetched(uid, bytes(raw)) if raw is not None else None

    def mark_seen(self, uid: int) -> None:
        """What is stored at our side counts as seen."""
        self.client.add_flags([uid], [b"\\Seen"])

    @property
    def can_idle(self) -> bool:
        """Whether the server tells of new mail by itself."""
        return bool(self.client.has_capability("IDLE"))

    def wait(self, stop: Callable[[], bool]) -> None:
        """Waits until the server tells something, `stop` says so, or it is time to ask anew."""
        self.client.idle()
        try:
            waited = 0.0
            while not stop() and waited < IDLE_MOST and not self.client.idle_check(timeout=IDLE_LOOK):
                waited += IDLE_LOOK
        finally:
            self.client.idle_done()

    def close(self) -> None:
        """Ends the connection, whatever state it is in."""
        try:
            self.client.logout()
        except BROKEN:
            self.client.shutdown()

"""One-time codes: who can read what reaches an address owns it. Few tries, a short life, and the same answer whether or not it exists."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.identity.identifiers import Identifier, Kind, Method
from context.identity.linking import Proof, claim, prove
from context.identity.models import IdentityCodeRow
from context.ledger import Ledger
from kit.errors import InvalidInputError, NotAuthenticatedError, TooManyRequestsError

DIGITS = 6
LIFETIME = timedelta(minutes=10)
WINDOW = timedelta(hours=1)
MAX_CODES = 3  # an hour, for one contact and for one identifier
MAX_TRIES = 5  # wrong ones, for one code


class WrongCodeError(NotAuthenticatedError):
    """This code is wrong, used or too old."""


class CodeSender(Protocol):
    """Sends a text to an identifier."""

    async def send(self, session: AsyncSession, ledger: Ledger, identifier: Identifier, *, code: str) -> bool:
        """Whether there is a way to it. Says nothing of that to the one who asked."""


@dataclass
class MemorySender:
    """The fake of the port: keeps what it sent; `reaches` are the values that can be reached."""

    reaches: set[str] = field(default_factory=set)
    sent: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, session: AsyncSession, ledger: Ledger, identifier: Identifier, *, code: str) -> bool:  # noqa: ARG002 - the port's shape
        """See the port."""
        if identifier.value in self.reaches:
            self.sent.append((identifier.value, code))
        return identifier.value in self.reaches


async def request_code(session: AsyncSession, ledger: Ledger, contact_id: UUID, identifier: Identifier, *, sender: CodeSender) -> None:
    """Sends a code where there is a way to the identifier; until it is given back, the identifier is only claimed.

    Raises TooManyRequestsError after three codes within an hour, InvalidInputError for what nothing can be sent to.
    """
    if identifier.kind not in (Kind.PHONE, Kind.EMAIL):
        raise InvalidInputError("A code can be sent to a telephone number or an e-mail address")
    await claim(session, contact_id, identifier, method=Method.TYPED, at=ledger.now)
    await _expect_few(session, ledger, contact_id, identifier)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row = IdentityCodeRow(
        contact_id=contact_id, kind=identifier.kind, value=identifier.value, code_hash="", at=ledger.now, expires_at=ledger.now + LIFETIME
    )
    session.add(row)
    await session.flush()
    row.code_hash = _hash(row.id, code)
    row.sent = await sender.send(session, ledger, identifier, code=code)


async def redeem_code(session: AsyncSession, ledger: Ledger, contact_id: UUID, code: str) -> Proof | None:
    """The identifier of the newest code is proven, and linked where nothing speaks against it. None: wrong, which is counted.

    The caller commits in both cases, and refuses with WrongCodeError when it was wrong.
    """
    query = select(IdentityCodeRow).where(
        IdentityCodeRow.contact_id == contact_id, IdentityCodeRow.used_at.is_(None), IdentityCodeRow.expires_at > ledger.now
    )
    row = (await session.execute(query.order_by(IdentityCodeRow.at.desc()).limit(1).with_for_update())).scalar_one_or_none()
    if row is None or row.tries >= MAX_TRIES:
        return None
    if not row.sent or not hmac.compare_digest(row.code_hash, _hash(row.id, code.strip())):
        row.tries += 1
        return None
    row.used_at = ledger.now
    identifier = Identifier(Kind(row.kind), row.value)
    return replace(await prove(session, ledger, contact_id, identifier, method=Method.CODE), identifier=identifier)


async def _expect_few(session: AsyncSession, ledger: Ledger, contact_id: UUID, identifier: Identifier) -> None:
    recent = select(func.count()).select_from(IdentityCodeRow).where(IdentityCodeRow.at > ledger.now - WINDOW)
    of_value = (IdentityCodeRow.kind == identifier.kind) & (IdentityCodeRow.value == identifier.value)
    for whose in (IdentityCodeRow.contact_id == contact_id, of_value):
        if ((await session.execute(recent.where(whose))).scalar() or 0) >= MAX_CODES:
            raise TooManyRequestsError("Too many codes were asked for", hint="Try again in an hour.", retry_after=WINDOW.total_seconds())


def _hash(salt: UUID, code: str) -> str:
    return hashlib.blake2b(code.encode(), key=salt.bytes, digest_size=32).hexdigest()

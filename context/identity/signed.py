"""Signed identity: the shop's site, where the customer is logged in, says who sits there, in a JWT that lives for minutes and counts once.

Claims: `sub` (the member id), `aud`, `iat`, `exp` at most ten minutes after it, `jti`; and those of OpenID Connect: `name`, `locale`,
`email` with `email_verified`, `phone_number` with `phone_number_verified`. The clocks of both sides may differ by a minute.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.types import Options
from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from context.identity.identifiers import MAX_VALUE
from context.identity.models import IdentityKeyRow, UsedTokenRow
from context.ledger import Ledger
from kit.errors import ConflictError, InvalidInputError, NotAuthenticatedError, NotFoundError

LONGEST = timedelta(minutes=10)
SKEW = timedelta(minutes=1)
MAX_TOKEN = 4096
AUDIENCE = "baton"
ALGORITHMS = ("HS256", "ES256")
_OPTIONS: Options = {"require": ["sub", "aud", "iat", "exp", "jti"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}


class SignedIdentityError(NotAuthenticatedError):
    """The signed identity cannot be accepted."""


@dataclass(frozen=True)
class SignedVisitor:
    """Who the shop says sits there. What is in `claimed` the shop has not verified itself."""

    member: str
    name: str | None
    language: str | None
    proven: tuple[tuple[str, str], ...]
    claimed: tuple[tuple[str, str], ...]


async def create_key(session: AsyncSession, key_id: str, *, algorithm: str = "HS256", public_key: str | None = None) -> str:
    """A new key; for HS256 its secret, shown once. Raises InvalidInputError and ConflictError."""
    if not key_id or len(key_id) > 60 or not key_id.replace("-", "").replace("_", "").isalnum():
        raise InvalidInputError("A key's name has 1 to 60 letters, digits, - and _")
    if await session.get(IdentityKeyRow, key_id) is not None:
        raise ConflictError(f"There is a key {key_id!r} already")
    if algorithm not in ALGORITHMS:
        raise InvalidInputError(f"There is no algorithm {algorithm!r}", hint=f"Use one of {', '.join(ALGORITHMS)}.")
    secret = secrets.token_urlsafe(48) if algorithm == "HS256" else _check_public(public_key)
    session.add(IdentityKeyRow(id=key_id, algorithm=algorithm, key=secret))
    await session.flush()
    return secret


async def retire_key(session: AsyncSession, key_id: str, *, at: datetime) -> None:
    """From `at` on the key is refused; until then the new one and this one both count. Raises NotFoundError."""
    row = await session.get(IdentityKeyRow, key_id)
    if row is None:
        raise NotFoundError("There is no such key")
    row.retires_at = at


async def list_keys(session: AsyncSession) -> list[IdentityKeyRow]:
    """All keys, the newest first; their secrets are for nobody's eyes."""
    return list((await session.execute(select(IdentityKeyRow).order_by(IdentityKeyRow.created_at.desc()))).scalars())


async def use_signed(session: AsyncSession, ledger: Ledger, token: str, *, audience: str = AUDIENCE) -> SignedVisitor:
    """Whom the token names; it is used up when the transaction commits. Raises SignedIdentityError with the reason."""
    claims = await _read(session, token, audience=audience, now=ledger.now)
    _check_times(claims, now=ledger.now)
    await _use_once(session, claims, now=ledger.now)
    return _visitor(claims)


async def _read(session: AsyncSession, token: str, *, audience: str, now: datetime) -> dict[str, Any]:
    if len(token) > MAX_TOKEN:
        raise SignedIdentityError(f"The token is longer than {MAX_TOKEN:,} characters")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        raise SignedIdentityError("This is no JWT") from None
    query = select(IdentityKeyRow).where(or_(IdentityKeyRow.retires_at.is_(None), IdentityKeyRow.retires_at > now))
    if header.get("kid") is not None:
        query = query.where(IdentityKeyRow.id == str(header["kid"]))
    for key in (await session.execute(query.order_by(IdentityKeyRow.created_at.desc()).limit(5))).scalars():
        if header.get("alg") != key.algorithm:  # the key says how it signs, never the token
            continue
        try:
            return dict(jwt.decode(token, key.key, algorithms=[key.algorithm], audience=audience, options=_OPTIONS))
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError as error:
            raise SignedIdentityError(f"The token cannot be accepted: {error}") from None
    raise SignedIdentityError("No key of ours has signed this", hint="Check `kid`, the algorithm, and whether the key was retired.")


def _check_times(claims: dict[str, Any], *, now: datetime) -> None:
    try:
        issued, expires = (datetime.fromtimestamp(float(claims[name]), UTC) for name in ("iat", "exp"))
    except (TypeError, ValueError, OverflowError, OSError):
        raise SignedIdentityError("`iat` and `exp` must be seconds since 1970") from None
    if expires - issued > LONGEST or expires <= issued:
        raise SignedIdentityError("The token must end within 10 minutes of `iat`")
    if issued > now + SKEW:
        raise SignedIdentityError("The token was issued in the future", hint="Look at the clock of the shop's server.")
    if expires <= now - SKEW:
        raise SignedIdentityError("The token has ended", hint="Make a new one for each page, and look at the clocks.")


async def _use_once(session: AsyncSession, claims: dict[str, Any], *, now: datetime) -> None:
    await session.execute(delete(UsedTokenRow).where(UsedTokenRow.expires_at < now - 2 * SKEW))
    digest = hashlib.sha256(f"{claims['sub']}\0{claims['jti']}".encode()).hexdigest()
    expires = datetime.fromtimestamp(float(claims["exp"]), UTC)
    fresh = insert(UsedTokenRow).values(jti_hash=digest, expires_at=expires).on_conflict_do_nothing().returning(UsedTokenRow.jti_hash)
    if (await session.execute(fresh)).first() is None:
        raise SignedIdentityError("The token was used before", hint="Each token counts once: give every one its own `jti`.")


def _visitor(claims: dict[str, Any]) -> SignedVisitor:
    member = claims["sub"]
    if not isinstance(member, str) or not 0 < len(member) <= MAX_VALUE or not isinstance(claims["jti"], str) or not claims["jti"]:
        raise SignedIdentityError("`sub` and `jti` must be text")
    proven: list[tuple[str, str]] = []
    claimed: list[tuple[str, str]] = []
    for kind, claim in (("email", "email"), ("phone", "phone_number")):
        if said := _text(claims, claim):
            (proven if claims.get(f"{claim}_verified") is True else claimed).append((kind, said))
    return SignedVisitor(member, (_text(claims, "name") or "")[:200] or None, _text(claims, "locale"), tuple(proven), tuple(claimed))


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _check_public(key: str | None) -> str:
    try:
        load_pem_public_key((key or "").encode())
    except ValueError:
        raise InvalidInputError("ES256 needs the public key in PEM form", hint="Keep the private one on the shop's server.") from None
    return str(key)

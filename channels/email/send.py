"""Sending by SMTP: one connection a mail; what is not certain is said to be so."""

from __future__ import annotations

import contextlib
import ssl
from email.message import EmailMessage
from email.policy import SMTP as LINES

import aiosmtplib

from channels.base import Account, AccountIncompleteError, Fate, Problem, Sending, SendResult
from channels.calling import is_local, refused
from channels.email.capabilities import CAPABILITIES, NAME
from channels.email.compose import compose
from channels.email.copies import copies_of
from channels.email.logins import AS_ENTERED, AccessLaterError, AccessRefusedError, Logins, entered
from channels.email.loops import message_id
from kit.errors import InvalidInputError, NotFoundError
from kit.sealing import SealedError

SECONDS = 20.0
PORTS = {"ssl": 465, "starttls": 587, "plain": 25}


class EmailChannel:
    """A mailbox as delivery sees it."""

    name = NAME
    sent_when_stored = False
    needs_account = True
    capabilities = CAPABILITIES
    specials: frozenset[str] = frozenset()

    def __init__(self, logins: Logins = AS_ENTERED) -> None:
        """`logins`: renews access tokens."""
        self.logins = logins

    async def send(self, sending: Sending) -> SendResult:
        """Sends one mail. The provider's id is our own Message-ID: answers and bounces name it."""
        try:
            mail = compose(sending)
        except AccountIncompleteError as error:
            return refused(Problem.AUTH, error.message)
        except ValueError as error:  # also HeaderParseError: an address that is none
            return refused(Problem.RECIPIENT, f"the mail cannot be addressed: {error}")
        try:
            client = await entered(self.logins, sending.account, connect, refusal=aiosmtplib.SMTPAuthenticationError)
        except aiosmtplib.SMTPAuthenticationError as error:
            return refused(Problem.AUTH, error.message, code=error.code)
        except AccessLaterError as error:
            return refused(Problem.TRANSIENT, error.message)
        except (InvalidInputError, AccessRefusedError, SealedError, NotFoundError) as error:
            return refused(Problem.AUTH, error.message)
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            return refused(Problem.TRANSIENT, f"{type(error).__name__}: {error}")
        try:
            return await _hand_over(client, mail, sending)
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()
            client.close()


async def connect(account: Account) -> aiosmtplib.SMTP:
    """A connection that is logged in. Raises aiosmtplib.SMTPException, OSError, InvalidInputError."""
    security = account.setting("smtp_security", "ssl")
    check_security(account.setting("smtp_host"), security)
    port = int(account.setting("smtp_port") or PORTS[security])
    client = aiosmtplib.SMTP(
        hostname=account.setting("smtp_host"), port=port, timeout=SECONDS, use_tls=security == "ssl", start_tls=security == "starttls",
        local_hostname=account.account.rpartition("@")[2],
    )  # fmt: skip
    await client.connect()
    user, password = account.setting("user", account.account), account.secret("password")
    if account.setting("auth") == "xoauth2":
        await client.auth_xoauth2(user, password)
    else:
        await client.login(user, password)
    return client


def check_security(host: str, security: str) -> None:
    """Raises InvalidInputError: passwords leave this machine encrypted, or not at all."""
    if security not in PORTS:
        raise InvalidInputError(f"{security!r} is no kind of security", hint="ssl, starttls, or plain on this machine.")
    if security == "plain" and not is_local(f"//{host}"):
        raise InvalidInputError(f"{host} would get the password in plain text", hint="Set ssl or starttls.")


async def _hand_over(client: aiosmtplib.SMTP, mail: EmailMessage, sending: Sending) -> SendResult:
    try:
        await client.mail(sending.account.account)
        await client.rcpt(sending.to)
        missed = await _copy_to(client, copies_of(sending))
    except aiosmtplib.SMTPResponseException as error:
        return _refusal(error, Problem.RECIPIENT if isinstance(error, aiosmtplib.SMTPRecipientRefused) else Problem.PERMISSION)
    except (aiosmtplib.SMTPException, OSError, ValueError, UnicodeError) as error:
        fatal = isinstance(error, (ValueError, UnicodeError))
        return refused(Problem.RECIPIENT if fatal else Problem.TRANSIENT, f"{type(error).__name__}: {error}")
    try:
        await client.data(mail.as_bytes(policy=LINES))
    except aiosmtplib.SMTPResponseException as error:
        return _refusal(error, Problem.BAD_REQUEST)
    except (aiosmtplib.SMTPException, OSError) as error:  # the server may have taken it
        return SendResult(Fate.UNKNOWN, reason=f"no answer: {type(error).__name__}", problem=Problem.UNKNOWN)
    return SendResult(Fate.SENT, external_id=message_id(sending.account, sending.key), reason=missed)


async def _copy_to(client: aiosmtplib.SMTP, copies: list[str]) -> str | None:
    """Names those who get a copy. One whom the server refuses gets none, and the customer's mail goes all the same: what was said of it.

    Raises what a lost connection raises.
    """
    missed = []
    for address in copies:
        try:
            await client.rcpt(address)
        except aiosmtplib.SMTPRecipientRefused as error:
            missed.append(f"no copy to {address}: {error.code} {error.message}")
    return "; ".join(missed)[:300] or None


def _refusal(error: aiosmtplib.SMTPResponseException, fatal: Problem) -> SendResult:
    """4xx: later; 5xx: never. 421 and 452 ask for less."""
    problem = fatal
    if error.code < 500:
        problem = Problem.RATE_ACCOUNT if error.code in {421, 452} else Problem.TRANSIENT
    elif error.code in {530, 535, 534}:
        problem = Problem.AUTH
    elif error.code == 552:
        problem = Problem.MEDIA
    return refused(problem, f"{error.code} {error.message}", code=error.code)


async def try_mailbox(account: Account, logins: Logins = AS_ENTERED) -> str:
    """Logs in; a sentence. Raises AccessRefusedError, AccessLaterError."""
    try:
        client = await entered(logins, account, connect, refusal=aiosmtplib.SMTPAuthenticationError)
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
        return f"No login at {account.setting('smtp_host')}: {error}"
    client.close()
    return f"The login at {account.setting('smtp_host')} works."

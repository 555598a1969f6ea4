"""Makes the mail that goes out. Pure."""

from __future__ import annotations

import html
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from channels.base import Sending
from channels.email.copies import copies_of
from channels.email.loops import KEY_HEADER, message_id, signed_key
from channels.email.parse import bare_subject
from context.types import Author

AGAIN = "Re: "


def compose(sending: Sending) -> EmailMessage:
    """The mail of one part: an answer in its thread, as text and as HTML, with its files. Raises AccountIncompleteError, ValueError."""
    account, place = sending.account, sending.place
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(account.setting("sender"), account.account)
    mail["To"] = _address("", sending.to)
    if copies := copies_of(sending):
        mail["Cc"] = [_address("", one) for one in copies]
    mail["Subject"] = _subject(sending)
    mail["Date"] = format_datetime(sending.message.at)
    mail["Message-ID"] = message_id(account, sending.key)
    mail[KEY_HEADER] = signed_key(account, sending.key)
    if place is not None:
        mail["In-Reply-To"] = place.last_id
        mail["References"] = " ".join(_references(sending))
    if sending.message.author != Author.AGENT:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
        mail["Precedence"] = "auto_reply"
    text = sending.part.text or "\n"
    mail.set_content(text, charset="utf-8", cte="quoted-printable")
    mail.add_alternative(_as_html(text), subtype="html", charset="utf-8", cte="quoted-printable")
    for file in (*([sending.part.file] if sending.part.file else []), *sending.part.more):
        family, _, subtype = (file.type or "application/octet-stream").partition("/")
        mail.add_attachment(file.data, maintype=family, subtype=subtype or "octet-stream", filename=file.name)
    return mail


def _address(name: str, address: str) -> Address:
    """Raises ValueError where the address holds what no address holds: nothing gets into the headers that way."""
    return Address(display_name=" ".join(name.split()), addr_spec=address)


def _subject(sending: Sending) -> str:
    given = str(sending.place.last.get("subject") or "") if sending.place else ""
    bare = bare_subject(" ".join(given.split()))[:300]
    if bare:
        return AGAIN + bare
    return sending.account.setting("subject", sending.account.name)


def _references(sending: Sending) -> list[str]:
    assert sending.place is not None
    known = [str(one) for one in sending.place.last.get("references") or () if isinstance(one, str) and one.isascii()]
    chain = list(dict.fromkeys([*known, sending.place.last_id]))
    return chain if len(chain) <= 21 else [chain[0], *chain[-20:]]


def _as_html(text: str) -> str:
    paragraphs = [html.escape(p).replace("\n", "<br>\n") for p in text.split("\n\n")]
    return "<html><body>" + "\n".join(f"<p>{p}</p>" for p in paragraphs) + "</body></html>"

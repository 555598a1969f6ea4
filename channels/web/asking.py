"""What the widget asks beside the chat: a form before it, consent to note pages. What a visitor types is claimed, never proven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from channels.codes import find_carrier
from channels.web.continuing import address_of, find_mailbox
from channels.web.parse import ACCOUNT, CHANNEL
from channels.web.sessions import Visitor, contact_of, keep_form, thread_conversations
from channels.web.setup import Consent, Field, Form, Kind, Setup, text_in
from context.contacts import find_identity, get_contact
from context.customer.keeping import TRACKING, check_attributes, consents_of, set_consent
from context.customer.keeping import Consent as Said
from context.identity.identifiers import Identifier, IdentifierError, Method, parse_identifier
from context.identity.identifiers import Kind as IdentifierKind
from context.identity.linking import claim, list_identifiers
from context.ledger import Ledger
from context.types import Inbound
from kit.errors import ConflictError, InvalidInputError

MAX_ANSWER = 500
SOURCE = "widget"
_KNOWN_BY = {Kind.EMAIL: "email", Kind.PHONE: "phone"}
_KNOWN_AS = {Kind.EMAIL: IdentifierKind.EMAIL, Kind.PHONE: IdentifierKind.PHONE}


class FieldError(InvalidInputError):
    """A field of the form cannot be accepted."""

    def __init__(self, field: Field, message: str, *, hint: str | None = None) -> None:
        """`field` is named in the answer, so that the widget can lead there."""
        super().__init__(message, hint=hint)
        self.field = field.name

    def as_json(self) -> dict[str, str]:
        """The JSON body, with the field."""
        return super().as_json() | {"field": self.field}


class ChoiceOut(BaseModel):
    """An answer to choose."""

    value: str
    label: str


class FieldOut(BaseModel):
    """A field as the widget shows it."""

    name: str
    kind: Kind
    label: str
    required: bool
    choices: list[ChoiceOut]


class FormOut(BaseModel):
    """The form before the chat."""

    title: str
    fields: list[FieldOut]


class ConsentOut(BaseModel):
    """The notice; `granted` is None until the visitor has said something to this version."""

    text: str
    link: str
    version: str
    granted: bool | None


class EmailOut(BaseModel):
    """Answers go by e-mail to who has gone: `to` is where, half hidden; None until an address is left."""

    to: str | None = None


class AsksOut(BaseModel):
    """What is asked beside the chat."""

    form: FormOut | None = None
    consent: ConsentOut | None = None
    email: EmailOut | None = None
    codes: list[Kind] = []


async def read_asks(session: AsyncSession, setup: Setup, visitor: Visitor, *, language: str | None) -> AsksOut | None:
    """What is to be asked of this visitor now; None: nothing."""
    form = await _form_due(session, setup.form, visitor) if setup.form else None
    consent = await _consent_shown(session, setup.consent, visitor, language=language) if setup.consent else None
    email = await _email_shown(session, visitor) if setup.email_after is not None and await find_mailbox(session) else None
    shown = FormOut(title=text_in(form.title, language), fields=[_shown(f, language) for f in form.fields]) if form else None
    codes = [kind for kind in (Kind.EMAIL, Kind.PHONE) if setup.codes and await find_carrier(session, _KNOWN_AS[kind])]
    return AsksOut(form=shown, consent=consent, email=email, codes=codes) if shown or consent or email or codes else None


def _shown(field: Field, language: str | None) -> FieldOut:
    choices = [ChoiceOut(value=c.value, label=text_in(c.label, language)) for c in field.choices]
    return FieldOut(name=field.name, kind=field.kind, label=text_in(field.label, language), required=field.required, choices=choices)


async def _form_due(session: AsyncSession, form: Form, visitor: Visitor) -> Form | None:
    """The form without what is known of a member; None where all is known, it was given, or they have written already."""
    if visitor.form is not None or await thread_conversations(session, visitor):
        return None
    identity = await find_identity(session, CHANNEL, ACCOUNT, visitor.id)
    if identity is None:
        return form
    contact = await get_contact(session, identity.contact_id)
    known = {row.kind for row in await list_identifiers(session, contact.id)} | ({"name"} if contact.name else set())
    left = tuple(f for f in form.fields if f.kind not in known and f.name not in contact.attributes)
    return replace(form, fields=left) if left else None


def check_form(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """What was given, in one form each; fields left empty are left out. Raises FieldError and InvalidInputError."""
    if unknown := given.keys() - {f.name for f in form.fields}:
        raise InvalidInputError(f"The form has no field {sorted(unknown)[0][:60]!r}")
    answers = {f.name: _answer(f, given.get(f.name, "")) for f in form.fields}
    return {name: answer for name, answer in answers.items() if answer}


def _answer(field: Field, said: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    if not plain:
        return ""
    if len(plain) > MAX_ANSWER:
        raise FieldError(field, f"{field.name} has at most {MAX_ANSWER} characters")
    if field.kind == Kind.CHOICE and plain not in {c.value for c in field.choices}:
        raise FieldError(field, f"{field.name} has no such choice")
    if field.kind in _KNOWN_BY:
        try:
            return parse_identifier(_KNOWN_BY[field.kind], plain).value
        except IdentifierError as error:
            raise FieldError(field, error.message, hint=error.hint) from None
    return plain


async def record_form(session: AsyncSession, ledger: Ledger, visitor: Visitor, *, token: str, form: Form, given: Mapping[str, str]) -> None:
    """Keeps what the visitor told: a name where there is none, e-mail and number as claims, the rest as attributes. Raises FieldError.

    A second form is refused with ConflictError; what is already known needs no answer.
    """
    if visitor.form is not None:
        raise ConflictError("This form was given already")
    answers = check_form(form, given)
    due = await _form_due(session, form, visitor)
    for field in due.fields if due else ():
        if field.required and field.name not in answers:
            raise FieldError(field, f"{field.name} is needed")
    if answers:
        await _note(
            session, ledger, await contact_of(session, ledger, visitor), [(f, answers[f.name]) for f in form.fields if f.name in answers]
        )
    await keep_form(session, token, answers)


async def _note(session: AsyncSession, ledger: Ledger, contact_id: UUID, told: Sequence[tuple[Field, str]]) -> None:
    contact = await get_contact(session, contact_id)
    attributes: dict[str, Any] = {}
    for field, answer in told:
        if field.kind == Kind.NAME:
            contact.name = contact.name or answer[:200]
        elif field.kind in _KNOWN_BY:
            known = parse_identifier(_KNOWN_BY[field.kind], answer)
            await claim(session, contact.id, Identifier(known.kind, known.value), method=Method.TYPED, at=ledger.now)
        else:
            attributes[field.name] = answer
    if attributes:
        contact.attributes = check_attributes(dict(contact.attributes) | attributes)


async def _email_shown(session: AsyncSession, visitor: Visitor) -> EmailOut:
    identity = await find_identity(session, CHANNEL, ACCOUNT, visitor.id)
    to = await address_of(session, identity.contact_id) if identity else None
    return EmailOut(to=half_hidden(to) if to else None)


def half_hidden(address: str) -> str:
    """Enough of an address for its owner to know it, as others may look at the screen."""
    name, _, host = address.partition("@")
    return f"{name[:2]}…@{host}"


async def record_email(session: AsyncSession, ledger: Ledger, visitor: Visitor, *, address: str) -> EmailOut:
    """The visitor leaves an address for answers; a claim like any other. Raises IdentifierError."""
    known = parse_identifier("email", address)
    await claim(session, await contact_of(session, ledger, visitor), known, method=Method.TYPED, at=ledger.now)
    return await _email_shown(session, visitor)


async def _consent_shown(session: AsyncSession, consent: Consent, visitor: Visitor, *, language: str | None) -> ConsentOut:
    said = await _said(session, visitor)
    agreed = None if said is None else said[0]
    if agreed and said is not None and said[1] != consent.version:
        agreed = None  # to another text than this
    return ConsentOut(text=text_in(consent.text, language), link=text_in(consent.link, language), version=consent.version, granted=agreed)


async def may_note_pages(session: AsyncSession, setup: Setup, visitor: Visitor) -> bool:
    """Whether pages may be noted: nobody has to agree here, or this visitor has agreed to the text as it is."""
    if setup.consent is None:
        return True
    return await _said(session, visitor) == (True, setup.consent.version)


async def _said(session: AsyncSession, visitor: Visitor) -> tuple[bool, str | None] | None:
    identity = await find_identity(session, CHANNEL, ACCOUNT, visitor.id)
    row = (await consents_of(session, identity.contact_id)).get(TRACKING) if identity else None
    return (row.granted, row.version) if row else None


async def record_consent(
    session: AsyncSession, ledger: Ledger, visitor: Visitor, *, consent: Consent | None, granted: bool, version: str
) -> None:
    """Stores what the visitor said to the notice; taking it back removes what was noted. Raises ConflictError for another text."""
    if consent is None or version != consent.version:
        raise ConflictError("The text has changed", hint="Read it again.")
    contact_id = await contact_of(session, ledger, visitor)
    await set_consent(session, contact_id, Said(TRACKING, granted, SOURCE, version), at=ledger.now)


def as_told(inbound: Inbound, visitor: Visitor, *, pages: bool) -> Inbound:
    """The message with what was told before the chat, and without the page where that may not be noted."""
    metadata = dict(inbound.metadata)
    page = metadata.get("page")
    if page and not pages:
        kept = {
            name: page[name] for name in ("article", "language") if page.get(name)
        }  # which article is asked about is the question's own
        metadata = {name: value for name, value in metadata.items() if name != "page"} | ({"page": kept} if kept.get("article") else {})
    if visitor.form:
        metadata["form"] = dict(visitor.form)
    return replace(inbound, metadata=metadata)

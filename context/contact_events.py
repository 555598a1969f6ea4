"""The part of the event catalogue about who customers are: identities, merges, proofs, and erasing."""

from __future__ import annotations

from dataclasses import dataclass

from context.event_base import EventData


@dataclass(frozen=True)
class ContactIdentified(EventData, name="contact.identified"):
    """An identity was tied to a contact."""

    contact_id: str
    channel: str
    verified: bool


@dataclass(frozen=True)
class ContactMerged(EventData, name="contact.merged"):
    """Two contacts became one."""

    contact_id: str
    into_id: str


@dataclass(frozen=True)
class ContactUnmerged(EventData, name="contact.unmerged"):
    """A merge was undone."""

    contact_id: str
    from_id: str


@dataclass(frozen=True)
class ContactVerified(EventData, name="contact.verified"):
    """A contact proved who they are."""

    contact_id: str
    method: str


@dataclass(frozen=True)
class ContactErased(EventData, name="contact.erased"):
    """All that was known of a customer was erased; `contact_ids` names those too who had become part of them."""

    contact_id: str
    contact_ids: list[str]

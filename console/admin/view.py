"""What the admin pages are told, as JSON. Nothing in it is HTML."""

from __future__ import annotations

from typing import Any

from console.inbox.view import milliseconds
from console.learning.view import model_json
from context.staff.audit import Entry
from context.staff.models import StaffSessionRow
from context.staff.people import Invited, PersonView
from context.staff.roles import RoleView
from context.staff.tokens import TokenView
from insights.registry import Model

Json = dict[str, Any]


def person_json(one: PersonView) -> Json:
    """A person as a line of the list."""
    return {
        "id": str(one.id),
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "active": one.active,
        "temporary": one.temporary,
        "seenAt": milliseconds(one.seen_at),
        "sessions": one.sessions,
        "tokens": one.tokens,
        "holds": one.holds,
    }


def invited_json(made: Invited) -> Json:
    """What opens an account; told once."""
    return {"name": made.person.name, "email": made.person.email, "link": made.link, "password": made.password}


def session_json(row: StaffSessionRow) -> Json:
    """A login of somebody."""
    return {"id": str(row.id), "device": row.device, "since": milliseconds(row.created_at), "usedAt": milliseconds(row.used_at)}


def role_json(one: RoleView) -> Json:
    """A role with what it allows."""
    return {
        "name": one.name, "description": one.description, "permissions": list(one.permissions), "custom": one.custom, "people": one.people,
    }  # fmt: skip


def token_json(one: TokenView) -> Json:
    """A token, without itself."""
    return {
        "id": str(one.id),
        "label": one.label,
        "person": one.person,
        "permissions": None if one.permissions is None else list(one.permissions),
        "createdAt": milliseconds(one.created_at),
        "expiresAt": milliseconds(one.expires_at),
        "usedAt": milliseconds(one.used_at),
    }


def version_json(model: Model) -> Json:
    """A version of the bot with its test figures."""
    held_out = model.scores.get("held_out") or {}
    more = {
        "languages": list(model.languages),
        "heldOutBy": held_out.get("languages", {}),
        "heldOutSentences": held_out.get("sentences"),
        "size": model.size,
        "encoders": sorted(model.encoders),
    }
    return {**model_json(model), **more}


def change_json(entry: Entry) -> Json:
    """A line of the record."""
    return {
        "id": entry.id,
        "at": milliseconds(entry.at),
        "by": entry.actor_name,
        "action": entry.action,
        "kind": entry.subject.kind,
        "name": entry.subject.name,
        "details": dict(entry.details),
    }

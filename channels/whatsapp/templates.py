"""Message templates: created, listed and synchronised with their approval state at Meta; filled with values for a customer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from channels.base import Account
from channels.models import ChannelTemplateRow
from channels.whatsapp.capabilities import NAME
from channels.whatsapp.client import GraphClient, GraphError
from context.types import Content
from kit.clock import utc_now
from kit.errors import InvalidInputError

FIELDS = "name,status,category,language,components,rejected_reason,quality_score"
CATEGORIES = ("utility", "marketing", "authentication")
BODY_MAX = 1024
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@dataclass(frozen=True)
class Template:
    """A template as it is offered to an agent. `places` are the names or numbers in its body, in order."""

    name: str
    language: str
    category: str
    status: str
    reason: str | None
    body: str
    places: tuple[str, ...]

    @property
    def usable(self) -> bool:
        """Whether it may be sent."""
        return self.status == "APPROVED"


def scope_of(account: Account) -> str:
    """Whose templates an account uses: those of its WABA. Raises InvalidInputError."""
    waba = account.setting("waba_id")
    if not waba:
        raise InvalidInputError(
            "The account has no waba_id", hint=f"baton channel set {account.channel} {account.account} --set waba_id=..."
        )
    return waba


async def sync_templates(session: AsyncSession, client: GraphClient, account: Account) -> tuple[int, int]:
    """Reads all templates of the WABA; (how many there are, how many are gone). Raises GraphError, httpx.HTTPError."""
    scope, now = scope_of(account), utc_now()
    found = 0
    async for entry in client.pages(account, f"{scope}/message_templates", fields=FIELDS, limit="100"):
        found += 1
        quality = entry.get("quality_score")
        changed = {
            "provider_id": str(entry.get("id") or ""), "category": str(entry.get("category", "")), "status": str(entry.get("status", "")),
            "reason": entry.get("rejected_reason"), "quality": quality.get("score") if isinstance(quality, dict) else quality,
            "components": list(entry.get("components") or ()), "synced_at": now,
        }  # fmt: skip
        key = {"channel": NAME, "account": scope, "name": str(entry["name"]), "language": str(entry["language"])}
        await session.execute(
            insert(ChannelTemplateRow).values(**key, **changed).on_conflict_do_update(index_elements=list(key), set_=changed)
        )
    mine = (ChannelTemplateRow.channel == NAME, ChannelTemplateRow.account == scope)
    gone = await session.execute(
        delete(ChannelTemplateRow).where(*mine, ChannelTemplateRow.synced_at < now).returning(ChannelTemplateRow.id)
    )
    return found, len(gone.all())


async def create_template(
    session: AsyncSession, client: GraphClient, account: Account, *, draft: Template, examples: Sequence[str] = ()
) -> str:
    """Hands a template in for approval; its state there. Raises InvalidInputError, GraphError, httpx.HTTPError."""
    component = check_draft(draft, examples)
    body = {"name": draft.name, "language": draft.language, "category": draft.category.upper(), "components": [component]}
    if any(not place.isdigit() for place in draft.places):
        body["parameter_format"] = "named"
    answer = await client.call(account, "POST", f"{scope_of(account)}/message_templates", json=body)
    if not answer.is_success:
        raise GraphError(answer)
    made = answer.json()
    state, category = str(made.get("status") or "PENDING"), str(made.get("category") or draft.category.upper())
    row = ChannelTemplateRow(channel=NAME, account=scope_of(account), name=draft.name, language=draft.language, components=[component])
    row.provider_id, row.status, row.category = str(made["id"]), state, category
    session.add(row)
    return state


def check_draft(draft: Template, examples: Sequence[str]) -> dict[str, Any]:
    """The body component of a new template. Raises InvalidInputError with what Meta would refuse."""
    if not _NAME.fullmatch(draft.name):
        raise InvalidInputError(f"{draft.name!r} is no name for a template", hint="Use lower-case letters, digits and underscores.")
    if draft.category not in CATEGORIES:
        raise InvalidInputError(f"{draft.category!r} is no category", hint=f"Use one of {', '.join(CATEGORIES)}.")
    if not draft.body or len(draft.body) > BODY_MAX:
        raise InvalidInputError(f"The body has {len(draft.body)} characters; 1 to {BODY_MAX:,} are allowed")
    if len(examples) != len(draft.places):
        raise InvalidInputError(
            f"There are {len(draft.places)} places and {len(examples)} examples", hint="Give an example for each place."
        )
    component: dict[str, Any] = {"type": "BODY", "text": draft.body}
    if not draft.places:
        return component
    if all(place.isdigit() for place in draft.places):
        return component | {"example": {"body_text": [list(examples)]}}
    named = [{"param_name": place, "example": example} for place, example in zip(draft.places, examples, strict=True)]
    return component | {"example": {"body_text_named_params": named}}


async def list_templates(session: AsyncSession, account: Account) -> list[Template]:
    """The templates of an account as last known, by name."""
    mine = (ChannelTemplateRow.channel == NAME, ChannelTemplateRow.account == scope_of(account))
    rows = (
        await session.execute(select(ChannelTemplateRow).where(*mine).order_by(ChannelTemplateRow.name, ChannelTemplateRow.language))
    ).scalars()
    return [view_template(row) for row in rows]


def view_template(row: ChannelTemplateRow) -> Template:
    """A stored template as it is offered."""
    body = body_of(row.components)
    return Template(row.name, row.language, row.category, row.status, row.reason, body, places_of(body))


def body_of(components: Sequence[Any]) -> str:
    """The text of a template's body."""
    bodies = [c.get("text", "") for c in components if isinstance(c, dict) and str(c.get("type", "")).lower() == "body"]
    return str(bodies[0]) if bodies else ""


def places_of(body: str) -> tuple[str, ...]:
    """The places of a body, each once."""
    return tuple(dict.fromkeys(_PLACE.findall(body)))


def fill(template: Template, values: Mapping[str, str]) -> Content:
    """The message that sends a template: its text as the customer reads it, and what Meta is told. Raises InvalidInputError."""
    if not template.usable:
        raise InvalidInputError(f"The template {template.name} is {template.status.lower()}", hint="Only approved templates can be sent.")
    missing = [place for place in template.places if not values.get(place, "").strip()]
    if missing:
        raise InvalidInputError(f"The template {template.name} asks for {', '.join(missing)}", hint="Fill in each place.")
    named = any(not place.isdigit() for place in template.places)
    parameters = [{"type": "text", "text": values[place]} | ({"parameter_name": place} if named else {}) for place in template.places]
    components = [{"type": "body", "parameters": parameters}] if parameters else []
    text = _PLACE.sub(lambda match: values[match[1]], template.body)
    told = {"name": template.name, "language": template.language, "components": components}
    return Content(text or f"[{template.name}]", custom={"template": told})

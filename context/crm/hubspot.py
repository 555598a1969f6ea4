"""HubSpot by its CRM API v3: tags and lifecycle of contacts come in, notes of conversations go out."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from context.crm.port import CrmContact, CrmError, CrmRefusedError

URL = "https://api.hubapi.com"
SECONDS = 8.0
NOTE_TO_CONTACT = 202  # the association that HubSpot itself defines
PROPERTIES = ("email", "firstname", "lastname", "lifecyclestage", "hs_lead_status")


@dataclass(frozen=True)
class HubSpot:
    """An account (`context.crm.port.Crm`). `tags` names the property whose values, parted by semicolons, become labels."""

    token: str
    url: str = URL
    tags: str = "hs_tag"
    seconds: float = SECONDS
    transport: httpx.AsyncBaseTransport | None = None
    name: str = "hubspot"

    async def find(self, email: str) -> CrmContact | None:
        """See the port."""
        wanted = {"propertyName": "email", "operator": "EQ", "value": email}
        body = {"filterGroups": [{"filters": [wanted]}], "properties": [*PROPERTIES, self.tags], "limit": 1}
        found = (await self._post("/crm/v3/objects/contacts/search", body)).get("results") or []
        return _contact(found[0], self.tags) if found else None

    async def add_note(self, external_id: str, text: str, *, at: datetime) -> str:
        """See the port. The text is shown there as HTML, and is none."""
        body = {
            "properties": {"hs_timestamp": at.isoformat(), "hs_note_body": html.escape(text).replace("\n", "<br>")},
            "associations": [
                {"to": {"id": external_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": NOTE_TO_CONTACT}]}
            ],
        }
        return str((await self._post("/crm/v3/objects/notes", body)).get("id", ""))

    async def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        client = httpx.AsyncClient(base_url=self.url.rstrip("/"), headers=headers, transport=self.transport, trust_env=False)
        try:
            async with asyncio.timeout(self.seconds), client:
                answer = await client.post(path, json=dict(body))
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            raise CrmError(f"HubSpot does not answer: {type(error).__name__}") from None
        if answer.status_code in (400, 404, 409):
            raise CrmRefusedError(f"HubSpot answers {answer.status_code}")
        if answer.status_code >= 300:
            raise CrmError(f"HubSpot answers {answer.status_code}")
        try:
            read = answer.json()
        except ValueError:
            raise CrmError("HubSpot does not answer in JSON") from None
        return read if isinstance(read, dict) else {}


def _contact(found: Mapping[str, Any], tags: str) -> CrmContact:
    said = {key: value for key, value in (found.get("properties") or {}).items() if value}
    name = " ".join(str(said[key]) for key in ("firstname", "lastname") if key in said)
    attributes = {f"crm_{key}": said[key] for key in ("lifecyclestage", "hs_lead_status") if key in said}
    words = tuple(word.strip() for word in str(said.get(tags, "")).split(";") if word.strip())
    return CrmContact(str(found["id"]), name or None, words, attributes)

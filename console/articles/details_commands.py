"""Category, tags, audience, owner and dates; attachments; questions to try."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from console.articles.editing import Editing
from console.articles.view import file_json, trial_json
from console.obeying import Data, Handler, number_of, text_of
from console.strings import strings
from context.publishing import change_details
from context.staff.models import StaffRow
from kit.errors import InvalidInputError
from knowledge import articles, files
from knowledge.checking import check_draft

MOST_QUESTION = 2000


class DetailsCommands:
    """The commands by name in `handlers`."""

    def __init__(self, editing: Editing) -> None:
        self.editing = editing
        self.services, self.article_id = editing.services, editing.article_id
        self.handlers: dict[str, Handler] = {
            "details": self._details,
            "still_right": self._still_right,
            "remove_file": self._remove_file,
            "files": self._files,
            "try": self._try,
        }

    async def _details(self, staff: StaffRow, data: Data) -> None:
        """Changes only what the page names, so that two who change different things do not undo each other."""
        async with self.services.database.transaction() as session:
            await change_details(session, self.services.ledger, staff=staff, article_id=self.article_id, changes=_changes(data))
            await self.editing.show(session, staff)
        self.editing.screen("described", {})

    async def _still_right(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await articles.call_translated(session, self.article_id, self.editing.language_of(data))
            await self.editing.show(session, staff)

    async def _files(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            found = await files.list_files(session, self.article_id)
        self.editing.screen("files", {"files": [file_json(file) for file in found]})

    async def _remove_file(self, staff: StaffRow, data: Data) -> None:
        try:
            file_id = UUID(text_of(data, "id"))
        except ValueError:
            raise InvalidInputError(strings()["error_malformed_id"]) from None
        async with self.services.database.transaction() as session:
            await files.remove_file(session, await files.get_file(session, file_id, article_id=self.article_id))
        await asyncio.to_thread(self.services.articles.blobs.delete, files.blob_key(file_id))
        await self._files(staff, data)

    async def _try(self, _staff: StaffRow, data: Data) -> None:
        question, language = text_of(data, "question").strip()[:MOST_QUESTION], self.editing.language_of(data)
        async with self.services.database.transaction() as session:
            article = await articles.get_article(session, self.article_id)
        typed = check_draft(self.editing.draft_of(data))
        audience = "internal" if data.get("audience") == "internal" else "public"
        draft = replace(typed, category=article.category, tags=article.tags, audience=article.audience) if typed.body else None
        trial = await self.services.articles.tryer.try_question(question, language=language, audience=audience, draft=draft)
        self.editing.screen("tried", trial_json(trial) | {"question": question})


def _changes(data: Data) -> dict[str, Any]:
    """The fields of `Details` that the page names. Raises InvalidInputError."""
    found: dict[str, Any] = {name: text_of(data, name) for name in ("category", "audience", "owner", "source") if name in data}
    if "tags" in data:
        found["tags"] = tuple(tag for part in text_of(data, "tags").split(",") if (tag := part.strip()))
    try:
        if "reviewBy" in data:
            found["review_by"] = date.fromisoformat(text_of(data, "reviewBy")) if text_of(data, "reviewBy") else None
        if "expiresAt" in data:
            given = data["expiresAt"] is not None
            found["expires_at"] = datetime.fromtimestamp(number_of(data, "expiresAt") / 1000, UTC) if given else None
    except (ValueError, OverflowError, OSError):
        raise InvalidInputError(strings()["error_date"]) from None
    return found

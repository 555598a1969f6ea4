"""Reviewing, publishing and archiving articles: who may, and which events that is.

What follows (new passages, new index) is in the table of consequences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.events import Actor, ArticlePublished, ArticleRetired
from context.ledger import SYSTEM, Ledger
from context.staff.accounts import check_may, may
from context.staff.models import StaffRow
from kit.errors import ConflictError, InvalidInputError, NotAllowedError
from knowledge import articles
from knowledge.types import Version

EDIT = "edit_articles"


class NotReviewedError(ConflictError):
    """This must be reviewed before it is published."""


class OwnTextError(NotAllowedError):
    """You wrote or submitted this yourself: somebody else must approve it."""


async def publish_article(
    session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str, language: str, second_person: bool = False
) -> Version:
    """Publishes what is worked on in one language. With `second_person` it must have been submitted, by and from others than `staff`.

    Raises NotAllowedError, NotFoundError, InvalidInputError when there is no draft; NotReviewedError, OwnTextError.
    """
    check_may(staff, EDIT)
    if second_person:
        await articles.lock_article(session, article_id)  # so that what is checked is what is published
        _check_reviewed(await articles.find_working(session, article_id, language), staff)
    version = await articles.publish(session, article_id, language, clock=ledger.clock)
    await _append_published(session, ledger, version, staff)
    return version


def _check_reviewed(version: Version | None, staff: StaffRow) -> None:
    if version is not None and version.status != "in_review":
        raise NotReviewedError(hint="Submit it; a colleague then publishes it.")
    if version is not None and str(staff.id) in (version.editor, version.submitted_by):
        raise OwnTextError(hint="Ask a colleague who may edit articles.")


async def submit_article(session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str, language: str) -> Version:
    """Puts the draft before a reviewer. Raises NotAllowedError, NotFoundError, InvalidInputError when there is no draft."""
    check_may(staff, EDIT)
    return await articles.submit(session, article_id, language, editor=str(staff.id), clock=ledger.clock)


async def send_back_article(
    session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str, language: str, note: str = ""
) -> Version:
    """Makes what waits for a reviewer a draft again. Raises NotAllowedError, NotFoundError, ConflictError when nothing waits."""
    check_may(staff, EDIT)
    return await articles.send_back(session, article_id, language, note=note, clock=ledger.clock)


async def archive_article(session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str) -> None:
    """Takes an article back in all its languages. Raises NotAllowedError and NotFoundError."""
    check_may(staff, EDIT)
    for version in await articles.archive(session, article_id, clock=ledger.clock):
        event = ArticleRetired(article_id=article_id, language=version.language)
        await ledger.append(session, event, actor=Actor("agent", str(staff.id)))


async def change_details(session: AsyncSession, ledger: Ledger, *, staff: StaffRow, article_id: str, changes: Mapping[str, Any]) -> None:
    """Changes some fields (of `Details`) for all languages of an article; what is published is indexed anew when its tags have changed.

    Raises NotAllowedError, NotFoundError, InvalidInputError naming the field that cannot be accepted.
    """
    check_may(staff, EDIT)
    await articles.lock_article(session, article_id)  # so that two who change different fields do not undo each other
    article = await articles.get_article(session, article_id)
    details = replace(article.details, **changes)
    if details.owner and details.owner != article.owner:
        await _check_owner(session, details.owner)
    after = await articles.set_details(session, article_id, details, clock=ledger.clock)
    if after.tags != article.tags:
        for version in (v for v in article.versions if v.status == "published"):
            await _append_published(session, ledger, version, staff)


async def _check_owner(session: AsyncSession, owner: str) -> None:
    try:
        found = await session.get(StaffRow, UUID(owner))
    except ValueError:
        found = None
    if found is None or not found.active or not may(found, EDIT):
        raise InvalidInputError("The owner is not somebody who edits articles", hint="Name an editor, supervisor or admin by id.")


async def _append_published(session: AsyncSession, ledger: Ledger, version: Version, staff: StaffRow) -> None:
    event = ArticlePublished(article_id=version.article_id, language=version.language, version=version.version)
    await ledger.append(session, event, actor=Actor("agent", str(staff.id)))


async def announce_published(session: AsyncSession, ledger: Ledger, names: Iterable[str]) -> None:
    """Appends the events of what an import published, named "article/language"."""
    for article_id, _, language in (name.partition("/") for name in names):
        version = await articles.find_published(session, article_id, language, expired=True)
        if version is not None:
            event = ArticlePublished(article_id=article_id, language=language, version=version.version)
            await ledger.append(session, event, actor=SYSTEM)

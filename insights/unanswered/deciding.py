"""What editors do with an unanswered question: a new article, words for an old one, dismissed, put together. Asks for their right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from context.redaction.redactor import Redactor, without_marks
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from insights.unanswered.grouping import Merge
from insights.unanswered.models import QuestionRow
from insights.unanswered.placing import join, lock_questions, name_question
from insights.unanswered.reading import CLOSED, DISMISSED, DRAFTED, OPEN, RIGHT, find_row
from insights.unanswered.watching import reopen
from kit.clock import Clock, utc_now
from kit.errors import ConflictError, InvalidInputError
from knowledge import articles
from knowledge.types import Article, ArticleDraft, Version

MOST_REASON = 300
_WORD = re.compile(r"[a-z0-9]+")


class QuestionDecidedError(ConflictError):
    """Somebody has decided about this question already."""


@dataclass(frozen=True)
class Faq:
    """A new article as the editor approved it. `questions`: wordings, in any language, that search is to find it by."""

    article_id: str
    language: str
    title: str
    body: str
    category: str = ""
    audience: str = "public"
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Added:
    """Wordings that lead to an article that is there already, as (language, wording)."""

    article_id: str
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Deciding:
    """The decisions. `redactor` looks once more over what comes from customers' and agents' words."""

    redactor: Redactor
    clock: Clock = utc_now

    async def approve(self, session: AsyncSession, staff: StaffRow, question_id: UUID, faq: Faq) -> Version:
        """A draft article from the question, which then waits for its publication.

        Raises NotAllowedError, QuestionDecidedError, InvalidInputError (an empty answer too) and ArticleExistsError.
        """
        row = await self._undecided(session, staff, question_id)
        if not faq.body.strip():
            raise InvalidInputError("The answer is empty", hint="Write what customers are to be told, then make the draft.")
        draft = ArticleDraft(
            faq.article_id, faq.language, faq.title, faq.body, category=faq.category, audience=faq.audience,
            questions=tuple(self._wording(one) for one in faq.questions),
        )  # fmt: skip
        version = await articles.create_article(session, draft, editor=str(staff.id), clock=self.clock)
        await self._decide(session, row, staff, status=DRAFTED, article=(version.article_id, version.language))
        return version

    async def add_to(self, session: AsyncSession, staff: StaffRow, question_id: UUID, added: Added) -> tuple[Version, ...]:
        """New drafts of an article with more questions: each wording in its own language where the article has it, else in its first.

        Raises NotAllowedError, QuestionDecidedError, ArticleNotFoundError, and InvalidInputError without any wording.
        """
        row = await self._undecided(session, staff, question_id)
        article = await articles.get_article(session, added.article_id)
        wanted = self._by_language(article, added.questions)
        if not wanted:
            raise InvalidInputError("No wording was chosen", hint="Choose at least one that the article is to be found by.")
        saved = [await self._with_questions(session, staff, article, language, more) for language, more in wanted.items()]
        main = next((v for v in saved if v.language == row.language), saved[0])
        await self._decide(session, row, staff, status=DRAFTED, article=(main.article_id, main.language))
        return tuple(saved)

    async def accept(self, session: AsyncSession, staff: StaffRow, question_id: UUID, article_id: str) -> QuestionRow:
        """An article that is published answers it: the question is closed and watched.

        Raises NotAllowedError, QuestionDecidedError, ArticleNotFoundError, and InvalidInputError for one that is not published.
        """
        row = await self._undecided(session, staff, question_id)
        article = await articles.get_article(session, article_id)
        published = [one.language for one in article.versions if one.status == "published"]
        if not published:
            raise InvalidInputError(f"{article_id!r} is not published", hint="Publish it first, or add the question to it.")
        language = row.language if row.language in published else published[0]
        await self._decide(session, row, staff, status=CLOSED, article=(article_id, language))
        row.closed_at = self.clock()
        await session.flush()
        return row

    async def dismiss(self, session: AsyncSession, staff: StaffRow, question_id: UUID, reason: str) -> QuestionRow:
        """Puts a question away; what else customers say of it goes with it. Raises InvalidInputError without a reason."""
        row = await self._undecided(session, staff, question_id)
        reason = " ".join(reason.split())
        if not 1 <= len(reason) <= MOST_REASON:
            raise InvalidInputError("A reason is needed", hint=f"Say in 1 to {MOST_REASON} characters why this needs no article.")
        await self._decide(session, row, staff, status=DISMISSED)
        row.reason = reason
        await session.flush()
        return row

    async def open_again(self, session: AsyncSession, staff: StaffRow, question_id: UUID) -> QuestionRow:
        """Takes a decision back; an article that was made of it stays as it is."""
        check_may(staff, RIGHT)
        row = await find_row(session, question_id, lock=True)
        if row.status != OPEN:
            await reopen(session, row.id, why="by_hand", at=self.clock())
        return await find_row(session, row.id)

    async def merge(self, session: AsyncSession, staff: StaffRow, question_id: UUID, other_id: UUID) -> QuestionRow:
        """Makes two open questions one: the older stays. Raises InvalidInputError when they are one already."""
        check_may(staff, RIGHT)
        await lock_questions(session)
        rows = [await self._undecided(session, staff, one) for one in (question_id, other_id)]
        if rows[0].id == rows[1].id:
            raise InvalidInputError("These are one question already")
        older, younger = sorted(rows, key=lambda row: (row.created_at, row.id))
        await join(session, Merge(older.id, younger.id))
        await name_question(session, older.id, clock=self.clock)
        return await find_row(session, older.id)

    async def _undecided(self, session: AsyncSession, staff: StaffRow, question_id: UUID) -> QuestionRow:
        check_may(staff, RIGHT)
        row = await find_row(session, question_id, lock=True)
        if row.status != OPEN:
            who = f" ({row.decided_name})" if row.decided_name else ""
            raise QuestionDecidedError(f"Somebody has decided about this question already{who}", hint="Look at it again, or open it again.")
        return row

    async def _decide(
        self, session: AsyncSession, row: QuestionRow, staff: StaffRow, *, status: str, article: tuple[str, str] | None = None
    ) -> None:
        row.status, row.decided_by, row.decided_name = status, str(staff.id), staff.name
        row.decided_at = row.changed_at = self.clock()
        row.article_id, row.article_language = article or (None, None)
        row.reason, row.closed_at, row.reopened_at, row.reopened_why = None, None, None, None
        await session.flush()

    def _wording(self, text: str) -> str:
        """What a customer said, without what stood for personal data: readers of the article's history see it."""
        return without_marks(self.redactor.check(text))

    def _by_language(self, article: Article, questions: Sequence[tuple[str, str]]) -> Mapping[str, list[str]]:
        """Which wordings go to which language of the article; zh-Hans is served from zh-Hant where it has no text of its own."""
        living = list(dict.fromkeys(version.language for version in article.versions))
        wanted: dict[str, list[str]] = {}
        for language, text in questions:
            checked = self._wording(text)
            near = [one for one in living if one == language] or [one for one in living if one[:2] == language[:2]] or living
            if checked and near:
                wanted.setdefault(near[0], []).append(checked)
        return wanted

    async def _with_questions(
        self, session: AsyncSession, staff: StaffRow, article: Article, language: str, more: Sequence[str]
    ) -> Version:
        living = max((one for one in article.versions if one.language == language), key=lambda one: one.version)
        questions = (*living.questions, *more)
        draft = ArticleDraft(article.id, language, living.title, living.body, questions=questions)
        newest = (await articles.versions(session, article.id, language))[0].version
        return await articles.save_draft(session, draft, editor=str(staff.id), expected_version=newest, clock=self.clock)


def propose_id(title: str, *, fallback: str) -> str:
    """An id for an article about a question: its first words in small Latin letters, or `fallback`."""
    words = _WORD.findall(title.lower())
    return "-".join(words[:6])[:60].strip("-") if len(words) > 1 else fallback

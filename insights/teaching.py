"""What editors do with the queue for learning: teach, dismiss, undo. Everything asks for the right to teach."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.ledger import Ledger
from context.redaction.redactor import Redactor
from context.staff.accounts import check_may
from context.staff.models import StaffRow
from context.teaching_events import SentenceDismissed, SentenceReopened, SentenceTaught
from insights.learned import Clash, Known, TrainingSentences, plain_sentence, write_learned
from insights.models import LearningSentenceRow
from insights.queue import DISMISSED, OPEN, RIGHT, TAUGHT, Sentence, read_sentence
from insights.registry import doer_of
from kit.db import Database
from kit.errors import ConflictError, InvalidInputError, NotFoundError
from nlu.annotations import AnnotationError

MOST_LANGUAGE = 20
_INTENT = re.compile(r"[a-z][a-z0-9_]{1,63}(?:/[a-z][a-z0-9_]{1,63})?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?")
_RESERVED = frozenset({"nlu_fallback", "restart", "back", "session_start"})


class SentenceClashError(ConflictError):
    """The same sentence stands under another intent already."""


@dataclass(frozen=True)
class Lesson:
    """What a sentence is to teach. An empty `text` or `language` means as kept; `sure`: also against the same words of another intent."""

    intent: str
    text: str = ""
    language: str = ""
    sure: bool = False


def check_intent(name: str) -> str:
    """The name if Rasa takes it: small letters, digits and underscores, one slash for a retrieval intent. Raises InvalidInputError."""
    name = name.strip()
    if not _INTENT.fullmatch(name) or name in _RESERVED or name.split("/")[0] in _RESERVED:
        hint = "Use small letters, digits and underscores, as in ask_workshop; faq/workshops for a question with one answer."
        raise InvalidInputError(f"{name!r} cannot be the name of an intent", hint=hint)
    return name


@dataclass(frozen=True)
class Teaching:
    """What editors do. `redactor` looks over what they wrote once more; `folder` is where taught sentences are written to on this node."""

    database: Database
    ledger: Ledger
    sentences: TrainingSentences
    redactor: Callable[[], Redactor]
    folder: Path

    async def known(self) -> Known:
        """The project's own sentences."""
        return await asyncio.to_thread(self.sentences.known)

    async def intents(self, session: AsyncSession) -> list[str]:
        """All intents that can be chosen: those of the project, and those that editors made."""
        made = select(LearningSentenceRow.intent).where(LearningSentenceRow.intent.is_not(None)).distinct()
        return sorted({*(await self.known()).intents, *(name for name in (await session.execute(made)).scalars() if name)})

    async def check(self, session: AsyncSession, sentence_id: UUID, lesson: Lesson) -> tuple[Clash, ...]:
        """What stands against teaching this: sentences of other intents that are (nearly) the same, taught ones too."""
        row = await _get(session, sentence_id)
        return await self._clashes(session, row, lesson, self._checked(lesson.text or row.text))

    async def _clashes(self, session: AsyncSession, row: LearningSentenceRow, lesson: Lesson, sentence: str) -> tuple[Clash, ...]:
        plain, language = self._plain(sentence), check_language(lesson.language or row.language)
        clashes = (await self.known()).clashes(plain, language=language, intent=lesson.intent)
        query = select(LearningSentenceRow).where(
            LearningSentenceRow.status == TAUGHT, LearningSentenceRow.language == language, LearningSentenceRow.id != row.id,
            LearningSentenceRow.intent != lesson.intent, func.lower(LearningSentenceRow.taught_text) == plain.lower(),
        )  # fmt: skip
        taught = (await session.execute(query)).scalars()
        return clashes + tuple(Clash(t.intent or "", t.taught_text or "", True, f"taught by {t.decided_name}") for t in taught)

    async def teach(self, session: AsyncSession, staff: StaffRow, sentence_id: UUID, lesson: Lesson) -> Sentence:
        """Makes a sentence training data of an intent, with its author; once more with another intent changes it.

        Raises NotAllowedError, InvalidInputError for a bad name or text, SentenceClashError when the same words stand under another intent
        and the editor is not sure.
        """
        check_may(staff, RIGHT)
        name = lesson.intent.strip()
        if name not in (await self.known()).intents:
            check_intent(name)
        row = await _get(session, sentence_id, lock=True)
        sentence = self._checked(lesson.text or row.text)
        same = [clash for clash in await self._clashes(session, row, replace(lesson, intent=name), sentence) if clash.same]
        if same and not lesson.sure:
            hint = "Choose that intent, change the words, or teach it all the same."
            raise SentenceClashError(f"{same[0].text!r} stands under {same[0].intent} already ({same[0].place})", hint=hint)
        await self._decide(session, row, staff, status=TAUGHT, lesson=Lesson(name, sentence))
        await _move(session, row, check_language(lesson.language or row.language))
        event = SentenceTaught(sentence_id=str(row.id), intent=name, language=row.language)
        await self.ledger.append(session, event, actor=doer_of(staff).actor)
        return await self._written(session, row.id)

    async def dismiss(self, session: AsyncSession, staff: StaffRow, sentence_id: UUID) -> Sentence:
        """Puts a sentence away as of no use. Raises NotAllowedError."""
        check_may(staff, RIGHT)
        row = await _get(session, sentence_id, lock=True)
        await self._decide(session, row, staff, status=DISMISSED)
        await self.ledger.append(session, SentenceDismissed(sentence_id=str(row.id)), actor=doer_of(staff).actor)
        return await self._written(session, row.id)

    async def undo(self, session: AsyncSession, staff: StaffRow, sentence_id: UUID) -> Sentence:
        """Takes back what was decided: the sentence is open again, and no training data any more. Raises NotAllowedError."""
        check_may(staff, RIGHT)
        row = await _get(session, sentence_id, lock=True)
        if row.status != OPEN:
            await self._decide(session, row, staff, status=OPEN)
            await self.ledger.append(session, SentenceReopened(sentence_id=str(row.id)), actor=doer_of(staff).actor)
        return await self._written(session, row.id)

    async def _decide(
        self, session: AsyncSession, row: LearningSentenceRow, staff: StaffRow, *, status: str, lesson: Lesson | None = None
    ) -> None:
        row.status, row.intent, row.taught_text = status, lesson.intent if lesson else None, lesson.text if lesson else None
        decided = status != OPEN
        row.decided_by, row.decided_name = (str(staff.id), staff.name) if decided else (None, None)
        row.decided_at, row.changed_at = self.ledger.now if decided else None, self.ledger.now
        await session.flush()

    async def _written(self, session: AsyncSession, sentence_id: UUID) -> Sentence:
        await write_learned(session, self.folder, known=await self.known())
        return await read_sentence(session, sentence_id)

    def _checked(self, text: str) -> str:
        sentence = self.redactor().check(text) if "[" not in text else " ".join(text.split())
        if not any(c.isalnum() for c in self._plain(sentence)):
            raise InvalidInputError("The sentence is empty", hint="Write what a customer would.")
        return sentence.removeprefix("- ").strip()

    @staticmethod
    def _plain(text: str) -> str:
        try:
            return plain_sentence(text)
        except AnnotationError as error:
            raise InvalidInputError(str(error), hint='Write [text](name) or [text]{"entity": "name"}.') from None


def check_language(language: str) -> str:
    """A language tag that can name a folder. Raises InvalidInputError."""
    if len(language) > MOST_LANGUAGE or not _LANGUAGE.fullmatch(language):
        raise InvalidInputError(f"{language!r} is no language", hint="Use en, pt, zh-Hant, zh-Hans or another tag.")
    return language


async def _move(session: AsyncSession, row: LearningSentenceRow, language: str) -> None:
    """Gives a sentence another language, unless the same words are kept in that one already."""
    if language == row.language:
        return
    same = select(LearningSentenceRow.id).where(LearningSentenceRow.language == language, LearningSentenceRow.key == row.key)
    if (await session.execute(same)).first() is not None:
        raise ConflictError("The same sentence is in the queue in that language already", hint="Teach that one.")
    row.language = language
    await session.flush()


async def _get(session: AsyncSession, sentence_id: UUID, *, lock: bool = False) -> LearningSentenceRow:
    row = await session.get(LearningSentenceRow, sentence_id, populate_existing=True, with_for_update=lock)
    if row is None:
        raise NotFoundError("There is no such sentence")
    return row

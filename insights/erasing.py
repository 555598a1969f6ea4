"""A customer is erased: their sentences in the queue for learning, and the unanswered questions that were made of them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from context.erasing.person import Person
from insights.grouping import sentence_key
from insights.models import LearningMessageRow, LearningSentenceRow
from insights.unanswered.models import QuestionRow, WordingRow
from insights.unanswered.placing import lock_questions, name_question


async def erase_from_insights(session: AsyncSession, person: Person) -> None:
    """A sentence that others said too gets the words of one of them; one that nobody else said goes, also when it was taught."""
    await lock_questions(session)
    mine = LearningMessageRow.conversation_id.in_(person.conversations)
    sentences = sorted(set((await session.execute(select(LearningMessageRow.sentence_id).where(mine))).scalars()))
    placed = select(WordingRow.question_id).where(WordingRow.sentence_id.in_(sentences))
    questions = sorted(set((await session.execute(placed)).scalars()))
    await session.execute(delete(LearningMessageRow).where(mine))
    for sentence_id in sentences:
        await _reword(session, sentence_id)
    for question_id in questions:
        await _rename(session, question_id)


async def _reword(session: AsyncSession, sentence_id: UUID) -> None:
    row = await session.get(LearningSentenceRow, sentence_id, with_for_update=True, populate_existing=True)
    if row is None:
        return
    said = select(LearningMessageRow.text).where(LearningMessageRow.sentence_id == sentence_id).order_by(LearningMessageRow.at)
    others = list((await session.execute(said)).scalars())
    if not others:
        await session.delete(row)
        await session.flush()
    elif row.text not in others:
        row.text, key = others[0], sentence_key(others[0])
        same = exists().where(
            LearningSentenceRow.language == row.language, LearningSentenceRow.key == key, LearningSentenceRow.id != row.id
        )
        row.key = str(row.id) if (await session.execute(select(same))).scalar() else key
        row.taught_text = row.text if row.taught_text is not None else None
        placed = update(WordingRow).where(WordingRow.sentence_id == sentence_id)
        await session.execute(placed.values(encoder=""))  # to be read anew
        await session.flush()


async def _rename(session: AsyncSession, question_id: UUID) -> None:
    """Without wordings it goes; else it is named, and its answer joined, anew."""
    left = (await session.execute(select(WordingRow.sentence_id).where(WordingRow.question_id == question_id).limit(1))).first()
    if left is None:
        await session.execute(delete(QuestionRow).where(QuestionRow.id == question_id))
        return
    await session.execute(update(QuestionRow).where(QuestionRow.id == question_id).values(drafts={}))
    await name_question(session, question_id)
    merged = QuestionRow.merged_into == question_id  # their words are those of wordings that may have gone
    await session.execute(update(QuestionRow).where(merged).values(text="", drafts={}))

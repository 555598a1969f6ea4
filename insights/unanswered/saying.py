"""Which messages count as asked and unanswered: one rule for counting, watching and drafting."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, not_

from insights.models import LearningMessageRow, LearningSentenceRow

TAUGHT = "taught"


def unanswered() -> ColumnElement[bool]:
    """Of `LearningMessageRow` joined with its sentence: no article answered, and it was not said before the sentence became a lesson."""
    taught_since = and_(LearningSentenceRow.status == TAUGHT, LearningMessageRow.at <= LearningSentenceRow.decided_at)
    return and_(not_(LearningMessageRow.answered), not_(taught_since))

"""`record_feedback`: a rating from 1 to 5 that the customer gives unasked, with or without a comment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import ConfigDict, Field, StringConstraints

from context.actions.types import Action, ActionContext, ActionRefusedError, ActionResult
from context.events import RatingGiven
from context.models import RatingRow


@dataclass(frozen=True)
class RecordFeedback:
    """5 is best."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    score: Annotated[int, Field(ge=1, le=5)]
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] = ""


async def _run(context: ActionContext, arguments: RecordFeedback) -> ActionResult:
    """Stored among the ratings of the conversation; the row's id is made of the key, so that a repeat finds it."""
    if context.conversation_id is None:
        raise ActionRefusedError("no_conversation", "A rating belongs to a conversation")
    rating_id = uuid5(NAMESPACE_URL, f"baton:feedback:{context.key}")
    if await context.session.get(RatingRow, rating_id) is not None:
        return ActionResult({"rating_id": str(rating_id), "repeated": True})
    row = RatingRow(id=rating_id, conversation_id=context.conversation_id, score=arguments.score, comment=arguments.comment or None)
    row.asked_at = row.given_at = context.now
    context.session.add(row)
    await context.session.flush()
    event = RatingGiven(rating_id=str(rating_id), score=arguments.score, comment_given=bool(arguments.comment))
    return ActionResult({"rating_id": str(rating_id), "repeated": False}, (event,))


RECORD_FEEDBACK = Action("record_feedback", RecordFeedback, _run)

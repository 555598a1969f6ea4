"""What the shop has nothing to do with is politely declined, unless the knowledge base surely answers it."""

from __future__ import annotations

from bot.actions.answer_from_knowledge import ask_knowledge, given_answer, knowledge_notes, question_of
from bot.actions.port import ActionContext, ActionResult


class Decline:
    """Not a failed understanding: it was understood, and is none of the shop's business."""

    name = "action_decline"

    async def run(self, context: ActionContext) -> ActionResult:
        question = question_of(context)
        answer = await ask_knowledge(context, question)
        if answer.text is not None and answer.confidence >= float(context.setting("out_of_scope_confidence", 0.6)):
            return given_answer(question, answer)
        return ActionResult(messages=(context.say("utter_out_of_scope"),), notes=knowledge_notes(answer))

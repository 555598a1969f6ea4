"""Answers the customer's own words from the shop's data or the knowledge base, or says honestly that it cannot."""

from __future__ import annotations

from dataclasses import replace

from bot.actions.failing import failed_understanding
from bot.actions.hand_off import person_button, person_buttons
from bot.actions.port import ActionContext, ActionResult
from bot.actions.shop_answers import answer_from_shop, offered_after
from bot.project.types import NLU_FALLBACK
from bot.tracker import SESSION_METADATA
from context.types import AnswerGiven, Button, Content
from knowledge.types import Answer

MOST_TOPICS = 3


def question_of(context: ActionContext) -> str:
    """What the customer asked, in their words."""
    user = context.tracker.latest_user
    return user.text if user else context.message.text


def page_article(context: ActionContext) -> str:
    """The article of the help centre that the customer reads, or read when the talk began; empty when there is none."""
    for said in (context.message.metadata, context.tracker.slots.get(SESSION_METADATA)):
        page = said.get("page") if isinstance(said, dict) else None
        if isinstance(page, dict):
            return str(page.get("article") or "")
    return ""


async def ask_knowledge(context: ActionContext, question: str) -> Answer:
    """What the knowledge base says, from the page that the customer reads where it answers about as well."""
    return await context.knowledge.answer(question, language=context.language, about=page_article(context))


def given_answer(question: str, answer: Answer, *, buttons: tuple[Button, ...] = ()) -> ActionResult:
    """The answer with its source, when there is one; its text must not be None."""
    assert answer.text is not None
    citations = answer.citations[:1]
    article = citations[0].article_id if citations else answer.hits[0].passage.article_id if answer.hits else ""
    return ActionResult(
        messages=(Content(answer.text, buttons=buttons, citations=citations),),
        answers=(AnswerGiven(question, answer.text, article, answer.confidence),),
        notes=knowledge_notes(answer),
    )


def knowledge_notes(answer: Answer) -> dict[str, object]:
    """What the trace says of an answer: passages and confidence."""
    passages = [{"id": h.passage.id, "article": h.passage.article_id, "confidence": round(h.confidence, 4)} for h in answer.hits[:5]]
    return {"knowledge": "answered" if answer.text else "abstained", "confidence": round(answer.confidence, 4), "passages": passages}


def topic_buttons(answer: Answer) -> tuple[Button, ...]:
    """The nearest topics; choosing one asks its title."""
    titles = [h.passage.title_path[0] for h in answer.hits if h.passage.title_path]
    return tuple(Button(title, title) for title in list(dict.fromkeys(titles))[:MOST_TOPICS])


class AnswerFromKnowledge:
    """Answers an FAQ, or anything that was not understood, when the shop's data or the knowledge base do."""

    name = "action_answer_from_knowledge"

    async def run(self, context: ActionContext) -> ActionResult:
        told = await answer_from_shop(context)
        if told is not None:
            return told
        question = question_of(context)
        answer = await ask_knowledge(context, question)
        user = context.tracker.latest_user
        unclear = user is None or user.intent == NLU_FALLBACK
        # Understanding found nothing of the shop's in it: then only a sure answer is one.
        sure = not unclear or answer.confidence >= float(context.setting("unclear_confidence", 0.0))
        if answer.text is not None and sure:
            return offered_after(context, given_answer(question, answer))
        offered = offered_after(context, ActionResult())
        if offered.messages:  # no article, but something that can be done
            return replace(offered, abstained=(question,), notes=knowledge_notes(answer))
        if unclear and context.tracker.loop:
            said = context.say("utter_please_rephrase")
        else:
            said = context.say("utter_no_answer", buttons=(*topic_buttons(answer), *person_buttons(context)))
        reason = "not_understood" if unclear else "no_knowledge"
        result = failed_understanding(context, reason, messages=(said,), abstained=(question,))
        return ActionResult(
            messages=result.messages,
            handoff=result.handoff,
            failed=result.failed,
            abstained=result.abstained,
            notes=knowledge_notes(answer),
        )


class ExplainAndOfferPerson:
    """Explains from the knowledge base what the bot cannot do itself, and offers a person who can."""

    name = "action_explain_and_offer_person"

    async def run(self, context: ActionContext) -> ActionResult:
        question = question_of(context)
        answer = await ask_knowledge(context, question)
        offer = context.say("utter_offer_person", buttons=(person_button(context),))
        if answer.text is None:
            return ActionResult(messages=(offer,), abstained=(question,), notes=knowledge_notes(answer))
        explained = given_answer(question, answer)
        return ActionResult(messages=(*explained.messages, offer), answers=explained.answers, notes=explained.notes)

"""Feedback that the customer gives unasked: a rating from 1 to 5 and a comment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.actions.flow_slots import cleared
from bot.actions.free_words import NEVER, NOTHING, optional_answer
from bot.actions.hand_off import person_button
from bot.actions.port import ActionContext, ActionResult
from bot.dialogue_events import SlotSet
from context.types import Effect

FORM = "feedback_form"
POOR = 2  # with so few stars a person is offered
SCORES = {
    5: r"excellent|perfect|amazing|brilliant|outstanding|非常好|完美|滿分|满分|極好|极好|excelente|perfeit|espetacular|[五5]\s*(?:星|分"
    r"|粒星)",
    4: r"\bvery good\b|pretty good|\bgood\b|幾好|不錯|不错|muito bo[am]|\bbo[am]\b|bastante bem|[四4]\s*(?:[粒顆颗]?星|分)",
    3: r"\bok(?:ay)?\b|average|so-so|mediocre|一般|麻麻|普通|還好|还好|mais ou menos|razo[aá]vel|assim-assim|[三3]\s*(?:[粒顆颗]?星|分)",
    2: r"\bpoor\b|not (?:so |very )?good|disappoint|幾差|不太好|唔太好|frac[oa]|pouco|[二兩两2]\s*(?:[粒顆颗]?星|分)",
    1: r"terrible|awful|horrible|very bad|worst|好差|很差|極差|极差|p[eé]ssim|horr[ií]vel|muito mau|[一1]\s*(?:[粒顆颗]?星|分)",
}
_DIGIT = re.compile(r"(?<![\d.,])([1-5])(?:\s*(?:/|out of|de|em)\s*5)?(?![\d.,]*\d)")
_WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "um": 1, "uma": 1, "dois": 2, "duas": 2, "três": 3, "quatro": 4, "cinco": 5}


def score_of(text: str) -> int | None:
    """The rating that the words give; None when they give none."""
    digit = _DIGIT.search(text)
    if digit:
        return int(digit[1])
    word = next((n for w, n in _WORDS.items() if re.search(rf"\b{w}\b", text, re.IGNORECASE)), None)
    found = (score for score in (1, 2, 5, 4, 3) if re.search(SCORES[score], text, re.IGNORECASE))
    return word or next(found, None)


class ExtractFeedback:
    """Custom mapping of feedback_score and feedback_comment."""

    name = "action_extract_feedback"

    async def run(self, context: ActionContext) -> ActionResult:
        user, asked = context.tracker.latest_user, context.tracker.requested_slot
        if user is None or user.text.startswith("/") or user.intent in NEVER:
            return ActionResult()
        if asked == "feedback_score":
            score = score_of(user.text)
            return ActionResult(events=(SlotSet("feedback_score", str(score)),)) if score else ActionResult()
        words = optional_answer(user) or (user.text.strip()[:500] if user.intent in ("complain", "small_talk", "thank", "faq") else None)
        return ActionResult(events=(SlotSet("feedback_comment", words),)) if asked == "feedback_comment" and words else ActionResult()


class FeedbackFormRules:
    """The rating must be one from 1 to 5."""

    name = "validate_feedback_form"

    def required_slots(self, declared: tuple[str, ...], context: ActionContext) -> tuple[str, ...]:  # noqa: ARG002 - the port's shape
        return declared

    async def validate(self, candidates: Mapping[str, Any], context: ActionContext) -> ActionResult:
        score = candidates.get("feedback_score")
        if score is not None and str(score) not in ("1", "2", "3", "4", "5"):
            return ActionResult(events=(SlotSet("feedback_score", None),), messages=(context.say("utter_please_rephrase"),))
        return ActionResult()


class SubmitFeedback:
    """Stores the rating, thanks for it, and offers a person when it is poor."""

    name = "action_submit_feedback"

    async def run(self, context: ActionContext) -> ActionResult:
        slots = context.tracker.slots
        if slots["feedback_score"] is None:
            return ActionResult(events=cleared(FORM))
        score, comment = int(slots["feedback_score"]), slots["feedback_comment"]
        effect = Effect("record_feedback", {"score": score, "comment": "" if comment in (None, NOTHING) else comment})
        poor = score <= POOR
        said = context.say("utter_feedback_poor", buttons=(person_button(context),)) if poor else context.say("utter_feedback_thanks")
        return ActionResult(events=cleared(FORM), messages=(said,), effects=(effect,))

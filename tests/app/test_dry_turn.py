"""A question tried as a whole turn of the bot: what it would say and do, and that nothing of it is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.dry_turn import dry_turn
from app.trying import TryAnswers
from bot.actions.port import ActionContext, ActionResult
from bot.baton_engine import BatonEngine
from bot.testing import load_readers
from knowledge.search import SearchIndex
from knowledge.trying import Turned
from nlu.types import Understanding
from tests.bot.talking import STORIES, shop
from tests.knowledge.fakes import GIFTS, HOURS, RETURNS, index_of

QUESTION = "What is your return policy?"


class Watched:
    """An action server that must not be asked."""

    asked = 0

    async def run(self, name: str, context: ActionContext) -> ActionResult:
        self.asked += 1
        return ActionResult()


def engine(remote: Watched | None = None) -> BatonEngine:
    readers = load_readers(STORIES)
    return BatonEngine(shop(), orders=readers.orders, knowledge=readers.knowledge, shop=readers.shop, remote=remote)


async def test_the_bot_answers_from_the_index_that_is_tried_and_keeps_its_own() -> None:
    bot = engine()
    before = bot.knowledge
    found = await dry_turn(bot, index_of((RETURNS, HOURS, GIFTS)), QUESTION, Understanding("en", "faq/return_policy", 0.9))
    assert found.messages[-1].startswith("You can return an item within 30 days")
    assert (found.intent, found.confidence, found.handoff, found.would_do) == ("faq/return_policy", 0.9, "", ())
    draft = replace(RETURNS, body="You can return an item within 60 days of delivery.")
    found = await dry_turn(bot, index_of((draft, HOURS, GIFTS)), QUESTION, Understanding("en", "faq/return_policy", 0.9))
    assert "60 days" in found.messages[-1]
    assert bot.knowledge is before


async def test_a_wish_for_a_person_says_why_and_calls_nobody() -> None:
    found = await dry_turn(engine(), index_of((HOURS,)), "a person please", Understanding("en", "talk_to_human", 0.95))
    assert found.handoff == "customer_asked"


async def test_orders_of_customers_are_not_shown_and_no_action_server_is_asked() -> None:
    remote = Watched()
    bot = engine(remote)
    found = await dry_turn(bot, index_of((HOURS,)), "Where is my order LC-100001?", Understanding("en", "track_order", 0.95))
    assert found.messages
    assert not any("LC-100001" in text and "MOP" in text for text in found.messages)
    assert remote.asked == 0


async def test_customers_questions_are_tried_as_turns_before_and_after_and_agents_are_not() -> None:
    index, tried = index_of((RETURNS, HOURS)), list[SearchIndex]()

    async def turn(asked: SearchIndex, question: str, language: str) -> Turned | None:
        tried.append(asked)
        return Turned((question, language), (), "faq", 0.9)

    answers = TryAnswers(lambda: index, turn)
    draft: dict[str, Any] = {"id": "store-hours", "language": "en", "title": HOURS.title, "body": "Closed on Mondays."}
    said = await answers.answer(text="open?", language="en", audience="public", draft=draft)
    assert said["before"]["turn"]["messages"] == ("open?", "en")
    assert said["after"]["turn"] is not None
    assert tried[0] is index
    assert tried[1] is not index
    said = await answers.answer(text="open?", language="en", audience="internal", draft=draft)
    assert said["before"]["turn"] is None
    assert len(tried) == 2

"""What a worker answers to Rasa's HTTP API about talks in the database: between turns only, and once for each question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from app.brain import Brain, NotReadyError
from app.door_questions import BusyTalkError, DoorQuestions
from bot.baton_engine import BatonEngine
from bot.fakes import MemoryKnowledge, MemoryOrders
from bot.project.loader import load_project
from bot.rasa_events import RasaEventError
from channels.rasa.finding import find_conversation
from context.conversations import lock_conversation
from context.inbound import record_inbound
from context.ledger import Ledger
from context.outbound import add_message
from context.types import Author, Content, Inbound, Understanding
from kit.db import Database
from kit.errors import NotFoundError
from tests.small_project import write_small_project

pytestmark = pytest.mark.integration
SLOT = {"event": "slot", "name": "size", "value": "L"}
BACK = {"event": "bot", "text": "Back soon"}


@dataclass
class Thoughts:
    """As much of the brain as is asked for."""

    engine: BatonEngine | None
    model_name: str = "model-1"

    def understand(self, text: str, **_: Any) -> Understanding:
        """Everything is a greeting."""
        return Understanding("en", "greet", 0.8, (("greet", 0.8), ("track_order", 0.2)))


@pytest.fixture
def questions(database: Database, ledger: Ledger, tmp_path: Path) -> DoorQuestions:
    """A worker with a small bot that has a slot."""
    folder = write_small_project(tmp_path)
    domain = folder / "domain.yml"
    domain.write_text(
        domain.read_text()
        + "slots:\n  size:\n    type: text\n    mappings:\n    - type: from_intent\n      intent: greet\n      value: S\n"
    )
    engine = BatonEngine(load_project(folder), orders=MemoryOrders(), knowledge=MemoryKnowledge())
    return DoorQuestions(database, ledger, cast(Brain, Thoughts(engine)), tries=2)


async def test_the_same_question_changes_a_talk_once(questions: DoorQuestions, database: Database) -> None:
    for _ in range(2):
        state = await questions.append(ask_id="a", sender="ana", events=[SLOT], verbosity="ALL", side_effects=False)
    assert state["slots"]["size"] == "L"
    assert [e["event"] for e in state["events"]] == ["action", "session_started", "action", "slot"]
    again = await questions.append(ask_id="b", sender="ana", events=[SLOT], verbosity="ALL", side_effects=False)
    assert [e["event"] for e in again["events"]].count("slot") == 2


async def test_a_talk_is_not_changed_while_the_bot_has_its_turn(questions: DoorQuestions, database: Database, ledger: Ledger) -> None:
    await questions.append(ask_id="a", sender="ana", events=[SLOT], verbosity="ALL", side_effects=False)
    async with database.transaction() as session:
        found = await find_conversation(session, "ana")
        assert found is not None
        conversation = await lock_conversation(session, found.id)
        conversation.lease_owner, conversation.lease_until = "job", ledger.now + timedelta(seconds=30)
    with pytest.raises(BusyTalkError):
        await questions.replace(ask_id="b", sender="ana", events=[SLOT], verbosity="ALL")


async def test_a_wrong_event_leaves_the_talk_alone(questions: DoorQuestions) -> None:
    with pytest.raises(RasaEventError):
        await questions.append(ask_id="a", sender="ana", events=[SLOT, {"event": "pig"}], verbosity="ALL", side_effects=False)
    assert (await questions.tracker(sender="ana", verbosity="ALL"))["slots"]["size"] is None


async def test_the_bot_speaks_from_outside_only_where_it_holds_the_talk(
    questions: DoorQuestions, database: Database, ledger: Ledger
) -> None:
    async with database.transaction() as session:
        await record_inbound(session, ledger, Inbound("rest", "rest", "ana", "1", "hi"))
    await questions.append(ask_id="a", sender="ana", events=[BACK], verbosity="ALL", side_effects=True)
    async with database.transaction() as session:
        found = await find_conversation(session, "ana")
        assert found is not None
        conversation = await lock_conversation(session, found.id)
        await add_message(session, ledger, conversation, content=Content("x"), author=Author.SYSTEM)
        conversation.handler = "queue"
    with pytest.raises(Exception, match="A person holds"):
        await questions.append(ask_id="b", sender="ana", events=[BACK], verbosity="ALL", side_effects=True)


async def test_a_message_fills_slots_and_a_reminder_sets_the_clock(questions: DoorQuestions, database: Database) -> None:
    state = await questions.message(ask_id="a", sender="ana", text="hello", verbosity="APPLIED")
    assert (state["slots"]["size"], state["latest_message"]["intent"]["name"]) == ("S", "greet")
    reminder = {"event": "reminder", "intent": "greet", "date_time": "2030-01-01T00:00:00+00:00", "name": "r"}
    await questions.append(ask_id="b", sender="ana", events=[reminder], verbosity="ALL", side_effects=False)
    async with database.transaction() as session:
        found = await find_conversation(session, "ana")
    assert found is not None
    assert found.dialogue["wake_at"] == "2030-01-01T00:00:00+00:00"


async def test_a_talk_is_found_by_its_own_id_and_told_as_a_story(questions: DoorQuestions, database: Database) -> None:
    await questions.message(ask_id="a", sender="ana", text="hello", verbosity="ALL")
    async with database.transaction() as session:
        found = await find_conversation(session, "ana")
    assert found is not None
    story = await questions.story(sender=str(found.id))
    assert "- user: hello\n    intent: greet" in story
    assert (await questions.predict(sender="ana"))["scores"][0] == {"action": "utter_greet", "score": 1.0}


async def test_who_never_wrote_has_a_fresh_tracker_but_no_story(questions: DoorQuestions) -> None:
    state = await questions.tracker(sender="nobody", verbosity="AFTER_RESTART")
    assert (state["sender_id"], state["slots"]["size"], state["latest_message"]["text"]) == ("nobody", None, None)
    with pytest.raises(NotFoundError):
        await questions.story(sender="nobody")


async def test_status_parsing_and_intents(questions: DoorQuestions) -> None:
    assert await questions.status() == {"model_file": "model-1.tar", "model_id": "model-1", "num_active_training_jobs": 0}
    assert await questions.knows_intent(name="greet") == {"known": True}
    parsed = await questions.parse(text="hello")
    assert (parsed["intent"], parsed["response_selector"]) == ({"name": "greet", "confidence": 0.8}, {})
    assert parsed["intent_ranking"][1] == {"name": "track_order", "confidence": 0.2}


async def test_without_a_model_nothing_is_answered(database: Database, ledger: Ledger) -> None:
    with pytest.raises(NotReadyError):
        await DoorQuestions(database, ledger, cast(Brain, Thoughts(None))).status()

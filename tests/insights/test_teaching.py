"""What editors make of the queue, and what of it becomes training data."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from context.ledger import Ledger
from context.models import EventRow
from context.staff.accounts import create_staff
from context.staff.models import StaffRow
from context.types import Role
from insights.learned import read_known
from insights.queue import Filter, Sentence, access_counts, access_sentences
from insights.teaching import Lesson, SentenceClashError, Teaching, check_intent
from kit.db import Database
from kit.errors import InvalidInputError, NotAllowedError, NotFoundError
from nlu.rasa_yaml import read_training_data
from tests.console.desk import PASSWORD, make_teaching
from tests.insights.asking import ask_something_unknown

pytestmark = pytest.mark.integration


@pytest.fixture
def teaching(database: Database, ledger: Ledger, tmp_path: Path) -> Teaching:
    return make_teaching(database, ledger, tmp_path)


async def hire(teaching: Teaching, role: Role = Role.EDITOR) -> StaffRow:
    async with teaching.database.transaction() as session:
        return await create_staff(session, email=f"{uuid.uuid4().hex}@shop.example", name="Eva", role=role, password=PASSWORD)


async def queue(teaching: Teaching, eva: StaffRow, wanted: Filter | None = None) -> list[Sentence]:
    async with teaching.database.transaction() as session:
        return await access_sentences(session, eva, wanted or Filter())


async def teach(teaching: Teaching, eva: StaffRow, sentence: Sentence, lesson: Lesson) -> Sentence:
    async with teaching.database.transaction() as session:
        return await teaching.teach(session, eva, sentence.id, lesson)


async def test_the_queue_lists_the_most_said_first_and_filters(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "do you repair cups")
    for who in ("a", "b"):
        await ask_something_unknown(teaching.database, teaching.ledger, "can you engrave a pot", who=who)
    found = await queue(teaching, eva)
    assert [(s.text, s.count) for s in found] == [("can you engrave a pot", 2), ("do you repair cups", 1)]
    assert found[0].guess[0] == ("track_order", 0.41)
    assert [s.text for s in await queue(teaching, eva, Filter(text="REPAIR"))] == ["do you repair cups"]
    assert await queue(teaching, eva, Filter(language="pt")) == []
    assert len(await queue(teaching, eva, Filter(reason="out_of_scope"))) == 2
    assert await queue(teaching, eva, Filter(reason="handoff")) == []
    async with teaching.database.transaction() as session:
        assert (await access_counts(session, eva))["counts"] == {"open": 2, "taught": 0, "dismissed": 0}


@pytest.mark.parametrize("wanted", [Filter(status="nonsense"), Filter(reason="nonsense")])
async def test_an_unknown_filter_is_refused(teaching: Teaching, wanted: Filter) -> None:
    with pytest.raises(InvalidInputError):
        await queue(teaching, await hire(teaching), wanted)


async def test_agents_may_neither_read_nor_teach(teaching: Teaching) -> None:
    await ask_something_unknown(teaching.database, teaching.ledger, "can you engrave a pot")
    (sentence,) = await queue(teaching, await hire(teaching))
    agent = await hire(teaching, Role.AGENT)
    with pytest.raises(NotAllowedError):
        await queue(teaching, agent)
    with pytest.raises(NotAllowedError):
        await teach(teaching, agent, sentence, Lesson("track_order"))
    async with teaching.database.transaction() as session:
        for action in (teaching.dismiss, teaching.undo):
            with pytest.raises(NotAllowedError):
                await action(session, agent, sentence.id)


async def test_a_taught_sentence_is_rasa_yaml_with_author_and_time(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, 'do you have a class: "tea" # for LC-100234?')
    (sentence,) = await queue(teaching, eva)
    taught = await teach(teaching, eva, sentence, Lesson("faq/workshops"))
    assert (taught.status, taught.intent, taught.decided_by) == ("taught", "faq/workshops", "Eva")
    (example,) = read_training_data([teaching.folder]).examples
    assert (example.text, example.intent, example.language) == (
        'do you have a class: "tea" # for <order number>?', "faq/workshops", "en",
    )  # fmt: skip
    assert example.metadata["author"] == "Eva"
    assert example.metadata["at"].startswith("20")
    written = yaml.safe_load((teaching.folder / "en" / "learned.yml").read_text())
    assert written["nlu"][0]["intent"] == "faq/workshops"


async def test_teaching_again_changes_and_undoing_takes_back(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "can you engrave a pot")
    (sentence,) = await queue(teaching, eva)
    await teach(teaching, eva, sentence, Lesson("ask_engraving", text="can you engrave my pot, ana@example.com"))
    await teach(teaching, eva, sentence, Lesson("faq/hours", text="can you engrave my pot"))
    assert [(e.text, e.intent) for e in read_training_data([teaching.folder]).examples] == [("can you engrave my pot", "faq/hours")]
    async with teaching.database.transaction() as session:
        await teaching.undo(session, eva, sentence.id)
    assert list(teaching.folder.rglob("*.yml")) == []
    assert [s.status for s in await queue(teaching, eva)] == ["open"]
    async with teaching.database.transaction() as session:
        query = select(EventRow.name, EventRow.actor_id).where(EventRow.name.startswith("sentence.")).order_by(EventRow.id)
        events = [(name, actor) for name, actor in (await session.execute(query)).all()]
    assert events == [(name, str(eva.id)) for name in ("sentence.taught", "sentence.taught", "sentence.reopened")]


async def test_what_the_project_has_already_is_not_written_twice(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "Where is my parcel?!")
    (sentence,) = await queue(teaching, eva)
    assert (await teach(teaching, eva, sentence, Lesson("track_order"))).status == "taught"
    assert list(teaching.folder.rglob("*.yml")) == []


async def test_the_same_words_under_another_intent_are_refused_unless_the_editor_is_sure(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "where is my parcel")
    (sentence,) = await queue(teaching, eva)
    with pytest.raises(SentenceClashError, match="track_order"):
        await teach(teaching, eva, sentence, Lesson("faq/hours"))
    assert (await teach(teaching, eva, sentence, Lesson("faq/hours", sure=True))).intent == "faq/hours"


async def test_near_sentences_of_other_intents_are_told(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "hello, where is my parcell please")
    (sentence,) = await queue(teaching, eva)
    async with teaching.database.transaction() as session:
        (clash,) = await teaching.check(session, sentence.id, Lesson("faq/hours"))
    assert (clash.intent, clash.text, clash.same, clash.place) == ("track_order", "where is my parcel", False, "shop.yml:4")


@pytest.mark.parametrize("name", ["", "Not a name", "ask-this", "1st", "a/b/c", "faq/", "nlu_fallback", "restart", "ask\nthis", "x" * 200])
def test_a_bad_name_of_an_intent_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="intent"):
        check_intent(name)


@pytest.mark.parametrize("name", ["ask_workshop", "faq/workshops", "a1"])
def test_good_names_are_taken(name: str) -> None:
    assert check_intent(f" {name} ") == name


@pytest.mark.parametrize(
    "lesson", [Lesson("faq/hours", text="[x](y"), Lesson("faq/hours", text="!!"), Lesson("faq/hours", language="../etc")]
)
async def test_broken_markup_empty_text_and_odd_languages_are_refused(teaching: Teaching, lesson: Lesson) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "can you engrave a pot")
    (sentence,) = await queue(teaching, eva)
    with pytest.raises(InvalidInputError):
        await teach(teaching, eva, sentence, lesson)
    assert (await queue(teaching, eva))[0].status == "open"


async def test_a_dismissed_sentence_leaves_the_queue_and_comes_back_when_undone(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "asdf qwer")
    (sentence,) = await queue(teaching, eva)
    async with teaching.database.transaction() as session:
        await teaching.dismiss(session, eva, sentence.id)
    assert await queue(teaching, eva) == []
    await ask_something_unknown(teaching.database, teaching.ledger, "asdf qwer", who="bo")
    assert [s.count for s in await queue(teaching, eva, Filter(status="dismissed"))] == [2]
    async with teaching.database.transaction() as session:
        assert (await teaching.undo(session, eva, sentence.id)).status == "open"


async def test_a_sentence_that_is_not_there_is_not_found(teaching: Teaching) -> None:
    eva = await hire(teaching)
    async with teaching.database.transaction() as session:
        with pytest.raises(NotFoundError):
            await teaching.teach(session, eva, uuid.uuid4(), Lesson("faq/hours"))


async def test_intents_are_those_of_the_project_and_those_that_editors_made(teaching: Teaching) -> None:
    eva = await hire(teaching)
    await ask_something_unknown(teaching.database, teaching.ledger, "can you engrave a pot")
    (sentence,) = await queue(teaching, eva)
    await teach(teaching, eva, sentence, Lesson("ask_engraving"))
    async with teaching.database.transaction() as session:
        assert await teaching.intents(session) == ["ask_engraving", "faq/hours", "track_order"]


def test_known_sentences_are_read_again_when_a_file_changes(tmp_path: Path) -> None:
    file = tmp_path / "nlu" / "en" / "a.yml"
    file.parent.mkdir(parents=True)
    file.write_text("nlu:\n- intent: greet\n  examples: |\n    - good day\n")
    assert read_known([tmp_path]).same("Good day!", language="en", intent="greet")
    assert not read_known([tmp_path]).same("Good day!", language="pt", intent="greet")

"""When the generator is asked, and what becomes of what it says: strict mode, budgets, internal articles, rest after failures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from kit.clock import FixedClock
from kit.db import Database
from knowledge.categories import Category, save_category
from knowledge.generator.budget import DayBudget, used_on
from knowledge.generator.chat_completions import ChatCompletions
from knowledge.generator.policy import Policy, StoredPolicy, read_policy, set_strict
from knowledge.generator.settings import GeneratorSettings
from knowledge.generator.writing import FAILURES, REST_SECONDS, Parts, Writer
from knowledge.ports import FixedGenerator, Generator
from knowledge.types import Answer, Citation, Hit
from tests.knowledge.endpoint import head, sends, serving
from tests.knowledge.fakes import SHOP, index_of

pytestmark = pytest.mark.integration
NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
QUESTION = "can I return it"
GOOD = "An item can be returned within 30 days of delivery [1]."
INDEX = index_of()


def settings(**more: float) -> GeneratorSettings:
    return GeneratorSettings("http://127.0.0.1:9/v1", "m", **more)  # type: ignore[arg-type]


def quoted(article_id: str = "return-policy", language: str = "en") -> Answer:
    """What retrieval says."""
    passage = INDEX.entries[INDEX.variant(article_id, language)[0]].passage
    cited = (Citation(article_id, passage.title_path[0], f"/help/{language}/{article_id}", passage.id, 0.9),)
    return Answer(passage.text, language, 0.9, cited, (Hit(passage, 1.0, 0.9),))


def writer(database: Database, generator: Generator, *, budget: DayBudget | None = None, now: list[float] | None = None) -> Writer:
    """A writer on the real database, whose masking is easy to see."""
    mask = lambda text, _language: text.replace("Ana", "<name>")  # noqa: E731
    budget = budget or DayBudget(database, settings(), FixedClock(NOW))
    clock = now if now is not None else [0.0]
    return Writer(Parts(generator, budget, StoredPolicy(database), mask), monotonic=lambda: clock[0])


async def test_words_that_stand_are_said_with_their_source(database: Database) -> None:
    generator = FixedGenerator(GOOD)
    said = await writer(database, generator).write(INDEX, f"{QUESTION} asks Ana", quoted())
    assert said.text == "An item can be returned within 30 days of delivery."
    assert [(one.article_id, one.url) for one in said.citations] == [("return-policy", "/help/en/return-policy")]
    assert (said.confidence, said.language) == (0.9, "en")
    assert generator.asked[0].question == f"{QUESTION} asks <name>"


@pytest.mark.parametrize("text", ["NO ANSWER", "Returns take 90 days [1].", "Bananas [1].", "See [9].", "", "   ", "\x00", "😀"])
async def test_any_doubt_gives_the_quoted_answer(database: Database, text: str) -> None:
    assert await writer(database, FixedGenerator(text)).write(INDEX, QUESTION, quoted()) == quoted()


async def test_where_search_abstains_nothing_is_asked(database: Database) -> None:
    generator = FixedGenerator(GOOD)
    abstained = Answer(None, "en", 0.1, (), quoted().hits)
    assert await writer(database, generator).write(INDEX, QUESTION, abstained) == abstained
    assert generator.asked == []


@pytest.mark.parametrize("article_id", ["supplier-prices"])
async def test_internal_articles_never_leave(database: Database, article_id: str) -> None:
    generator = FixedGenerator(GOOD)
    assert await writer(database, generator).write(INDEX, QUESTION, quoted(article_id)) == quoted(article_id)
    assert generator.asked == []


async def test_internal_articles_are_left_out_beside_a_public_one(database: Database) -> None:
    generator = FixedGenerator(GOOD)
    answer = quoted()
    both = Answer(answer.text, "en", 0.9, answer.citations, (*answer.hits, *quoted("supplier-prices").hits))
    await writer(database, generator).write(INDEX, QUESTION, both)
    assert [source.number for source in generator.asked[0].sources] == [1]
    assert "secret" not in str(generator.asked)


async def test_strict_mode_holds_from_the_next_answer_on_for_every_node(database: Database) -> None:
    generators = [FixedGenerator(GOOD), FixedGenerator(GOOD)]
    nodes = [writer(database, one) for one in generators]
    assert (await nodes[0].write(INDEX, QUESTION, quoted())).text != quoted().text
    async with database.transaction() as session:
        await set_strict(session, strict=True, by="eva")
    assert [await node.write(INDEX, QUESTION, quoted()) for node in nodes] == [quoted(), quoted()]
    assert [len(one.asked) for one in generators] == [1, 0]
    async with database.transaction() as session:
        await set_strict(session, strict=False, by="eva")
    assert (await nodes[1].write(INDEX, QUESTION, quoted())).text != quoted().text


async def test_strict_mode_of_one_category_leaves_the_others(database: Database) -> None:
    async with database.transaction() as session:
        await save_category(session, Category("returns", {"en": "Returns"}, strict=True))
        assert await read_policy(session) == Policy(strict=False, categories=frozenset({"returns"}))
    generator = FixedGenerator("Both stores are open from ten to eight every day [1].")
    node = writer(database, generator)
    assert await node.write(INDEX, QUESTION, quoted()) == quoted()
    await node.write(INDEX, "when are you open", quoted("store-hours"))
    assert len(generator.asked) == 1


async def test_the_same_question_gets_the_same_words_and_is_paid_once(database: Database) -> None:
    generator = FixedGenerator(GOOD)
    node = writer(database, generator)
    first, second = [await node.write(INDEX, QUESTION, quoted()) for _ in range(2)]
    assert first == second
    assert len(generator.asked) == 1


async def test_after_some_failures_the_generator_rests_and_is_tried_again(database: Database) -> None:
    generator, now = FixedGenerator("", error="down"), [0.0]
    node = writer(database, generator, now=now)
    for _ in range(FAILURES + 3):
        assert await node.write(INDEX, QUESTION, quoted()) == quoted()
    assert len(generator.asked) == FAILURES
    now[0] = REST_SECONDS + 1
    await node.write(INDEX, QUESTION, quoted())
    assert len(generator.asked) == FAILURES + 1


async def test_a_budget_in_tokens_ends_the_day_and_not_the_next(database: Database) -> None:
    clock = FixedClock(NOW)
    generator = FixedGenerator(GOOD)
    budget = DayBudget(database, settings(tokens_per_day=3000), clock)
    node = writer(database, generator, budget=budget)
    for number in range(60):
        await node.write(INDEX, f"{QUESTION} {number}", quoted())
    asked = len(generator.asked)
    async with database.transaction() as session:
        used = await used_on(session, NOW.date())
    assert 1 <= asked < 60
    assert used.tokens_in + used.tokens_out <= 3000
    assert (used.requests, used.tokens_in, used.tokens_out) == (asked, 100 * asked, 20 * asked)
    clock.advance(24 * 3600)
    await node.write(INDEX, f"{QUESTION} tomorrow", quoted())
    assert len(generator.asked) == asked + 1


async def test_a_budget_in_money_holds_for_all_nodes_at_once(database: Database) -> None:
    costly = settings(cost_per_day=0.01, price_in=2.0, price_out=8.0)
    budget = DayBudget(database, costly, FixedClock(NOW))
    reserved = await asyncio.gather(*(budget.reserve(500, 250) for _ in range(20)))  # 0.003 each
    assert sum(1 for one in reserved if one) == 3
    async with database.transaction() as session:
        assert (await used_on(session, NOW.date())).cost == 9000
    for one in reserved:
        if one:
            await budget.settle(one, 0, 0)
    async with database.transaction() as session:
        assert (await used_on(session, NOW.date())).cost == 0


async def test_no_budget_at_all_asks_nothing(database: Database) -> None:
    generator = FixedGenerator(GOOD)
    node = writer(database, generator, budget=DayBudget(database, settings(tokens_per_day=0), FixedClock(NOW)))
    assert await node.write(INDEX, QUESTION, quoted()) == quoted()
    assert generator.asked == []


@pytest.mark.parametrize(("status", "spent"), [("500 Internal Server Error", False), ("200 OK", True)])
async def test_what_an_endpoint_refused_costs_nothing_and_what_it_broke_off_is_counted(
    database: Database, status: str, spent: bool
) -> None:
    async with serving(sends(head(status))) as endpoint:
        found = GeneratorSettings(endpoint.url, "m")
        generator = ChatCompletions(found)
        node = writer(database, generator, budget=DayBudget(database, found, FixedClock(NOW)))
        assert await node.write(INDEX, QUESTION, quoted()) == quoted()
        await generator.close()
    async with database.transaction() as session:
        used = await used_on(session, NOW.date())
    assert (used.requests, used.tokens_in > 0) == (1, spent)


async def test_a_database_that_is_away_gives_the_quoted_answer() -> None:
    away = Database("postgresql://nobody@127.0.0.1:9/none")
    assert await writer(away, FixedGenerator(GOOD)).write(INDEX, QUESTION, quoted()) == quoted()
    await away.close()


def test_the_fixture_holds_an_internal_article() -> None:
    assert {one.audience for one in SHOP} == {"public", "internal"}

"""The questions that editors attach to an article: stored, kept, limited, migrated."""

from __future__ import annotations

from dataclasses import replace

import alembic.command
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.migrate import alembic_config, migrate
from kit.db import normalise_url
from kit.errors import InvalidInputError
from knowledge import articles
from knowledge.importing import import_articles, parse_markdown
from knowledge.models import VersionRow
from tests.knowledge.fakes import HOURS, RETURNS, RETURNS_ZH

pytestmark = pytest.mark.integration

ASKED = ("can i bring it back", "how long for returns?")


async def test_questions_are_kept_through_saving_and_publishing(session: AsyncSession) -> None:
    await articles.create_article(session, replace(RETURNS, questions=(*ASKED, "  can i bring  it back ", " ")), editor="eve")
    await articles.publish(session, RETURNS.id, "en")
    await articles.save_draft(session, replace(RETURNS, body="New."), editor="bob", expected_version=1)
    published = await articles.publish(session, RETURNS.id, "en")
    assert (published.body, published.questions) == ("New.", ASKED)


async def test_an_empty_list_takes_the_questions_away(session: AsyncSession) -> None:
    await articles.create_article(session, replace(RETURNS, questions=ASKED), editor="eve")
    saved = await articles.save_draft(session, replace(RETURNS, questions=()), editor="eve", expected_version=1)
    assert saved.questions == ()


@pytest.mark.parametrize("wrong", [tuple(f"question {number}" for number in range(51)), ("x" * 301,), ("a\0b",)])
async def test_too_many_or_too_long_questions_are_refused(session: AsyncSession, wrong: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInputError) as refused:
        await articles.create_article(session, replace(RETURNS, questions=wrong), editor="eve")
    assert refused.value.hint


async def test_questions_are_turned_to_simplified_with_their_article(session: AsyncSession) -> None:
    await articles.create_article(session, replace(RETURNS_ZH, questions=("退貨要點做？",)), editor="eve")
    await articles.publish(session, RETURNS_ZH.id, "zh-Hant")
    found = await articles.find_published(session, RETURNS_ZH.id, "zh-Hans")
    assert found is not None
    assert found.questions == ("退货要点做？",)


async def test_an_import_notices_other_questions_and_leaves_those_it_does_not_name(session: AsyncSession) -> None:
    asked = replace(HOURS, questions=ASKED)
    await import_articles(session, [asked], editor="eve")
    assert (await import_articles(session, [HOURS], editor="eve")).unchanged == ("store-hours/en",)
    assert (await import_articles(session, [asked], editor="eve")).unchanged == ("store-hours/en",)
    assert (await import_articles(session, [replace(asked, questions=ASKED[:1])], editor="eve")).changed == ("store-hours/en",)


def test_front_matter_may_hold_questions() -> None:
    front = "---\nid: a\nlanguage: en\ntitle: T\nquestions:\n  - is it open?\n  - 24 hours\n---\nx"
    assert parse_markdown(front).questions == ("is it open?", "24 hours")
    assert parse_markdown(front.replace("questions:\n  - is it open?\n  - 24 hours\n", "")).questions is None
    with pytest.raises(InvalidInputError, match="line 5: questions must be a list"):
        parse_markdown(front.replace("is it open?", "ask: is it open?"))


def test_a_database_with_articles_is_brought_to_the_present_shape(database_url: str) -> None:
    engine = create_engine(normalise_url(database_url))
    with engine.connect() as connection:
        alembic.command.downgrade(alembic_config(connection), "0001")
        article = "INSERT INTO knowledge_article (id, status, category, tags, audience)"
        connection.execute(text(f"{article} VALUES ('a', 'draft', '', '[]', 'public')"))
        old = "INSERT INTO knowledge_version (article_id, language, version, title, body, status, editor)"
        connection.execute(text(f"{old} VALUES ('a', 'en', 1, 'T', 'B', 'draft', 'eve')"))
        connection.commit()
    migrate(database_url)
    with engine.connect() as connection:
        assert connection.execute(select(VersionRow.questions)).scalar_one() == []
    engine.dispose()

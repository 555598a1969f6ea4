"""Migrations: an empty database, an older one with data in it, one from a newer Baton, and many nodes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import alembic.command
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from app.migrate import MigrationError, alembic_config, migrate, newest_revision
from app.tables import metadata
from kit.db import normalise_url

pytestmark = pytest.mark.integration


def plain(url: str) -> str:
    """libpq's form of an address."""
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def bare_url(database_url: str) -> str:
    """A database with nothing in it."""
    with psycopg.connect(plain(database_url), autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return database_url


def test_an_older_database_keeps_its_data(bare_url: str) -> None:
    engine = create_engine(normalise_url(bare_url))
    with engine.connect() as connection:
        alembic.command.upgrade(alembic_config(connection), "0001")
        connection.commit()
    engine.dispose()
    with psycopg.connect(plain(bare_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO knowledge_article (id, status, category, tags, audience) VALUES ('a', 'published', '', '[]', 'public')"
        )
        connection.execute(
            "INSERT INTO knowledge_version (article_id, language, version, title, body, status, editor)"
            " VALUES ('a', 'en', 1, 'T', 'B', 'published', 'e')"
        )
    assert migrate(bare_url) == ("0001", newest_revision())
    with psycopg.connect(plain(bare_url)) as connection:
        assert connection.execute("SELECT title FROM knowledge_version").fetchall() == [("T",)]


def test_what_was_retired_is_archived_and_knows_its_source(bare_url: str) -> None:
    engine = create_engine(normalise_url(bare_url))
    with engine.connect() as connection:
        alembic.command.upgrade(alembic_config(connection), "0004")
        connection.commit()
    engine.dispose()
    with psycopg.connect(plain(bare_url), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO knowledge_article (id, status, category, tags, audience) VALUES ('a', 'retired', '', '[]', 'public')"
        )
        connection.execute(
            "INSERT INTO knowledge_version (article_id, language, version, title, body, status, editor)"
            " VALUES ('a', 'pt', 1, 'T', 'B', 'archived', 'e')"
        )
    migrate(bare_url)
    with psycopg.connect(plain(bare_url)) as connection:
        assert connection.execute("SELECT status, source, lapsed FROM knowledge_article").fetchall() == [("archived", "pt", False)]


def test_many_nodes_may_migrate_at_once(bare_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(migrate, [bare_url] * 4))
    assert sorted(before or "" for before, _ in outcomes) == ["", *[newest_revision()] * 3]


def test_the_migrations_build_what_the_code_describes(database_url: str) -> None:
    engine = create_engine(normalise_url(database_url))
    with engine.connect() as connection:
        options = {"include_object": lambda _o, name, *_: not (name or "").startswith("procrastinate")}
        difference = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    engine.dispose()
    assert difference == []


def test_a_database_of_a_newer_baton_is_left_alone(database_url: str) -> None:
    with psycopg.connect(plain(database_url), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(MigrationError, match="9999"):
        migrate(database_url)

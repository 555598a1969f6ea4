"""Brings a database, empty or older, to the present shape, under a lock so that many nodes may start at once."""

from __future__ import annotations

from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

import migrations
from kit.db import normalise_url
from kit.errors import BatonError

_LOCK = 0x6261746F6E02
FOLDER = Path(migrations.__file__).parent


class MigrationError(BatonError):
    """The database cannot be migrated."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str | None:
    """The revision that this version of Baton works with."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


def migrate(url: str) -> tuple[str | None, str | None]:
    """Migrates to the newest revision; returns (before, after). Raises MigrationError when the database is from a newer Baton."""
    engine = create_engine(normalise_url(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
            connection.commit()
            try:
                before = MigrationContext.configure(connection).get_current_revision()
                connection.commit()
                known = {s.revision for s in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
                if before is not None and before not in known:
                    raise MigrationError(
                        f"The database is at revision {before}, which this version does not know", hint="Use a newer Baton."
                    )
                alembic.command.upgrade(alembic_config(connection), "head")
                connection.commit()
                after = MigrationContext.configure(connection).get_current_revision()
            finally:
                connection.rollback()
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
                connection.commit()
        return before, after
    finally:
        engine.dispose()

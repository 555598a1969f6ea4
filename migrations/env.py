"""Runs migrations on the connection that `app/migrate.py` opened."""

from alembic import context

from app.tables import metadata


def include(_object: object, name: str | None, _type: str, _reflected: bool, _compare_to: object) -> bool:
    """Leaves the job system's own tables alone."""
    return not (name or "").startswith("procrastinate")


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, include_object=include, compare_type=True)
with context.begin_transaction():
    context.run_migrations()

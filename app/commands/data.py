"""`seed`, `create-agent`, `import-articles`, `import-orders`."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.common import console, explained, run, settings
from app.migrate import migrate as migrate_database
from app.settings import Settings
from app.supervise import database_of
from app.wiring import Base, build_base
from context.orders.importing import import_orders as store_orders
from context.orders.importing import parse_orders_csv
from context.publishing import announce_published
from context.staff.accounts import create_api_token, create_staff, find_staff
from context.types import Role
from kit.errors import NotFoundError
from knowledge.importing import import_articles as store_articles
from knowledge.importing import read_markdown_folder

T = TypeVar("T")


def _in_transaction(found: Settings, action: Callable[[Base, AsyncSession], Awaitable[T]]) -> T:
    async def body(url: str) -> T:
        base = build_base(url)
        try:
            async with base.database.transaction() as session:
                return await action(base, session)
        finally:
            await base.database.close()

    with database_of(found) as url:
        migrate_database(url)
        return run(body(url))


def seed() -> None:
    """Put the invented sample shop into an empty database: people, orders, articles, demo logins."""
    from app.demo import demo_logins
    from app.seeding import seed_if_empty

    with explained():
        found = settings()
        with database_of(found) as url:
            migrate_database(url)
            done = seed_if_empty(url, found)
            logins = demo_logins(url)
        console.print("Seeded." if done else "Nothing was done: the database is not empty.")
        for email, password in logins:
            console.print(f"  {email:<28} {password}")


def create_agent(
    email: Annotated[str, typer.Argument(help="The login")],
    name: Annotated[str, typer.Option(help="The name that customers and colleagues see")] = "",
    role: Annotated[Role, typer.Option(help="editor, agent, supervisor or admin")] = Role.AGENT,
    password: Annotated[
        str | None, typer.Option(envvar="BATON_PASSWORD", help="At least 10 characters; made and shown when absent")
    ] = None,
    token: Annotated[
        str | None, typer.Option("--token", help="Also make an API token with this label, for a new or an existing login")
    ] = None,
) -> None:
    """Create a login for the console, or an API token."""
    with explained():
        chosen = password or secrets.token_urlsafe(12)

        async def action(_base: Base, session: AsyncSession) -> tuple[bool, str | None]:
            staff = await find_staff(session, email)
            fresh = staff is None
            if staff is None:
                staff = await create_staff(session, email=email, name=name, role=role, password=chosen)
            elif token is None:
                staff = await create_staff(session, email=email, name=name, role=role, password=chosen)  # says that it exists
            return fresh, await create_api_token(session, staff, label=token) if token else None

        fresh, made = _in_transaction(settings(), action)
        if fresh:
            console.print(f"Created {role} {email}." + ("" if password else f" Password: {chosen}"))
        if made:
            console.print(f"API token {token!r} (shown once): {made}")


def import_articles(
    folder: Annotated[Path, typer.Argument(help="A folder of Markdown files with front matter: id, language, title, category, tags")],
) -> None:
    """Import and publish articles. Nothing is imported when any file is wrong; unchanged articles are left alone."""
    with explained():
        if not folder.is_dir():
            raise NotFoundError(f"There is no folder {folder}")
        drafts = read_markdown_folder(folder)

        async def action(base: Base, session: AsyncSession) -> str:
            report = await store_articles(session, drafts, editor="import")
            await announce_published(session, base.ledger, [*report.created, *report.changed])
            return f"{len(report.created)} new, {len(report.changed)} changed, {len(report.unchanged)} as they were."

        console.print(_in_transaction(settings(), action))


def import_orders(
    file: Annotated[Path, typer.Argument(help="A CSV file with one row an item; its columns are described in docs/howto/import-orders.md")],
    encoding: Annotated[str, typer.Option(help="The encoding of the file")] = "utf-8",
) -> None:
    """Import orders. Nothing is imported when any row is wrong; the error names the rows."""
    with explained():
        if not file.is_file():
            raise NotFoundError(f"There is no file {file}")
        orders = parse_orders_csv(file.read_bytes(), encoding=encoding)

        async def action(_base: Base, session: AsyncSession) -> str:
            report = await store_orders(session, orders)
            return f"{report.created} new, {report.updated} changed, {report.unchanged} as they were."

        console.print(_in_transaction(settings(), action))

"""`baton models`: which trained models there are, and which one serves."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from app.commands.common import console, explained, run, settings
from app.commands.training import operator
from app.migrate import migrate as migrate_database
from app.models import LocalModels, blob_key, blob_store
from app.supervise import database_of
from app.wiring import Base, build_base
from insights import registry
from insights.registry import Model

app = typer.Typer(no_args_is_help=True, help="Trained models: list them, choose one, go back, delete old ones.")
T = TypeVar("T")


def _transact(url: str, action: Callable[[Base, AsyncSession], Awaitable[T]]) -> T:
    async def body() -> T:
        base = build_base(url, pool_size=1)
        try:
            async with base.database.transaction() as session:
                return await action(base, session)
        finally:
            await base.database.close()

    migrate_database(url)
    return run(body())


@app.command("list")
def list_models(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array on standard output")] = False) -> None:
    """Show the trained models, newest first, with author and scores; the live one is marked."""
    with explained(), database_of(settings()) as url:
        models = _transact(url, lambda _base, session: registry.list_models(session))
        if as_json:
            rows = [asdict(model) | {"created_at": model.created_at.isoformat()} for model in models]
            sys.stdout.write(json.dumps(rows, ensure_ascii=False) + "\n")
            return
        table = Table()
        for name in ("", "Model", "Trained", "By", "Sentences", "Intents", "Cross-validated", "Held out"):
            table.add_column(name, no_wrap=name == "Model", overflow="fold")
        for model in models:
            table.add_row(*_line(model))
        Console().print(table)


def _line(model: Model) -> tuple[str, ...]:
    mark = "live" if model.active else "removed" if model.removed else ""
    cross = " ".join(f"{group} {score:.1%}" for group, score in sorted(model.scores.get("cross_validated", {}).items()))
    held = model.scores.get("held_out", {}).get("overall")
    name = model.id + (" (fine-tuned)" if model.fine_tuned else "")
    when = f"{model.created_at:%Y-%m-%d %H:%M}"
    return mark, name, when, model.author, str(model.examples), str(len(model.intents)), cross, f"{held:.1%}" if held is not None else ""


@app.command()
def activate(model_id: Annotated[str, typer.Argument(help="As `baton models list` names it")]) -> None:
    """Make a model the live one; running workers on all nodes take it over within two seconds."""
    with explained(), database_of(settings()) as url:
        by = operator()
        changed = _transact(url, lambda base, session: registry.activate(session, base.ledger, model_id, by=by))
        console.print(f"{model_id} is live." if changed else f"{model_id} was live already.")


@app.command()
def rollback() -> None:
    """Go back to the model that was live before; once more goes one further."""
    with explained(), database_of(settings()) as url:
        by = operator()
        model_id = _transact(url, lambda base, session: registry.roll_back(session, base.ledger, by=by))
        console.print(f"{model_id} is live.")


@app.command()
def prune(
    keep: Annotated[int, typer.Option(min=1, help="So many of the newest stay, and the live one and the one before")] = registry.KEEP,
) -> None:
    """Delete the archives of old models."""
    with explained():
        found = settings()
        with database_of(found) as url:
            gone = _transact(url, lambda _base, session: registry.prune(session, keep=keep))
            models = LocalModels(found.models_dir, blob_store(found, url))
            for model in gone:
                models.blobs.delete(blob_key(model.digest))
            models.tidy(keep=keep)
        console.print(f"{len(gone)} removed.")

"""`train` and `chat`."""

from __future__ import annotations

import getpass
import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.commands.common import console, explained, settings
from app.migrate import migrate as migrate_database
from app.supervise import database_of
from insights.registry import Doer
from insights.retraining import HELD

if TYPE_CHECKING:
    from app.training import Order, Training


def operator() -> Doer:
    """Whoever uses the command line here."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "unknown"
    return Doer(f"command line: {user}", f"{user} (command line)")


def train(
    fine_tune: Annotated[
        bool, typer.Option("--fine-tune", help="Tune the English encoder on the sentences first: minutes, not seconds.")
    ] = False,
    no_activate: Annotated[
        bool, typer.Option("--no-activate", help="Store the model, and let the old one serve until `baton models activate`.")
    ] = False,
    asked: Annotated[str | None, typer.Option("--run", hidden=True, help="A training that was asked for in the console.")] = None,
) -> None:
    """Train the bot of the project and swap it into running workers, on all nodes.

    Reads bot/ and training_data/ of BATON_PROJECT (default: this checkout), and the sentences that editors taught in the console.
    A mistake in a file is reported with file and line, and the old model keeps serving. Needs the database: DATABASE_URL, or the
    embedded one, which is started when Baton is not running.
    """
    with explained():
        found = settings()
        signal.signal(signal.SIGTERM, _stop)
        with database_of(found) as url:
            migrate_database(url)
            from app.training import Order, Training

            training = Training(found, url)
            if asked is None:
                order = Order(fine_tune=fine_tune, activate=not no_activate)
                _train(training, training.open(by=operator(), order=order), order)
                return
            taken = training.take(UUID(asked))
            if taken is not None:
                _train(training, UUID(asked), taken)


def _train(training: Training, run_id: UUID, order: Order) -> None:
    columns = (TextColumn("{task.description:<36}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Training", total=1.0)
        done = training.run(run_id, order=order, progress=lambda label, share: progress.update(task, description=label, completed=share))
        progress.update(task, description="Trained", completed=1.0)
    report = done.report
    scores = ", ".join(f"{group}: {s.accuracy:.1%}" for group, s in report.scores.items())
    languages = ", ".join(report.languages)
    console.print(
        f"Model {done.model.id}: {report.examples} sentences, {report.intents} intents, {languages}; cross-validated {scores}.",
        soft_wrap=True,
    )
    for name, old, new in done.comparison["lines"] if done.comparison["kind"] == "held_out" else ():
        before = f"{old:.1%} -> " if old is not None else ""
        console.print(f"  held out, {name}: {before}{new:.1%}")
    if done.comparison["fell"]:
        console.print(
            "The scores fell by more than a point." + (" `baton models rollback` brings the old model back." if order.activate else "")
        )
    if done.state == HELD or order.activate is False:
        console.print(f"The old model serves on. `baton models activate {done.model.id}` makes this one live.", soft_wrap=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def chat(
    language: Annotated[str | None, typer.Option(help="en, zh-Hant, zh-Hans or pt; default: as you write.")] = None,
    trace: Annotated[bool, typer.Option("--trace/--no-trace", help="Show how each reply was decided.")] = True,
    project: Annotated[
        Path | None,
        typer.Option(help="A Rasa 3 project, trained now; default: the trained bot, with the sample shop's orders and articles."),
    ] = None,
) -> None:
    """Talk to the bot in the terminal, without server or database."""
    from app.chatting import chat as chat_forever

    with explained():
        chat_forever(settings(), language=language, trace=trace, project=project)

"""`train` and `chat`."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.commands.common import console, explained, settings
from app.models import prune, set_current
from app.project import nlu_sources, open_project
from app.settings import Settings
from nlu.rasa_yaml import read_training_data
from nlu.train import train as train_nlu

PARTS = ("bot/domain", "bot/config.yml", "training_data/rules", "training_data/stories", "training_data/responses")


def train_model(found: Settings) -> str:
    """Checks the project, trains, and makes the result the live model; returns its name. On any error the old model keeps serving."""
    open_project(found.project_dir)
    data = read_training_data(nlu_sources(found.project_dir))
    found.models_dir.mkdir(parents=True, exist_ok=True)
    found.encoder_dir.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".training-", dir=found.models_dir))
    try:
        columns = (TextColumn("{task.description:<36}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("Training", total=1.0)
            report = train_nlu(
                data, out=work / "nlu", encoder_cache=found.encoder_dir,
                progress=lambda label, share: progress.update(task, description=label, completed=share),
            )  # fmt: skip
            progress.update(task, description="Trained", completed=1.0)
        _copy_project(found.project_dir, work / "project")
        name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{_fingerprint(work)}"
        work.chmod(0o755)
        work.rename(found.models_dir / name)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    set_current(found.models_dir, name)
    prune(found.models_dir)
    scores = ", ".join(f"{group}: {s.accuracy:.1%}" for group, s in report.scores.items())
    languages = ", ".join(report.languages)
    console.print(f"Model {name}: {report.examples} sentences, {report.intents} intents, {languages}; cross-validated accuracy {scores}.")
    return name


def _copy_project(source: Path, target: Path) -> None:
    for part in PARTS:
        origin = source / part
        if origin.is_dir():
            shutil.copytree(origin, target / part)
        elif origin.is_file():
            (target / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(origin, target / part)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:8]


def train() -> None:
    """Train the bot of the project and swap it into running workers.

    Reads bot/ and training_data/ of BATON_PROJECT (default: this checkout). A mistake in a file is reported with file and line,
    and the old model keeps serving.
    """
    with explained():
        train_model(settings())


def chat(
    language: Annotated[str | None, typer.Option(help="en, zh-Hant, zh-Hans or pt; default: as you write.")] = None,
    trace: Annotated[bool, typer.Option("--trace", help="Show how each reply was decided.")] = False,
) -> None:
    """Talk to the bot in the terminal, without server or database: orders and articles are those of the sample shop."""
    from app.chatting import chat as chat_forever

    with explained():
        chat_forever(settings(), language=language, trace=trace)

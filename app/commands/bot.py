"""`baton bot`: tools for those who write bots."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.commands.common import console, explained, run, show
from app.settings import ROOT
from app.project import open_project
from kit.errors import InvalidInputError, NotFoundError

app = typer.Typer(no_args_is_help=True, help="Test and check a bot's project.")


@app.command()
def test(
    project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT,
    stories: Annotated[Path | None, typer.Option(help="Test stories: a file or folder; default: tests/ of the project")] = None,
    engine: Annotated[str, typer.Option(help="baton (rasa comes later)")] = "baton",
    nlu: Annotated[str, typer.Option(help="annotated: intents and entities as written in the stories")] = "annotated",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
) -> None:
    """Run Rasa 3 test stories; exit code 1 when one fails."""
    from bot.testing import run_test_stories

    with explained():
        if engine != "baton" or nlu != "annotated":
            raise InvalidInputError("Only --engine baton with --nlu annotated is there", hint="Leave both options out.")
        if not project.is_dir():
            raise NotFoundError(f"There is no folder {project}")
        loaded = open_project(project)
        report = run(run_test_stories(loaded, stories or _default_stories(project)))
        if not as_json:
            for failure in report["failures"]:
                Console().print(failure)
        show(report, as_json=as_json, title="Test stories")
        if report["passed"] < report["stories"]:
            raise typer.Exit(1)


def _default_stories(project: Path) -> Path:
    for candidate in ("training_data/tests/stories", "tests"):
        if (project / candidate).exists():
            return project / candidate
    raise NotFoundError(f"{project} has no tests/ folder", hint="Name the test stories with --stories.")


@app.command()
def validate(project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT) -> None:
    """Check a project: contradicting rules, unused or missing intents, responses, actions, translations; training sentences too close."""
    from bot.validate import validate_project
    from nlu.rasa_yaml import read_training_data
    from nlu.validate import validate_training

    with explained():
        findings = [*validate_project(open_project(project))]
        folder = project / "training_data" / "nlu"
        if folder.is_dir():
            findings += validate_training(read_training_data([folder]))
        for finding in findings:
            console.print(str(finding), markup=False)
        errors = sum(f.severity == "error" for f in findings)
        console.print(f"{errors} errors, {len(findings) - errors} warnings.")
        if errors:
            raise typer.Exit(1)

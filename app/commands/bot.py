"""`baton bot`: tools for those who write bots."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from app.commands.common import console, explained, run, show
from app.entity_settings import read_entity_settings
from app.project import nlu_sources, open_project
from app.settings import ROOT, read_settings
from bot.checks.finding import Finding as ProjectFinding
from bot.testing import Understand
from kit.errors import InvalidInputError, NotFoundError
from nlu.validate import Finding as NluFinding

app = typer.Typer(no_args_is_help=True, help="Test and check a bot's project.")


@app.command()
def test(
    project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT,
    stories: Annotated[Path | None, typer.Option(help="Test stories: a file or folder; default: tests/ of the project")] = None,
    engine: Annotated[str, typer.Option(help="baton (rasa comes later)")] = "baton",
    nlu: Annotated[
        str, typer.Option(help="annotated: intents and entities as written in the stories; predicted: by a model trained on the project")
    ] = "annotated",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
) -> None:
    """Run Rasa 3 test stories; exit code 1 when one fails."""
    from bot.testing import run_test_stories

    with explained():
        if engine != "baton":
            raise InvalidInputError(f"There is no engine {engine!r}", hint="Leave --engine out.")
        if nlu not in {"annotated", "predicted"}:
            raise InvalidInputError(f"There is no --nlu {nlu!r}", hint="Say annotated or predicted.")
        if not project.is_dir():
            raise NotFoundError(f"There is no folder {project}")
        loaded = open_project(project)
        understand = _trained_on(project, loaded.config.language) if nlu == "predicted" else None
        report = run(run_test_stories(loaded, stories or _default_stories(project), understand=understand))
        if not as_json:
            for failure in report["failures"]:
                Console().print(failure)
        show(report, as_json=as_json, title="Test stories")
        if report["passed"] < report["stories"]:
            raise typer.Exit(1)


def _trained_on(project: Path, language: str) -> Understand:
    """Understanding by a model that is trained now on the project's sentences, in a folder that goes away."""
    from app.plan import training_plan
    from nlu.rasa_yaml import read_training_data
    from nlu.train import train
    from nlu.understander import Understander

    settings = read_settings()
    encoder_cache = settings.encoder_dir
    data = read_training_data(nlu_sources(project), language=language)
    with TemporaryDirectory() as folder, console.status("Training on the project's sentences ..."):
        train(data, out=Path(folder) / "model", encoder_cache=encoder_cache, plan=training_plan(settings))
        understander = Understander.load(Path(folder) / "model", encoder_cache=encoder_cache, settings=read_entity_settings())
        understander.warm_up()
    return lambda text, spoken, expected: understander.understand(text, language=spoken, expected=expected)


def _default_stories(project: Path) -> Path:
    for candidate in ("training_data/tests/stories", "tests"):
        if (project / candidate).exists():
            return project / candidate
    raise NotFoundError(f"{project} has no tests/ folder", hint="Name the test stories with --stories.")


def _sentence(finding: ProjectFinding | NluFinding) -> str:
    where = f"{finding.file}:{finding.line}" if isinstance(finding, NluFinding) else str(finding.place)
    return f"{finding.severity}: {where}: {finding.message} {finding.remedy}"


@app.command()
def validate(project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT) -> None:
    """Check a project: contradicting rules, unused or missing intents, responses, actions, translations; training sentences too close."""
    from bot.validate import validate_project
    from nlu.rasa_yaml import read_training_data
    from nlu.validate import validate as validate_nlu

    with explained():
        opened = open_project(project)
        data = read_training_data(nlu_sources(project), language=opened.config.language)
        held_out = sorted((project / "training_data" / "tests").glob("*/nlu.yml"))
        tests = read_training_data(held_out) if held_out else None
        findings: list[ProjectFinding | NluFinding] = [*validate_project(opened), *validate_nlu(data, tests=tests)]
        for finding in findings:
            console.print(_sentence(finding), markup=False, soft_wrap=True)
        errors = sum(str(f.severity) == "error" for f in findings)
        console.print(f"{errors} errors, {len(findings) - errors} warnings; {len(data.examples)} training sentences.")
        if errors:
            raise typer.Exit(1)

"""`baton bot`: tools for those who write bots."""

from __future__ import annotations

import os
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.commands.bot_graph import graph
from app.commands.common import console, explained, run, show
from app.entity_settings import read_entity_settings
from app.project import nlu_sources, open_project
from app.settings import ROOT, read_settings
from bot.checks.finding import Finding as ProjectFinding
from bot.policies.ensemble import Policy
from bot.project.types import Project
from bot.testing import Understand
from kit.errors import InvalidInputError, NotFoundError
from kit.log import set_up_logging
from nlu.validate import Finding as NluFinding

app = typer.Typer(no_args_is_help=True, help="Test and check a bot's project.")


@app.command()
def test(
    project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT,
    stories: Annotated[Path | None, typer.Option(help="Test stories: a file or folder; default: tests/ of the project")] = None,
    engine: Annotated[str, typer.Option(help="baton; rasa: Rasa 3.6.21 in its own environment (make rasa-env)")] = "baton",
    nlu: Annotated[
        str, typer.Option(help="annotated: intents and entities as written in the stories; predicted: by a model trained on the project")
    ] = "annotated",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object")] = False,
) -> None:
    """Run Rasa 3 test stories; exit code 1 when one fails.

    Stories of Baton's own bot are played live, with the orders and articles of readers.json beside them. Those of any other project are
    played step by step as `rasa test core` does: each action is predicted, none is carried out.
    """
    with explained():
        if engine not in {"baton", "rasa"}:
            raise InvalidInputError(f"There is no engine {engine!r}", hint="Say baton or rasa.")
        if nlu not in {"annotated", "predicted"}:
            raise InvalidInputError(f"There is no --nlu {nlu!r}", hint="Say annotated or predicted.")
        if not project.is_dir():
            raise NotFoundError(f"There is no folder {project}")
        where = stories or _default_stories(project)
        report = _test_on_rasa(project, where, nlu) if engine == "rasa" else _test_on_baton(project, where, nlu)
        if not as_json:
            _print_failures(report["failures"])
        show(report, as_json=as_json, title="Test stories")
        if report["passed"] < report["stories"]:
            raise typer.Exit(1)


def _test_on_baton(project: Path, stories: Path, nlu: str) -> dict[str, Any]:
    from bot.testing import run_test_stories
    from bot.testing_steps import run_story_steps

    loaded = open_project(project)
    for problem in loaded.problems:
        console.print(f"warning: {problem.message}", markup=False, soft_wrap=True)
    understand = _trained_on(project, loaded.config.language) if nlu == "predicted" else None
    if not loaded.config.foreign:
        return run(run_test_stories(loaded, stories, understand=understand))
    return run_story_steps(loaded, stories, understand=understand, learned=_learned_from(loaded))


def _learned_from(project: Project) -> Policy | None:
    """The policy learned now from the project's stories, where it asks for one."""
    from app.dialogue import learned_policy, train_dialogue

    if not project.config.learned or not project.stories:
        return None
    with console.status("Learning from the project's stories ..."):
        return learned_policy(project, train_dialogue(project))


def _test_on_rasa(project: Path, stories: Path, nlu: str) -> dict[str, Any]:
    from bot.rasa.testing import run_with_rasa

    settings = read_settings()
    loaded = open_project(project)
    if not loaded.config.foreign:
        from app.rasa import play_on_rasa, train_rasa

        set_up_logging(level="WARNING")
        train_rasa(settings, project, note=console.print)
        understand = _trained_on(project, loaded.config.language) if nlu == "predicted" else None
        return run(play_on_rasa(settings, project, stories, understand=understand))
    work = settings.data_dir / "rasa"
    return run_with_rasa(project, stories, nlu=nlu, environment=settings.rasa_env, work=work, note=console.print)


def _print_failures(failures: list[dict[str, Any]]) -> None:
    """Expected and actual side by side."""
    for failure in failures:
        table = Table("expected", "actual", title=f"{failure['story']} ({failure['place']}): {failure['said']}", title_justify="left")
        for expected, actual in zip_longest(failure["expected"], failure["actual"], fillvalue=""):
            table.add_row(Text(expected), Text(actual, style="" if expected == actual else "red"))
        Console().print(table)


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


app.command()(graph)


def _sentence(finding: ProjectFinding | NluFinding) -> str:
    where = f"{finding.file}:{finding.line}" if isinstance(finding, NluFinding) else str(finding.place)
    return f"{finding.severity}: {where}: {finding.message} {finding.remedy}"


@app.command()
def validate(project: Annotated[Path, typer.Option(help="The folder of a Rasa 3 project")] = ROOT) -> None:
    """Check a project: contradicting rules, unused or missing intents, responses, actions, translations; training sentences too close."""
    from bot.actions.remote_config import find_action_endpoint
    from bot.validate import validate_project
    from nlu.rasa_yaml import read_training_data
    from nlu.validate import validate as validate_nlu

    with explained():
        opened = open_project(project)
        data = read_training_data(nlu_sources(project), language=opened.config.language)
        held_out = sorted((project / "training_data" / "tests").glob("*/nlu.yml"))
        tests = read_training_data(held_out) if held_out else None
        has_server = find_action_endpoint(project, environment=os.environ) is not None
        findings: list[ProjectFinding | NluFinding] = [*validate_project(opened, has_server=has_server), *validate_nlu(data, tests=tests)]
        for finding in findings:
            console.print(_sentence(finding), markup=False, soft_wrap=True)
        errors = sum(str(f.severity) == "error" for f in findings)
        console.print(f"{errors} errors, {len(findings) - errors} warnings; {len(data.examples)} training sentences.")
        if errors:
            raise typer.Exit(1)

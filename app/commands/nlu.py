"""`baton nlu`: tools for those who curate training data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from app.commands.common import console, explained, show
from app.plan import training_plan
from app.project import nlu_sources, open_project
from app.settings import read_settings
from kit.errors import InvalidInputError, NotFoundError
from nlu.crossval import FOLDS, Judgement, Split, cached_encoders, cross_validate, judge_held_out, refuse_unsplittable
from nlu.crossval_figures import Figures, figures_by_language
from nlu.crossval_store import find_judgement, judgement_key, keep_judgement
from nlu.data import TrainingData
from nlu.rasa_yaml import read_training_data
from nlu.train import Progress as Step
from nlu.validate import Finding, Rules, Severity
from nlu.validate import validate as validate_data
from nlu.validate_spans import Declared

T = TypeVar("T")
SHOWN = 5

app = typer.Typer(no_args_is_help=True, help="Check, measure and mend training sentences.")

ProjectFolder = Annotated[Path | None, typer.Option("--project", help="The folder of a project; default: BATON_PROJECT, or this checkout")]
DataPaths = Annotated[
    list[Path] | None, typer.Option("--data", help="Files or folders of Rasa NLU YAML, in place of a project; may be given again")
]
Language = Annotated[str | None, typer.Option(help="Of files that lie in no nlu/<language>/ folder; default: that of the project, or en")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, last, on standard output")]
Folds = Annotated[int, typer.Option(help="How many parts the sentences are split into")]
Tagged = Annotated[int, typer.Option(help="In how many of the parts to measure entities: each trains a tagger, which takes longest")]


@dataclass(frozen=True)
class Corpus:
    """Training data with its held-out sentences, what the bot's domain says of entities, and a name to show."""

    name: str
    data: TrainingData
    tests: TrainingData | None = None
    declared: dict[str, Declared] | None = None


def read_corpus(project: Path | None, paths: list[Path] | None, language: str | None) -> Corpus:
    """What `--project` or `--data` names; files are named from the current folder. Raises InvalidInputError or NotFoundError."""
    if project is not None and paths:
        raise InvalidInputError("--project and --data exclude each other.", hint="Use one of them.")
    if paths:
        return Corpus(", ".join(str(p) for p in paths), from_here(read_training_data(paths, language=language or "en")))
    root = project or read_settings().project_dir
    if not root.is_dir():
        raise NotFoundError(f"There is no folder {root}")
    opened = open_project(root)
    data = read_training_data(nlu_sources(root), language=language or opened.config.language)
    held_out = _held_out_files(root)
    tests = from_here(read_training_data(held_out)) if held_out else None
    declared = {name: Declared(kind.roles, kind.groups) for name, kind in opened.domain.entities.items()}
    return Corpus(root.resolve().name, from_here(data), tests, declared)


def _held_out_files(root: Path) -> list[Path]:
    return sorted((root / "training_data" / "tests").glob("*/nlu.yml"))


def from_here(data: TrainingData) -> TrainingData:
    """The same, files under the current folder named from it."""
    return TrainingData(
        tuple(replace(e, file=_short(e.file)) for e in data.examples),
        tuple(replace(s, file=_short(s.file)) for s in data.synonyms),
        tuple(replace(one, file=_short(one.file)) for one in data.lookups),
        tuple(replace(r, file=_short(r.file)) for r in data.regexes),
    )


def _short(file: str) -> str:
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else file


@contextmanager
def progress_bar() -> Iterator[Step]:
    """A bar on standard error that takes (what, share done)."""
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
        progress.update(task, description="done", completed=1.0)


def judged_by_folds(data: TrainingData, split: Split) -> Judgement:
    """The cross-validation of the data; a kept one is used when neither data nor code have changed since."""
    refuse_unsplittable(data, split.folds)
    settings = read_settings()
    cache, plan = settings.encoder_dir, training_plan(settings)
    folder, key = cache / "crossval", judgement_key(data, split=split, plan=plan)
    kept = find_judgement(folder, key, data.examples)
    if kept is not None:
        return kept
    with progress_bar() as step:
        fresh = cross_validate(data, encoder_cache=cache, split=split, plan=plan, progress=step)
    keep_judgement(folder, key, fresh)
    return fresh


@app.command()
def validate(  # noqa: PLR0913
    project: ProjectFolder = None,
    data: DataPaths = None,
    language: Language = None,
    minimum: Annotated[int, typer.Option(help="Sentences that an intent should have in each language")] = 20,
    encoder: Annotated[bool, typer.Option("--encoder/--no-encoder", help="Whether to compare meanings, too (seconds more)")] = True,
    hints: Annotated[bool, typer.Option("--hints/--no-hints", help="Whether to say what may be right as it is")] = True,
    as_json: AsJson = False,
) -> None:
    """Find duplicates and near-duplicates across intents, close intents, gaps, wrong annotations; exit code 1 on errors."""
    with explained():
        corpus = read_corpus(project, data, language)
        encoders = (
            cached_encoders(training_plan(read_settings()), read_settings().encoder_dir) if encoder and corpus.data.examples else None
        )
        rules = Rules(minimum=minimum, encoders=encoders, declared=corpus.declared, hints=hints)
        findings = validate_data(corpus.data, tests=corpus.tests, rules=rules)
        counts = {f"{severity}s": sum(f.severity == severity for f in findings) for severity in Severity}
        if as_json:
            show({**counts, "examples": len(corpus.data.examples), "findings": [asdict(f) for f in findings]}, as_json=True, title="")
        else:
            for finding in findings:
                Console(highlight=False).print(sentence_of(finding), markup=False, soft_wrap=True)
            said = ", ".join(f"{count} {name}" for name, count in counts.items())
            console.print(f"{said}; {len(corpus.data.examples)} training sentences.")
        if counts["errors"]:
            raise typer.Exit(1)


def sentence_of(finding: Finding) -> str:
    """A finding as one line: place, severity, what, remedy."""
    where = f"{finding.file}:{finding.line}: " if finding.file else ""
    return f"{where}{finding.severity}: {finding.message}. {finding.remedy} [{finding.check}]"


@app.command("cross-validate")
def cross_validate_command(
    project: ProjectFolder = None,
    data: DataPaths = None,
    language: Language = None,
    folds: Folds = FOLDS,
    tagged: Tagged = 1,
    as_json: AsJson = False,
) -> None:
    """Measure the pipeline on sentences it has not seen, by language: accuracy, calibration, confusions, entities."""
    with explained():
        corpus = read_corpus(project, data, language)
        judgement = judged_by_folds(corpus.data, Split(folds, tagged))
        figures = figures_by_language(judgement.judged)
        if as_json:
            show(_as_json(judgement, figures), as_json=True, title="")
            return
        Console().print(figures_table(figures, judgement.method))
        for one in figures[1:] or figures:
            Console(highlight=False).print(_details(one), markup=False, soft_wrap=True)


RATES = {
    "accuracy": "accuracy",
    "accuracy_rejecting": "rejecting",
    "macro_f1": "macro-F1",
    "ece": "ECE",
    "oos_recall": "oos recall",
    "oos_precision": "oos prec.",
    "entity_f1": "entity F1",
}


def figures_table(figures: tuple[Figures, ...], title: str) -> Table:
    """A row for each language."""
    table = Table("language", *(Column(name, justify="right") for name in ("sentences", *RATES.values())), title=title, box=SIMPLE_HEAD)
    for one in figures:
        table.add_row(one.language, str(one.sentences), *(_percent(getattr(one, rate)) for rate in RATES))
    return table


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f}"


def _details(figures: Figures) -> str:
    worst = sorted(figures.intents, key=lambda i: (i.f1, i.name))[:SHOWN]
    weak = ", ".join(f"{i.name} {100 * i.f1:.0f}" for i in worst)
    pairs = ", ".join(f"{c.truth} as {c.answered} {c.count}×" for c in figures.confusions[:SHOWN])
    return f"{figures.language}: lowest F1: {weak}\n{figures.language}: most confused: {pairs or 'nothing'}"


def _as_json(judgement: Judgement, figures: tuple[Figures, ...]) -> dict[str, Any]:
    return {
        "method": judgement.method,
        "sentences": len(judgement.judged),
        "languages": {one.language: asdict(one) for one in figures},
        "sentiment": dict(judgement.sentiment),
    }


@app.command()
def report(  # noqa: PLR0913
    project: ProjectFolder = None,
    data: DataPaths = None,
    language: Language = None,
    test: Annotated[Path | None, typer.Option(help="Held-out sentences, a file or folder; default: cross-validation")] = None,
    out: Annotated[Path, typer.Option(help="Where to write the page")] = Path("report.html"),
    folds: Folds = FOLDS,
    tagged: Tagged = 1,
    as_json: AsJson = False,
) -> None:
    """Write one HTML page on how well the sentences are understood, for looking at and for printing."""
    from nlu.report import ReportHead, build_report
    from nlu.validate_likeness import close_pairs_by_language

    with explained():
        corpus = read_corpus(project, data, language)
        if not out.parent.is_dir():
            raise NotFoundError(f"There is no folder {out.parent}", hint="Make it, or name another place with --out.")
        judgement = judged_by_folds(corpus.data, Split(folds, tagged)) if test is None else judged_on(corpus.data, test, language)
        close = close_pairs_by_language(corpus.data.examples, cached_encoders(training_plan(read_settings()), read_settings().encoder_dir))
        head = ReportHead(corpus.name, datetime.now(UTC), len(corpus.data.examples), corpus.data.digest())
        out.write_text(build_report(judgement, head, close=close), encoding="utf-8", errors="replace")
        figures = figures_by_language(judgement.judged)
        if as_json:
            show({"out": str(out), **_as_json(judgement, figures)}, as_json=True, title="")
        else:
            Console().print(figures_table(figures, judgement.method))
            console.print(f"Written: {out}", markup=False, soft_wrap=True)


def judged_on(data: TrainingData, test: Path, language: str | None) -> Judgement:
    """A model of all sentences, asked the held-out ones of a file or folder."""
    held_out = from_here(read_training_data([test], language=language or "en"))
    with progress_bar() as step:
        return judge_held_out(data, held_out.examples, encoder_cache=read_settings().encoder_dir, progress=step)


@app.command()
def suggest(  # noqa: PLR0913
    project: ProjectFolder = None,
    data: DataPaths = None,
    language: Language = None,
    limit: Annotated[int, typer.Option(help="Show at most so many, the most doubtful first; 0: all")] = 50,
    wide: Annotated[
        bool, typer.Option("--wide", help="Also those that only just fit another intent better: misses less, asks more")
    ] = False,
    folds: Folds = FOLDS,
    as_json: AsJson = False,
) -> None:
    """Name sentences that may stand under the wrong intent, by confident learning (Northcutt, Jiang, Chuang 2021)."""
    from nlu.suspects import find_suspects

    with explained():
        corpus = read_corpus(project, data, language)
        suspects = find_suspects(judged_by_folds(corpus.data, Split(folds)).judged, wide=wide)
        shown = suspects.found[: limit or None]
        if as_json:
            rows = [
                {"file": s.example.file, "line": s.example.line, "text": s.example.text, "language": s.example.language, "given": s.given,
                 "suggested": s.suggested, "given_probability": round(s.given_probability, 4),
                 "suggested_probability": round(s.suggested_probability, 4), "margin": round(s.margin, 4)}
                for s in shown
            ]  # fmt: skip
            show({"sentences": suspects.sentences, "doubted": len(suspects.found), "candidates": rows}, as_json=True, title="")
            return
        for s in shown:
            line = (
                f"{s.example.file}:{s.example.line}: {s.given} {s.given_probability:.1%} -> "
                f"{s.suggested} {s.suggested_probability:.1%}: {s.example.text}"
            )
            Console(highlight=False).print(line, markup=False, soft_wrap=True)
        console.print(f"{len(suspects.found)} of {suspects.sentences} labels are doubted, {len(shown)} shown.")

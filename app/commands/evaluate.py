"""`baton evaluate`: figures on files of your own."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from app.commands.common import explained, show
from app.settings import read_settings
from kit.errors import InvalidInputError, NotFoundError
from nlu.language import identify

app = typer.Typer(no_args_is_help=True, help="Measure understanding, search and suggestions on your own files (JSON, one object a line).")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, last, on standard output")]
Language = Annotated[str | None, typer.Option(help="en, zh-Hant, zh-Hans or pt; default: found for each text")]


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSONL file. Raises NotFoundError, or InvalidInputError with the line."""
    return [row for _, row in read_numbered(path)]


def read_numbered(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a JSONL file with their lines. Raises as `read_rows` does."""
    if not path.is_file():
        raise NotFoundError(f"There is no file {path}")
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").split("\n")  # not splitlines: a text may hold other ends of lines
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is not UTF-8", hint="Save it as UTF-8.") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InvalidInputError(f"{path}:{number} is not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise InvalidInputError(f"{path}:{number} is not an object")
        rows.append((number, row))
    if not rows:
        raise InvalidInputError(f"{path} is empty")
    return rows


def need(rows: list[dict[str, Any]], path: Path, *fields: str) -> list[dict[str, Any]]:
    """Raises InvalidInputError naming the first row that lacks one of the fields."""
    for number, row in enumerate(rows, 1):
        for field in fields:
            if field not in row:
                raise InvalidInputError(f"{path}: row {number} has no {field!r}", hint=f"Every row needs {', '.join(fields)}.")
    return rows


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes rows as JSONL."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def known_language(language: str | None, rows: list[dict[str, Any]]) -> str:
    """One of our languages for what was said on the command line, else that of the texts themselves."""
    tag = (language or "").lower()
    if tag.startswith("zh"):
        return "zh-Hant" if any(part in tag for part in ("hant", "tw", "hk", "mo")) else "zh-Hans"
    if tag:
        return tag.split("-")[0]
    texts = [str(row["text"]) for row in rows[:200]]
    return Counter(identify(text).language for text in texts).most_common(1)[0][0]


@app.command()
def nlu(  # noqa: PLR0913
    train: Annotated[Path, typer.Option(help='Rows {"text","intent"[,"entities"]} to learn from')],
    test: Annotated[Path, typer.Option(help="Rows of the same form to be measured on; out of scope is `oos`")],
    language: Language = None,
    oos_train: Annotated[bool, typer.Option("--oos-train", help="Learn `oos` as a class of its own")] = False,
    fine_tune: Annotated[
        bool, typer.Option("--fine-tune", help="Tune MiniLM on the English sentences first: minutes, not seconds")
    ] = False,
    predictions: Annotated[Path | None, typer.Option(help="Where to write each prediction")] = None,
    as_json: AsJson = False,
) -> None:
    """Train on one file and measure on another: accuracy, out-of-scope, entities, time, memory."""
    from app.plan import training_plan
    from nlu.evaluate import EvaluationOptions, evaluate_nlu

    with explained():
        train_rows = need(read_rows(train), train, "text", "intent")
        test_rows = need(read_rows(test), test, "text", "intent")
        spoken = known_language(language, train_rows)
        settings = read_settings()
        options = EvaluationOptions(spoken, oos_train=oos_train, plan=training_plan(settings, fine_tune=fine_tune))
        figures = evaluate_nlu(train_rows, test_rows, encoder_cache=settings.encoder_dir, options=options)
        predicted = figures.pop("predictions")
        if predictions:
            write_rows(predictions, predicted)
        show(figures, as_json=as_json, title="Understanding")


@app.command()
def search(
    articles: Annotated[Path, typer.Option(help='Rows {"id","title","text"}')],
    queries: Annotated[Path, typer.Option(help='Rows {"text","relevant":\\[ids]}; an empty list: nothing answers it')],
    language: Language = None,
    predictions: Annotated[Path | None, typer.Option(help="Where to write what was found for each query")] = None,
    as_json: AsJson = False,
) -> None:
    """Index articles and measure questions: MRR, nDCG@10, recall, abstention, time."""
    from app.search_encoder import open_reranker, search_encoder
    from knowledge.evaluate import evaluate_search

    with explained():
        article_rows = need(read_rows(articles), articles, "id", "title", "text")
        query_rows = need(read_rows(queries), queries, "text", "relevant")
        settings = read_settings()
        embedder = search_encoder(settings)
        found: list[dict[str, Any]] = []
        figures = evaluate_search(
            article_rows,
            query_rows,
            language=known_language(language, query_rows),
            embedder=embedder,
            predictions=found,
            reranker=open_reranker(settings),
        )
        if predictions:
            write_rows(predictions, found)
        show(figures, as_json=as_json, title="Search")


@app.command()
def assist(
    dialogues: Annotated[Path, typer.Option(help='Rows {"id","turns":\\[{"speaker","text"}]} of people, to be replayed')],
    train: Annotated[Path | None, typer.Option(help="Rows of the same form to learn from")] = None,
    articles: Annotated[Path | None, typer.Option(help='Rows {"id","title","text"}: what answers where `needs_kb` is true')] = None,
    language: Language = None,
    predictions: Annotated[Path | None, typer.Option(help="Where to write what would have been suggested")] = None,
    as_json: AsJson = False,
) -> None:
    """Replay human dialogues: is knowledge needed, which article, and the agent's next reply."""
    from app.dialogue_files import read_dialogues, read_snippets, spoken_in
    from app.dialogue_reading import encoders_for, reading_of
    from assist.evaluate import Material, evaluate_assist

    with explained():
        replayed, known = read_dialogues(dialogues), read_dialogues(train) if train else []
        spoken = known_language(language, []) if language else None
        material = Material(replayed, known, read_snippets(articles) if articles else None, spoken)
        knowledge, replies = reading_of(spoken or encoders_for(spoken_in(replayed)), read_settings())
        figures, predicted = evaluate_assist(material, knowledge=knowledge, replies=replies)
        if predictions:
            write_rows(predictions, predicted)
        show(figures, as_json=as_json, title="Suggestions")

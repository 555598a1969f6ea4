"""Quality on the sample shop: held-out sentences and questions (written without sight of training files and articles), test stories."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.expecting import Understood
from app.migrate import migrate
from app.project import nlu_sources, open_project
from app.search_encoder import search_encoder
from app.seeding import ARTICLES
from app.settings import Settings
from app.wiring import build_base
from benchmarks.live import new_folder
from benchmarks.peers import bm25, logistic_regression
from bot.testing import run_test_stories
from kit.postgres import EmbeddedPostgres
from knowledge.evaluate import DEPTH, Outcome, figures
from knowledge.importing import import_articles, read_markdown_folder
from knowledge.index import load_index, reindex
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft
from nlu.evaluate import score_intents
from nlu.rasa_yaml import read_training_data
from nlu.train import train
from nlu.understander import Understander

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")
_SCORES = ("accuracy", "accuracy_rejecting", "oos_recall", "oos_precision", "macro_f1", "ece")


def shop_sentences(settings: Settings) -> dict[str, Any]:
    """Intents of held-out sentences, by language, with a model trained now on `training_data/nlu`; the language is found, not given."""
    data, held_out = read_training_data(nlu_sources(settings.project_dir)), settings.project_dir / "training_data" / "tests"
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        train(data, out=Path(folder) / "model", encoder_cache=settings.encoder_dir)
        found: dict[str, Any] = {"train_s": round(time.perf_counter() - began, 1)}
        understander = Understander.load(Path(folder) / "model", encoder_cache=settings.encoder_dir)
        understander.warm_up()
        for language in LANGUAGES:
            rows = [{"text": e.text, "intent": e.intent} for e in read_training_data([held_out / language / "nlu.yml"]).examples]
            understood = [understander.understand(str(row["text"])) for row in rows]
            scores = {name: value for name, value in score_intents(rows, understood).items() if name in _SCORES}
            right = sum(u.language.split("-")[0] == language.split("-")[0] for u in understood)
            lessons = [{"text": e.text, "intent": e.intent} for e in data.examples if e.language == language]
            found[language] = {"sentences": len(rows), **scores, "language_found": round(right / len(rows), 4)} | {
                f"peer_lr_{encoder}": logistic_regression(lessons, rows, encoder=encoder, encoder_cache=settings.encoder_dir)
                for encoder in (("minilm-l6-v2", "use-multilingual") if language == "en" else ("use-multilingual",))
            }
    return found


DEVELOPED_WITH, UNSEEN, FURTHER = "questions.jsonl", "unseen_questions.jsonl", "further_questions.jsonl"


def shop_questions(settings: Settings, *, questions: str = DEVELOPED_WITH) -> dict[str, Any]:
    """Held-out questions asked of the articles, stored and indexed as the product does it; BM25 over whole articles beside it.

    `questions` names the file of each language: those that search was developed with, or those that are asked only to report a figure.
    """
    drafts = [d for folder in sorted(ARTICLES.iterdir()) if folder.is_dir() for d in read_markdown_folder(folder)]
    index = asyncio.run(_product_index(drafts, settings))
    expecting = asyncio.run(_expecting(index, settings))
    found: dict[str, Any] = {"articles": len({d.id for d in drafts})}
    for language in LANGUAGES:
        rows = _questions(settings.project_dir / "training_data" / "tests" / language / questions)
        index.expecting = None
        alone = [_ask(index, str(row["text"]), language) for row in rows]
        index.expecting = expecting
        outcomes = [_ask(index, str(row["text"]), language) for row in rows]
        served = "zh-Hant" if language == "zh-Hans" else language
        articles = [{"id": d.id, "title": d.title, "text": d.body} for d in drafts if d.language == served]
        relevant = [set(row["relevant"]) for row in rows]
        found[language] = {
            "questions": len(rows),
            "answerable": sum(bool(r) for r in relevant),
            **_scores(relevant, outcomes),
            "without_understanding": _scores(relevant, alone),
            "peer_bm25": _peer(articles, rows),
        }
    return found


def _scores(relevant: Sequence[set[str]], outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    return {
        "first_right": first_right(relevant, outcomes),
        "answered_right": answered_right(relevant, outcomes),
        "wrongly_abstained": wrongly_abstained(relevant, outcomes),
        **_short(figures(relevant, outcomes)),
    }


async def _expecting(index: SearchIndex, settings: Settings) -> Understood:
    """What the shop's bot, trained now, expects of questions."""
    with tempfile.TemporaryDirectory() as folder:
        train(read_training_data(nlu_sources(settings.project_dir)), out=Path(folder) / "model", encoder_cache=settings.encoder_dir)
        understander = Understander.load(Path(folder) / "model", encoder_cache=settings.encoder_dir)
        understood = Understood(lambda: understander, lambda: index, file=Path(folder) / "expected.json")
        understood.refresh()
        await understood.finish()
        return understood


def _peer(articles: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    relevant, outcomes = [set(row["relevant"]) for row in rows], bm25(articles, rows)
    found = {name: value for name, value in _short(figures(relevant, outcomes)).items() if "abstain" not in name}
    return {"first_right": first_right(relevant, outcomes), **found}


async def _product_index(drafts: Sequence[ArticleDraft], settings: Settings) -> SearchIndex:
    """Through a PostgreSQL of its own, so that it is the index that the product would search."""
    folder = new_folder()
    server = EmbeddedPostgres(folder)
    embedder = search_encoder(settings, remembering=True)
    server.start()
    try:
        await asyncio.to_thread(migrate, server.url)
        base = build_base(server.url)
        async with base.database.transaction() as session:
            await import_articles(session, drafts, editor="benchmark")
            await reindex(session, embedder)
            index = await load_index(session, embedder)
        await base.database.close()
        return index
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _ask(index: SearchIndex, question: str, language: str) -> Outcome:
    began = time.perf_counter()
    hits = index.search(question, language=language, limit=DEPTH)
    abstained = not hits or hits[0].confidence < index.threshold(language)
    return Outcome(tuple(hit.passage.article_id for hit in hits), abstained, time.perf_counter() - began)


def first_right(relevant: Sequence[set[str]], outcomes: Sequence[Outcome]) -> float | None:
    """Of the questions that an article answers, the share whose first article is a right one, abstained or not."""
    asked = [one.ranked[:1] for wanted, one in zip(relevant, outcomes, strict=True) if wanted]
    wanted_sets = [wanted for wanted in relevant if wanted]
    right = sum(bool(wanted.intersection(first)) for wanted, first in zip(wanted_sets, asked, strict=True))
    return round(right / len(asked), 4) if asked else None


def answered_right(relevant: Sequence[set[str]], outcomes: Sequence[Outcome]) -> float | None:
    """Of the questions that were answered (not abstained), the share whose first article is a right one; None when none was."""
    answered = [(wanted, one.ranked[0]) for wanted, one in zip(relevant, outcomes, strict=True) if not one.abstained]
    return round(sum(first in wanted for wanted, first in answered) / len(answered), 4) if answered else None


def wrongly_abstained(relevant: Sequence[set[str]], outcomes: Sequence[Outcome]) -> float | None:
    """Of the questions that an article answers, the share that was not answered; None when there are none."""
    silent = [one.abstained for wanted, one in zip(relevant, outcomes, strict=True) if wanted]
    return round(sum(silent) / len(silent), 4) if silent else None


def _short(found: dict[str, float | None]) -> dict[str, float | None]:
    return {
        name: None if value is None else round(value, 4) for name, value in found.items() if name not in {"index_s", "p50_ms", "p95_ms"}
    }


def _questions(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def shop_stories(settings: Settings) -> dict[str, Any]:
    """Test stories played on the engine."""
    project = open_project(settings.project_dir)
    report = asyncio.run(run_test_stories(project, settings.project_dir / "training_data" / "tests" / "stories"))
    return {name: value for name, value in report.items() if isinstance(value, int | float)}

"""Sentiment on held-out sentences and on public sets, where the folder of BATON_EVAL_DATA has them. Nothing is trained on them.

Public sets: rows of `test` where the set has them, else of `val`; `--part dev` takes the rows that settings were chosen on (a sample of
`train`, or `val`), which must not be reported. Three-way macro F1 takes the sign of the level. Two-way accuracy drops neutral rows and
takes the sign of the score; `level_sign` is the same from the level alone, where neutral counts as wrong.
`python -m benchmarks.quality_sentiment [--json] [--only airline_sentiment ...] [--part dev]`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.settings import Settings, read_settings
from nlu.encoders import get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.port import Encoder
from nlu.intents import Features
from nlu.lexical import SparseRow
from nlu.sentiment import CLASSES, LEVELS, SentimentModel, judge, simplified
from nlu.sentiment_data import HELD_OUT, SENTIMENT_FOLDER, Feeling, read_sentiment, read_words
from nlu.sentiment_training import train_sentiment
from nlu.text import for_encoding
from nlu.train import Plan
from nlu.types import Sentiment

PUBLIC = {"airline_sentiment": "en", "tweeteval_sentiment": "en", "zh_reviews": "zh-Hans", "pt_sentiment": "pt"}
DEVELOPMENT = {"airline_sentiment": "train", "tweeteval_sentiment": "val", "zh_reviews": "train", "pt_sentiment": "train"}
SIGNS = ("negative", "neutral", "positive")
DEVELOPMENT_ROWS = 1500
_SEED = 7


@dataclass(frozen=True)
class Judges:
    """The trained model and the encoders that it asks."""

    model: SentimentModel
    encoders: Mapping[str, Encoder]
    scores: Mapping[str, float]

    def judge(self, texts: Sequence[str], language: str) -> list[Sentiment]:
        """As `Understander` would, without the intents."""
        plain = [simplified(for_encoding(text)) for text in texts]
        vectors = {name: self.encoders[name].encode(plain) for name in self.model.encoders_for(language)}
        empty = SparseRow(np.zeros(0, np.int32), np.zeros(0, np.float32))
        features = [Features({name: rows[i] for name, rows in vectors.items()}, empty) for i in range(len(texts))]
        return [judge(text, seen, self.model, language) for text, seen in zip(texts, features, strict=True)]


def train_judges(encoder_cache: Path) -> Judges:
    """Trains on the project's own sentences, as `baton train` does."""
    plan, cache = Plan(), encoder_cache / "embeddings.sqlite"
    encoders: dict[str, Encoder] = {name: CachedEncoder(get_encoder(name, encoder_cache), cache) for name in plan.encoders}
    feelings = read_sentiment(SENTIMENT_FOLDER)
    model, scores = train_sentiment(feelings, read_words(SENTIMENT_FOLDER), encoders, plan.english, plan.others)
    if model is None:
        raise SystemExit("There are no sentences of sentiment to learn from.")
    return Judges(model, encoders, scores)


def public_set(judges: Judges, folder: Path, language: str, split: str | None = None) -> dict[str, Any] | None:
    """Figures on one public set (of `split`, sampled, or of its unseen rows); None when it is not there."""
    file = folder / "sentiment.jsonl"
    if not file.is_file():
        return None
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    part = split or ("test" if any(row["split"] == "test" for row in rows) else "val")
    chosen = [row for row in rows if row["split"] == part]
    if split and len(chosen) > DEVELOPMENT_ROWS:
        chosen = random.Random(_SEED).sample(chosen, DEVELOPMENT_ROWS)
    found = judges.judge([row["text"] for row in chosen], language)
    true = np.array([SIGNS.index(row["label"]) - 1 for row in chosen])
    return {"split": part, "rows": len(chosen), **sign_figures(true, found)}


def sign_figures(true: np.ndarray[Any, Any], found: Sequence[Sentiment]) -> dict[str, Any]:
    """`true` (n,) holds -1, 0 and 1. Macro F1 is over the signs that occur in `true`."""
    levels, scores = np.sign([one.level for one in found]), np.array([one.score for one in found])
    marked = true != 0
    f1 = [_f1(true == sign, levels == sign) for sign in sorted(set(true.tolist()))]
    return {
        "macro_f1": round(float(np.mean(f1)), 4) if (true == 0).any() else None,
        "two_way": round(float((np.where(scores[marked] > 0, 1, -1) == true[marked]).mean()), 4),
        "level_sign": round(float((levels[marked] == true[marked]).mean()), 4),
        "called_neutral": round(float((levels == 0).mean()), 4),
        "called_angry": round(float(np.mean([one.angry for one in found])), 4),
    }


def held_out(judges: Judges) -> dict[str, Any]:
    """Figures on the project's held-out sentences, by language."""
    sentences = read_sentiment(SENTIMENT_FOLDER / HELD_OUT)
    languages = sorted({sentence.language for sentence in sentences})
    return {language: _own_figures(judges, [s for s in sentences if s.language == language]) for language in languages}


def _own_figures(judges: Judges, sentences: Sequence[Feeling]) -> dict[str, Any]:
    found = judges.judge([sentence.text for sentence in sentences], sentences[0].language)
    true = np.array([LEVELS[CLASSES.index(sentence.kind)] for sentence in sentences])
    guessed = np.array([one.level for one in found])
    angry, flagged = np.array([sentence.kind == "angry" for sentence in sentences]), np.array([one.angry for one in found])
    return {
        "sentences": len(sentences),
        "level_accuracy": round(float((true == guessed).mean()), 4),
        "within_one_level": round(float((np.abs(true - guessed) <= 1).mean()), 4),
        **sign_figures(np.sign(true), found),
        "angry_precision": round(float((flagged & angry).sum() / max(1, flagged.sum())), 4),
        "angry_recall": round(float((flagged & angry).sum() / max(1, angry.sum())), 4),
    }


def _f1(true: np.ndarray[Any, Any], found: np.ndarray[Any, Any]) -> float:
    return 2 * float((true & found).sum()) / max(1.0, float(true.sum() + found.sum()))


def parts() -> dict[str, Callable[[Settings, bool], dict[str, Any] | None]]:
    """For `benchmarks.evaluate`: one part, whose figures are those of `measure`."""
    return {"sentiment": lambda settings, _full: measure(settings, list(PUBLIC), development=False)}


def measure(settings: Settings, names: Sequence[str], *, development: bool) -> dict[str, Any]:
    """All figures; public sets that are not there are None."""
    judges = train_judges(settings.encoder_dir)
    found: dict[str, Any] = {"cross_validated": dict(judges.scores), "held_out": held_out(judges)}
    for name in names:
        split = DEVELOPMENT[name] if development else None
        found[name] = public_set(judges, settings.eval_data / name, PUBLIC[name], split)
    return found


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality_sentiment", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--only", nargs="*", choices=list(PUBLIC), default=list(PUBLIC), help="these public sets only")
    parser.add_argument("--part", choices=("report", "dev"), default="report", help="dev: the rows that settings were chosen on")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = measure(read_settings(), options.only, development=options.part == "dev")
    print(json.dumps(found, ensure_ascii=False, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())

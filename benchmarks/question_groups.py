"""How well wordings of one question come together: the shop's held-out questions, in three languages, grouped without their labels.

`python -m benchmarks.question_groups` prints B-cubed precision and recall (Bagga and Baldwin 1998) against the article that answers each,
and what is found in the sample shop's own articles by the rules of `insights.health.comparing`.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from app.seeding import ARTICLES
from app.settings import ROOT, read_settings
from insights.health.comparing import Line, compare
from insights.health.lines import lines_of
from insights.unanswered.grouping import NEAR, SAME, Groups, Vectors
from knowledge.chinese import one_script
from knowledge.importing import read_markdown_folder
from knowledge.ports import Embedder
from nlu.encoders import get_encoder
from nlu.encoders.cache import CachedEncoder

LANGUAGES = ("en", "pt", "zh-Hant")
SEEDS = 5
THRESHOLDS = ((0.40, SAME), (NEAR, 0.35), (NEAR, SAME), (NEAR, 2.0), (0.50, SAME))


def read_questions() -> list[tuple[str, str]]:
    """(question, article) of the held-out questions that an article answers."""
    lines = [
        line for name in LANGUAGES for line in (ROOT / "training_data/tests" / name / "questions.jsonl").read_text("utf-8").splitlines()
    ]
    rows = [json.loads(line) for line in lines if line]
    return [(row["text"], row["relevant"][0]) for row in rows if row["relevant"]]


def group(vectors: Vectors, near: float, same: float) -> list[UUID]:
    """The question of each wording, placed one after the other."""
    groups, placed = Groups(vectors.shape[1], near=near, same=same), list[UUID]()
    for number, vector in enumerate(vectors):
        question, merges = groups.place(vector, new=UUID(int=number))
        placed.append(question)
        for merge in merges:
            placed = [merge.older if one == merge.younger else one for one in placed]
    return placed


def b_cubed(found: Sequence[object], right: Sequence[object]) -> tuple[float, float]:
    """Precision and recall: for each item the share of its group that belongs with it, and of those that belong with it in its group."""
    both, groups, classes = Counter(zip(found, right, strict=True)), Counter(found), Counter(right)
    pairs = list(zip(found, right, strict=True))
    precision = sum(both[one] / groups[one[0]] for one in pairs) / len(pairs)
    return precision, sum(both[one] / classes[one[1]] for one in pairs) / len(pairs)


def main() -> None:
    """Prints both."""
    settings = read_settings()
    encoder = CachedEncoder(get_encoder("use-multilingual", settings.encoder_dir), settings.encoder_dir / "question_groups.sqlite")
    questions = read_questions()
    print(f"{len(questions)} questions, {len({article for _, article in questions})} articles, {SEEDS} orders")
    for near, same in THRESHOLDS:
        scores, sizes = [], []
        for seed in range(SEEDS):
            rows = random.Random(seed).sample(questions, len(questions))
            found = group(np.asarray(encoder.encode([one_script(text) for text, _ in rows])), near, same)
            scores.append(b_cubed(found, [article for _, article in rows]))
            sizes.append(len(set(found)))
        precision, recall = np.mean(scores, axis=0)
        chosen = "  <- used" if (near, same) == (NEAR, SAME) else ""
        print(f"near {near:.2f}  same {same:.2f}  precision {precision:.3f}  recall {recall:.3f}  groups {np.mean(sizes):.0f}{chosen}")
    _health(encoder)


def _health(encoder: Embedder) -> None:
    lines = []
    for draft in read_markdown_folder(ARTICLES):
        sentences = lines_of(draft)
        vectors = encoder.encode([ready for _, ready in sentences])
        lines += [Line(draft.id, draft.language, 1, text, vector) for (text, _), vector in zip(sentences, vectors, strict=True)]
    began = time.perf_counter()
    duplicates, contradictions = compare(lines, lines)
    kinds = Counter("yes_no" if one.found[0].kind == "yes_no" else "amount" for one in contradictions)
    seconds = time.perf_counter() - began
    print(f"{len(lines)} sentences of the shop: {len(duplicates)} duplicates, {dict(kinds)} candidates for contradictions, {seconds:.1f} s")


if __name__ == "__main__":
    main()

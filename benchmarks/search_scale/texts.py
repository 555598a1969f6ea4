"""Real sentences of the public sets (folder of BATON_EVAL_DATA) as passages, perturbed into as many as are wanted. Nothing ships."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.dense import embed_views, views
from knowledge.entries import Entry
from knowledge.ports import Embedder, Vectors
from knowledge.sentences import split_sentences
from knowledge.types import Passage

SHARES = {"en": 0.46, "pt": 0.2, "zh-Hant": 0.34}
FILES = {
    "en": (
        "abcd_kb/kb", "covid_faq/kb", "dstc11_t5/kb", "dstc11_t5/dialogues", "star/dialogues", "uss/dialogues", "clinc150/intents",
        "bitext_cs/intents", "airline_sentiment/sentiment", "tweeteval_sentiment/sentiment", "span_extraction/entities",
    ),
    "pt": ("aia_bde_pt/kb", "faquad_pt/kb", "pt_sentiment/sentiment"),
    "zh-Hant": ("drcd_zh_hant/kb", "crosswoz_zh/dialogues", "zh_qmatch/pairs", "zh_reviews/sentiment", "smp2019_zh/intents.hant"),
}  # fmt: skip
QUESTIONS = {
    "en": ("covid_faq/queries", "banking77/val_for_fewshot", "nlupp/multi_intents"),
    "pt": ("aia_bde_pt/queries", "faquad_pt/queries"),
    "zh-Hant": ("drcd_zh_hant/queries",),
}
SWAPPED = 0.25  # of the words of a perturbed passage, how many come from another text of its language
MOVED = 0.45  # how far, beside its own length, the meaning of a perturbed passage is moved


@dataclass(frozen=True)
class Base:
    """Real passages with their vectors, and questions that are none of them, as (language, text)."""

    entries: tuple[Entry, ...]
    questions: tuple[tuple[str, str], ...]


def read_base(folder: Path, embedder: Embedder, *, passages: int, questions: int, seed: int = 5) -> Base:
    """`passages` of two or three real sentences each; rows of a test split are passed over as questions."""
    chance = random.Random(seed)
    found: list[Passage] = []
    asked: list[tuple[str, str]] = []
    for language, share in SHARES.items():
        sentences = _sentences(folder, FILES[language])
        chance.shuffle(sentences)
        found.extend(_passages(sentences, language, round(passages * share)))
        known = set(sentences)
        pool = [text for text in _sentences(folder, QUESTIONS[language], split=False) if text not in known]
        asked.extend((language, text) for text in chance.sample(pool, min(len(pool), round(questions * share))))
    vectors = embed_views([views(passage) for passage in found], embedder)
    entries = tuple(Entry(passage, rows) for passage, rows in zip(found, vectors, strict=True))
    chance.shuffle(asked)
    return Base(entries, tuple(asked))


def _sentences(folder: Path, files: Sequence[str], *, split: bool = True) -> list[str]:
    found: dict[str, None] = {}
    for file in files:
        for line in (folder / f"{file}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("split") == "test" and not split:
                continue
            for text in _texts(row):
                for sentence in split_sentences(text) if split else [text]:
                    if 6 <= len(sentence) <= 400:
                        found[sentence] = None
    return list(found)


def _texts(row: dict[str, Any]) -> Iterator[str]:
    yield from (str(row[name]) for name in ("title", "text", "text1", "text2") if row.get(name))
    yield from (str(turn["text"]) for turn in row.get("turns", ()) if turn.get("text"))


def _passages(sentences: Sequence[str], language: str, count: int) -> Iterator[Passage]:
    for number in range(count):
        start = 2 * number % (len(sentences) - 2)
        heading, text = sentences[start][:120], sentences[start + 1]
        article = f"base-{language.lower()}-{number:06d}"
        yield Passage(f"{article}/{language}/1/0", article, language, (heading,), text, 0)


def grown(base: Base, count: int, *, seed: int = 9, each: int = 1) -> Iterator[Entry]:
    """`count` passages: the real ones first, then real ones with some words and their meaning moved. Sorted by article.

    A passage's meaning is moved along the difference of two other real passages of its language, so that the space keeps its shape, and by
    some noise. `each`: how many passages make an article.
    """
    random_numbers = np.random.default_rng(seed)
    chance = random.Random(seed)
    groups: dict[str, list[Entry]] = {}
    for entry in base.entries:
        groups.setdefault(entry.passage.language, []).append(entry)
    words = {name: [_words(entry.passage) for entry in group] for name, group in groups.items()}
    for place in range(count):
        source = base.entries[place % len(base.entries)]
        article, ordinal = f"a{place // each:08d}", place % each
        language = source.passage.language
        identity = f"{article}/{language}/1/{ordinal}"
        if place < len(base.entries):
            passage = Passage(identity, article, language, source.passage.title_path, source.passage.text, ordinal)
            yield Entry(passage, source.vectors)
            continue
        title = _swapped(source.passage.title_path[0], language, words[language], chance)
        text = _swapped(source.passage.text, language, words[language], chance)
        one, other = chance.choice(groups[language]).vectors[-1], chance.choice(groups[language]).vectors[-1]
        noise = random_numbers.normal(size=source.vectors.shape).astype(np.float32) * np.float32(0.15 / source.vectors.shape[1] ** 0.5)
        yield Entry(Passage(identity, article, language, (title,), text, ordinal), _unit(source.vectors + MOVED * (one - other) + noise))


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _words(passage: Passage) -> list[str]:
    return list(passage.text) if passage.language == "zh-Hant" else passage.text.split()


def _swapped(text: str, language: str, others: Sequence[Sequence[str]], chance: random.Random) -> str:
    glue = "" if language == "zh-Hant" else " "
    parts = list(text) if language == "zh-Hant" else text.split()
    for _ in range(max(1, round(SWAPPED * len(parts)))):
        if other := chance.choice(others):
            parts[chance.randrange(len(parts))] = chance.choice(other)
    return glue.join(parts)

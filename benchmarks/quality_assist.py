"""Suggestions on public dialogues beside what anyone would try first, in one run: `python -m benchmarks.quality_assist`.

Reads dstc11_t5 and star from the folder of BATON_EVAL_DATA. STAR learns from `train` and is measured on `val`. DSTC11 track 5 has no
training split there, so that what is learned is cross-validated on `val`: five parts by the dialogue's id, each measured by what the
others taught. The peers get the same. Nothing that ships is trained on them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from scipy.sparse import csr_matrix

from app.commands.evaluate import read_numbered
from app.dialogue_files import read_dialogues, read_snippets
from app.settings import Settings, read_settings
from assist.dialogues import Dialogue, Turn, labelled_replies
from assist.evaluate import HITS, Figures, Material, Reading, evaluate_assist, knowledge_figures, reply_figures
from assist.knowledge_needed import Advice, learn_adviser
from assist.reply_features import dense_rows, replies_so_far
from assist.snippets import DEPTH, Shelf, Snippet
from benchmarks.peers import fit_head
from knowledge.lexical import LexicalIndex
from knowledge.terms import terms
from nlu.encoders import get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.port import Encoder, Vectors
from nlu.lexical import BUCKETS
from nlu.softmax import Rows, fit, logits_of

PARTS = 5
_SAMPLE_NAMES, _SAMPLE_TURNS = 8, 230
_LAST = 5  # turns that BM25 reads of a dialogue, beside its reading of the last one only
Situations = Sequence[tuple[tuple[Turn, ...], str]]
Adviser = Callable[[Sequence[Turn]], Advice]
Way = Callable[[Sequence[Dialogue]], Adviser]


def replies(dialogues: Sequence[Dialogue], train: Sequence[Dialogue], encoder: Encoder) -> dict[str, Figures]:
    """The next reply: Baton and four peers."""
    known, asked = labelled_replies(train), labelled_replies(dialogues)
    truth = [label for _, label in asked]
    peers: dict[str, Callable[[], list[list[str]]]] = {
        "most frequent after the last reply": lambda: _replies_by_last(known, asked),
        "BM25, last turns of both": lambda: _replies_by_words(known, asked),
        "nearest last message, encoder": lambda: _replies_by_nearest(known, asked, encoder),
        "encoder alone, regression on both turns and history": lambda: _replies_by_encoder(known, asked, encoder),
    }
    found = {name: _told(name, reply_figures(list(zip(truth, peer(), strict=True)))) for name, peer in peers.items()}
    ours, _ = evaluate_assist(Material(dialogues, train), knowledge=Reading(encoder, encoder), replies=Reading(encoder, encoder))
    untimed = {name: value for name, value in ours.items() if not name.endswith(("_ms", "_s"))}  # vectors lie ready here
    return found | {"Baton": _told("Baton", untimed)}


def _told(name: str, figures: Figures) -> Figures:
    print(name, json.dumps(figures), file=sys.stderr, flush=True)
    return figures


def _replies_by_words(known: Situations, asked: Situations) -> list[list[str]]:
    index = LexicalIndex([_words(turns[-2:]) for turns, _ in known])
    return [_first_labels(index.scores(_words(turns[-2:])), known) for turns, _ in asked]


def _replies_by_last(known: Situations, asked: Situations) -> list[list[str]]:
    after: dict[str, Counter[str]] = defaultdict(Counter)
    for turns, label in known:
        after[_last_reply(turns)][label] += 1
        after["*"][label] += 1
    return [[name for name, _ in after.get(_last_reply(turns), after["*"]).most_common(HITS)] for turns, _ in asked]


def _replies_by_nearest(known: Situations, asked: Situations, encoder: Encoder) -> list[list[str]]:
    seen, now = (encoder.encode([_last_said(turns) for turns, _ in part]) for part in (known, asked))
    return [_first_labels(seen @ row, known) for row in now]


def _replies_by_encoder(known: Situations, asked: Situations, encoder: Encoder) -> list[list[str]]:
    names = sorted({label for _, label in known})
    labels = np.array([names.index(label) for _, label in known], dtype=np.intp)
    seen, now = (
        Rows(dense_rows([turns for turns, _ in part], encoder), csr_matrix((len(part), BUCKETS), dtype=np.float32))
        for part in (known, asked)
    )
    weights = fit(seen, labels, classes=len(names), sample_weights=np.ones(len(labels), dtype=np.float32), inverse_l2=10.0)
    return [[names[place] for place in row[:HITS]] for row in np.argsort(-logits_of(now, weights), axis=1)]


def _first_labels(scores: Vectors, known: Situations) -> list[str]:
    found: dict[str, None] = {}
    for place in np.argsort(-scores, kind="stable"):
        found.setdefault(known[place][1])
        if len(found) == HITS:
            break
    return list(found)


def _last_reply(turns: Sequence[Turn]) -> str:
    return (replies_so_far(turns) or ["^"])[-1]


def _last_said(turns: Sequence[Turn]) -> str:
    return next((turn.text for turn in reversed(turns) if turn.speaker == "customer"), "")


def _words(turns: Sequence[Turn]) -> list[str]:
    return terms(" ".join(turn.text for turn in turns), "en")


def knowledge(dialogues: Sequence[Dialogue], snippets: Sequence[Snippet], encoder: Encoder) -> dict[str, Figures]:
    """Knowledge: Baton untrained and taught, and peers, which learn from the same parts when to be silent."""
    shelf = Shelf(snippets, encoder, language="en")
    untrained = learn_adviser(shelf, [], encoder)
    found = {"Baton, untrained": _figures(dialogues, [untrained.advise(one.before_reply()) for one in dialogues])}
    words = LexicalIndex([terms(f"{one.name} {one.title} {one.title} {one.text}", "en") for one in snippets])
    vectors = encoder.encode([f"{one.name} {one.title} {one.text}" for one in snippets])
    ways: dict[str, Way] = {
        "BM25, last turn": lambda taught: _by_scores(taught, snippets, lambda turns: words.scores(_words(turns[-1:]))),
        "BM25, last five turns": lambda taught: _by_scores(taught, snippets, lambda turns: words.scores(_words(turns[-_LAST:]))),
        "nearest last message, encoder": lambda taught: _by_nearest(taught, encoder),
        "encoder alone, last turn": lambda taught: _by_encoder(taught, snippets, vectors, encoder, 1),
        "encoder alone, last three turns": lambda taught: _by_encoder(taught, snippets, vectors, encoder, 3),
        "Baton, taught": lambda taught: learn_adviser(shelf, taught, encoder).advise,
    }
    return found | {name: _told(name, _figures(dialogues, _in_parts(dialogues, way))) for name, way in ways.items()}


def _figures(dialogues: Sequence[Dialogue], advice: Sequence[Advice]) -> Figures:
    return knowledge_figures(list(zip(dialogues, advice, strict=True)))


def _in_parts(dialogues: Sequence[Dialogue], way: Way) -> list[Advice]:
    """What is said of each dialogue by what the other parts taught."""
    parts = [crc32(one.id.encode()) % PARTS for one in dialogues]
    advisers = [way([one for one, other in zip(dialogues, parts, strict=True) if other != part]) for part in range(PARTS)]
    return [advisers[part](one.before_reply()) for one, part in zip(dialogues, parts, strict=True)]


def _by_scores(taught: Sequence[Dialogue], snippets: Sequence[Snippet], scores: Callable[[Sequence[Turn]], Vectors]) -> Adviser:
    """Ranks by the scores; speaks when the best is above what told the two kinds apart best."""
    best = [(float(scores(one.before_reply()).max()), bool(one.needs_kb)) for one in taught]
    threshold = max((score for score, _ in best), key=lambda t: sum((score >= t) == needed for score, needed in best))
    return lambda turns: _advice(scores(turns), snippets, lambda top: float(top >= threshold))


def _by_encoder(taught: Sequence[Dialogue], snippets: Sequence[Snippet], vectors: Vectors, encoder: Encoder, last: int) -> Adviser:
    """Ranks by the cosine to the last turns; a logistic regression on the vector of the last one says whether to speak."""
    head = fit_head(_last_vectors([one.before_reply() for one in taught], encoder), [str(one.needs_kb) for one in taught])

    def advise(turns: Sequence[Turn]) -> Advice:
        chance = head.predict_proba(_last_vectors([turns], encoder))[0][list(head.classes_).index("True")]
        return _advice(vectors @ encoder.encode([" ".join(turn.text for turn in turns[-last:])])[0], snippets, lambda _: float(chance))

    return advise


def _by_nearest(taught: Sequence[Dialogue], encoder: Encoder) -> Adviser:
    """What was used for the nearest last messages, in their order; speaks if the nearest needed knowledge."""
    seen = _last_vectors([one.before_reply() for one in taught], encoder)

    def advise(turns: Sequence[Turn]) -> Advice:
        order = np.argsort(-(seen @ _last_vectors([turns], encoder)[0]), kind="stable")
        used = dict.fromkeys(identity for place in order[:_LAST] for identity in sorted(taught[place].relevant))
        return Advice(float(bool(taught[order[0]].needs_kb)), tuple(used)[:DEPTH])

    return advise


def _last_vectors(situations: Sequence[Sequence[Turn]], encoder: Encoder) -> Vectors:
    return np.asarray(encoder.encode([turns[-1].text for turns in situations]), dtype=np.float32)


def _advice(scores: Vectors, snippets: Sequence[Snippet], chance: Callable[[float], float]) -> Advice:
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return Advice(chance(float(scores[order[0]])), tuple(snippets[place].id for place in order))


def _sampled(dialogues: Sequence[Dialogue], snippets: Sequence[Snippet]) -> tuple[list[Dialogue], list[Snippet]]:
    """The articles about the names asked for most, and the first dialogues that only they answer or nothing needs to."""
    name_of = {one.id: one.name for one in snippets}
    asked = Counter(name_of[identity] for one in dialogues for identity in one.relevant if identity in name_of)
    kept = {name for name, _ in asked.most_common(_SAMPLE_NAMES)}
    inside = [one for one in dialogues if not one.needs_kb or {name_of.get(identity) for identity in one.relevant} <= kept]
    return inside[:_SAMPLE_TURNS], [one for one in snippets if one.name in kept]


def measure(folder: Path, names: Sequence[str], *, sample: bool) -> dict[str, dict[str, Figures]]:
    """The figures of every set that is there, by set and method."""
    settings = read_settings()
    encoder = CachedEncoder(get_encoder("minilm-l6-v2", settings.encoder_dir), settings.encoder_dir / "embeddings.sqlite")
    found: dict[str, dict[str, Figures]] = {}
    if "star" in names and (folder / "star").is_dir():
        rows = _by_split(folder / "star" / "dialogues.jsonl")
        found["star"] = replies(rows["val"], rows["train"], encoder)
    if "dstc11_t5" in names and (folder / "dstc11_t5").is_dir():
        rows = _by_split(folder / "dstc11_t5" / "dialogues.jsonl")
        snippets = read_snippets(folder / "dstc11_t5" / "kb.jsonl")
        found["dstc11_t5"] = knowledge(*(_sampled(rows["val"], snippets) if sample else (rows["val"], snippets)), encoder)
    return found


def parts() -> dict[str, Callable[[Settings, bool], dict[str, Any] | None]]:
    """For `make eval`: the sample of DSTC11 track 5, all of it only in full; STAR."""

    def part(name: str) -> Callable[[Settings, bool], dict[str, Any] | None]:
        return lambda settings, full: measure(settings.eval_data, [name], sample=not full).get(name)

    return {f"assist_{name}": part(name) for name in ("dstc11_t5", "star")}


def _by_split(file: Path) -> dict[str, list[Dialogue]]:
    found: dict[str, list[Dialogue]] = defaultdict(list)
    for dialogue, (_, row) in zip(read_dialogues(file), read_numbered(file), strict=True):
        found[str(row["split"])].append(dialogue)
    return found


def _table(found: dict[str, Figures]) -> str:
    columns = [name for name in next(iter(found.values())) if any(figures.get(name) is not None for figures in found.values())]
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for method, figures in found.items():
        lines.append(f"| {method} | " + " | ".join(_cell(figures.get(name)) for name in columns) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)


def main() -> None:
    """Prints the tables, or one JSON object with --json."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--only", choices=["star", "dstc11_t5"])
    reading.add_argument("--sample", action="store_true", help="dstc11_t5: only the eight hotels and restaurants asked for most")
    reading.add_argument("--json", action="store_true")
    given = reading.parse_args()
    found = measure(read_settings().eval_data, [given.only] if given.only else ["star", "dstc11_t5"], sample=given.sample)
    if not found:
        sys.exit("No data: BATON_EVAL_DATA names a folder with star or dstc11_t5.")
    print(json.dumps(found) if given.json else "\n\n".join(f"{name}\n\n{_table(figures)}" for name, figures in found.items()))


if __name__ == "__main__":
    main()

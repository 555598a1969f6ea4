"""How long trying a question takes: `python -m benchmarks.trying [COPIES ...]` on the sample shop, and on that many copies of it.

A copy has the same texts and vectors under other ids; encoding the articles is not part of what is measured.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.live import ROOT
from knowledge.building import index_drafts
from knowledge.entries import Entry
from knowledge.importing import read_markdown_folder
from knowledge.search import SearchIndex
from knowledge.trying import Trier
from nlu.encoders import get_encoder

QUESTIONS = ("How long can I return something?", "can i bring it back to the store", "do I pay for the postage", "lamp broken")


def copies(entries: Sequence[Entry], count: int) -> list[Entry]:
    """The entries `count` times, each copy under ids of its own."""
    return [
        replace(entry, passage=replace(entry.passage, id=f"{n}/{entry.passage.id}", article_id=f"{entry.passage.article_id}-{n}"))
        for n in range(count)
        for entry in entries
    ]


def main() -> None:
    """Prints one line for each size."""
    cache = Path(os.environ.get("BATON_ENCODER_CACHE") or ROOT / ".baton" / "encoders")
    embedder = get_encoder("use-multilingual", cache)
    folders = [folder for folder in sorted((ROOT / "sample_shop" / "articles").iterdir()) if folder.is_dir()]
    drafts = [draft for folder in folders for draft in read_markdown_folder(folder)]
    base = index_drafts(drafts, embedder)
    draft = replace(next(d for d in drafts if (d.id, d.language) == ("return-policy", "en")), body="You can return an item within 99 days.")
    for count in [1, *(int(argument) for argument in sys.argv[1:])]:
        index = SearchIndex(copies(base.entries, count), embedder)
        trier, times, worked = Trier(), list[float](), list[float]()
        for question in QUESTIONS:
            began, begun = time.perf_counter(), time.process_time()
            trier.try_question(index, question, language="en", draft=draft)
            times.append(time.perf_counter() - began)
            worked.append(time.process_time() - begun)
        memory = psutil.Process().memory_info().rss / 1e6
        print(
            f"{count * len({d.id for d in drafts}):>6} articles {len(index.entries):>7} passages: first {times[0] * 1000:.0f} ms "
            f"({worked[0] * 1000:.0f} of a processor), then {sorted(times[1:])[1] * 1000:.0f} ({sorted(worked[1:])[1] * 1000:.0f}); "
            f"process {memory:.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()

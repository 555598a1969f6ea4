"""`python -m benchmarks.search_fresh`: how soon two running processes find what was just published, in a base of many passages.

Fills a database with passages (see `benchmarks/search_scale/texts.py`), starts two processes that keep an index as a worker does, publishes
articles one after the other and waits until both find each. `--json` prints one JSON object, last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert

from app.migrate import migrate
from app.settings import read_settings
from benchmarks.machine import describe_machine
from benchmarks.search_scale.texts import grown, read_base
from kit.db import Database
from kit.postgres import EmbeddedPostgres
from knowledge.entries import Entry
from knowledge.generation import raise_generation
from knowledge.importing import import_articles
from knowledge.index import encoder_key, reindex
from knowledge.keeping import LiveIndex
from knowledge.models import ArticleRow, EmbeddingRow, PassageRow, VersionRow
from knowledge.ports import Embedder
from knowledge.types import ArticleDraft
from nlu.encoders import get_encoder
from nlu.encoders.cache import CachedEncoder

READERS = 2
WATCH_SECONDS = 0.5
REAL = 24_000
WORDS = ("zeppelin", "marzipan", "gondola", "trombone", "origami", "periscope", "tapestry", "accordion")


async def fill(database: Database, entries: Iterable[Entry], embedder: Embedder) -> None:
    """Stores entries, one passage an article, as if each had been published and embedded."""
    source = iter(entries)
    while some := list(islice(source, 2_000)):
        async with database.transaction() as session:
            passages = [entry.passage for entry in some]
            keys = [{"article_id": one.article_id, "language": one.language, "version": 1} for one in passages]
            await session.execute(insert(ArticleRow), [{"id": one.article_id, "status": "published"} for one in passages])
            texts = [{"title": one.title_path[0], "body": one.text, "status": "published", "editor": "bench"} for one in passages]
            await session.execute(insert(VersionRow), [key | text for key, text in zip(keys, texts, strict=True)])
            shown = [{"id": one.id, "ordinal": 0, "title_path": list(one.title_path), "text": one.text} for one in passages]
            await session.execute(insert(PassageRow), [key | row for key, row in zip(keys, shown, strict=True)])
            await session.execute(insert(EmbeddingRow), [_embedded(entry, encoder_key(embedder)) for entry in some])
    async with database.transaction() as session:
        await raise_generation(session)


def _embedded(entry: Entry, key: str) -> dict[str, Any]:
    return {
        "passage_id": entry.passage.id, "encoder": key, "digest": "", "views": len(entry.vectors),
        "vectors": entry.vectors.astype("<f4").tobytes(),
    }  # fmt: skip


async def read(url: str, encoder: str, folder: Path) -> None:
    """A process that keeps an index; says when it finds each of the new articles."""
    database, cache = Database(url), read_settings().encoder_dir
    began = time.perf_counter()
    live = LiveIndex(database, lambda name: get_encoder(name, cache), wanted=encoder, folder=folder)
    await live.refresh()
    assert live.index is not None
    live.index.search("warm up", language="en")
    _say(ready_s=round(time.perf_counter() - began, 2), rss_mb=round(psutil.Process().memory_info().rss / 1e6))
    waiting = list(WORDS)
    while waiting:
        await live.refresh()
        while waiting and _found(live, waiting[0]):
            _say(found=waiting.pop(0), at=time.time())
        await asyncio.sleep(WATCH_SECONDS)
    await database.close()


def _found(live: LiveIndex, word: str) -> bool:
    assert live.index is not None
    return any(hit.passage.article_id == f"new-{word}" for hit in live.index.search(_draft(word).title, language="en"))


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def _draft(word: str) -> ArticleDraft:
    return ArticleDraft(f"new-{word}", "en", f"How do I polish a {word}?", f"A {word} is polished with beeswax.")


async def measure(url: str, *, passages: int, encoder: str, folder: Path) -> dict[str, Any]:
    """Seconds from the commit of each publication to each process finding it."""
    settings, database = read_settings(), Database(url)
    embedder = get_encoder(encoder, settings.encoder_dir)
    known = CachedEncoder(embedder, settings.encoder_dir / "embeddings.sqlite")
    base = read_base(settings.eval_data, known, passages=min(REAL, passages), questions=0)
    await fill(database, grown(base, passages), embedder)
    starts = []
    for again in range(2):
        readers = [_reader(url, encoder, folder / f"index-{number}") for number in range(READERS)]
        starts.append([_heard(reader) for reader in readers])
        if not again:
            for reader in readers:
                reader.kill()
                reader.wait()
    published: dict[str, float] = {}
    for word in WORDS:
        async with database.transaction() as session:
            await import_articles(session, [_draft(word)], editor="bench")
        published[word] = time.time()
        async with database.transaction() as session:  # as the job that follows a publication does
            await reindex(session, embedder, article_id=f"new-{word}")
        await asyncio.sleep(2)
    delays = [_heard(reader)["at"] - published[word] for reader in readers for word in WORDS]
    for reader in readers:
        reader.wait()
    await database.close()
    return {
        "passages": passages, "first_start_s": max(one["ready_s"] for one in starts[0]),
        "second_start_s": max(one["ready_s"] for one in starts[1]), "rss_mb": max(one["rss_mb"] for one in starts[1]),
        "median_s": round(sorted(delays)[len(delays) // 2], 2), "most_s": round(max(delays), 2),
    }  # fmt: skip


def _reader(url: str, encoder: str, folder: Path) -> subprocess.Popen[str]:
    command: Sequence[str] = (sys.executable, "-m", "benchmarks.search_fresh", "--read", url, "--encoder", encoder, "--folder", str(folder))
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _heard(reader: subprocess.Popen[str]) -> dict[str, Any]:
    assert reader.stdout is not None
    for line in reader.stdout:
        if line.startswith(('{"ready_s', '{"found')):
            heard: dict[str, Any] = json.loads(line)
            return heard
    raise SystemExit("a reader ended")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search_fresh", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--passages", type=int, default=100_000, help="how many there are already (default 100,000)")
    parser.add_argument("--encoder", default="use-multilingual", help="which encoder (default use-multilingual)")
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    parser.add_argument("--read", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        asyncio.run(read(options.read, options.encoder, options.folder))
        return 0
    folder = Path(tempfile.mkdtemp(prefix="baton-fresh-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder / "pg")
    server.start()
    try:
        migrate(server.url)
        figures = asyncio.run(measure(server.url, passages=options.passages, encoder=options.encoder, folder=folder))
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"machine": describe_machine()} | figures) if options.json else figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The life of the index: kept new, kept on disk, and changed to another encoder while it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, update

from kit.db import Database
from knowledge import storing
from knowledge.articles import archive
from knowledge.calibration import Calibration
from knowledge.importing import import_articles
from knowledge.index import reindex
from knowledge.keeping import LiveIndex
from knowledge.models import ChangeRow, EmbeddingRow, PassageRow
from knowledge.parts import Sizes
from knowledge.reembedding import Reembedding, adopt, embed_next, find_serving, progress_of
from knowledge.types import ArticleDraft
from nlu.errors import EncoderError
from tests.knowledge.fakes import GIFTS, HOURS, PRICES, RETURNS, RETURNS_ZH, HashingEmbedder

SHOP = (RETURNS, RETURNS_ZH, HOURS, GIFTS, PRICES)
NEW = ArticleDraft(
    "umbrellas", "en", "Do you lend umbrellas?", "Umbrellas are lent at the door when it rains.", questions=("parasol to borrow",)
)


def open_encoder(name: str) -> HashingEmbedder:
    """Two encoders that exist, and none beside them."""
    if name not in ("one", "two"):
        raise EncoderError(f"There is no encoder {name!r}.", hint="Known: one, two")
    return HashingEmbedder(name)


async def publish(database: Database, *drafts: ArticleDraft, name: str = "one") -> None:
    """Imports, publishes and embeds, article by article, as editors do."""
    for draft in drafts:
        async with database.transaction() as session:
            await import_articles(session, [draft], editor="sam")
            await reindex(session, open_encoder(name), article_id=draft.id)


@pytest.fixture
async def keep(database: Database) -> AsyncIterator[Callable[..., LiveIndex]]:
    """Opens indexes as `LiveIndex` does, and waits at the end for what they build, so that no task outlives the database."""
    opened: list[LiveIndex] = []

    def open_one(**settings: Any) -> LiveIndex:
        opened.append(LiveIndex(database, open_encoder, **settings))
        return opened[-1]

    yield open_one
    for one in opened:
        await one.finish()


def first(live: LiveIndex, question: str) -> str:
    assert live.index is not None
    hits = live.index.search(question, language="en")
    return hits[0].passage.article_id if hits else ""


@pytest.fixture(params=["small", "large"])
async def live(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[LiveIndex]:
    """Of the shop; "small" is built anew in the background after every change, "large" is not."""
    await publish(database, *SHOP)
    found = LiveIndex(database, open_encoder, wanted="one", small=2_000 if request.param == "small" else 0)
    await found.refresh()
    yield found
    await found.finish()


async def test_what_is_published_is_found_and_the_old_picture_stays(live: LiveIndex, database: Database) -> None:
    old = live.index
    assert old is not None
    await publish(database, NEW)
    assert await live.refresh()
    assert first(live, "lend umbrellas") == "umbrellas"
    assert first(live, "parasol to borrow") == "umbrellas"
    assert "umbrellas" not in {hit.passage.article_id for hit in old.search("lend umbrellas", language="en", limit=10)}


async def test_a_small_index_is_soon_as_if_built_at_once(database: Database, keep: Callable[..., LiveIndex]) -> None:
    await publish(database, *SHOP)
    live = keep(wanted="one")
    await live.refresh()
    await publish(database, NEW)
    await live.refresh()
    assert live.index is not None
    assert live.index.parts.then
    await live.finish()
    assert not live.index.parts.then
    assert first(live, "lend umbrellas") == "umbrellas"
    assert not await live.refresh()


async def test_a_new_version_replaces_the_old_one(live: LiveIndex, database: Database) -> None:
    await publish(database, replace(GIFTS, body="A zeppelin delivers every gift card."))
    await live.refresh()
    assert live.index is not None
    hits = live.index.search("gift cards work", language="en", limit=10)
    assert [hit.passage.text for hit in hits if hit.passage.article_id == GIFTS.id] == ["A zeppelin delivers every gift card."]


async def test_what_is_retired_is_not_found(live: LiveIndex, database: Database) -> None:
    async with database.transaction() as session:
        await archive(session, GIFTS.id)
    await live.refresh()
    assert live.index is not None
    assert GIFTS.id not in {hit.passage.article_id for hit in live.index.search("gift cards", language="en", limit=10)}
    await publish(database, GIFTS)
    await live.refresh()
    assert first(live, "gift cards") in ("", GIFTS.id)


async def test_nothing_new_changes_nothing(live: LiveIndex) -> None:
    assert not await live.refresh()


async def test_after_a_change_a_small_index_is_built_once_and_then_rests(database: Database, keep: Callable[..., LiveIndex]) -> None:
    await publish(database, *SHOP)
    live = keep(wanted="one")
    await live.refresh()
    await publish(database, NEW)
    await live.refresh()
    await live.finish()
    built = live.index
    assert built is not None
    assert built.parts.base is None
    for _ in range(3):
        assert not await live.refresh()
        await live.finish()
    assert live.index is built


async def test_changes_beside_and_built_at_once_find_the_same(database: Database, keep: Callable[..., LiveIndex]) -> None:
    await publish(database, *SHOP)
    live = keep(wanted="one", small=0)
    await live.refresh()
    await publish(database, NEW, replace(HOURS, body="Both stores are open on Sundays from nine."))
    await live.refresh()
    anew = keep(wanted="one")
    await anew.refresh()
    assert live.index is not None
    assert anew.index is not None
    assert live.index.parts.then
    for question in ("lend umbrellas", "open on sundays", "return cost", "gift card"):
        beside, at_once = (index.search(question, language="en") for index in (live.index, anew.index))
        assert beside[0].passage == at_once[0].passage
        assert {hit.passage.id for hit in beside} == {hit.passage.id for hit in at_once}  # what is far from a question may change places


async def test_many_changes_are_built_in_the_background_while_the_old_index_serves(
    database: Database, keep: Callable[..., LiveIndex]
) -> None:
    await publish(database, *SHOP)
    live = keep(wanted="one", small=0)
    await live.refresh()
    async with database.transaction() as session:
        await import_articles(session, [NEW], editor="sam")
        await reindex(session, open_encoder("one"))  # everything at once
    await live.refresh()
    assert first(live, "gift card") == GIFTS.id
    await live.finish()
    assert first(live, "lend umbrellas") == "umbrellas"


async def test_an_index_on_disk_is_taken_at_the_start_with_what_came_since(database: Database, tmp_path: Path) -> None:
    await publish(database, *SHOP)
    await large(database, tmp_path).refresh()
    await publish(database, NEW)
    again = large(database, tmp_path)
    await again.refresh()
    assert again.index is not None
    assert again.index.parts.then, "it was built anew"
    assert first(again, "lend umbrellas") == "umbrellas"
    assert first(again, "gift card") == GIFTS.id


@pytest.mark.parametrize("harm", ["cut", "flip", "lose", "cut the manifest", "flip the manifest"])
async def test_a_damaged_index_on_disk_is_built_anew(database: Database, tmp_path: Path, harm: str) -> None:
    await publish(database, *SHOP)
    await large(database, tmp_path).refresh()
    folder = tmp_path / "index"
    files = [folder / "manifest.json"] if "manifest" in harm else sorted(file for file in folder.iterdir() if file.stem != "manifest")
    for file in files:
        sound = file.read_bytes()
        file.unlink()
        if harm != "lose":
            middle = len(sound) // 2
            file.write_bytes(sound[:middle] if "cut" in harm else sound[:middle] + bytes([sound[middle] ^ 4]) + sound[middle + 1 :])
        with pytest.raises(storing.StoredIndexError):
            storing.read_index(folder, open_encoder("one"), Calibration())
        file.write_bytes(sound)
    files[0].write_bytes(b"")
    again = large(database, tmp_path)
    await again.refresh()
    assert first(again, "gift card") == GIFTS.id
    assert storing.read_index(folder, open_encoder("one"), Calibration()).search("gift card", language="en")


async def test_an_index_of_another_database_is_not_taken(database: Database, tmp_path: Path) -> None:
    await publish(database, *SHOP)
    await large(database, tmp_path).refresh()
    async with database.transaction() as session:
        await session.execute(update(ChangeRow).values(token=uuid4()))
        await session.execute(update(PassageRow).where(PassageRow.article_id == GIFTS.id).values(text="Of this database."))
    again = large(database, tmp_path)
    await again.refresh()
    assert again.index is not None
    assert again.index.search("gift card", language="en")[0].passage.text == "Of this database."


def large(database: Database, folder: Path) -> LiveIndex:
    """Keeps its index as one of very many passages does."""
    return LiveIndex(database, open_encoder, wanted="one", folder=folder / "index", small=0, sizes=Sizes(0, 4, 0))


async def test_another_encoder_reads_in_the_background_and_is_then_adopted(live: LiveIndex, database: Database) -> None:
    work = Reembedding(database, open_encoder, wanted="two")
    assert live.index is not None
    assert live.index.embedder.name == "one"
    assert await work.step()
    assert first(live, "gift card") == GIFTS.id
    await live.refresh()
    await live.finish()
    assert (live.index.embedder.name, live.embedder.name) == ("two", "two")
    assert first(live, "gift card") == GIFTS.id
    assert live.index.search("gift card", language="en")[0].score > 0.3
    assert not await work.step()


async def test_after_a_kill_the_reading_goes_on_where_it_was(live: LiveIndex, database: Database) -> None:
    new = open_encoder("two")
    async with database.transaction() as session:
        assert await embed_next(session, new, after="", count=2) is not None
        done = (await progress_of(session, new)).done
        assert not await adopt(session, new, "two")
    new.calls = 0
    work = Reembedding(database, lambda _: new, wanted="two")
    assert await work.step()
    async with database.transaction() as session:
        whole = (await progress_of(session, new)).total
        assert await find_serving(session) == "two"
    assert 0 < done < whole
    assert work.state()["done"] == whole
    all_texts = open_encoder("one")
    async with database.transaction() as session:
        await session.execute(delete(EmbeddingRow).where(EmbeddingRow.encoder == "one"))
        await reindex(session, all_texts)
    assert 0 < new.calls < all_texts.calls


async def test_what_is_published_meanwhile_is_read_before_the_encoder_is_adopted(live: LiveIndex, database: Database) -> None:
    new = open_encoder("two")
    async with database.transaction() as session:
        assert await embed_next(session, new, after="", count=100) == PRICES.id
    await publish(database, NEW)
    async with database.transaction() as session:
        assert not await adopt(session, new, "two")
    assert await Reembedding(database, lambda _: new, wanted="two").step()
    await live.refresh()
    await live.finish()
    assert first(live, "lend umbrellas") == "umbrellas"


async def test_an_encoder_that_does_not_exist_is_said_and_the_old_index_serves(
    live: LiveIndex, database: Database, keep: Callable[..., LiveIndex]
) -> None:
    work = Reembedding(database, open_encoder, wanted="nowhere")
    with pytest.raises(EncoderError, match="There is no encoder 'nowhere'"):
        await work.step()
    task = asyncio.create_task(work.run())
    while work.state()["trouble"] is None:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert "There is no encoder 'nowhere'" in str(work.state()["trouble"])
    restarted = keep(wanted="nowhere")
    await restarted.refresh()
    assert first(restarted, "gift card") == GIFTS.id
    assert restarted.served == "one"
    assert not await live.refresh()

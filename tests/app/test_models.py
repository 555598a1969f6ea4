"""Archives of models: packed, stored, fetched by a node that has none, refused when they are not what was trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.models import (
    DamagedModelError,
    LocalModels,
    NoModelError,
    blob_key,
    blob_store,
    current_model,
    folder_digest,
    list_local,
    pack,
)
from app.settings import read_settings
from insights.registry import ModelFacts
from kit.blobs import BlobStore, DirectoryBlobs, MemoryBlobs
from kit.database_blobs import PART, DatabaseBlobs
from kit.db import Database
from kit.errors import InvalidInputError, NotFoundError


def write_model(folder: Path, text: str = "weights") -> ModelFacts:
    """A folder like that of a model."""
    for name, content in (("nlu/manifest.json", "{}"), ("nlu/tensors", text), ("project/config.yml", "language: en")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return ModelFacts(folder.name, folder_digest(folder), 1, {}, {}, 1, ["greet"], ["en"])


@pytest.fixture
def stored(tmp_path: Path) -> tuple[ModelFacts, MemoryBlobs]:
    """A model that another node trained."""
    model, blobs = write_model(tmp_path / "elsewhere" / "m1"), MemoryBlobs()
    blobs.put(blob_key(model.digest), pack(tmp_path / "elsewhere" / "m1"))
    return model, blobs


def test_the_same_files_make_the_same_archive(tmp_path: Path) -> None:
    one, other = write_model(tmp_path / "a"), write_model(tmp_path / "b")
    assert one.digest == other.digest
    assert pack(tmp_path / "a") == pack(tmp_path / "b")
    assert write_model(tmp_path / "c", "other weights").digest != one.digest


def test_a_node_fetches_what_it_lacks_once(tmp_path: Path, stored: tuple[ModelFacts, MemoryBlobs]) -> None:
    model, blobs = stored
    models = LocalModels(tmp_path / "models", blobs)
    folder = models.ensure(model)
    assert (folder / "nlu" / "tensors").read_text() == "weights"
    blobs.data.clear()
    assert models.ensure(model) == folder
    assert list_local(tmp_path / "models") == ["m1"]


def test_a_model_that_was_changed_on_the_node_is_fetched_again(tmp_path: Path, stored: tuple[ModelFacts, MemoryBlobs]) -> None:
    model, blobs = stored
    models = LocalModels(tmp_path / "models", blobs)
    (models.ensure(model) / "nlu" / "tensors").write_text("bent")
    assert (models.ensure(model) / "nlu" / "tensors").read_text() == "weights"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.99])
def test_a_cut_off_archive_is_refused_and_leaves_nothing(tmp_path: Path, stored: tuple[ModelFacts, MemoryBlobs], share: float) -> None:
    model, blobs = stored
    key = blob_key(model.digest)
    content = blobs.data[key].rstrip(b"\0")
    blobs.data[key] = content[: int(share * len(content))]
    with pytest.raises(DamagedModelError, match="m1"):
        LocalModels(tmp_path / "models", blobs).ensure(model)
    assert [p.name for p in (tmp_path / "models").iterdir()] == []


def test_an_archive_of_another_model_is_refused(tmp_path: Path, stored: tuple[ModelFacts, MemoryBlobs]) -> None:
    model, blobs = stored
    write_model(tmp_path / "other", "other weights")
    blobs.data[blob_key(model.digest)] = pack(tmp_path / "other")
    with pytest.raises(DamagedModelError, match="not what was trained"):
        LocalModels(tmp_path / "models", blobs).ensure(model)


def test_an_archive_that_is_not_there_says_what_to_set(tmp_path: Path, stored: tuple[ModelFacts, MemoryBlobs]) -> None:
    model, _ = stored
    with pytest.raises(NotFoundError, match="blob store") as caught:
        LocalModels(tmp_path / "models", MemoryBlobs()).ensure(replace(model, id="m2"))
    assert "BATON_BLOBS" in (caught.value.hint or "")


def test_the_model_in_use_is_noted_and_stays_when_old_ones_go(tmp_path: Path) -> None:
    models = LocalModels(tmp_path, MemoryBlobs())
    with pytest.raises(NoModelError):
        current_model(tmp_path)
    for number in range(8):
        write_model(tmp_path / f"m{number}")
    models.note_current("m0")
    models.tidy(keep=2)
    assert current_model(tmp_path).name == "m0"
    assert len(list_local(tmp_path)) <= 3


def test_where_archives_lie(tmp_path: Path) -> None:
    url = "postgresql://u:p@db.internal/baton"
    plain = read_settings({"BATON_DATA_DIR": str(tmp_path)})
    named = read_settings({"BATON_DATA_DIR": str(tmp_path), "BATON_BLOBS": str(tmp_path / "shared")})
    assert isinstance(blob_store(plain, url), DatabaseBlobs)
    found = blob_store(named, url)
    assert isinstance(found, DirectoryBlobs)
    assert found.root == tmp_path / "shared"


@pytest.fixture(params=["directory", "memory", "database"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    """Every form of the port."""
    if request.param == "database":
        database: Database = request.getfixturevalue("database")
        return DatabaseBlobs(database.dsn)
    return DirectoryBlobs(tmp_path) if request.param == "directory" else MemoryBlobs()


@pytest.mark.integration
def test_every_blob_store_keeps_what_it_is_given(blobs: BlobStore) -> None:
    large = bytes(range(256)) * (PART // 100)
    for key, data in (("models/a.tar", b""), ("models/b.tar", large), ("other/c", b"first")):
        blobs.put(key, data)
    blobs.put("other/c", b"second")
    assert blobs.get("models/a.tar") == b""
    assert blobs.get("models/b.tar") == large
    assert blobs.get("other/c") == b"second"
    assert list(blobs.keys("models/")) == ["models/a.tar", "models/b.tar"]
    blobs.delete("models/b.tar")
    blobs.delete("models/b.tar")
    with pytest.raises(NotFoundError):
        blobs.get("models/b.tar")
    with pytest.raises(InvalidInputError):
        blobs.put("../outside", b"x")

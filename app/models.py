"""Trained models on a node: their archives in the blob store that all nodes share, and a local folder with those that were fetched.

`<data folder>/models/<id>/` holds `nlu/` and `project/` of one model. The file `current` beside them names the one that this node took over
last: what serves everywhere is a row in the database (`insights/registry.py`).
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import time
from pathlib import Path

from app.settings import Settings
from insights.registry import KEEP, ModelFacts
from kit.blobs import BlobStore, DirectoryBlobs
from kit.database_blobs import DatabaseBlobs
from kit.db import dsn_of, normalise_url
from kit.errors import BatonError, NotFoundError
from kit.postgres import EmbeddedPostgres, PostgresError

STALE_SECONDS = 86_400.0
FOLDER_MODE, FILE_MODE = 0o755, 0o644
_TRAIN = "Train again: `baton train`."


class NoModelError(NotFoundError):
    """There is no trained model yet."""


class DamagedModelError(BatonError):
    """The archive of the model is damaged."""


def blob_store(settings: Settings, database_url: str) -> BlobStore:
    """Where archives lie: in the folder BATON_BLOBS, else in the data folder of an embedded database, else in the database itself."""
    if settings.blob_dir is not None:
        return DirectoryBlobs(settings.blob_dir)
    if _is_embedded(settings, database_url):
        return DirectoryBlobs(settings.data_dir / "blobs")
    return DatabaseBlobs(dsn_of(database_url))


def article_blobs(settings: Settings, dsn: str) -> BlobStore:
    """Where attachments of articles lie: in the folder BATON_BLOBS, else in the database, so that `baton backup` has them."""
    return DirectoryBlobs(settings.blob_dir) if settings.blob_dir is not None else DatabaseBlobs(dsn)


def _is_embedded(settings: Settings, database_url: str) -> bool:
    try:
        return normalise_url(database_url) == EmbeddedPostgres(settings.data_dir).url
    except PostgresError:
        return False


def blob_key(digest: str) -> str:
    """The key of a model's archive."""
    return f"models/{digest}.tar"


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a model, in sorted order."""
    digest = hashlib.sha256()
    for path in _files(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def pack(folder: Path) -> bytes:
    """A model as one archive; the same files give the same bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path in _files(folder):
            entry = tarfile.TarInfo(path.relative_to(folder).as_posix())
            entry.size, entry.mode = path.stat().st_size, FILE_MODE
            with path.open("rb") as file:
                archive.addfile(entry, file)
    return out.getvalue()


def _files(folder: Path) -> list[Path]:
    return sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).as_posix())


class LocalModels:
    """The folder of this node."""

    def __init__(self, folder: Path, blobs: BlobStore) -> None:
        self.folder, self.blobs = folder, blobs

    def path(self, model_id: str) -> Path:
        """Where a model lies here, fetched or not."""
        return self.folder / model_id

    def ensure(self, model: ModelFacts) -> Path:
        """The folder of a model, fetched from the blob store when it is not here or not whole.

        Raises DamagedModelError when what is stored is not what was trained, NotFoundError when nothing is.
        """
        folder = self.path(model.id)
        if folder.is_dir():
            if folder_digest(folder) == model.digest:
                return folder
            shutil.rmtree(folder, ignore_errors=True)
        self._unpack(model, self._get(model))
        return folder

    def _get(self, model: ModelFacts) -> bytes:
        try:
            return self.blobs.get(blob_key(model.digest))
        except NotFoundError:
            hint = "Set BATON_BLOBS to one folder that all nodes share, or train again."
            raise NotFoundError(f"The archive of model {model.id} is not in the blob store of this node", hint=hint) from None

    def _unpack(self, model: ModelFacts, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".fetching-", dir=self.folder))
        try:
            try:
                with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                    archive.extractall(work, filter="data")
            except (tarfile.TarError, EOFError, OSError) as error:
                raise DamagedModelError(
                    f"The archive of model {model.id} is damaged: {error}", hint="Train again: `baton train`."
                ) from None
            if folder_digest(work) != model.digest:
                raise DamagedModelError(f"The archive of model {model.id} is not what was trained", hint=_TRAIN)
            work.chmod(FOLDER_MODE)
            if not self.path(model.id).is_dir():  # another process of this node may have been faster
                _rename(work, self.path(model.id))
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def note_current(self, model_id: str) -> None:
        """Notes which model this node uses, for `baton chat` and for the next start."""
        temporary = self.folder / f".current.{os.getpid()}"
        temporary.write_text(model_id + "\n")
        temporary.replace(self.folder / "current")

    def tidy(self, *, keep: int = KEEP) -> None:
        """Deletes all but the newest folders, and what killed trainings left; the one in use stays, the others can be fetched again."""
        for left in [*self.folder.glob(".training-*"), *self.folder.glob(".fetching-*")]:
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
        try:
            live = current_model(self.folder).name
        except NoModelError:
            live = ""
        for name in list_local(self.folder)[keep:]:
            if name != live:
                shutil.rmtree(self.folder / name, ignore_errors=True)


def _rename(work: Path, target: Path) -> None:
    try:
        work.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def current_model(models_dir: Path) -> Path:
    """The folder of the model that this node used last. Raises NoModelError."""
    try:
        name = (models_dir / "current").read_text().strip()
    except FileNotFoundError:
        raise NoModelError(hint="Train one: `baton train`.") from None
    folder = models_dir / name
    if not name or not folder.is_dir():
        raise NoModelError(f"The live model {name!r} is missing", hint="Train again: `baton train`.")
    return folder


def list_local(models_dir: Path) -> list[str]:
    """The names of the models that lie on this node, newest first."""
    folders = [p for p in models_dir.iterdir() if p.is_dir() and not p.name.startswith(".")] if models_dir.exists() else []
    return [p.name for p in sorted(folders, key=lambda p: p.stat().st_mtime, reverse=True)]

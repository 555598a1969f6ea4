"""A large index as a folder, for a quick start: taken only when every byte is as it was written and it is of this very database.

What is true stands in PostgreSQL; a folder that is damaged, foreign or old is passed over and written anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kit.errors import BatonError
from knowledge.asked import Asked, AskedQuestions
from knowledge.calibration import Calibration
from knowledge.dense import DenseIndex, Layer, Matrix, Rows
from knowledge.entries import Columns, EntryTable, Names
from knowledge.lexical import Part, WordSearch
from knowledge.parts import Parts, assembled, by_place
from knowledge.ports import Embedder
from knowledge.postings import Postings
from knowledge.quantised import Quantised
from knowledge.search import SearchIndex

FORMAT = 1
_MANIFEST = "manifest.json"
_PIECE = 1 << 22
Array = NDArray[Any]


class StoredIndexError(BatonError):
    """The index on disk cannot be used."""


@dataclass(frozen=True)
class Mark:
    """What an index was made of: the vectors of which encoder, and which state of which database."""

    encoder: str
    generation: int
    token: str


def save_index(index: SearchIndex, mark: Mark, folder: Path) -> bool:
    """Writes the index beside and then in the place of `folder`; returns False for one that is built as fast as it is read.

    What came since it was built at once is not written: it is read from the database at the start.
    """
    parts = index.parts.base or index.parts
    if not isinstance(parts.entries, EntryTable):
        return False
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    arrays, texts = _taken_apart(parts)
    digests = {}
    for name, array in arrays.items():
        np.save(fresh / f"{name}.npy", array, allow_pickle=False)
        digests[f"{name}.npy"] = _digest(fresh / f"{name}.npy")
    (fresh / "texts.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
    digests["texts.json"] = _digest(fresh / "texts.json")
    manifest = {"format": FORMAT, "dimension": parts.dense.dimension, "mark": asdict(mark), "files": digests}
    written = json.dumps(manifest)
    (fresh / _MANIFEST).write_text(f"{written}\n{hashlib.blake2b(written.encode()).hexdigest()}\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
    return True


def read_mark(folder: Path) -> Mark:
    """Of what the index in a folder is. Raises StoredIndexError."""
    return Mark(**_manifest(folder)["mark"])


def read_index(folder: Path, embedder: Embedder, calibration: Calibration) -> SearchIndex:
    """What `save_index` wrote. Raises StoredIndexError with what is wrong when anything is not as it was written."""
    manifest = _manifest(folder)
    if manifest["dimension"] != embedder.dimension:
        raise StoredIndexError("The index on disk is of another encoder.")
    for name, digest in manifest["files"].items():
        try:
            found = _digest(folder / name)
        except OSError as error:
            raise StoredIndexError(f"{name} of the index on disk cannot be read: {error.strerror}.") from None
        if found != digest:
            raise StoredIndexError(f"{name} of the index on disk is damaged.")
    try:
        arrays = {Path(name).stem: np.load(folder / name, allow_pickle=False) for name in manifest["files"] if name.endswith(".npy")}
        texts = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # another process of this machine is just writing a newer one
        raise StoredIndexError(f"The index on disk cannot be read: {error}.") from None
    parts = _put_together(arrays, texts, embedder.dimension)
    return SearchIndex.of(parts, embedder, generation=int(manifest["mark"]["generation"]), calibration=calibration)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        written, digest, *_ = (folder / _MANIFEST).read_text(encoding="utf-8").split("\n")
        if hashlib.blake2b(written.encode()).hexdigest() != digest:
            raise StoredIndexError("The manifest of the index on disk is damaged.")
        manifest: dict[str, Any] = json.loads(written)
    except FileNotFoundError:
        raise StoredIndexError("There is no index on disk.") from None
    except (OSError, ValueError) as error:
        raise StoredIndexError(f"The manifest of the index on disk cannot be read: {error}.") from None
    if manifest["format"] != FORMAT:
        raise StoredIndexError("The index on disk has another format.")
    return manifest


def _digest(file: Path) -> str:
    found = hashlib.blake2b(digest_size=16)
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def _taken_apart(parts: Parts) -> tuple[dict[str, Array], dict[str, Any]]:
    table = parts.entries
    assert isinstance(table, EntryTable)
    arrays: dict[str, Array] = {f"column-{name}": numbers for name, numbers in parts.columns.numbers.items()}
    arrays |= {"table-rest": np.frombuffer(table.rest, dtype=np.uint8), "table-ends": table.ends}
    arrays |= _of_dense("dense", parts.dense) | _of_dense("asked", parts.asked.dense)
    texts: dict[str, Any] = {"names": {name: list(names.texts) for name, names in parts.columns.names.items()}}
    for name, words in (("words", parts.words), ("said", parts.asked.words)):
        texts[name] = {}
        for family, postings in words.parts[0].postings.items():
            key = f"{name}-{family}"
            arrays |= {f"{key}-places": words.parts[0].places[family], f"{key}-starts": postings.starts}
            arrays |= {f"{key}-documents": postings.documents, f"{key}-amounts": postings.amounts, f"{key}-tops": postings.tops}
            texts[name][family] = {"terms": list(postings.numbers), "size": postings.size, "mean": postings.mean_length}
    texts["asked"] = [(one.text, one.article_id, one.language, one.place, one.row is not None) for one in parts.asked.questions]
    return arrays, texts


def _of_dense(name: str, dense: DenseIndex) -> dict[str, Array]:
    layer = dense.layers[0]
    if isinstance(layer.rows, Quantised):
        rough, fine = layer.rows.as_bytes()
        return {f"{name}-starts": layer.starts, f"{name}-rough": rough, f"{name}-fine": fine}
    return {f"{name}-starts": layer.starts, f"{name}-rows": layer.rows.rows(np.arange(len(layer.rows)))}


def _put_together(arrays: Mapping[str, Array], texts: Mapping[str, Any], dimension: int) -> Parts:
    names = {name: Names(known) for name, known in texts["names"].items()}
    columns = Columns(names, {name.removeprefix("column-"): numbers for name, numbers in arrays.items() if name.startswith("column-")})
    dense, asked_dense = _dense("dense", arrays, dimension), _dense("asked", arrays, dimension)
    words = WordSearch.of((_part("words", arrays, texts, len(columns.numbers["article"])),))
    rows = asked_dense.layers[0].rows
    questions, number = list[Asked](), 0
    for text, article, language, place, encoded in texts["asked"]:
        questions.append(Asked(text, article, language, place, rows.rows(np.array([number]))[0] if encoded else None))
        number += encoded
    asked = AskedQuestions.ready(questions, asked_dense, _part("said", arrays, texts, len(questions)))
    table = EntryTable(columns, dense, arrays["table-rest"].tobytes(), arrays["table-ends"], by_place(questions))
    return assembled(table, columns=columns, dense=dense, words=words, asked=asked)


def _dense(name: str, arrays: Mapping[str, Array], dimension: int) -> DenseIndex:
    rows: Rows
    if f"{name}-rough" in arrays:
        rows = Quantised.of_bytes(arrays[f"{name}-rough"], arrays[f"{name}-fine"])
    else:
        rows = Matrix(arrays[f"{name}-rows"])
    return DenseIndex.of((Layer(rows, arrays[f"{name}-starts"]),), dimension)


def _part(name: str, arrays: Mapping[str, Array], texts: Mapping[str, Any], size: int) -> Part:
    places, postings = {}, {}
    for family, known in texts[name].items():
        key = f"{name}-{family}"
        places[family] = arrays[f"{key}-places"]
        numbers = {term: number for number, term in enumerate(known["terms"])}
        postings[family] = Postings(
            numbers,
            starts=arrays[f"{key}-starts"],
            documents=arrays[f"{key}-documents"],
            amounts=arrays[f"{key}-amounts"],
            tops=arrays[f"{key}-tops"],
            size=known["size"],
            mean_length=known["mean"],
        )
    return Part(size, places, postings)

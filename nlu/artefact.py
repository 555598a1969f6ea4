"""The trained model on disk: one folder of safetensors and JSON, checksummed, put in place by one rename. No pickle."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import ModelError

FORMAT = 1
KIND = "baton-nlu"
NETWORK = "encoder.onnx"
_RETRAIN = "Train again with `baton train`."


@dataclass(frozen=True)
class Stored:
    """What a folder holds: `manifest` (who and how), `model` (JSON parts), `tensors`, and the `network` of a tuned encoder or None."""

    manifest: dict[str, Any]
    model: dict[str, Any]
    tensors: dict[str, NDArray[Any]]
    network: bytes | None = None


def write_artefact(out: Path, stored: Stored) -> None:
    """Writes `out` beside its place and renames it there; a folder that was there is replaced. Equal input gives equal bytes."""
    from safetensors.numpy import save

    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        work.chmod(0o755)
        tensors = {k: np.ascontiguousarray(v) for k, v in sorted(stored.tensors.items())}
        files = {"model.json": _json(stored.model), "tensors.safetensors": save(tensors)}
        if stored.network is not None:
            files[NETWORK] = stored.network
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        head = {"kind": KIND, "format": FORMAT, **stored.manifest, "files": sums}
        files["manifest.json"] = _json({**head, "checksum": _checksum(head)})
        for name, content in files.items():
            (work / name).write_bytes(content)
        _swap(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(work: Path, out: Path) -> None:
    if out.is_file():
        raise ModelError(f"{out} is a file, not a folder.", hint="Choose another place for the model.")
    if not out.exists():
        os.rename(work, out)  # noqa: PTH104
        return
    if any(out.iterdir()) and not (out / "manifest.json").exists():
        raise ModelError(f"{out} holds something that is not a model.", hint="Choose an empty or new folder.")
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
    os.rename(out, old / "was")  # noqa: PTH104
    os.rename(work, out)  # noqa: PTH104
    shutil.rmtree(old, ignore_errors=True)


def read_artefact(folder: Path) -> Stored:
    """The whole model. Raises ModelError when it is missing, cut off, changed, foreign or of another format version."""
    manifest = read_manifest(folder)
    contents: dict[str, bytes] = {}
    for name, wanted in manifest["files"].items():
        try:
            contents[name] = (folder / name).read_bytes()
        except OSError:
            raise ModelError(f"The model in {folder} lacks {name}.", hint=_RETRAIN) from None
        if hashlib.sha256(contents[name]).hexdigest() != wanted:
            raise ModelError(f"{name} of the model in {folder} is damaged.", hint=_RETRAIN)
    from safetensors.numpy import load

    try:
        return Stored(manifest, json.loads(contents["model.json"]), load(contents["tensors.safetensors"]), contents.get(NETWORK))
    except (KeyError, ValueError) as error:
        raise ModelError(f"The model in {folder} cannot be read: {error}", hint=_RETRAIN) from None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest only: format, data hash, scores, encoders. Raises ModelError."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except OSError:
        raise ModelError(f"There is no model in {folder}.", hint=_RETRAIN) from None
    except ValueError:
        raise ModelError(f"The manifest of the model in {folder} is damaged.", hint=_RETRAIN) from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ModelError(f"{folder} is not a model of Baton's nlu.", hint=_RETRAIN)
    if manifest.get("format") != FORMAT:
        raise ModelError(f"The model in {folder} has format {manifest.get('format')}, this program reads {FORMAT}.", hint=_RETRAIN)
    if manifest.pop("checksum", None) != _checksum(manifest):
        raise ModelError(f"The manifest of the model in {folder} is damaged.", hint=_RETRAIN)
    return manifest


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode("utf-8", "replace")


def _checksum(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(_json(manifest)).hexdigest()

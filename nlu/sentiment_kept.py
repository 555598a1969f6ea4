"""A sentiment model that was trained before on the same sentences with the same encoders and the same code is taken from disk."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlu.encoders.port import Encoder
from nlu.sentiment import SentimentModel
from nlu.sentiment_data import Feeling
from nlu.sentiment_pack import pack_sentiment, unpack_sentiment
from nlu.sentiment_training import train_sentiment
from nlu.sentiment_words import Words

KEPT = 8
_CODE = ("sentiment.py", "sentiment_training.py", "sentiment_words.py", "sentiment_pack.py", "softmax.py", "lbfgs.py")

Trained = tuple[SentimentModel | None, dict[str, float]]


def trained_or_kept(
    feelings: Sequence[Feeling],
    lists: Mapping[str, Words],
    encoders: Mapping[str, Encoder],
    *,
    groups: tuple[Sequence[str], Sequence[str]],
    folder: Path,
) -> Trained:
    """`train_sentiment`, its result kept in `folder` (the newest KEPT). `groups`: the encoders for English and for other languages.

    The model is always what was read back, so that a kept one and a fresh one are the same bytes.
    """
    english, others = groups
    kept = folder / _key(feelings, lists, encoders, (english, others))
    found = _read(kept)
    if found is None:
        _write(kept, train_sentiment(feelings, lists, encoders, english, others))
        found = _read(kept)
    return found if found is not None else train_sentiment(feelings, lists, encoders, english, others)


def _key(
    feelings: Sequence[Feeling], lists: Mapping[str, Words], encoders: Mapping[str, Encoder], groups: tuple[Sequence[str], Sequence[str]]
) -> str:
    digest = hashlib.sha256()
    for name in _CODE:
        digest.update((Path(__file__).parent / name).read_bytes())
    used = {name: encoders[name].version for group in groups for name in group}
    words = {name: sorted((k, repr(_plain(v))) for k, v in asdict(one).items()) for name, one in sorted(lists.items())}
    spoken = sorted([f.language, f.kind, f.text] for f in feelings)
    digest.update(json.dumps([spoken, words, used, [list(g) for g in groups]], sort_keys=True).encode("utf-8", "replace"))
    return f"{digest.hexdigest()[:32]}.safetensors"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted((key, _plain(inner)) for key, inner in value.items())
    return sorted(value) if isinstance(value, frozenset | set) else value


def _read(path: Path) -> Trained | None:
    from safetensors import safe_open

    try:
        with safe_open(path, framework="np") as file:
            about = json.loads(file.metadata()["about"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is not iterable)
        return unpack_sentiment(about["described"], tensors), about["scores"]
    except Exception:  # missing, cut off or of another form: it is made anew
        return None


def _write(path: Path, trained: Trained) -> None:
    """A folder that cannot be written keeps nothing."""
    from safetensors.numpy import save

    described, tensors = pack_sentiment(trained[0])
    about = json.dumps({"described": described, "scores": trained[1]}, ensure_ascii=False, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(save(tensors, metadata={"about": about}))
        fresh.replace(path)
        for old in sorted(path.parent.glob("*.safetensors"), key=lambda p: p.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return

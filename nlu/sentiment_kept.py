"""A sentiment model that was trained before on the same sentences with the same encoders and the same code is taken from disk.

Its sentences are Baton's own, so the one for the usual encoders is a part of the project (`make sentiment`) and is not trained anywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from nlu.encoders.port import Encoder
from nlu.sentiment import SentimentModel
from nlu.sentiment_data import HELD_OUT
from nlu.sentiment_pack import pack_sentiment, unpack_sentiment

KEPT = 8
SHIPPED = "trained"
"""The folder beside the sentences with what the project ships: a test says when it is out of date."""
_CODE = ("sentiment.py", "sentiment_training.py", "sentiment_words.py", "sentiment_pack.py", "sentiment_data.py", "softmax.py", "lbfgs.py")

Trained = tuple[SentimentModel | None, dict[str, float]]


def trained_or_kept(source: Path, encoders: Mapping[str, Encoder], *, groups: tuple[Sequence[str], Sequence[str]], folder: Path) -> Trained:
    """`train_sentiment` on the sentences and words of the folder `source`, its result kept in `folder` (the newest KEPT).

    `groups`: the encoders for English and for other languages. What lies in `source` already trained is taken from there. The model is
    always what was read back, so that a kept one and a fresh one are the same bytes. Raises TrainingDataError when `source` is malformed.
    """
    name = _key(source, encoders, groups)
    for kept in (source / SHIPPED / name, folder / name):
        if (found := _read(kept)) is not None:
            return found
    fresh = _train(source, encoders, groups)
    _write(folder / name, fresh)
    return _read(folder / name) or fresh


def ship(source: Path, encoders: Mapping[str, Encoder], *, groups: tuple[Sequence[str], Sequence[str]]) -> Path:
    """Trains anew and puts the result beside the sentences, in place of what was there. Gives the file."""
    kept = source / SHIPPED / _key(source, encoders, groups)
    trained = _train(source, encoders, groups)
    for old in kept.parent.glob("*.safetensors"):
        old.unlink()
    _write(kept, trained)
    return kept


def _train(source: Path, encoders: Mapping[str, Encoder], groups: tuple[Sequence[str], Sequence[str]]) -> Trained:
    from nlu.sentiment_data import read_sentiment, read_words
    from nlu.sentiment_training import train_sentiment

    return train_sentiment(read_sentiment(source), read_words(source), encoders, *groups)


def _key(source: Path, encoders: Mapping[str, Encoder], groups: tuple[Sequence[str], Sequence[str]]) -> str:
    """Of all that decides the result: sentences and words, encoders, and the code that trains."""
    digest = hashlib.sha256()
    held_out = source / HELD_OUT
    files = [file for file in sorted(source.rglob("*.yml")) if not file.is_relative_to(held_out)]
    for file in (*files, *(Path(__file__).parent / name for name in _CODE)):
        digest.update(f"{file.name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    used = {name: encoders[name].version for group in groups for name in group}
    digest.update(json.dumps([[file.relative_to(source).as_posix() for file in files], used, [list(g) for g in groups]]).encode())
    return f"{digest.hexdigest()[:32]}.safetensors"


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


def main() -> None:
    """`python -m nlu.sentiment_kept ENCODERS`: trains the heads that the project ships. ENCODERS: the folder for encoders."""
    from nlu.encoders import get_encoder
    from nlu.encoders.cache import CachedEncoder
    from nlu.sentiment_data import SENTIMENT_FOLDER
    from nlu.train import Plan

    plan, cache = Plan(), Path(sys.argv[1])
    encoders = {name: CachedEncoder(get_encoder(name, cache), cache / "embeddings.sqlite") for name in plan.encoders}
    sys.stdout.write(f"{ship(SENTIMENT_FOLDER, encoders, groups=(plan.english, plan.others))}\n")


if __name__ == "__main__":
    main()

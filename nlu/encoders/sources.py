"""Where a sentence-transformers model lies: a folder, or a name on the Hugging Face hub with a pinned revision; and what it holds."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from nlu.encoders.exports import digest_of, run_apart
from nlu.errors import EncoderError

_HUB = re.compile(r"(?P<repository>[\w.-]+(?:/[\w.-]+)?)@(?P<revision>[\w./-]+)")
_PIN = 'Write "name@revision", with the revision from the "Files and versions" page of the model (the 40 letters of a commit never move).'
_NOT_WEIGHTS = frozenset({"README.md", "tf_model.h5", "flax_model.msgpack"})
_OTHER_FORMATS = frozenset({"onnx", "openvino", "coreml"})


@dataclass(frozen=True)
class Source:
    """A model's `folder`, or its `repository` and `revision` on the hub."""

    folder: Path | None
    repository: str = ""
    revision: str = ""


def parse_source(text: str) -> Source:
    """Reads "/path/to/model" or "owner/model@revision". A relative path begins with a dot or names a folder that exists.

    Raises EncoderError for anything else, above all a name without a revision: it could be other weights tomorrow.
    """
    folder = Path(text).expanduser()
    if text.startswith((".", "~")) or folder.is_absolute() or (text and folder.is_dir()):
        return Source(folder.resolve())
    found = _HUB.fullmatch(text)
    if found is None:
        raise EncoderError(f"{text!r} is neither a folder nor a model name with a revision.", hint=_PIN)
    return Source(None, found["repository"], found["revision"])


def fetch(source: Source) -> Path:
    """The folder of a source; a hub model is downloaded into the hub's own cache when it is not there yet. Raises EncoderError."""
    if source.folder is not None:
        return source.folder
    return Path(run_apart("nlu.encoders.fetch", source.repository, source.revision, seconds=3600).strip().splitlines()[-1])


def fingerprint(folder: Path) -> str:
    """A hash over all files of a model that decide its vectors. Raises EncoderError when there is no model in `folder`."""
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise EncoderError(f"There is no sentence-transformers model in {folder}.", hint="It should hold config.json or modules.json.")
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in place.parts)
        if hidden or place.name in _NOT_WEIGHTS or place.parts[0] in _OTHER_FORMATS or not path.is_file():
            continue
        whole.update(f"{place.as_posix()}\0{digest_of(path)}\n".encode())
    return whole.hexdigest()

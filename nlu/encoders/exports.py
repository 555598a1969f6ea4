"""Exported networks on disk: a folder with a manifest of checksums, made by a process of its own, put in place by one rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nlu.errors import EncoderError

FORMAT = 2
GRAPH, WORDS_FILE, TOKENIZER, MANIFEST = "model.onnx", "words.npy", "tokenizer.json", "manifest.json"
EXPORT_SECONDS = 900
REFUSED, REFUSED_HINT = "refused: ", " | hint: "
_UNKNOWN = "Is torch installed, the folder writable, and memory free (1 GB)?"
_ROOT = Path(__file__).resolve().parents[2]


def read_export(folder: Path) -> dict[str, Any] | None:
    """The manifest of a whole export: every file is there with its checksum. None when it is missing, damaged or of another format."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sound = manifest["format"] == FORMAT and all(digest_of(folder / name) == digest for name, digest in manifest["files"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return dict(manifest) if sound and GRAPH in manifest["files"] else None


def digest_of(path: Path) -> str:
    """The sha256 of a file, read in parts."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ensure_export(folder: Path, module: str, *arguments: str) -> dict[str, Any]:
    """The manifest of the export in `folder`; `python -m module folder arguments` makes it when it is missing or damaged (20 s and more).

    Raises EncoderError with the last words of that process.
    """
    found = read_export(folder)
    if found is None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        run_apart(module, str(folder), *arguments)
        found = read_export(folder)
    if found is None:
        raise EncoderError(f"The encoder could not be exported to {folder}.", hint="Is the folder writable?")
    return found


def run_apart(module: str, *arguments: str, seconds: float = EXPORT_SECONDS) -> str:
    """Runs a module in a process of its own, where torch may be loaded, and gives what it printed. Raises EncoderError."""
    command = [sys.executable, "-m", module, *arguments]
    calm = {**os.environ, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    try:
        done = subprocess.run(command, cwd=_ROOT, env=calm, capture_output=True, text=True, timeout=seconds, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EncoderError(f"{module} did not end: {error}", hint="Is the machine overloaded?") from None
    if done.returncode:
        raise _error_of(done.stderr)
    return done.stdout


def _error_of(said: str) -> EncoderError:
    lines = said.strip().splitlines() or ["no message"]
    refusal = next((line for line in reversed(lines) if line.startswith(REFUSED)), None)
    if refusal is None:
        return EncoderError(f"The encoder could not be prepared: {lines[-1]}", hint=_UNKNOWN)
    message, _, hint = refusal.removeprefix(REFUSED).partition(REFUSED_HINT)
    return EncoderError(message, hint=hint or None)


def refuse(error: EncoderError) -> None:
    """Ends a process of `run_apart` so that the caller raises the same error."""
    sys.exit(f"{REFUSED}{error.message}{REFUSED_HINT}{error.hint or ''}".replace("\n", " "))


def write_export(out: Path, files: Sequence[Path], described: Mapping[str, Any]) -> None:
    """Moves `files` into a new folder with a manifest and puts it at `out`, replacing a damaged one. A faster process wins."""
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        work.chmod(0o755)
        for file in files:
            shutil.move(file, work / file.name)
        sums = {file.name: digest_of(work / file.name) for file in files}
        manifest = {**described, "format": FORMAT, "files": sums}
        (work / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1) + "\n", encoding="utf-8")
        _put_in_place(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put_in_place(work: Path, out: Path) -> None:
    if read_export(out) is not None:
        return
    if out.exists():
        out.rename(Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent)) / "damaged")
    os.rename(work, out)  # noqa: PTH104
    for old in out.parent.glob(f".{out.name}-old-*"):
        shutil.rmtree(old, ignore_errors=True)

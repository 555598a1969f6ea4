"""What a peer is given and gives back. Python 3.10 and the standard library are enough: Rasa's environment runs this too.

A job is a folder: job.json {"train": [[text, intent], ...], "test": [text, ...], "options": {...}} goes in; the peer adds model/,
train.json ({"train_s", "train_cpu_s", ...}) and test.json ({"load_s", "rss_mb", "model_mb", "times_ms", "answers"}). Training and asking
are two processes, so that what one of them leaves in memory is not counted for the other. The intent "oos" is out of scope.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

OOS = "oos"
FIRST = "hello"
_OURS = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


@dataclass(frozen=True)
class Answer:
    """`best`: the likeliest intent that is in scope; `said`: what the program would act upon, "oos" when it rejects; its `confidence`."""

    best: str
    said: str
    confidence: float


@dataclass(frozen=True)
class Job:
    """A job that was read from its folder."""

    folder: Path
    train: tuple[tuple[str, str], ...]
    test: tuple[str, ...]
    options: Mapping[str, Any]

    @property
    def model(self) -> Path:
        """The folder of the trained model."""
        return self.folder / "model"


class Peer(Protocol):
    """A program that can be trained and asked."""

    def prepare(self, job: Job) -> None:
        """Imports libraries and does what is done once a machine; neither counts as training."""

    def train(self, job: Job) -> Mapping[str, Any]:
        """Trains on `job.train` into `job.model`; returns notes for the table."""

    def load(self, job: Job) -> Callable[[str], Answer]:
        """The trained model, ready to be asked."""

    def files(self, job: Job) -> Sequence[Path]:
        """Files and folders that it needs to understand, libraries apart."""


def write_job(folder: Path, *, train: Sequence[tuple[str, str]], test: Sequence[str], options: Mapping[str, Any]) -> None:
    """Makes the folder of a job."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps({"train": list(train), "test": list(test), "options": dict(options)}), encoding="utf-8")


def read_job(folder: Path) -> Job:
    """The job in `folder`."""
    found = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    return Job(folder, tuple((text, intent) for text, intent in found["train"]), tuple(found["test"]), found["options"])


def run_peer(peer: Peer) -> None:
    """The command of a peer's module: `train FOLDER` or `test FOLDER`."""
    phase, job = sys.argv[1], read_job(Path(sys.argv[2]))
    found = measure_training(peer, job) if phase == "train" else measure_answers(peer, job)
    (job.folder / f"{phase}.json").write_text(json.dumps(found), encoding="utf-8")


def measure_training(peer: Peer, job: Job) -> dict[str, Any]:
    """Trains; seconds of it by the clock and of the processor, and the largest memory of this process or of one that it started.

    On a busy machine the clock runs on while others compute; the processor's seconds are this peer's own, with its ended children.
    """
    peer.prepare(job)
    began, spent = time.perf_counter(), processor_s()
    notes = peer.train(job)
    figures = {"train_s": round(time.perf_counter() - began, 1), "train_cpu_s": round(processor_s() - spent, 1)}
    peak = max(resource.getrusage(who).ru_maxrss for who in _OURS)
    return {**figures, "train_peak_mb": round(peak * 1024 / 1e6, 1), **notes}


def measure_answers(peer: Peer, job: Job) -> dict[str, Any]:
    """Loads the model, answers one sentence to warm up, then the test one by one. `load_s` is until that first answer, imports included."""
    began = time.perf_counter()
    ask = peer.load(job)
    ask(FIRST)
    loaded = time.perf_counter() - began
    memory = resident_mb()
    answers, times = [], []
    for text in job.test:
        before = time.perf_counter()
        answer = ask(text)
        times.append(1000 * (time.perf_counter() - before))
        answers.append(asdict(answer))
    size = sum(size_of(path) for path in peer.files(job)) / 1e6
    return {"load_s": round(loaded, 1), "rss_mb": memory, "model_mb": round(size, 1), "times_ms": times, "answers": answers}


def processor_s() -> float:
    """Seconds of the processor that this process and its ended children have used."""
    used = [resource.getrusage(who) for who in _OURS]
    return sum(one.ru_utime + one.ru_stime for one in used)


def resident_mb() -> float | None:
    """Resident memory of this process in megabytes (Linux), else None."""
    status = Path("/proc/self/status")
    for line in status.read_text().splitlines() if status.exists() else ():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) * 1024 / 1e6, 1)
    return None


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(f.stat().st_size for f in path.rglob("*") if f.is_file())


def answer_of(classes: Sequence[str], chances: Sequence[float]) -> Answer:
    """The answer of a classifier for which out of scope is a class like others, if it has learned it at all."""
    order = sorted(range(len(classes)), key=lambda i: -chances[i])
    inner = [i for i in order if classes[i] != OOS]
    return Answer(classes[inner[0]], classes[order[0]], float(chances[inner[0]]))

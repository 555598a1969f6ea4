"""Baton, by the functions behind `baton evaluate nlu`, with its defaults; `fine_tune` tunes MiniLM first."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.nlu_peers.encoder_files import encoder_files, fresh_encoders
from benchmarks.nlu_peers.job import OOS, Answer, Job, run_peer
from nlu.evaluate import rows_to_data
from nlu.train import Plan, train
from nlu.types import Understanding
from nlu.understander import Understander


def read_answer(understanding: Understanding) -> Answer:
    """The answer in what Baton understood; an empty ranking (a text without content) is a rejection."""
    best, chance = next(((name, chance) for name, chance in understanding.ranking if name != OOS), (OOS, 0.0))
    return Answer(best, understanding.intent or OOS, float(chance))


class Baton:
    """See the module."""

    def prepare(self, job: Job) -> None:
        """Exports the encoders."""
        fresh_encoders(self._encoders(job), Plan().encoders, cache=Path(job.options["encoder_cache"]))

    def train(self, job: Job) -> Mapping[str, Any]:
        """As `baton train` does it, sentiment included."""
        rows = [{"text": text, "intent": intent} for text, intent in job.train]
        plan = Plan(fine_tune=bool(job.options["fine_tune"]))
        data = rows_to_data(rows, language=job.options["language"], oos_train=True)
        train(data, out=job.model, encoder_cache=self._encoders(job), plan=plan)
        return {"note": "MiniLM fine-tuned" if plan.fine_tune else "encoders as published"}

    def load(self, job: Job) -> Callable[[str], Answer]:
        """What serves, with entities and sentiment."""
        understander = Understander.load(job.model, encoder_cache=self._encoders(job))
        understander.warm_up()
        language = str(job.options["language"])
        return lambda text: read_answer(understander.understand(text, language=language))

    def files(self, job: Job) -> Sequence[Path]:
        """The artefact and the encoders that it names."""
        manifest = json.loads((job.model / "manifest.json").read_text(encoding="utf-8"))
        return [job.model, *encoder_files(self._encoders(job), manifest["encoders"])]

    def _encoders(self, job: Job) -> Path:
        return job.folder / "encoders"


if __name__ == "__main__":
    run_peer(Baton())

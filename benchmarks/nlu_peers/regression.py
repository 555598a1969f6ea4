"""Plain logistic regression on Baton's encoder as published: what anyone would try first. It rejects only what it learned as "oos"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.nlu_peers.encoder_files import encoder_files, fresh_encoders
from benchmarks.nlu_peers.job import Answer, Job, answer_of, run_peer
from nlu.encoders import get_encoder

ENGLISH, OTHERS = "minilm-l6-v2", "use-multilingual"


class Regression:
    """See the module."""

    def prepare(self, job: Job) -> None:
        """Imports scikit-learn; exports the encoder."""
        import benchmarks.peers  # noqa: F401

        fresh_encoders(job.folder / "encoders", [self._name(job)], cache=Path(job.options["encoder_cache"]))

    def train(self, job: Job) -> Mapping[str, Any]:
        """scikit-learn's, C=10."""
        from benchmarks.peers import fit_head

        head = fit_head(self._encoder(job).encode([text for text, _ in job.train]), [intent for _, intent in job.train])
        job.model.mkdir(parents=True)
        np.savez(job.model / "head.npz", weights=head.coef_, bias=head.intercept_)
        (job.model / "classes.json").write_text(json.dumps([str(name) for name in head.classes_]), encoding="utf-8")
        return {"note": f"on {self._name(job)}"}

    def load(self, job: Job) -> Callable[[str], Answer]:
        """The head in numpy."""
        with np.load(job.model / "head.npz") as stored:
            weights, bias = stored["weights"], stored["bias"]
        classes, encoder = json.loads((job.model / "classes.json").read_text(encoding="utf-8")), self._encoder(job)

        def ask(text: str) -> Answer:
            return answer_of(classes, chances(encoder.encode([text])[0] @ weights.T + bias))

        return ask

    def files(self, job: Job) -> Sequence[Path]:
        """Head and encoder."""
        return [job.model, *encoder_files(job.folder / "encoders", [self._name(job)])]

    def _name(self, job: Job) -> str:
        return ENGLISH if job.options["language"] == "en" else OTHERS

    def _encoder(self, job: Job) -> Any:
        return get_encoder(self._name(job), job.folder / "encoders")


def chances(scores: np.ndarray[Any, Any]) -> list[float]:
    """Softmax; of two classes scikit-learn keeps one row of weights, whose score is the second's."""
    rows = np.array([0.0, scores[0]]) if len(scores) == 1 else scores
    powers = np.exp(rows - rows.max())
    return [float(share) for share in powers / powers.sum()]


if __name__ == "__main__":
    run_peer(Regression())

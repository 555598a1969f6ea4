"""Rasa's DIET classifier (Bunk et al. 2020) in Rasa's default English pipeline; runs in the environment of `make rasa-env`.

The pipeline is the one that `rasa init` writes: words and character n-grams of 1 to 4 as features, 100 epochs, then FallbackClassifier. It
rejects under a confidence of 0.7, or when two intents are within 0.1. The seed is fixed; else everything is Rasa's default.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.nlu_peers.job import OOS, Answer, Job, run_peer

FALLBACK = "nlu_fallback"
SLASH = "__"  # Rasa reads "a/b" as the retrieval intent a


def pipeline(options: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration; `options` has "epochs" and "threshold"."""
    grams = {"analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4}
    return {
        "recipe": "default.v1",
        "assistant_id": "diet",
        "language": "en",
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", **grams},
            {"name": "DIETClassifier", "epochs": options["epochs"], "constrain_similarities": True, "random_seed": 42},
            {"name": "FallbackClassifier", "threshold": options["threshold"], "ambiguity_threshold": 0.1},
        ],
    }


def training_file(rows: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Rows in Rasa's JSON form, in which no sign of a sentence has a meaning of its own."""
    return {"rasa_nlu_data": {"common_examples": [{"text": text, "intent": intent.replace("/", SLASH)} for text, intent in rows]}}


def read_answer(parsed: Mapping[str, Any], names: Mapping[str, str]) -> Answer:
    """The answer in what Rasa's /model/parse gives; `names`: intents as Rasa was given them, to ours."""
    ranking = [(names[one["name"]], float(one["confidence"])) for one in parsed["intent_ranking"] if one["name"] != FALLBACK]
    said = parsed["intent"]["name"]
    best = next(((name, chance) for name, chance in ranking if name != OOS), (OOS, 0.0))
    return Answer(best[0], OOS if said in (None, FALLBACK) else names[said], best[1])


def quiet() -> None:
    """Logging as the `rasa` command sets it up; without that Rasa writes a line for every sentence and is slower than it need be."""
    from rasa.utils.common import configure_logging_and_warnings  # type: ignore[import-not-found]
    from rasa.utils.log_utils import configure_structlog  # type: ignore[import-not-found]

    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)


class Diet:
    """See the module."""

    def prepare(self, job: Job) -> None:  # noqa: ARG002
        """Imports Rasa and TensorFlow."""
        import rasa.model_training  # type: ignore[import-not-found]  # noqa: F401

        quiet()

    def train(self, job: Job) -> Mapping[str, Any]:
        """By the function behind `rasa train nlu`."""
        import rasa.model_training

        config, data = job.folder / "config.yml", job.folder / "nlu.json"
        config.write_text(json.dumps(pipeline(job.options)), encoding="utf-8")  # JSON is YAML
        data.write_text(json.dumps(training_file(job.train)), encoding="utf-8")
        rasa.model_training.train_nlu(str(config), str(data), str(job.model), fixed_model_name="diet")
        return {"note": f"{job.options['epochs']} epochs, rejects under {job.options['threshold']}"}

    def load(self, job: Job) -> Callable[[str], Answer]:
        """The agent that Rasa's server uses, without the server."""
        from rasa.core.agent import Agent  # type: ignore[import-not-found]

        quiet()
        agent = Agent.load(str(job.model / "diet.tar.gz"))
        names = {intent.replace("/", SLASH): intent for _, intent in job.train}
        loop = asyncio.new_event_loop()
        return lambda text: read_answer(loop.run_until_complete(agent.parse_message(text)), names)

    def files(self, job: Job) -> Sequence[Path]:
        """The packed model."""
        return [job.model]


if __name__ == "__main__":
    run_peer(Diet())

"""The learned policy in the ensemble: it is believed when neither rules nor remembered stories know what comes next."""

from __future__ import annotations

from bot.policies.prediction import LEARNED, Prediction
from bot.policies.transformer.model import PolicyModel
from bot.project.types import Config
from bot.states import RuleOnly
from bot.tracker import Tracker

NAME = "TEDPolicy"


class TransformerPolicy:
    """Asks a trained model. It does not see what only rules speak of, since stories taught it."""

    def __init__(self, model: PolicyModel, config: Config, *, rule_only: RuleOnly = RuleOnly()) -> None:  # noqa: B008
        """`config` gives its priority and from which confidence on a prediction counts (`core_fallback_threshold`)."""
        self.model, self.rule_only = model, rule_only
        self.threshold = config.core_threshold if config.core_fallback else 0.0
        self.priority = config.priorities.get(NAME, LEARNED)

    def predict(self, tracker: Tracker) -> Prediction | None:
        """The likeliest action with its probability; None when there was nothing to learn from."""
        ranked = self.model.predict(tracker.states(rule_only=self.rule_only))
        if not ranked:
            return None
        (action, confidence), others = ranked[0], ranked[1:]
        unsure = f", below the threshold of {self.threshold:g}" if confidence < self.threshold else ""
        why = f"learned from stories{unsure}" + (f"; next best {others[0][0]} ({others[0][1]:.2f})" if others else "")
        return Prediction(action, NAME, confidence, self.priority, why, others=others)

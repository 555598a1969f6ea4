"""What the page for teaching is told, as JSON. Nothing in it is HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from console.inbox.view import milliseconds
from insights.learned import Clash
from insights.queue import Sentence
from insights.registry import Model
from insights.retraining import Run

Json = dict[str, Any]


def sentence_json(sentence: Sentence) -> Json:
    """A sentence as a card of the list."""
    return {
        "id": str(sentence.id),
        "text": sentence.taught_text or sentence.text,
        "asWritten": sentence.text,
        "language": sentence.language,
        "status": sentence.status,
        "count": sentence.count,
        "reasons": list(sentence.reasons),
        "handedOff": sentence.handed_off,
        "answered": sentence.answered,
        "guess": [{"intent": name, "percent": round(100 * probability)} for name, probability in sentence.guess],
        "lastAt": milliseconds(sentence.last_at),
        "intent": sentence.intent,
        "by": sentence.decided_by,
        "decidedAt": milliseconds(sentence.decided_at),
    }


def clash_json(clashes: Sequence[Clash]) -> list[Json]:
    """Sentences of other intents that stand against a lesson."""
    return [{"intent": c.intent, "text": c.text, "same": c.same, "place": c.place} for c in clashes]


def run_json(run: Run | None) -> Json | None:
    """A training: how far it is, or what it did to the scores."""
    if run is None:
        return None
    return {
        "id": str(run.id),
        "state": run.state,
        "by": run.by,
        "percent": round(100 * run.progress),
        "step": run.step,
        "fineTune": run.fine_tune,
        "kind": run.comparison.get("kind"),
        "fell": bool(run.comparison.get("fell")),
        "lines": [{"name": name, "old": old, "new": new} for name, old, new in run.comparison.get("lines", ())],
        "model": run.model_id,
        "error": run.error,
        "askedAt": milliseconds(run.asked_at),
        "endedAt": milliseconds(run.ended_at),
    }


def model_json(model: Model) -> Json:
    """A model as a line of the list."""
    held_out = model.scores.get("held_out", {}).get("overall")
    return {
        "id": model.id,
        "by": model.author,
        "at": milliseconds(model.created_at),
        "sentences": model.examples,
        "intents": len(model.intents),
        "crossValidated": model.scores.get("cross_validated", {}),
        "heldOut": held_out,
        "fineTuned": model.fine_tuned,
        "active": model.active,
        "removed": model.removed,
    }

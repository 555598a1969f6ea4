"""The chance that an agent uses a draft: what its source believes, corrected by what became of drafts like it.

logit(chance) = bias(source) + slope(source) * logit(the source's own chance) + shift(origin) + shift(source, intent). The one that ships
believes the sources (bias 0, slope 1, no shifts); others are learned (`assist/learning/`). Shifts are bounded, so that nothing that
was once unlucky is never seen again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assist.ports import Draft

MOST_BIAS, MOST_SHIFT, LEAST_SLOPE, MOST_SLOPE = 1.0, 1.5, 0.3, 2.0
_LEAST = 1e-4


@dataclass(frozen=True)
class Ranker:
    """A version of the ranking; read-only."""

    version: int = 0
    biases: Mapping[str, float] = field(default_factory=dict)
    slopes: Mapping[str, float] = field(default_factory=dict)
    origins: Mapping[str, float] = field(default_factory=dict)
    intents: Mapping[str, float] = field(default_factory=dict)

    def chance(self, draft: Draft, *, intent: str | None) -> float:
        """0 to 1, for a draft with its source's own confidence."""
        return self.chance_of(draft.source, draft.origin, own=draft.confidence, intent=intent)

    def chance_of(self, source: str, origin: str, *, own: float, intent: str | None) -> float:
        """The same, of the parts."""
        score = self.biases.get(source, 0.0) + self.slopes.get(source, 1.0) * logit(own)
        score += self.origins.get(origin_key(source, origin), 0.0) + self.intents.get(intent_key(source, intent), 0.0)
        return 1 / (1 + math.exp(-score))

    def as_json(self) -> dict[str, Any]:
        """For the database, without the version."""
        data = asdict(self)
        del data["version"]
        return data

    @classmethod
    def from_json(cls, version: int, data: Mapping[str, Any]) -> Ranker:
        """The reverse, kept within bounds whatever the database says."""
        return cls(
            version,
            bounded(data.get("biases", {}), -MOST_BIAS, MOST_BIAS),
            bounded(data.get("slopes", {}), LEAST_SLOPE, MOST_SLOPE),
            bounded(data.get("origins", {}), -MOST_SHIFT, MOST_SHIFT),
            bounded(data.get("intents", {}), -MOST_SHIFT, MOST_SHIFT),
        )


SHIPPED = Ranker()


def logit(chance: float) -> float:
    """ln(p / (1 - p)), bounded."""
    kept = min(1 - _LEAST, max(_LEAST, chance))
    return math.log(kept / (1 - kept))


def origin_key(source: str, origin: str) -> str:
    """How an origin is named in a ranker."""
    return f"{source}:{origin}"


def intent_key(source: str, intent: str | None) -> str:
    """How an intent is named in a ranker."""
    return f"{source}|{intent or ''}"


def bounded(values: Mapping[str, float], least: float, most: float) -> dict[str, float]:
    """The values within bounds."""
    return {name: min(most, max(least, float(value))) for name, value in values.items()}

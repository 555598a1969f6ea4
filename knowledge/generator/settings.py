"""What an installation says of its generator. None of it has a default address: without one there is no generator."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class GeneratorSettings:
    """An OpenAI-compatible endpoint and its limits.

    `url` ends before `/chat/completions`. `seconds`: for one answer, all in all. `tokens_per_day` and `cost_per_day` (in the currency of
    the prices, which are for a million tokens; None: no such limit) hold for all nodes together and the UTC day.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 6.0
    max_tokens: int = 400
    tokens_per_day: int = 500_000
    cost_per_day: float | None = None
    price_in: float = 0.0
    price_out: float = 0.0

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths of the currency, rounded up."""
        return -int(-(tokens_in * self.price_in + tokens_out * self.price_out) // 1)

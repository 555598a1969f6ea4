"""The provider's rates: throughput of the number, and how much one customer may get."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from simulators.whatsapp.checks import Refused
from simulators.whatsapp.world import Config


@dataclass
class Bucket:
    """Holds `size` sends and gets `rate` new ones a second."""

    size: float
    rate: float
    level: float
    at: float

    def take(self, now: float) -> bool:
        """Whether there was one."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


@dataclass
class Limits:
    """Throughput for the number (a second's worth at once) and the pair limit for each customer."""

    config: Config
    now: Callable[[], float] = time.monotonic
    number: Bucket | None = None
    pairs: dict[str, Bucket] = field(default_factory=dict)
    counted: list[float] = field(default_factory=list)

    def check(self, customer: str) -> None:
        """Counts a send. Raises Refused with 130429 or 131056."""
        now, rate = self.now(), self.config.throughput
        if self.number is None or self.number.rate != rate:
            self.number = Bucket(rate, rate, rate, now)
        if not self.number.take(now):
            raise Refused(130429, "Cloud API message throughput has been reached.")
        size = float(self.config.pair_burst)
        pair = self.pairs.get(customer)
        if pair is None or pair.size != size:
            pair = self.pairs[customer] = Bucket(size, 1 / self.config.pair_seconds, size, now)
        if not pair.take(now):
            raise Refused(131056, "Message failed to send because there were too many messages sent to the same customer in a short time.")

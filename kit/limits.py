"""A rate limit in memory: a token bucket for each key."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MAX_KEYS = 50_000


class RateLimit:
    """At most `burst` at once and `per_second` on average, for each key of this process. The oldest keys are forgotten first."""

    def __init__(self, *, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.burst, self._now = per_second, burst, monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def left(self, key: str) -> int:
        """How many calls are allowed at once now; counts nothing."""
        tokens, at = self._buckets.get(key, (float(self.burst), self._now()))
        return int(min(self.burst, tokens + (self._now() - at) * self.per_second))

    def wait_seconds(self, key: str) -> float:
        """0 when this call is allowed (and counts it); else how many seconds to wait."""
        now = self._now()
        tokens, at = self._buckets.pop(key, (float(self.burst), now))
        tokens = min(self.burst, tokens + (now - at) * self.per_second)
        allowed = tokens >= 1
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        while len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self.per_second

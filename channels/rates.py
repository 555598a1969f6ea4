"""How fast may be sent: a bucket for each account, one for each customer of it, and pauses that a provider asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from channels.base import Account, Capabilities
from kit.limits import RateLimit


@dataclass
class Rates:
    """The rates of all accounts in the one process that sends. `wait` counts a send only when it may go at once."""

    now: Callable[[], float] = time.monotonic
    _accounts: dict[tuple[str, str, float], RateLimit] = field(default_factory=dict)
    _pairs: dict[tuple[str, float, int], RateLimit] = field(default_factory=dict)
    _paused: dict[tuple[str, ...], float] = field(default_factory=dict)

    def wait(self, account: Account, to: str, capabilities: Capabilities) -> float:
        """0 when a message may be sent now; else how many seconds to wait and ask again."""
        paused = max(self._paused.get(key, 0.0) for key in ((account.channel, account.account), (account.channel, account.account, to)))
        if paused > self.now():
            return paused - self.now()
        pair = self._pair(account, capabilities)
        if pair is not None and (seconds := pair.wait_seconds(f"{account.account}\0{to}")):
            return seconds
        return self._account(account, capabilities).wait_seconds("")

    def pause(self, account: Account, to: str | None, seconds: float) -> None:
        """The provider wants no more of this account, or of this pair, for some seconds."""
        key = (account.channel, account.account) if to is None else (account.channel, account.account, to)
        self._paused = {k: until for k, until in self._paused.items() if until > self.now()}
        self._paused[key] = max(self._paused.get(key, 0.0), self.now() + seconds)

    def _account(self, account: Account, capabilities: Capabilities) -> RateLimit:
        rate = float(account.settings.get("per_second") or capabilities.per_second)
        key = (account.channel, account.account, rate)
        if key not in self._accounts:
            self._accounts[key] = RateLimit(per_second=rate, burst=max(1, int(rate / 4)), monotonic=self.now)
        return self._accounts[key]

    def _pair(self, account: Account, capabilities: Capabilities) -> RateLimit | None:
        if not capabilities.pair_seconds:
            return None
        burst = int(account.settings.get("pair_burst") or capabilities.pair_burst)
        key = (account.channel, capabilities.pair_seconds, burst)
        if key not in self._pairs:
            self._pairs[key] = RateLimit(per_second=1 / capabilities.pair_seconds, burst=burst, monotonic=self.now)
        return self._pairs[key]

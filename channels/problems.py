"""What to do about each kind of refusal, for every channel: the one table from problem to reaction."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

from channels.base import Fate, Problem

MAX_ATTEMPTS = 8
LONGEST = 300.0


class Reaction(StrEnum):
    """Retry soon; wait (for the account or the customer); stop the account; send a template; tell the agent."""

    RETRY = "retry"
    WAIT_ACCOUNT = "wait_account"
    WAIT_PAIR = "wait_pair"
    STOP_ACCOUNT = "stop_account"
    TEMPLATE = "template_needed"
    TELL = "tell_agent"


REACTIONS: dict[Problem, Reaction] = {
    Problem.TRANSIENT: Reaction.RETRY,
    Problem.RATE_ACCOUNT: Reaction.WAIT_ACCOUNT,
    Problem.RATE_PAIR: Reaction.WAIT_PAIR,
    Problem.AUTH: Reaction.STOP_ACCOUNT,
    Problem.PERMISSION: Reaction.STOP_ACCOUNT,
    Problem.POLICY: Reaction.STOP_ACCOUNT,
    Problem.BILLING: Reaction.STOP_ACCOUNT,
    Problem.WINDOW: Reaction.TEMPLATE,
    Problem.BAD_REQUEST: Reaction.TELL,
    Problem.RECIPIENT: Reaction.TELL,
    Problem.OPTED_OUT: Reaction.TELL,
    Problem.TEMPLATE: Reaction.TELL,
    Problem.MEDIA: Reaction.TELL,
    Problem.UNKNOWN: Reaction.TELL,
}


def fate_of(problem: Problem) -> Fate:
    """What a refusal makes of a send. Where the account must be mended the message waits for that."""
    waits = {Reaction.RETRY, Reaction.WAIT_ACCOUNT, Reaction.WAIT_PAIR, Reaction.STOP_ACCOUNT}
    return Fate.LATER if REACTIONS[problem] in waits else Fate.FAILED


@dataclass(frozen=True)
class Backoff:
    """Growing pauses with jitter: 1 to 2 seconds at first, doubled at each try; for a pair 4 to the power of the tries."""

    chance: random.Random

    def seconds(self, attempts: int, *, problem: Problem | None, retry_after: float | None) -> float:
        """How long to wait after the try number `attempts` (from 1). What the provider asks for is the least."""
        base = 4.0 if problem == Problem.RATE_PAIR else 2.0
        pause = min(base ** min(attempts - 1, 10), LONGEST)
        return max(pause * self.chance.uniform(1.0, 2.0), retry_after or 0.0)

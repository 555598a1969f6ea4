"""What ranking gains by learning from use: `python -m benchmarks.suggestion_learning --json`.

Replays a history of suggestions in the order of time: what came first teaches, what came later is foretold, by the ranker that ships and by
the one learned. `--database URL` replays what is recorded there; without it a history is simulated, of which it is known what was good:

Four agents and 1,200 messages of eight intents, three drafts each from 30 origins of three sources. How good a draft really is depends on
its source, its origin and how origin and intent fit; what its source believes of it is that with much noise. An agent looks at the drafts
in the order of the ranker that ships, reads the next one with a chance of 0.7, uses the first that is good, waves one in five of the bad
away. A fifth agent is careless: takes whatever stands first, and waves one good origin away whenever it comes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from assist.learning.fitting import first_used, fit_ranker, log_loss
from assist.learning.outcomes import PASSED_OVER, Outcome, read_outcomes
from assist.ranking import SHIPPED
from kit.clock import utc_now
from kit.db import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
INTENTS, ORIGINS, SOURCES, MESSAGES = 8, 30, ("knowledge", "macro", "history"), 1200
TAUGHT = 0.7
CARELESS = UUID(int=5)
GOOD = 0.5


def simulated(seed: int, *, messages: int = MESSAGES) -> tuple[list[Outcome], list[Outcome]]:
    """(what was recorded, the truth of every draft as an outcome), both in the order of time."""
    chance = random.Random(seed)
    sources = {name: chance.gauss(0, 0.5) for name in SOURCES}
    origins = [(chance.choice(SOURCES), chance.gauss(0, 1.0), [chance.gauss(0, 1.0) for _ in range(INTENTS)]) for _ in range(ORIGINS)]
    recorded, truth = [], []
    for number in range(messages):
        intent, staff = chance.randrange(INTENTS), UUID(int=1 + chance.randrange(5))
        drafts = []
        for origin in chance.sample(range(ORIGINS), 3):
            source, merit, fits = origins[origin]
            real = 0.4 * sources[source] + 0.8 * merit + 0.8 * fits[intent]
            own = min(0.95, max(0.3, 0.5 + 0.12 * real + chance.gauss(0, 0.15)))
            drafts.append((own, source, f"o{origin}", chance.random() < 1 / (1 + 2.718 ** (-2 * real))))
        drafts.sort(key=lambda one: -one[0])
        seen = _seen(chance, drafts, staff)
        for rank, (own, source, origin_name, good) in enumerate(drafts, 1):
            common = (START + timedelta(minutes=number), UUID(int=1000 + number), source, origin_name, own, f"i{intent}", rank, staff)
            truth.append(Outcome(*common, float(good)))
            if rank in seen:
                recorded.append(Outcome(*common, *seen[rank]))
    return recorded, truth


def _seen(chance: random.Random, drafts: Sequence[tuple[float, str, str, bool]], staff: UUID) -> dict[int, tuple[float, float]]:
    """By rank (label, weight) of what is recorded."""
    found: dict[int, tuple[float, float]] = {}
    for rank, (_, _, origin, good) in enumerate(drafts, 1):
        if staff == CARELESS:
            used, dismissed = rank == 1 and origin != "o0", origin == "o0"
        else:
            used, dismissed = good, not good and chance.random() < 0.2
        found[rank] = (1.0, 1.0) if used else (0.0, 1.0) if dismissed else (0.0, PASSED_OVER[rank - 1])
        if used or chance.random() > 0.7:
            break
    return found


def replay(recorded: Sequence[Outcome], truth: Sequence[Outcome]) -> dict[str, Any]:
    """Learned from the earlier part of what was recorded, compared on the later part of the truth."""
    cut = recorded[int(len(recorded) * TAUGHT)].at
    earlier, later = [one for one in recorded if one.at < cut], [one for one in truth if one.at >= cut]
    learned = fit_ranker(earlier)
    before, after = first_used(SHIPPED, later), first_used(learned, later)
    return {
        "taught": len(earlier),
        "later": len(later),
        "hit1_before": round(before["hit1"], 4),
        "hit1_after": round(after["hit1"], 4),
        "mrr_before": round(before["mrr"], 4),
        "mrr_after": round(after["mrr"], 4),
        "log_loss_before": round(log_loss(SHIPPED, later), 4),
        "log_loss_after": round(log_loss(learned, later), 4),
    }


def mean_of(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean of each figure, and in how many replays the first draft was right more often than before."""
    means = {name: round(sum(float(one[name]) for one in found) / len(found), 4) for name in found[0]}
    return means | {"replays": len(found), "better_in": sum(one["hit1_after"] > one["hit1_before"] for one in found)}


async def recorded_in(url: str) -> list[Outcome]:
    """What is recorded in a database."""
    database = Database(url)
    try:
        async with database.transaction() as session:
            return await read_outcomes(session, since=utc_now() - timedelta(days=365))
    finally:
        await database.close()


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="replay what is recorded there")
    parser.add_argument("--replays", type=int, default=10, help="simulated histories (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    if given.database:
        outcomes = asyncio.run(recorded_in(given.database))
        found = replay(outcomes, outcomes)
    else:
        found = mean_of([replay(*simulated(seed)) for seed in range(given.replays)])
    print(json.dumps(found) if given.json else "\n".join(f"  {name:<18} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()

"""The ownership test, short; and that each of the faults it looks for would be found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.ownership import play
from benchmarks.ownership_checks import Event, Findings, check_talk

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.integration
def test_random_interleavings_leave_no_double_answer_no_lost_message_and_nothing_owned_by_nobody(database_url: str) -> None:
    findings, done = play(database_url, interleavings=16, seed=7)
    assert (findings.double, findings.lost, findings.nobody) == ([], [], [])
    assert len(done.messages) >= 32
    assert findings.counts["agent.assigned"] > 0
    assert findings.counts["turn.taken"] > 0


Step = tuple[str, dict[str, Any]]


def found_in(*steps: Step, actor: str | None = None, seconds: float = 60) -> Findings:
    """What is found in a log of these events."""
    log: list[Event] = [("talk", n, name, actor, AT + timedelta(seconds=n * seconds), data) for n, (name, data) in enumerate(steps, 1)]
    findings = Findings()
    check_talk(log, findings)
    return findings


BOT_SAYS: Step = ("message.queued", {"author": "bot"})
QUEUED: Step = ("handoff.queued", {})
TAKEN: Step = ("agent.assigned", {"staff_id": "ana"})
WROTE: Step = ("message.received", {})


def test_a_bot_that_speaks_in_the_queue_or_beside_an_agent_is_found() -> None:
    assert not found_in(WROTE, BOT_SAYS, QUEUED, TAKEN).double
    assert found_in(WROTE, QUEUED, BOT_SAYS).double
    assert found_in(QUEUED, TAKEN, BOT_SAYS).double


def test_an_agent_who_speaks_without_holding_is_found() -> None:
    assert not found_in(QUEUED, TAKEN, ("agent.replied", {"staff_id": "ana"})).double
    assert found_in(QUEUED, TAKEN, ("agent.replied", {"staff_id": "bo"})).double
    assert found_in(QUEUED, TAKEN, ("agent.released", {}), ("agent.replied", {"staff_id": "ana"})).double


def test_a_message_with_two_turns_and_a_hole_in_the_log_are_found() -> None:
    turn = ("turn.taken", {"message_ids": ["m1"]})
    assert found_in(WROTE, turn, turn).double
    findings = Findings()
    check_talk([("talk", 1, "message.received", None, AT, {}), ("talk", 3, "message.received", None, AT, {})], findings)
    assert findings.lost


def test_letting_go_right_after_the_customer_wrote_is_found() -> None:
    close: Step = ("conversation.resolved", {})
    assert found_in(QUEUED, TAKEN, WROTE, close, actor="ana", seconds=1).lost
    assert not found_in(QUEUED, TAKEN, WROTE, close, actor="ana", seconds=5).lost

"""The state machine of who holds a conversation: every transition by hand, and long random walks that keep what must always hold."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from context.handling import RULES, Holding, OwnershipError, Transition, after
from context.types import Handler, Status

ROOT = Path(__file__).resolve().parents[2]
ANA, BO = uuid4(), uuid4()
BOT = Holding()
QUEUE = Holding(handler=Handler.QUEUE, epoch=2)
HELD = Holding(handler=Handler.AGENT, agent=ANA, epoch=3)
ASLEEP = replace(HELD, status=Status.SNOOZED)
RESOLVED = replace(BOT, status=Status.RESOLVED, epoch=4)
STATES = {"bot": BOT, "queue": QUEUE, "agent": HELD, "snoozed": ASLEEP, "resolved": RESOLVED}

# From where each transition leads where, when Ana does it and Bo is the one who gets it. What is not here is refused.
LEADS = {
    Transition.HAND_OFF: {"bot": "queue"},
    Transition.TAKE: {"bot": "bo", "queue": "bo"},
    Transition.ASSIGN: {"queue": "bo"},
    Transition.TAKE_FROM: {"agent": "bo", "snoozed": "bo"},
    Transition.RELEASE: {"agent": "queue", "snoozed": "queue"},
    Transition.RECLAIM: {"agent": "queue", "snoozed": "queue"},
    Transition.TRANSFER: {"agent": "bo", "snoozed": "bo"},
    Transition.HAND_BACK: {"agent": "bot", "snoozed": "bot"},
    Transition.SNOOZE: {"agent": "snoozed", "snoozed": "snoozed"},
    Transition.WAKE: {"snoozed": "agent"},
    Transition.RESOLVE: {"agent": "resolved", "snoozed": "resolved"},
    Transition.CLOSE: {"bot": "resolved", "agent": "resolved"},
    Transition.ABANDON: {"queue": "resolved"},
    Transition.MERGE: {"bot": "resolved", "queue": "resolved", "agent": "resolved", "snoozed": "resolved"},
    Transition.PART: {"resolved": "bot"},
    Transition.ERASE: {"bot": "resolved", "queue": "resolved", "agent": "resolved", "snoozed": "resolved"},
}
EXPECTED = STATES | {"bo": Holding(handler=Handler.AGENT, agent=BO)}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("transition", Transition)
def test_each_transition_leads_where_it_should_or_is_refused(transition: Transition, state: str) -> None:
    leads = LEADS[transition].get(state)
    if leads is None:
        with pytest.raises(OwnershipError):
            after(STATES[state], transition, by=ANA, to=BO)
        return
    found, expected = after(STATES[state], transition, by=ANA, to=BO), EXPECTED[leads]
    assert (found.status, found.handler, found.agent) == (expected.status, expected.handler, expected.agent)


@pytest.mark.parametrize("transition", [name for name, found in RULES.items() if found.holders])
def test_what_only_the_holder_may_do_is_refused_to_everybody_else(transition: Transition) -> None:
    for other in (BO, None):
        with pytest.raises(OwnershipError, match="do not hold"):
            after(HELD, transition, by=other, to=BO)


@pytest.mark.parametrize("transition", [Transition.TAKE, Transition.ASSIGN, Transition.TAKE_FROM, Transition.TRANSFER])
def test_an_agent_must_be_named_and_be_another_than_the_holder(transition: Transition) -> None:
    before = QUEUE if Handler.QUEUE in RULES[transition].of else HELD
    with pytest.raises(OwnershipError):
        after(before, transition, by=ANA)
    if before is HELD:
        with pytest.raises(OwnershipError):
            after(before, transition, by=ANA, to=ANA)


def test_sleeping_and_waking_leave_the_holder_and_the_epoch() -> None:
    asleep = after(HELD, Transition.SNOOZE, by=ANA)
    assert (asleep.agent, asleep.epoch) == (ANA, HELD.epoch)
    assert after(asleep, Transition.WAKE) == HELD


agents = st.sampled_from((ANA, BO, None))


@given(st.sampled_from(Transition), agents, agents, st.sampled_from(sorted(STATES)))
def test_the_epoch_rises_exactly_when_hands_change(transition: Transition, by: UUID | None, to: UUID | None, state: str) -> None:
    before = STATES[state]
    try:
        new = after(before, transition, by=by, to=to)
    except OwnershipError:
        return
    stays = transition in {Transition.SNOOZE, Transition.WAKE}
    assert new.epoch == before.epoch + (0 if stays else 1)
    assert stays == ((new.handler, new.agent) == (before.handler, before.agent)) or Status.RESOLVED in (before.status, new.status)


class Walks(RuleBasedStateMachine):
    """Any transition by anybody, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.holding = Holding()
        self.steps = 0

    @rule(transition=st.sampled_from(Transition), by=agents, to=agents)
    def attempt(self, transition: Transition, by: UUID | None, to: UUID | None) -> None:
        """One attempt; what is refused changes nothing."""
        before = self.holding
        try:
            self.holding = after(before, transition, by=by, to=to)
        except OwnershipError:
            return
        self.steps += 1
        assert self.holding.epoch >= before.epoch
        assert before.status != Status.RESOLVED or transition == Transition.PART

    @invariant()
    def somebody_holds_it(self) -> None:
        """Exactly one of bot, queue and one agent; only an agent's conversation sleeps."""
        holding = self.holding
        assert (holding.handler == Handler.AGENT) == (holding.agent is not None)
        assert holding.status != Status.SNOOZED or holding.handler == Handler.AGENT
        assert holding.status != Status.RESOLVED or holding.handler == Handler.BOT

    @invariant()
    def there_is_a_way_out(self) -> None:
        """No unresolved conversation is stuck: a human can get it, whoever holds it, unless they have it already."""
        if self.holding.status == Status.RESOLVED:
            return
        taken = Transition.TAKE_FROM if self.holding.handler == Handler.AGENT else Transition.TAKE
        newcomer = uuid4()
        assert after(self.holding, taken, to=newcomer).agent == newcomer


TestWalks = Walks.TestCase
TestWalks.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_nothing_but_the_state_machine_writes_who_holds_a_conversation() -> None:
    writers = []
    for package in ("app", "assist", "bot", "channels", "console", "context", "desk", "insights"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    flat = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
                    names = {t.attr for t in flat if isinstance(t, ast.Attribute) and getattr(t.value, "id", "") == "conversation"}
                    if names & {"handler", "agent_id", "epoch", "status", "snoozed_until", "resolved_at"}:
                        writers.append(str(path.relative_to(ROOT)))
    assert set(writers) == {"context/handling.py"}

"""The dry run over the real house: who would get this conversation, or one like that, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from context.staff.models import StaffRow
from context.staff.rights import check_may, may
from desk.routing.checks import accept_rules
from desk.routing.explaining import Explanation, explain
from desk.routing.reading import read_house, read_queue, read_rules
from desk.routing.reasons import reason_text
from desk.routing.types import Facts, Rules, Waiting
from kit.clock import Clock, utc_now
from kit.errors import NotAllowedError, NotFoundError


@dataclass(frozen=True)
class Answer:
    """What a dry run says, in words. `person` None: it would wait; `others` says of everybody else why not."""

    team: str | None
    priority: str
    rule: str | None
    person: str | None
    person_id: UUID | None
    reasons: tuple[str, ...]
    others: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON."""
        others = [{"person": name, "why_not": why} for name, why in self.others]
        person_id = str(self.person_id) if self.person_id else None
        return {
            "team": self.team, "priority": self.priority, "rule": self.rule, "person": self.person, "person_id": person_id,
            "reasons": list(self.reasons), "others": others,
        }  # fmt: skip


def as_answer(found: Explanation, language: str = "en") -> Answer:
    """An explanation in words: in Traditional Chinese for `zh-Hant`, else in English."""
    route = found.route
    return Answer(
        team=route.team,
        priority=route.priority.name.lower(),
        rule=route.rule,
        person=found.person.name if found.person else None,
        person_id=found.person.id if found.person else None,
        reasons=tuple(reason_text(r, language) for r in found.reasons),
        others=tuple((person.name, reason_text(why, language)) for person, why in found.others),
    )


async def access_try(
    session: AsyncSession, staff: StaffRow, facts: Facts, *, source: str | None = None, language: str = "en", clock: Clock = utc_now
) -> Answer:
    """Who would get a conversation of which this is known; by rules not yet saved when `source` is given.

    Raises NotAllowedError, RoutingRulesError.
    """
    if not may(staff, "manage_routing") and not may(staff, "supervise"):
        raise NotAllowedError("Your role does not allow this", hint="It needs the permission: supervise.")
    return await try_facts(session, facts, source=source, language=language, clock=clock)


async def try_facts(
    session: AsyncSession, facts: Facts, *, source: str | None = None, language: str = "en", clock: Clock = utc_now
) -> Answer:
    """As `access_try`, for commands of the operator."""
    house = await read_house(session, clock=clock)
    rules: Rules = accept_rules(source, house.teams) if source is not None else await read_rules(session)
    return as_answer(explain(Waiting(uuid4(), facts, house.at - facts.waited), rules, house), language)


async def access_try_conversation(
    session: AsyncSession, staff: StaffRow, conversation_id: UUID, *, language: str = "en", clock: Clock = utc_now
) -> Answer:
    """Who would get a conversation that waits, now, and why. Raises NotAllowedError, NotFoundError when it does not wait."""
    check_may(staff, "supervise")
    rules = await read_rules(session)
    found = await read_queue(session, rules, at=clock(), only=conversation_id)
    if not found:
        raise NotFoundError("This conversation does not wait")
    return as_answer(explain(found[0], rules, await read_house(session, clock=clock)), language)


def make_facts(values: Mapping[str, Any]) -> Facts:
    """Facts from plain values: lists become sets, `waited` is in seconds, `vip` becomes an attribute."""
    known = dict(values)
    vip, waited = known.pop("vip", False), known.pop("waited", 0)
    sets: dict[str, Any] = {name: frozenset(known.pop(name, ())) for name in ("intents", "products", "alerts")}
    facts = Facts(**sets, **known, waited=timedelta(seconds=waited))
    return replace(facts, attributes={**facts.attributes, "vip": True}) if vip else facts

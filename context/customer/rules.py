"""Readable rules that say whom a segment or a label holds: `spent >= 2000 within 365 days and orders >= 3`.

A rule is comparisons joined by `and` and `or`; `and` binds stronger. A comparison is a fact, a comparison sign and a number; most facts
take `within N days`, some take `of "..."`. Each becomes a condition on contacts, so that a segment is as true as the database at the
moment it is read, for one customer and for all.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from context.customer.facts import FACTS
from context.customer.models import RuleRow
from context.models import ContactRow
from kit.errors import InvalidInputError

MAX_RULE, MAX_PARTS = 500, 12
SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_PART = re.compile(
    r'(?P<fact>[a-z_]+)(?:\s+of\s+"(?P<of>[^"]{1,100})")?\s*(?P<sign>>=|<=|==|!=|>|<|=)\s*(?P<number>-?\d+(?:\.\d+)?)'
    r"(?:\s+within\s+(?P<days>\d{1,4})\s+days?)?"
)
BUILT_IN = (
    ("high value", "segment", "spent >= 2000 within 365 days or orders >= 5 within 365 days"),
    ("at risk", "segment", "anger >= 1 within 30 days or rating <= 2 within 90 days or handoffs >= 2 within 14 days"),
    ("frequent technical problem", "label", 'requests of "problem" >= 2 within 90 days or requests of "complaint" >= 2 within 90 days'),
)


class RuleError(InvalidInputError):
    """The rule cannot be read."""


@dataclass(frozen=True)
class Comparison:
    """One comparison; `days` and `of` narrow the fact."""

    fact: str
    sign: str
    number: float
    of: str | None = None
    days: int | None = None


@dataclass(frozen=True)
class Rule:
    """A rule as stored: `kind` is segment or label; `built_in` ones may be overruled by one of the same name."""

    name: str
    kind: str
    rule: str
    built_in: bool = False


def parse_rule(said: str) -> tuple[tuple[Comparison, ...], ...]:
    """Alternatives, of each of which all comparisons must hold. Raises RuleError with what is wrong."""
    if not said.strip() or len(said) > MAX_RULE:
        raise RuleError(f"A rule has 1 to {MAX_RULE} characters")
    alternatives = tuple(
        tuple(_comparison(part.strip()) for part in re.split(r"\s+and\s+", one)) for one in re.split(r"\s+or\s+", said.strip())
    )
    if sum(map(len, alternatives)) > MAX_PARTS:
        raise RuleError(f"A rule has at most {MAX_PARTS} comparisons")
    return alternatives


def _comparison(said: str) -> Comparison:
    found = _PART.fullmatch(said)
    if found is None:
        raise RuleError(
            f"{said[:80]!r} is no comparison", hint='Write it like: spent >= 2000 within 365 days, or: messages of "track_order" > 3'
        )
    fact = FACTS.get(found["fact"])
    if fact is None:
        raise RuleError(f"There is no fact {found['fact']!r}", hint=f"There are: {', '.join(sorted(FACTS))}.")
    if (found["of"] is not None) != fact.of and (fact.of_required or not fact.of):
        raise RuleError(f'{found["fact"]} {"needs" if fact.of else "takes no"} of "..."')
    if found["days"] is not None and not fact.within:
        raise RuleError(f"{found['fact']} takes no `within`")
    return Comparison(found["fact"], found["sign"], float(found["number"]), found["of"], int(found["days"]) if found["days"] else None)


def condition(said: str, *, now: datetime) -> ColumnElement[bool]:
    """The rule as a condition on `contact`. Raises RuleError."""
    return or_(*(and_(*(_condition(part, now) for part in alternative)) for alternative in parse_rule(said)))


def _condition(part: Comparison, now: datetime) -> ColumnElement[bool]:
    since = now - timedelta(days=part.days) if part.days is not None else None
    value = FACTS[part.fact].value(since, part.of, now)
    return func.coalesce(SIGNS[part.sign](cast(value, Float), part.number), False)


async def list_rules(session: AsyncSession) -> list[Rule]:
    """All rules that count, by name: those of this installation before the built-in ones of the same name."""
    rows = (await session.execute(select(RuleRow))).scalars().all()
    own = {row.name: row for row in rows}
    rules = [Rule(row.name, row.kind, row.rule) for row in rows if row.active]
    rules += [Rule(*one, built_in=True) for one in BUILT_IN if one[0] not in own]
    return sorted(rules, key=lambda rule: rule.name)


async def rules_holding(session: AsyncSession, contact_id: Any, *, now: datetime) -> list[Rule]:
    """The rules that hold this contact now."""
    rules = await list_rules(session)
    if not rules:
        return []
    columns = [condition(rule.rule, now=now).label(f"rule_{number}") for number, rule in enumerate(rules)]
    row = (await session.execute(select(*columns).where(ContactRow.id == contact_id))).one_or_none()
    return [rule for rule, holds in zip(rules, row or (), strict=False) if holds]

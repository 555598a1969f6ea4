"""Rules that contradict each other, stories that contradict rules, and checkpoints that lead back to themselves."""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.finding import Finding
from bot.policies.learnt import circles
from bot.policies.rules import RulePolicy
from bot.project.types import Place, Project


def contradictions(project: Project) -> Iterator[Finding]:
    """Every rule and story is played as a talk: no rule may say something else there."""
    policy = RulePolicy(project)
    seen: set[frozenset[Place]] = set()
    for one, other in policy.clashes:
        yield Finding.error(
            other.place,
            f"{other.flow.name!r} wants {other.action} where rule {one.flow.name!r} ({one.place}) wants {one.action}",
            remedy="Make the two agree, or tell them apart by a condition.",
        )
        seen.add(frozenset((one.flow.place, other.flow.place)))
    for found in policy.contradictions:
        places = frozenset((found.flow_place, found.rule_place))
        if places not in seen:
            seen.add(places)
            yield Finding.error(
                found.place,
                f"{found.flow!r} wants {found.wanted} where rule {found.rule!r} ({found.rule_place}) wants {found.said}",
                remedy="Make the two agree, or tell them apart by a condition.",
            )


def circular_checkpoints(project: Project) -> Iterator[Finding]:
    """Checkpoints that lead back to themselves: a story passes each only once."""
    for place in circles(project.stories, project.domain):
        yield Finding.error(place, "a checkpoint behind this step leads back to itself", remedy="Break the circle of checkpoints.")

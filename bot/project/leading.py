"""Which intents a project's rules answer by an action at once."""

from __future__ import annotations

from itertools import pairwise

from bot.project.types import ActionStep, Project, UserStep


def intents_leading_to(project: Project, action: str) -> frozenset[str]:
    """The base names of intents (`faq` for `faq/returns`) after which some rule does this action next."""
    return frozenset(
        said.intent
        for rule in project.rules
        for said, done in pairwise(rule.steps)
        if isinstance(said, UserStep) and isinstance(done, ActionStep) and done.name == action
    )

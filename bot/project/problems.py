"""What is wrong with a project: raised at once, or collected so that the rest can be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from bot.project.types import ProjectError

_collected: ContextVar[list[ProjectError] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[list[ProjectError]]:
    """Within it `report` collects problems, in order, in place of raising the first."""
    found: list[ProjectError] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def report(problem: ProjectError) -> None:
    """Raises `problem`, unless problems are being collected: then reading goes on without the part that is wrong."""
    found = _collected.get()
    if found is None:
        raise problem
    found.append(problem)

"""How many connections a server may hold."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from app.ports import MOST_FILES, allow_many_connections


@pytest.fixture
def few_files() -> Iterator[int]:
    """A process that begins with few, as many systems let it; the most that it may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (900, hard))
    yield hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_server_takes_as_many_open_files_as_it_is_allowed(few_files: int) -> None:
    wanted = MOST_FILES if few_files == resource.RLIM_INFINITY else min(few_files, MOST_FILES)
    assert allow_many_connections() == wanted
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (wanted, few_files)
    assert allow_many_connections() == wanted

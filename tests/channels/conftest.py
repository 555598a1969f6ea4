"""The simulated mail provider, one for a file of tests, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.mail_house import Provider, running_provider


@pytest.fixture(scope="module")
def provider_process() -> Iterator[Provider]:
    """SMTP, IMAP and a token endpoint in a process of their own."""
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: Provider) -> Provider:
    """The provider, with nothing in it."""
    provider_process.act("reset")
    return provider_process

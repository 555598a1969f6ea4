"""The real PostgreSQL for the whole suite: one embedded server, one migrated template, one copy of it for each test that asks."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from psutil import virtual_memory
from sqlalchemy.ext.asyncio import AsyncSession
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from app.migrate import migrate
from app.wiring import CONSEQUENCES
from context.ledger import Ledger
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from kit.postgres import EmbeddedPostgres
from tests.live import ROOT, LiveBaton, new_folder, whole_copy

_numbers = itertools.count(1)
# Each test has a database of its own, a thousand files: in memory, where there is enough, that takes 30 ms, on a disk up to a second.
MEMORY, ENOUGH = Path("/dev/shm"), 8 * 2**30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and min(shutil.disk_usage(MEMORY).free, virtual_memory().available) > ENOUGH:
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)
# Exported encoders and embeddings are made once and shared by all tests and runs; deleting the folder makes them anew.
os.environ.setdefault("BATON_ENCODER_CACHE", str(ROOT / ".test-cache" / "encoders"))


WHOLE = "whole"
LAST_LINES = 15  # of what is told of a first try: the cause stands at the end
OWN = tuple(f"tests/e2e/test_{name}.py" for name in ("chaos", "generator", "going_on_by_mail", "nodes", "run"))  # start Batons of their own
PREPARED = "BATON_TEST_PREPARED"
_PREPARED = pytest.StashKey[Path]()
FIRST = ("tests/e2e/", "tests/browser/"), ("tests/app/",), ("tests/nlu/", "tests/console/")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Several test processes share the tests out as `Together` says, whatever `--dist` is."""
    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process is left alone with it in the end. What waits for processes is tried twice."""
    items.sort(key=lambda item: next((n for n, folders in enumerate(FIRST) if item.nodeid.startswith(folders)), len(FIRST)))
    for item in items:
        if any(item.iter_markers("browser")) or any(item.iter_markers("e2e")):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Why what passed at the second try failed at the first."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.section(f"first try of {report.nodeid}")
        terminalreporter.write_line("\n".join(report.longreprtext.splitlines()[-LAST_LINES:]))


def pytest_configure(config: pytest.Config) -> None:
    """Names the folder of `prepared` for all test processes, of which this is the first."""
    if PREPARED not in os.environ:
        config.stash[_PREPARED] = new_folder()
        os.environ[PREPARED] = str(config.stash[_PREPARED])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes it."""
    if _PREPARED in config.stash:
        shutil.rmtree(config.stash[_PREPARED], ignore_errors=True)
        os.environ.pop(PREPARED, None)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """What looks at the same whole Baton stays in one process, so that it is started once; of the rest each file stays together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return WHOLE if file.startswith(FIRST[0]) and file not in OWN else file


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    base, _, query = url.partition("?")
    return base.rsplit("/", 1)[0] + "/" + name + (f"?{query}" if query else "")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A running server with a migrated database named `template_baton`. BATON_TEST_DATABASE_URL names another server to use."""
    outside = os.environ.get("BATON_TEST_DATABASE_URL")
    if outside:
        yield _prepare(outside)
        return
    folder = Path(tempfile.mkdtemp(prefix="baton-pg-"))
    folder.chmod(0o755)
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        yield _prepare(server.url)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(url: str) -> str:
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS template_baton WITH (FORCE)")
        connection.execute("CREATE DATABASE template_baton")
    migrate(with_database(url, "template_baton"))
    return url


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """A fresh, migrated database of its own."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(_plain(postgres_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_baton STRATEGY FILE_COPY")
    yield with_database(postgres_url, name)
    with psycopg.connect(_plain(postgres_url), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, as the product sees it."""
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A session whose transaction is rolled back at the end."""
    async with database._sessions() as session, session.begin() as transaction:
        yield session
        if transaction.is_active:
            await transaction.rollback()


@pytest.fixture
def enqueuer() -> RecordingEnqueuer:
    """Keeps the jobs that were put in."""
    return RecordingEnqueuer()


@pytest.fixture
def ledger(enqueuer: RecordingEnqueuer) -> Ledger:
    """A ledger with the product's own consequences."""
    return Ledger(enqueuer, CONSEQUENCES)


@pytest.fixture(scope="session")
def prepared() -> Path:
    """The data folder of a Baton that was started once with the sample shop and stopped again: shop, model and index are there.

    One for all test processes: the first that asks makes it, the others wait. It is there to be copied.
    """
    base = Path(os.environ[PREPARED])
    folder, ready = base / "baton", base / "ready"
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            folder.mkdir()
            baton = LiveBaton(folder)
            baton.start()
            baton.stop()
            ready.touch()
    return folder


@pytest.fixture(scope="session")
def live(prepared: Path) -> Iterator[LiveBaton]:
    """A real Baton with the sample shop, shared by the tests that look at it from outside."""
    folder = whole_copy(prepared)
    baton = LiveBaton(folder)
    baton.start()
    try:
        yield baton
    finally:
        baton.stop()
        shutil.rmtree(folder, ignore_errors=True)

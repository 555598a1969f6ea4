"""What the console's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.services import ConsoleServices
from context.ledger import Ledger
from kit.db import Database
from tests.console.desk import make_services


@pytest.fixture
def services(database: Database, ledger: Ledger, tmp_path: Path) -> ConsoleServices:
    """The console's services on a database of their own."""
    return make_services(database, ledger, tmp_path)

"""Blobs, limits, errors, logs, addresses of databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kit.blobs import BlobStore, DirectoryBlobs, MemoryBlobs
from kit.db import Database, DatabaseUnavailableError, normalise_url
from kit.errors import InvalidInputError, NotFoundError, TooManyRequestsError
from kit.limits import RateLimit
from kit.log import hide_personal

STORES: list[Callable[[Path], BlobStore]] = [DirectoryBlobs, lambda _path: MemoryBlobs()]


@pytest.mark.parametrize("make", STORES)
def test_a_blob_is_kept_replaced_listed_and_deleted(make: Callable[[Path], BlobStore], tmp_path: Path) -> None:
    store = make(tmp_path)
    store.put("models/a/manifest.json", b"1")
    store.put("models/a/manifest.json", b"2")
    store.put("index/x", b"3")
    assert store.get("models/a/manifest.json") == b"2"
    assert list(store.keys("models/")) == ["models/a/manifest.json"]
    store.delete("models/a/manifest.json")
    store.delete("models/a/manifest.json")
    with pytest.raises(NotFoundError):
        store.get("models/a/manifest.json")


@pytest.mark.parametrize("make", STORES)
@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "a//b", "a/../b", "", ".hidden", "a/.b"])
def test_a_key_that_could_leave_the_store_is_refused(make: Callable[[Path], BlobStore], key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        make(tmp_path).put(key, b"x")


def test_the_rate_limit_lets_a_burst_through_and_then_one_at_a_time() -> None:
    now = [0.0]
    limit = RateLimit(per_second=2, burst=3, monotonic=lambda: now[0])
    assert [limit.wait_seconds("a") for _ in range(3)] == [0, 0, 0]
    assert limit.wait_seconds("a") == pytest.approx(0.5)
    assert limit.wait_seconds("b") == 0
    now[0] = 0.5
    assert limit.wait_seconds("a") == 0


def test_an_error_speaks_json() -> None:
    error = TooManyRequestsError("Slow down", hint="Wait.", retry_after=3)
    assert error.as_json() == {"error": "too_many_requests", "message": "Slow down", "hint": "Wait."}
    assert NotFoundError().as_json() == {"error": "not_found", "message": "There is no such thing here."}


def test_a_log_never_holds_what_a_customer_wrote() -> None:
    assert hide_personal(None, "info", {"event": "x", "text": "my secret", "email": "a@b"}) == {
        "event": "x",
        "text": "[hidden]",
        "email": "[hidden]",
    }


def test_addresses_of_databases_come_in_three_spellings() -> None:
    assert {normalise_url(f"{p}u:p@h/d") for p in ("postgres://", "postgresql://", "postgresql+psycopg://")} == {
        "postgresql+psycopg://u:p@h/d"
    }
    with pytest.raises(DatabaseUnavailableError):
        normalise_url("mysql://h/d")


async def test_a_database_that_is_not_there_is_a_clear_error() -> None:
    database = Database("postgresql://nobody:x@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailableError, match="cannot be reached") as caught:
        await database.check()
    assert "DATABASE_URL" in (caught.value.hint or "")
    await database.close()

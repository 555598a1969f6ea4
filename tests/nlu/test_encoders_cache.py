"""The cache of embeddings on disk."""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kit.clock import FixedClock
from nlu.encoders.cache import CachedEncoder, throw_away
from nlu.encoders.fake import HashingEncoder
from nlu.encoders.port import Vectors

ROOT = Path(__file__).resolve().parents[2]


class Counting(HashingEncoder):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return super().encode(texts)


class Wide(HashingEncoder):
    """Vectors of another width."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "e.sqlite"


def test_a_text_is_encoded_once_and_gives_the_same_vector(path: Path) -> None:
    inner = Counting()
    first = CachedEncoder(inner, path).encode(["a text", "another", "a text"])
    second = CachedEncoder(inner, path).encode(["a text", "another", "a text"])
    assert inner.asked == ["a text", "another"]
    np.testing.assert_array_equal(first, second)


def test_another_version_of_the_encoder_is_asked_again(path: Path) -> None:
    CachedEncoder(Counting(), path).encode(["a text"])
    newer = Counting()
    newer.version = "2"
    CachedEncoder(newer, path).encode(["a text"])
    assert newer.asked == ["a text"]


@pytest.mark.parametrize("damage", [b"this is no database, " * 100, b""])
def test_a_damaged_cache_is_begun_anew(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    inner = Counting()
    np.testing.assert_array_equal(CachedEncoder(inner, path).encode(["x"]), HashingEncoder().encode(["x"]))
    CachedEncoder(inner, path).encode(["x"])
    assert inner.asked == ["x"]


def test_a_cache_damaged_in_the_middle_still_gives_right_vectors(path: Path) -> None:
    texts = [f"sentence {number}" for number in range(600)]
    wanted = CachedEncoder(Counting(), path).encode(texts)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(20_000))
    np.testing.assert_array_equal(CachedEncoder(Counting(), path).encode(texts), wanted)
    inner = Counting()
    np.testing.assert_array_equal(CachedEncoder(inner, path).encode(texts), wanted)


def test_bytes_that_are_no_unit_vector_are_encoded_again(path: Path) -> None:
    CachedEncoder(Counting(), path).encode(["x"])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE embeddings SET vector = ?", (np.full(128, 7, np.float32).tobytes(),))
    connection.close()
    np.testing.assert_array_equal(CachedEncoder(Counting(), path).encode(["x"]), HashingEncoder().encode(["x"]))


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "e.sqlite").mkdir()
    np.testing.assert_array_equal(CachedEncoder(Counting(), tmp_path / "e.sqlite").encode(["x"]), HashingEncoder().encode(["x"]))


def test_throwing_away_takes_the_journals_along(path: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + end).write_bytes(b"x")
    throw_away(path)
    assert list(path.parent.iterdir()) == []


def test_what_was_not_used_for_longest_goes_first(path: Path) -> None:
    clock, inner = FixedClock(datetime(2026, 1, 1, tzinfo=UTC)), Counting()
    cache = CachedEncoder(inner, path, most_bytes=400_000, clock=clock)
    used = [f"used {number}" for number in range(100)]
    cache.encode([f"old {number}" for number in range(300)] + used)
    clock.advance(86_400)
    cache.encode(used)
    clock.advance(86_400)
    for start in range(0, 240, 20):
        cache.encode([f"new {number}" for number in range(start, start + 20)])
    asked = len(inner.asked)
    cache.encode(used)
    assert len(inner.asked) == asked
    cache.encode([f"old {number}" for number in range(300)])
    assert len(inner.asked) > asked + 100


def test_the_file_does_not_grow_without_end(path: Path) -> None:
    cache = CachedEncoder(HashingEncoder(), path, most_bytes=300_000)
    for start in range(0, 4000, 200):
        cache.encode([f"sentence {number}" for number in range(start, start + 200)])
    assert path.stat().st_size < 700_000


@pytest.mark.parametrize("width", [128, 384, 512, 896])
def test_a_full_file_is_emptied_by_half_and_then_left_alone_for_a_while(path: Path, width: int) -> None:
    most = 5000 * width
    cache = CachedEncoder(Wide(width), path, most_bytes=most)
    sizes = []
    for start in range(0, 4000, 50):
        cache.encode([f"sentence {number}" for number in range(start, start + 50)])
        sizes.append(path.stat().st_size)
    emptied = [later for earlier, later in itertools.pairwise(sizes) if later < earlier]
    assert 2 <= len(emptied) <= 20
    assert max(emptied) < 0.75 * most


WRITER = """
import sys
from pathlib import Path
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.fake import HashingEncoder
cache = CachedEncoder(HashingEncoder(), Path(sys.argv[1]))
for start in range(0, 400, 20):
    cache.encode([f"sentence {number}" for number in range(start, start + 40)])
"""


def test_processes_that_write_at_once_lose_nothing(path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stderr=subprocess.PIPE) for _ in range(3)]
    said = [writer.communicate(timeout=120)[1].decode() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    inner = Counting()
    CachedEncoder(inner, path).encode([f"sentence {number}" for number in range(420)])
    assert inner.asked == []

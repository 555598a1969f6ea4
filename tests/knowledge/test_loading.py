"""Loading the index ends when the process does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from queue import Queue
from typing import Any

import pytest

from knowledge import index as indexing
from knowledge.calibration import Calibration
from knowledge.index import load_index
from tests.knowledge.fakes import HashingEmbedder, index_of


@pytest.mark.parametrize("batches", [1, 9])
def test_a_process_that_stops_while_the_index_is_loaded_does_not_wait_for_the_rest(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    entries, begun, queues = list(index_of().entries), threading.Event(), []

    async def state(*_: Any) -> tuple[int, Calibration]:
        return 1, Calibration({})

    async def stream(*_: Any, **__: Any) -> AsyncIterator[list[Any]]:
        for _number in range(batches):
            yield entries
        begun.set()
        await asyncio.Event().wait()

    class Seen(Queue[Any]):
        def __init__(self, maxsize: int = 0) -> None:
            super().__init__(maxsize)
            queues.append(self)

    monkeypatch.setattr(indexing, "_state", state)
    monkeypatch.setattr(indexing, "_stream", stream)
    monkeypatch.setattr(indexing, "Queue", Seen)

    async def stopped() -> None:
        loading = asyncio.create_task(load_index(None, HashingEmbedder()))  # type: ignore[arg-type]
        while not begun.is_set():
            await asyncio.sleep(0.01)
        assert not loading.done()

    process = threading.Thread(target=asyncio.run, args=(stopped(),))
    process.start()
    process.join(10)
    ended = not process.is_alive()
    queues[0].put(None)  # or this very test would not end
    process.join(10)
    assert ended

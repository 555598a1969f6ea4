"""Loaded weights that several encoders of one process use together. They are let go with the last of these."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar, cast
from weakref import WeakValueDictionary

Loaded = TypeVar("Loaded")
_lock = threading.RLock()
_in_use: WeakValueDictionary[tuple[str, ...], object] = WeakValueDictionary()


def shared(key: tuple[str, ...], load: Callable[[], Loaded]) -> Loaded:
    """What is in use under `key`, or what `load` gives, which only one thread does at a time. The thing must not change once loaded."""
    with _lock:
        found = _in_use.get(key)
        if found is None:
            found = load()
            _in_use[key] = found
        return cast(Loaded, found)

"""Loaded weights that several encoders of one process use together. They are let go with the last of these."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar, cast
from weakref import WeakValueDictionary

Loaded = TypeVar("Loaded")
_lock = threading.Lock()
_in_use: WeakValueDictionary[tuple[str, ...], object] = WeakValueDictionary()
_loading: dict[tuple[str, ...], threading.RLock] = {}


def shared(key: tuple[str, ...], load: Callable[[], Loaded]) -> Loaded:
    """What is in use under `key`, or what `load` gives, which only one thread does at a time. The thing must not change once loaded."""
    with _lock:
        own = _loading.setdefault(key, threading.RLock())
    with own:
        with _lock:
            found = _in_use.get(key)
        if found is None:
            found = load()
            with _lock:
                _in_use[key] = found
        return cast(Loaded, found)

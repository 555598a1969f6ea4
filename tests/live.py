"""A real Baton for tests; the measuring commands use the same."""

from __future__ import annotations

from benchmarks.live import ROOT, LiveBaton, StartError, free_port, new_folder, whole_copy

__all__ = ["ROOT", "LiveBaton", "StartError", "free_port", "new_folder", "whole_copy"]

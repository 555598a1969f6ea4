"""Settings, wiring and the processes: who gets what."""

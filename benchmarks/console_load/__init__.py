"""How quick the console stays with many open conversations and many agents: `python -m benchmarks.console_load`."""

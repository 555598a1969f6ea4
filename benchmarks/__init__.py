"""Commands that measure a real Baton and print figures: `make eval`, `make bench`, `make chaos`."""

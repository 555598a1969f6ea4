"""The checks of `bot/validate.py`, one file a kind."""

"""Macros: prepared replies with variables, and what is done beside sending them."""

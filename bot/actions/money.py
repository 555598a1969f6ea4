"""Sums of money as people write them."""

from __future__ import annotations


def money(cents: int, currency: str) -> str:
    """ "MOP 268" or "MOP 125.50"."""
    whole, rest = divmod(cents, 100)
    return f"{currency} {whole:,}" + (f".{rest:02}" if rest else "")

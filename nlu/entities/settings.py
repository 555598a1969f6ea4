"""What a shop may set about entities."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EntitySettings:
    """`order_prefix` and `order_digits` give the shop's order numbers ("LC-100234"); `regions` are tried in turn for phone numbers."""

    order_prefix: str = "LC"
    order_digits: int = 6
    regions: tuple[str, ...] = ("MO", "HK", "CN", "PT")

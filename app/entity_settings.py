"""What the environment says about entities: order numbers, phone regions, currency, time zone of the shop."""

from __future__ import annotations

import os
from collections.abc import Mapping

from app.settings import SettingError
from nlu.entities.settings import EntitySettings


def read_entity_settings(environment: Mapping[str, str] | None = None) -> EntitySettings:
    """The settings of the entity extractors. Raises SettingError naming the variable, EntitySettingError naming the value."""
    env = os.environ if environment is None else environment
    default = EntitySettings()
    patterns = tuple(p for p in env.get("BATON_ORDER_PATTERNS", "").split(" ") if p)
    regions = tuple(env.get("BATON_PHONE_REGIONS", " ".join(default.regions)).replace(",", " ").upper().split())
    return EntitySettings(
        order_prefix=env.get("BATON_ORDER_PREFIX", default.order_prefix),
        order_digits=_digits(env.get("BATON_ORDER_DIGITS", str(default.order_digits))),
        order_patterns=patterns,
        regions=regions,
        currency=env.get("BATON_CURRENCY", default.currency).upper(),
        country=env.get("BATON_COUNTRY", default.country).upper(),
        zone=env.get("BATON_TIME_ZONE", default.zone),
        month_first=env.get("BATON_MONTH_FIRST", "0").strip().lower() in {"1", "true", "yes"},
    )


def _digits(value: str) -> int:
    if not value.isdigit() or not 1 <= int(value) <= 20:
        raise SettingError(f"BATON_ORDER_DIGITS is {value!r}", hint="Set it to a number from 1 to 20.")
    return int(value)

"""What a shop may set about entities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.errors import InvalidInputError


class EntitySettingError(InvalidInputError):
    """A setting of the entities cannot be used."""


@dataclass(frozen=True)
class EntitySettings:
    """Everything that differs from shop to shop. Raises EntitySettingError when a value cannot be used.

    `order_prefix` and `order_digits` give the shop's order numbers ("LC-100234"); `order_patterns` are further forms as regular
    expressions, whose match in capitals is the value. `regions` are tried in turn for phone numbers without a country code. `currency`
    (ISO 4217) is what "$", "元" or "bucks" mean. `country` (ISO 3166) is whose postcodes are known without a word beside them. `zone` is
    the shop's time zone. `month_first` reads "3/4" in English as 4 March. An hour below `first_hour` without a word of morning or
    evening is in the afternoon: "at 3" is 15:00.
    """

    order_prefix: str = "LC"
    order_digits: int = 6
    order_patterns: tuple[str, ...] = ()
    regions: tuple[str, ...] = ("MO", "HK", "CN", "PT")
    currency: str = "MOP"
    country: str = "MO"
    zone: str = "Asia/Macau"
    month_first: bool = False
    first_hour: int = 7

    def __post_init__(self) -> None:
        """Checks what a typing error would break."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise EntitySettingError(f"There is no time zone {self.zone!r}", hint='Use a name such as "Europe/Lisbon".') from None
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise EntitySettingError(f"{self.currency!r} is no currency code", hint='Use three capitals such as "EUR".')
        try:
            self.order_forms  # noqa: B018
        except re.error as error:
            raise EntitySettingError(f"A pattern of order numbers is no regular expression: {error}") from None

    @cached_property
    def zone_info(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.zone)

    @cached_property
    def order_forms(self) -> tuple[re.Pattern[str], ...]:
        """`order_patterns` compiled, between borders."""
        return tuple(re.compile(rf"(?<![0-9A-Za-z])(?:{p})(?![0-9A-Za-z])", re.IGNORECASE) for p in self.order_patterns)

"""What the variables of macros stand for in one conversation."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date
from babel.numbers import format_currency

from context.models import ContactRow
from context.staff.models import StaffRow
from context.types import Order

_LOCALES = {"zh-Hant": "zh_Hant_MO", "zh-Hans": "zh_Hans_CN", "pt": "pt_PT", "en": "en_GB"}


def values_of(*, contact: ContactRow, staff: StaffRow | None, order: Order | None, language: str) -> dict[str, str]:
    """The values that are known, formatted for `language`."""
    found = {
        "contact.name": contact.name,
        "contact.first_name": first_name(contact.name),
        "contact.email": contact.email,
        "contact.phone": contact.phone,
        "agent.name": staff.name if staff else None,
        "agent.first_name": first_name(staff.name) if staff else None,
    } | (_of_order(order, language) if order is not None else {})
    return {name: value for name, value in found.items() if value}


def first_name(name: str | None) -> str | None:
    """`Ana` of "Ana Demo"; a name without blanks (a Chinese one) whole."""
    return name.split()[0] if name and name.split() else None


def _of_order(order: Order, language: str) -> dict[str, str | None]:
    locale = _locale(language)
    parcel = order.shipments[-1] if order.shipments else None
    join = "、" if language.startswith("zh") else ", "
    return {
        "order.number": order.number,
        "order.total": str(format_currency(order.total / 100, order.currency, locale=locale)),
        "order.placed_on": _day(order.placed_at, locale),
        "order.items": join.join(item.title for item in order.items),
        "order.carrier": parcel.carrier if parcel else None,
        "order.tracking_number": parcel.tracking_number if parcel else None,
        "order.expected_on": _day(date.fromisoformat(parcel.expected_on), locale) if parcel and parcel.expected_on else None,
    }


def _locale(language: str) -> str:
    return _LOCALES.get(language) or _LOCALES.get(language.partition("-")[0]) or _LOCALES["en"]


def _day(day: date | datetime, locale: str) -> str:
    return str(format_date(day, format="long", locale=locale))

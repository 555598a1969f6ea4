"""Products, gift cards, points and requests as the house speaks of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Product:
    """A product; `price` in cents. `titles`: language to title. `stock` None: not counted. `restock_on` in ISO form, when it is known."""

    sku: str
    titles: Mapping[str, str]
    price: int
    currency: str
    stock: int | None = None
    restock_on: str | None = None

    @property
    def available(self) -> bool:
        """Whether one can be bought now."""
        return self.stock is None or self.stock > 0

    def title(self, language: str) -> str:
        """The title in the nearest language; Chinese in the other script rather than in English."""
        chain = [language, *(["zh-Hant", "zh-Hans"] if language.startswith("zh") else [language.split("-", 1)[0]]), "en"]
        return next((self.titles[name] for name in chain if name in self.titles), next(iter(self.titles.values()), self.sku))


@dataclass(frozen=True)
class GiftCard:
    """A gift card as it may be shown: `ending` are the last four signs of its code, `balance` is in cents."""

    ending: str
    balance: int
    currency: str
    expires_on: date


@dataclass(frozen=True)
class GiftCardAccess:
    """The result of asking for a gift card: `refusal` is None, `not_found` or `locked` (too many wrong tries)."""

    card: GiftCard | None
    refusal: str | None = None


@dataclass(frozen=True)
class Points:
    """The points of a member; `expiring` of them go on `expiring_on`."""

    points: int
    expiring: int = 0
    expiring_on: date | None = None


class RequestKind(StrEnum):
    """What a customer asked to have done."""

    PROBLEM = "problem"
    CANCEL = "cancel"
    ADDRESS = "address"
    INVOICE = "invoice"
    COMPLAINT = "complaint"


class RequestStatus(StrEnum):
    """How far it got."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class ServiceRequest:
    """A stored request; `reference` is what the customer was told."""

    reference: str
    kind: RequestKind
    order_number: str | None
    status: RequestStatus
    at: datetime
    details: Mapping[str, Any] = field(default_factory=dict)
    conversation_id: str | None = None

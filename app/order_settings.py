"""The shop's own order system, as the environment names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from context.orders.source import OrderSource
from context.orders.sources.asking import Shop
from context.orders.sources.mapping import load_mapping
from context.orders.sources.shopify import VERSION, Shopify
from context.orders.sources.woocommerce import WooCommerce
from kit.errors import InvalidInputError

KINDS = ("woocommerce", "shopify", "mapping")


class OrderSettingError(InvalidInputError):
    """The setting of the order system cannot be used."""


@dataclass(frozen=True)
class OrderSettings:
    """Which system, where it is, and what lets us in. `secrets` are what a mapping's headers may name: BATON_SHOP_*."""

    kind: str
    url: str = ""
    key: str = ""
    secret: str = ""
    version: str = VERSION
    mapping: Path | None = None
    secrets: Mapping[str, str] | None = None


def read_order_settings(env: Mapping[str, str]) -> OrderSettings | None:
    """From BATON_ORDERS and what belongs to it. Raises OrderSettingError naming the variable that is wrong."""
    kind = env.get("BATON_ORDERS") or ""
    if not kind:
        return None
    if kind not in KINDS:
        raise OrderSettingError(f"BATON_ORDERS is {kind!r}", hint=f"Use one of {', '.join(KINDS)}, or unset it.")
    url, key, secret = (env.get(f"BATON_SHOP_{name}") or "" for name in ("URL", "KEY", "SECRET"))
    if kind == "mapping":
        if not env.get("BATON_ORDERS_MAPPING"):
            raise OrderSettingError("BATON_ORDERS_MAPPING is missing", hint="Name the YAML file of the mapping.")
        known = {name: value for name, value in env.items() if name.startswith("BATON_SHOP_")}
        return OrderSettings(kind, mapping=Path(env["BATON_ORDERS_MAPPING"]).resolve(), secrets=known)
    if not url.startswith(("https://", "http://")):
        raise OrderSettingError(f"BATON_SHOP_URL is {url!r}", hint="It begins with https://.")
    if not secret or (kind == "woocommerce" and not key):
        raise OrderSettingError(
            "BATON_SHOP_KEY or BATON_SHOP_SECRET is missing", hint="Shopify needs its access token as BATON_SHOP_SECRET."
        )
    return OrderSettings(kind, url, key, secret, env.get("BATON_SHOP_VERSION") or VERSION)


def build_source(settings: OrderSettings | None) -> OrderSource | None:
    """The source, or None. Raises InvalidInputError for a mapping that cannot be used."""
    if settings is None:
        return None
    if settings.kind == "woocommerce":
        return WooCommerce(Shop(settings.url, auth=(settings.key, settings.secret)))
    if settings.kind == "shopify":
        return Shopify(Shop(settings.url, headers={"X-Shopify-Access-Token": settings.secret}), settings.version)
    assert settings.mapping is not None
    return load_mapping(settings.mapping, settings.secrets or {})

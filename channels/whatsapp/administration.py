"""Webhooks about templates, numbers and the account. They are routed by the WABA, the id of their entry. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from channels.happenings import AccountNotice, Happening, TemplateChanged

Value = Mapping[str, Any]
STATES = {"REINSTATED": "APPROVED", "UNPAUSE": "APPROVED", "FLAGGED": "APPROVED"}
"""Events that are no states of a template by themselves."""


def _template_status(value: Value, entry: Value) -> Iterator[Happening]:
    event, reason = str(value["event"]), value.get("reason")
    rejected = value.get("rejection_info") or {}
    told = rejected.get("reason") or (reason if reason and reason != "NONE" else "")
    yield _template(value, entry, status=STATES.get(event, event), reason=str(told), category=value.get("message_template_category"))


def _template_quality(value: Value, entry: Value) -> Iterator[Happening]:
    yield _template(value, entry, quality=str(value["new_quality_score"]))


def _template_category(value: Value, entry: Value) -> Iterator[Happening]:
    yield _template(value, entry, category=str(value["new_category"]))


def _template(value: Value, entry: Value, **changed: str | None) -> TemplateChanged:
    language = str(value["message_template_language"]).replace("-", "_")
    provider_id = str(value["message_template_id"]) if value.get("message_template_id") else None
    return TemplateChanged(str(entry["id"]), str(value["message_template_name"]), language, provider_id=provider_id, **changed)


def _number_quality(value: Value, entry: Value) -> Iterator[Happening]:
    limit = value.get("current_limit") or value.get("max_daily_conversations_per_business")
    text = f"number {value.get('display_phone_number')}: {value.get('event')}, limit {limit}"
    yield AccountNotice(str(entry["id"]), text, data=dict(value))


def _account_update(value: Value, entry: Value) -> Iterator[Happening]:
    ban = value.get("ban_info") or {}
    blocked = value.get("event") in {"DISABLED_UPDATE", "ACCOUNT_DELETED"} and ban.get("waba_ban_state") != "REINSTATE"
    violation = (value.get("violation_info") or {}).get("violation_type")
    words = [w for w in (value.get("event"), violation, ban.get("waba_ban_state")) if w]
    yield AccountNotice(str(entry["id"]), "account: " + ", ".join(str(w) for w in words), blocked=blocked, data=dict(value))


def _note(name: str) -> Callable[[Value, Value], Iterator[Happening]]:
    def read(value: Value, entry: Value) -> Iterator[Happening]:
        yield AccountNotice(str(entry["id"]), f"{name}: {str(dict(value))[:300]}", data=dict(value))

    return read


ADMINISTRATION: dict[str, Callable[[Value, Value], Iterator[Happening]]] = {
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "template_category_update": _template_category,
    "phone_number_quality_update": _number_quality,
    "account_update": _account_update,
    **{
        name: _note(name)
        for name in (
            "account_alerts", "account_review_update", "business_capability_update", "phone_number_name_update", "security",
            "message_template_components_update", "business_username_update",
        )
    },
}  # fmt: skip

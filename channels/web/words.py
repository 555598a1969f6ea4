"""The widget's own questions in its languages, where the file of the house names none."""

from __future__ import annotations

LABELS: dict[str, dict[str, str]] = {
    "form": {"en": "Before we begin", "zh-Hant": "開始之前", "zh-Hans": "开始之前", "pt": "Antes de começar"},
    "name": {"en": "Your name", "zh-Hant": "你的姓名", "zh-Hans": "您的姓名", "pt": "O seu nome"},
    "email": {"en": "Your e-mail address", "zh-Hant": "你的電郵地址", "zh-Hans": "您的邮箱地址", "pt": "O seu e-mail"},
    "phone": {"en": "Your phone number", "zh-Hant": "你的電話號碼", "zh-Hans": "您的电话号码", "pt": "O seu telefone"},
}

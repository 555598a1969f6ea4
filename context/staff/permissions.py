"""The closed list of what people may be allowed to do, and what each built-in role allows. A custom role is a named set of these."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from context.types import Role
from kit.errors import InvalidInputError


class Described(NamedTuple):
    """A permission in the languages of the console."""

    en: str
    zh_hant: str


PERMISSIONS: Mapping[str, Described] = {
    "converse": Described("Read conversations and answer customers", "閱讀對話並回覆顧客"),
    "supervise": Described(
        "Watch queue, people and conversations live; whisper, take over, reassign", "即時查看佇列、人員與對話；私下提示、接手、重新分派"
    ),
    "edit_articles": Described("Write, review and publish articles", "撰寫、審閱及發布文章"),
    "teach": Described("Teach the bot sentences that it did not understand", "教導機器人未能理解的句子"),
    "manage_bot": Described("Train the bot, make a version live, roll it back", "訓練機器人、啟用版本及還原版本"),
    "manage_macros": Described("Change the macros that all agents share", "修改全體客服共用的範本回覆"),
    "manage_labels": Described("Create, rename and remove labels", "建立、重新命名及移除標籤"),
    "manage_teams": Described("Change teams, skills, working hours and holidays", "修改團隊、技能、服務時間及假期"),
    "manage_routing": Described("Change routing rules and service levels", "修改分派規則及服務水準"),
    "manage_channels": Described("Connect, pause and repair channels", "連接、暫停及修復渠道"),
    "manage_integrations": Described("Change webhooks and connections to outside systems", "修改 Webhook 及外部系統連線"),
    "manage_people": Described(
        "Invite people, give them roles, disable them, end their sessions", "邀請人員、指派角色、停用帳號、結束登入"
    ),
    "manage_roles": Described("Create and change custom roles", "建立及修改自訂角色"),
    "manage_tokens": Described("Create and revoke API tokens", "建立及撤銷 API 權杖"),
    "view_reports": Described("See figures about the service", "查看服務數據"),
    "view_audit": Described("See who changed what and when", "查看何人於何時作出何種變更"),
    "export_data": Described("Export or erase what is stored about a customer", "匯出或刪除顧客資料"),
    "administer": Described("Change the settings of the whole installation", "修改整個系統的設定"),
}

_SUPERVISOR = frozenset(
    {
        "converse", "supervise", "edit_articles", "teach", "manage_bot", "manage_macros", "manage_labels", "manage_teams",
        "manage_routing", "view_reports",
    }
)  # fmt: skip
BUILT_IN: Mapping[str, frozenset[str]] = {
    Role.AGENT: frozenset({"converse"}),
    Role.EDITOR: frozenset({"edit_articles", "teach", "manage_bot"}),
    Role.SUPERVISOR: _SUPERVISOR,
    Role.ADMIN: frozenset(PERMISSIONS),
}


def check_permissions(names: Collection[str]) -> list[str]:
    """These permissions, each once, in the order of the list. Raises InvalidInputError for one that does not exist."""
    unknown = sorted(set(names) - set(PERMISSIONS))
    if unknown:
        raise InvalidInputError(f"There is no permission {unknown[0]!r}", hint=f"There are: {', '.join(PERMISSIONS)}.")
    return [name for name in PERMISSIONS if name in names]

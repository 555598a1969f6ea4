"""The admin pages: what each is called, which right it needs, which component shows it, and who obeys it."""

from __future__ import annotations

from dataclasses import dataclass

from console.admin.audit import AuditCommands
from console.admin.bot import BotCommands
from console.admin.channels import ChannelCommands
from console.admin.labels import LabelCommands
from console.admin.macros import MacroCommands
from console.admin.people import PeopleCommands
from console.admin.roles import RoleCommands
from console.admin.routing import RoutingCommands
from console.admin.sla import SlaCommands
from console.admin.suggestions import SuggestionCommands
from console.admin.teams import TeamCommands
from console.admin.tokens import TokenCommands
from console.admin.webhooks import WebhookCommands
from console.obeying import Obeying
from console.web import WebElement
from context.staff.models import StaffRow
from context.staff.rights import may


class PeopleBoard(WebElement, component="../web/admin_people.js"):
    """People."""


class RolesBoard(WebElement, component="../web/admin_roles.js"):
    """Roles."""


class TokensBoard(WebElement, component="../web/admin_tokens.js"):
    """API tokens."""


class TeamsBoard(WebElement, component="../web/admin_teams.js"):
    """Teams, skills, hours."""


class RoutingBoard(WebElement, component="../web/admin_routing.js"):
    """Routing rules."""


class SlaBoard(WebElement, component="../web/admin_sla.js"):
    """Service levels."""


class MacrosBoard(WebElement, component="../web/admin_macros.js"):
    """Macros."""


class LabelsBoard(WebElement, component="../web/admin_labels.js"):
    """Labels."""


class SuggestionsBoard(WebElement, component="../web/admin_suggestions.js"):
    """How suggestions do."""


class ChannelsBoard(WebElement, component="../web/admin_channels.js"):
    """Channels."""


class WebhooksBoard(WebElement, component="../web/admin_webhooks.js"):
    """Outgoing webhooks."""


class BotBoard(WebElement, component="../web/admin_bot.js"):
    """Bot versions."""


class AuditBoard(WebElement, component="../web/admin_audit.js"):
    """The record of changes."""


@dataclass(frozen=True)
class Section:
    """One admin page at /console/admin/`name`."""

    name: str
    board: type[WebElement]
    commands: type[Obeying]


SECTIONS = (
    Section("people", PeopleBoard, PeopleCommands),
    Section("roles", RolesBoard, RoleCommands),
    Section("tokens", TokensBoard, TokenCommands),
    Section("teams", TeamsBoard, TeamCommands),
    Section("routing", RoutingBoard, RoutingCommands),
    Section("sla", SlaBoard, SlaCommands),
    Section("macros", MacrosBoard, MacroCommands),
    Section("labels", LabelsBoard, LabelCommands),
    Section("suggestions", SuggestionsBoard, SuggestionCommands),
    Section("channels", ChannelsBoard, ChannelCommands),
    Section("webhooks", WebhooksBoard, WebhookCommands),
    Section("bot", BotBoard, BotCommands),
    Section("audit", AuditBoard, AuditCommands),
)


def sections_of(staff: StaffRow) -> list[str]:
    """The pages that somebody may open."""
    return [one.name for one in SECTIONS if may(staff, one.commands.right)]

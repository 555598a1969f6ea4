"""Puts Baton's dialogue engine together: the project, the policy learned from its stories, and its action server."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from app.project import open_project
from bot.actions.remote import RemoteActions
from bot.actions.remote_config import find_action_endpoint
from bot.baton_engine import BatonEngine
from bot.engine import KnowledgeReader, OrderReader
from bot.policies.learnt import story_pairs
from bot.policies.rules import RulePolicy
from bot.policies.transformer.model import PolicyModel
from bot.policies.transformer.policy import TransformerPolicy
from bot.project.types import DEFAULT_ACTIONS, Project
from bot.shop import ShopReader
from kit.log import get_logger

FOLDER = "dialogue"
Progress = Callable[[str, float], None]
log = get_logger("dialogue")


def action_names(project: Project) -> tuple[str, ...]:
    """Every action that the project can run or say."""
    said = {name.split("/", 1)[0] for known in project.responses.values() for name in known}
    return tuple(sorted({*DEFAULT_ACTIONS, *project.domain.actions, *project.domain.forms, *said}))


def train_dialogue(project: Project, *, progress: Progress | None = None, kept: Path | None = None) -> PolicyModel | None:
    """The policy learned from the project's stories; None when its config.yml asks for none (TEDPolicy) or it has no stories.

    `kept`: the folder of weights remembered from earlier trainings on the same stories. Imports what training needs only then.
    """
    if not project.config.learned or not project.stories:
        return None
    from bot.policies.transformer.training import Learning, train_policy

    settings = project.config.learned_settings
    return train_policy(
        story_pairs(project.stories, project.domain),
        actions=action_names(project),
        learning=Learning(settings.get("max_history"), settings.get("epochs"), int(settings.get("random_seed") or 0)),
        progress=progress,
        kept=kept,
    )


def learned_policy(project: Project, model: PolicyModel | None) -> TransformerPolicy | None:
    """The learned policy; what only rules know is hidden from it, as in its lessons."""
    return TransformerPolicy(model, project.config, rule_only=RulePolicy(project).rule_only) if model is not None else None


def open_engine(folder: Path, *, orders: OrderReader, knowledge: KnowledgeReader, shop: ShopReader | None = None) -> BatonEngine:
    """The engine of a trained model's folder: its `project`, and its `dialogue` where there is one. Raises ProjectError and the like."""
    root = folder / "project"
    project = open_project(root)
    for warning in project.config.warnings:
        log.warning("passed over", what=warning)
    endpoint = find_action_endpoint(root, environment=os.environ)
    model = PolicyModel.load(folder / FOLDER) if (folder / FOLDER).is_dir() else None
    remote = RemoteActions(endpoint) if endpoint else None
    return BatonEngine(project, orders=orders, knowledge=knowledge, shop=shop, remote=remote, learned=learned_policy(project, model))

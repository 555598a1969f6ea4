"""Reads a Rasa 3 project into frozen dataclasses, each thing with its file and line."""

from bot.project.loader import load_project
from bot.project.types import Project, ProjectError

__all__ = ["Project", "ProjectError", "load_project"]

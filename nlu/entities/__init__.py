"""Entities: typed extractors, regular expressions and lookup tables; overlaps settled by priority and length."""

from nlu.entities.extract import EntityExtractor
from nlu.entities.settings import EntitySettings

__all__ = ["EntityExtractor", "EntitySettings"]

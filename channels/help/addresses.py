"""The addresses of the help centre. No article can be named "-": what stands behind it is no article."""

from __future__ import annotations

from urllib.parse import quote, urlencode

HOME = "/help"


def home(language: str) -> str:
    """The first page in a language."""
    return f"{HOME}/{language}"


def article(language: str, article_id: str) -> str:
    """An article; as `knowledge.answer.article_url`, which citations carry."""
    return f"{HOME}/{language}/{article_id}"


def category(language: str, name: str, *, page: int = 1) -> str:
    """A category; the articles without one for an empty name."""
    path = f"{HOME}/{language}/-/category/{quote(name or '-', safe='')}"
    return path if page == 1 else f"{path}?page={page}"


def search(language: str, question: str = "") -> str:
    """The search page."""
    path = f"{HOME}/{language}/-/search"
    return f"{path}?{urlencode({'q': question})}" if question else path


def suggest(language: str) -> str:
    """What the search box asks while one types."""
    return f"{HOME}/{language}/-/suggest"

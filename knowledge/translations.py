"""Which translations are older than what they were translated from. Pure."""

from __future__ import annotations

from knowledge.types import Article

AT_ONCE = 60.0  # seconds: texts saved this close together came together, as in an import, in whatever order


def outdated(article: Article) -> tuple[str, ...]:
    """The languages whose newest text is older than the published text of the source language, and that nobody has called still right."""
    source = article.find(article.source, "published")
    if source is None:
        return ()
    languages = dict.fromkeys(version.language for version in article.versions if version.language != article.source)
    newest = [version for language in languages if (version := article.newest(language))]
    return tuple(
        version.language
        for version in newest
        if (version.translated_from or 0) < source.version and (source.at - version.at).total_seconds() > AT_ONCE
    )

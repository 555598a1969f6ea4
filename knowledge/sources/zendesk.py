"""Zendesk Help Center, in the shape of its API: articles with translations, sections and categories.

`GET /api/v2/help_center/articles.json?include=translations,sections,categories`, its pages one after the other or together, or the same
for one language (`/api/v2/help_center/pt/articles.json`). https://developer.zendesk.com/api-reference/help_center/
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from knowledge.sources.html import to_markdown
from knowledge.sources.json_pages import Json, by_id, objects, read_pages, text_of
from knowledge.sources.names import id_from, language_of_tag
from knowledge.sources.parts import as_articles
from knowledge.sources.types import Document, Enclosed, Options, Reading, SourceItem, joined, skip


def looks_like(pages: list[Json]) -> bool:
    """Whether these are Zendesk's articles."""
    return any("body" in one and ("section_id" in one or "locale" in one) for one in objects(pages, "articles"))


def parse(document: Document, options: Options) -> Reading:
    """An export in a file, or one answer of the API."""
    pages = read_pages(document, options.encoding)
    centre = _Centre(pages, options)
    found = [reading for article in objects(pages, "articles") for reading in centre.read(article)]
    return joined(found) if found else skip(document.name, "There are no articles in it")


class _Centre:
    def __init__(self, pages: list[Json], options: Options) -> None:
        self.options = options
        self.sections = by_id(objects(pages, "sections"))
        self.categories = by_id(objects(pages, "categories"))
        self.translations: dict[str, list[Json]] = {}
        for one in objects(pages, "translations"):
            if text_of(one.get("source_type")) in {"Article", ""}:
                self.translations.setdefault(text_of(one.get("source_id")), []).append(one)

    def read(self, article: Json) -> Iterator[Reading]:
        number = text_of(article.get("id"))
        if not number:
            yield skip("?", "An article has no id")
            return
        embedded = article.get("translations")
        texts = [one for one in embedded if isinstance(one, dict)] if isinstance(embedded, list) else []
        texts = texts or self.translations.get(number, [])
        if not any(text_of(one.get("locale")) == text_of(article.get("locale")) for one in texts):
            texts = [article, *texts]
        source = text_of(article.get("source_locale"))
        texts.sort(key=lambda one: text_of(one.get("locale")) != source)
        first = text_of(texts[0].get("title")) or text_of(texts[0].get("name"))
        wanted = id_from(first, key=f"zendesk:{number}", kind="zendesk")
        taken: dict[str, str] = {}
        for text in texts:
            locale = text_of(text.get("locale"))
            language = language_of_tag(locale)
            if language and language in taken:
                yield skip(f"{number}/{locale}", f"{taken[language]} is taken for {language}")
                continue
            if language:
                taken[language] = locale
            yield self._text(article, text, language, wanted)

    def _text(self, article: Json, text: Json, language: str | None, wanted: str) -> Reading:
        number, locale = text_of(article.get("id")), text_of(text.get("locale"))
        key, title = f"{number}/{locale}", text_of(text.get("title")) or text_of(text.get("name"))
        if language is None:
            return skip(key, f"{locale!r} is not a language of articles")
        base, enclosed = text_of(text.get("html_url")) or text_of(article.get("html_url")), list[Enclosed]()
        body = to_markdown(str(text.get("body") or ""), base=base, enclosed=enclosed)
        if not title or not body:
            return skip(key, "It has no title" if not title else "It has no text")
        restricted = article.get("user_segment_id") is not None
        labels = article.get("label_names")
        notes = ("Only some people may read it in Zendesk: taken as internal.",) if restricted else ()
        item = SourceItem(
            key, f"zendesk:{number}", wanted, title, body, language,
            self._category(article) or self.options.category,
            tuple(text_of(label) for label in labels if text_of(label)) if isinstance(labels, list) else (),
            "internal" if restricted else self.options.audience, status="draft" if text.get("draft") is True else "", notes=notes,
        )  # fmt: skip
        return replace(as_articles(item), enclosed=tuple(enclosed))

    def _category(self, article: Json) -> str:
        section = self.sections.get(text_of(article.get("section_id")), {})
        category: Any = self.categories.get(text_of(section.get("category_id")), {})
        return text_of(category.get("name")) or text_of(section.get("name"))
